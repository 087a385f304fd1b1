#include <stdarg.h>

#include "fake.h"

static struct fake *fake_of(struct io *io)
{
	return container_of(io, struct fake, io);
}

static int fake_send(struct io *io, const struct flow *flow, struct str bytes)
{
	struct fake *f = fake_of(io);
	struct fake_sent *s = &f->sent[f->n_sent];

	if (f->send_err)
		return f->send_err;
	assert_true(f->n_sent < FAKE_SENT && bytes.n <= FAKE_BYTES);
	s->flow = *flow;
	s->at_ms = io->now_ms;
	s->n = bytes.n;
	memcpy(s->bytes, bytes.p, bytes.n);
	f->n_sent++;
	return 0;
}

static int fake_open(struct io *io, enum transport t, const struct addr *remote,
		     const struct addr *local, struct flow *ret)
{
	struct fake *f = fake_of(io);

	if (f->open_err)
		return f->open_err;
	assert_true(f->n_opened < 16);
	*ret = fake_tcp(100 + (uint32_t)f->n_opened);
	ret->transport = (uint8_t)t;
	ret->listener = FLOW_NO_LISTENER;
	ret->remote = *remote;
	f->opened[f->n_opened++] = *ret;
	return 0;
}

static void fake_close(struct io *io, const struct flow *flow)
{
	struct fake *f = fake_of(io);

	assert_true(f->n_closed < 16);
	f->closed[f->n_closed++] = *flow;
}

static void fake_resolve(struct io *io, struct io_query *q)
{
	struct fake *f = fake_of(io);

	assert_true(f->n_queries < FAKE_QUERIES);
	f->query[f->n_queries++] = q;
	f->n_asked++;
}

static void fake_resolve_cancel(struct io *io, struct io_query *q)
{
	struct fake *f = fake_of(io);

	for (size_t i = 0; i < f->n_queries; i++)
		if (f->query[i] == q) {
			f->query[i] = f->query[--f->n_queries];
			return;
		}
	fail_msg("a query was cancelled that was not asked");
}

static void fake_random(struct io *io, void *ret, size_t n)
{
	struct fake *f = fake_of(io);
	uint8_t *p = ret;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(test_random(&f->seed) >> 40);
}

static const struct io_ops fake_ops = {
	.send = fake_send,
	.open = fake_open,
	.close = fake_close,
	.resolve = fake_resolve,
	.resolve_cancel = fake_resolve_cancel,
	.random = fake_random,
};

void fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->seed = 7;
	f->io = (struct io){.ops = &fake_ops, .wheel = &f->wheel, .now_ms = 1234567, .workers = 1};
	wheel_init(&f->wheel, f->io.now_ms);
}

void fake_run(struct fake *f, uint64_t ms)
{
	uint64_t end_ms = f->io.now_ms + ms, at_ms;

	while ((at_ms = wheel_next(&f->wheel)) <= end_ms) {
		f->io.now_ms = at_ms;
		wheel_run(&f->wheel, at_ms);
	}
	f->io.now_ms = end_ms;
	wheel_run(&f->wheel, end_ms);
}

struct str fake_bytes(const struct fake *f, size_t i)
{
	assert_true(i < f->n_sent);
	return str_of(f->sent[i].bytes, f->sent[i].n);
}

bool fake_is(const struct fake *f, size_t i, const char *start)
{
	return str_starts(fake_bytes(f, i), str_c(start));
}

void fake_forget(struct fake *f)
{
	f->n_sent = 0;
}

void fake_assert_times(const struct fake *f, uint64_t start_ms, const int *times)
{
	size_t n = 0;

	for (; times[n] >= 0 && n < f->n_sent; n++)
		assert_int_equal((int)(f->sent[n].at_ms - start_ms), times[n]);
	assert_int_equal(times[n], -1);
	assert_int_equal(f->n_sent, n);
}

struct flow fake_udp(const char *remote)
{
	struct flow flow;

	memset(&flow, 0, sizeof(flow));
	flow.transport = TRANSPORT_UDP;
	assert_true(addr_parse(str_c(remote), &flow.remote));
	return flow;
}

struct flow fake_tcp(uint32_t slot)
{
	struct flow flow = fake_udp("192.0.2.4:40000");

	flow.transport = TRANSPORT_TCP;
	flow.slot = slot;
	flow.gen = 1;
	return flow;
}

static bool parse(struct fake_rx *r, const struct flow *flow, struct str text)
{
	struct sip_err err = {0};

	if (sip_rx_parse(&r->rx, text, flow, 0, r->room, sizeof(r->room), &err))
		return true;
	if (!alloc_has_failed())
		fail_msg("%s: %s", err.header, err.why);
	return false;
}

const struct sip_rx *fake_parse(struct fake_rx *r, const struct flow *flow, const char *format, ...)
{
	struct buf b = buf_over(r->text, sizeof(r->text));
	va_list ap;

	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	assert_false(b.failed);
	parse(r, flow, buf_str(&b));
	return &r->rx;
}

struct sip_rx *fake_kept(const struct flow *flow, struct str text)
{
	struct sip_rx *kept = NULL;
	struct fake_rx r;

	if (parse(&r, flow, text) && sip_rx_keep(&r.rx, &kept) < 0)
		kept = NULL;
	sip_rx_fini(&r.rx);
	return kept;
}

struct str fake_header(struct str message, enum sip_hdr_id id)
{
	static struct fake_rx r;
	struct flow flow = fake_udp("192.0.2.4:5060");
	struct str value;

	parse(&r, &flow, message);
	value = sip_get(&r.rx.msg, id);
	sip_rx_fini(&r.rx);
	return value;
}
