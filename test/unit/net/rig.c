#include "rig.h"

#include <string.h>

#include "net/clock.h"

uint64_t rig_clock_ms(void)
{
	return clock_mono_ms();
}

static void note(struct rig *r, const struct flow *f, struct str bytes)
{
	assert_false(r->in_call);
	r->flow = *f;
	r->n_last = bytes.n < sizeof(r->last) ? bytes.n : sizeof(r->last);
	memcpy(r->last, bytes.p, r->n_last);
}

static void on_datagram(void *ctx, const struct flow *f, struct str bytes)
{
	struct rig *r = ctx;

	note(r, f, bytes);
	r->datagrams++;
	if (r->echo)
		assert_int_equal(rig_send(r, f, bytes), 0);
}

static void on_open(void *ctx, const struct flow *f)
{
	struct rig *r = ctx;

	assert_false(r->in_call);
	r->opened++;
	r->flow = *f;
	if (f->listener != FLOW_NO_LISTENER)
		r->accepted = *f;
}

static void on_bytes(void *ctx, const struct flow *f, struct str bytes)
{
	struct rig *r = ctx;

	note(r, f, bytes);
	for (size_t i = 0; i < bytes.n; i++)
		r->sum += (r->bytes + i) * (unsigned char)bytes.p[i];
	r->bytes += bytes.n;
	if (r->echo && f->listener != FLOW_NO_LISTENER)
		assert_int_equal(rig_send(r, f, bytes), 0);
}

static void on_closed(void *ctx, const struct flow *f, int err)
{
	struct rig *r = ctx;

	assert_false(r->in_call);
	r->closed++;
	r->flow = *f;
	r->err = err;
}

static void on_unreachable(void *ctx, const struct flow *f)
{
	struct rig *r = ctx;

	assert_false(r->in_call);
	r->unreachable++;
	r->flow = *f;
}

static void on_batch_end(void *ctx)
{
	struct rig *r = ctx;

	r->batches++;
}

struct addr rig_addr(const char *text)
{
	struct addr a;

	if (!addr_parse(str_c(text), &a))
		fail_msg("no address: %s", text);
	return a;
}

struct net_listener rig_listener(enum transport t, const char *at)
{
	return (struct net_listener){t, rig_addr(at)};
}

void rig_start(struct rig *r, const struct net_listener *listeners, size_t n,
	       const struct net_limits *limits, const char *dns)
{
	struct net_conf conf = {.listeners = listeners, .n_listeners = n, .dns_servers = dns};
	char room[256];
	struct buf why = buf_over(room, sizeof(room));

	memset(r, 0, sizeof(*r));
	if (limits)
		conf.limits = *limits;
	r->user = (struct io_user){.on_datagram = on_datagram,
				   .on_open = on_open,
				   .on_bytes = on_bytes,
				   .on_closed = on_closed,
				   .on_unreachable = on_unreachable,
				   .on_batch_end = on_batch_end,
				   .ctx = r};
	assert_int_equal(loop_new(&r->loop), 0);
	assert_int_equal(net_new(r->loop, &conf, &r->net), 0);
	r->io = net_io(r->net);
	r->io->user = &r->user;
	if (net_bind(r->net, &why) < 0)
		fail_msg("%s", room);
}

void rig_end(struct rig *r)
{
	net_free(&r->net);
	loop_free(&r->loop);
}

struct addr rig_local(struct rig *r, size_t i)
{
	struct addr a;

	assert_true(net_local(r->net, i, &a));
	assert_int_not_equal(a.port, 0);
	return a;
}

int rig_send(struct rig *r, const struct flow *f, struct str bytes)
{
	int err;

	r->in_call = true;
	err = io_send(r->io, f, bytes);
	r->in_call = false;
	return err;
}

struct flow rig_udp(size_t listener, const struct addr *to)
{
	struct flow f = {.transport = TRANSPORT_UDP, .listener = (uint16_t)listener};

	f.remote = *to;
	return f;
}

struct net_counters rig_counters(struct rig *r)
{
	struct net_counters c;

	net_counters_read(r->net, &c);
	return c;
}
