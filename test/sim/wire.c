#include "wire.h"

#include <stdarg.h>
#include <stdlib.h>

struct heard {
	struct list link;
	struct flow flow;
	size_t n;
	char text[];
};

struct wire {
	struct sim *sim;
	struct sim_node *node;
	struct io_user user;
	struct list heard;
	struct heard *last; /* the one taken */
	struct sip_framer framer;
	struct flow stream; /* transport NONE: none */
	struct flow reading; /* of on_bytes() at hand */
	bool closed, secure;
	char value[1024];
};

static void keep(struct wire *w, const struct flow *flow, struct str bytes)
{
	struct heard *h = calloc(1, sizeof(*h) + bytes.n + 1);

	if (!h)
		abort();
	h->flow = *flow;
	h->n = bytes.n;
	memcpy(h->text, bytes.p, bytes.n);
	list_init(&h->link);
	list_append(&w->heard, &h->link);
}

static void on_datagram(void *ctx, const struct flow *flow, struct str bytes)
{
	keep(ctx, flow, bytes);
}

static bool on_message(void *ctx, struct str message)
{
	struct wire *w = ctx;

	keep(w, &w->reading, message);
	return true;
}

static void on_bytes(void *ctx, const struct flow *flow, struct str bytes)
{
	struct wire *w = ctx;
	const struct sip_frame_user user = {on_message, NULL, w};
	const char *why;

	w->reading = *flow;
	if (sip_framer_feed(&w->framer, bytes, &user, &why, NULL))
		sim_problem(w->sim, "%s was sent a bad stream: %s", w->node->name, why);
}

static void on_open(void *ctx, const struct flow *flow)
{
	(void)ctx;
	(void)flow;
}

static void on_closed(void *ctx, const struct flow *flow, int err)
{
	struct wire *w = ctx;

	(void)err;
	if (flow_same(flow, &w->stream)) {
		memset(&w->stream, 0, sizeof(w->stream));
		w->closed = true;
	}
}

struct wire *wire_new(struct sim *s, const char *name, const char *ip)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->sim = s;
	w->node = sim_node_new(s, name, ip, 1);
	sim_listen(w->node, TRANSPORT_UDP, 5060);
	sim_listen(w->node, TRANSPORT_TCP, 5060);
	list_init(&w->heard);
	sip_framer_init(&w->framer);
	w->user = (struct io_user){.on_datagram = on_datagram,
				   .on_open = on_open,
				   .on_bytes = on_bytes,
				   .on_closed = on_closed,
				   .ctx = w};
	sim_boot(w->node);
	w->node->w[0].io.user = &w->user;
	return w;
}

void wire_behind(struct wire *w, struct sim_nat *nat)
{
	w->node->nat = nat;
}

void wire_secure(struct wire *w)
{
	sim_listen(w->node, TRANSPORT_TLS, 5061);
	w->secure = true;
}

struct sim_node *wire_node(struct wire *w)
{
	return w->node;
}

void wire_free(struct wire **pw)
{
	struct wire *w = *pw;

	if (!w)
		return;
	sim_kill(w->node, false);
	LIST_EACH (l, &w->heard)
		free(container_of(l, struct heard, link));
	free(w->last);
	sip_framer_fini(&w->framer);
	free(w);
	*pw = NULL;
}

/* ---- saying ---- */

static void crlf(struct str text, struct buf *b)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			buf_putc(b, '\r');
		buf_putc(b, text.p[i]);
	}
}

static struct buf compose(const char *format, va_list ap)
{
	struct buf plain = buf_heap(1 << 20), b = buf_heap(1 << 20);

	buf_vfmt(&plain, format, ap);
	crlf(buf_str(&plain), &b);
	buf_free(&plain);
	if (b.failed)
		abort();
	return b;
}

static void send_on(struct wire *w, const struct flow *flow, struct str bytes)
{
	sim_enter(&w->node->w[0]);
	io_send(&w->node->w[0].io, flow, bytes);
	sim_leave(&w->node->w[0]);
}

void wire_send(struct wire *w, const char *ip, const char *format, ...)
{
	struct flow flow;
	struct buf b;
	va_list ap;

	memset(&flow, 0, sizeof(flow));
	flow.transport = TRANSPORT_UDP;
	flow.remote = sim_addr(ip, 5060);
	va_start(ap, format);
	b = compose(format, ap);
	va_end(ap);
	send_on(w, &flow, buf_str(&b));
	buf_free(&b);
}

void wire_stream(struct wire *w, const char *ip, const char *format, ...)
{
	struct addr to = sim_addr(ip, w->secure ? 5061 : 5060);
	enum transport transport = w->secure ? TRANSPORT_TLS : TRANSPORT_TCP;
	struct io *io = &w->node->w[0].io;
	struct buf b;
	va_list ap;

	va_start(ap, format);
	b = compose(format, ap);
	va_end(ap);
	if (!w->stream.transport) {
		w->closed = false;
		if (io->ops->open(io, transport, &to, NULL, &w->stream))
			abort();
	}
	send_on(w, &w->stream, buf_str(&b));
	buf_free(&b);
}

void wire_hang_up(struct wire *w)
{
	struct io *io = &w->node->w[0].io;

	if (w->stream.transport)
		io->ops->close(io, &w->stream);
}

void wire_reply(struct wire *w, const char *text)
{
	struct buf b = buf_heap(1 << 20);

	crlf(str_c(text), &b);
	send_on(w, &w->last->flow, buf_str(&b));
	buf_free(&b);
}

/* ---- hearing ---- */

static bool something(void *ctx)
{
	return !list_empty(&((struct wire *)ctx)->heard);
}

struct str wire_take(struct wire *w, uint64_t ms)
{
	free(w->last);
	w->last = NULL;
	if (!sim_run_until(w->sim, ms, something, w))
		return STR_NONE;
	w->last = container_of(w->heard.next, struct heard, link);
	list_unlink(&w->last->link);
	return wire_text(w);
}

struct str wire_text(const struct wire *w)
{
	return w->last ? str_of(w->last->text, w->last->n) : STR_NONE;
}

bool wire_has(const struct wire *w, const char *text)
{
	struct str s = wire_text(w);

	return memmem(s.p, s.n, text, strlen(text)) != NULL;
}

void wire_remember(struct wire *w, const char *ip, const char *text)
{
	struct flow flow;

	memset(&flow, 0, sizeof(flow));
	flow.transport = TRANSPORT_UDP;
	flow.remote = sim_addr(ip, 5060);
	free(w->last);
	keep(w, &flow, str_c(text));
	w->last = container_of(w->heard.prev, struct heard, link);
	list_unlink(&w->last->link);
}

int wire_status(struct wire *w, uint64_t ms)
{
	struct str text = wire_take(w, ms);
	uint32_t status;

	if (str_empty(text))
		return -1;
	if (!str_starts(text, STR("SIP/2.0 ")) ||
	    !str_to_u32(str_first(str_skip(text, 8), 3), &status))
		return 0;
	return (int)status;
}

int wire_final(struct wire *w, uint64_t ms)
{
	uint64_t end = sim_now_ms(w->sim) + ms;
	int status;

	do {
		uint64_t now = sim_now_ms(w->sim);

		status = wire_status(w, end > now ? end - now : 0);
	} while (status >= 0 && status < 200);
	return status;
}

bool wire_request(struct wire *w, const char *method, uint64_t ms)
{
	uint64_t end = sim_now_ms(w->sim) + ms;

	for (;;) {
		uint64_t now = sim_now_ms(w->sim);
		struct str text = wire_take(w, end > now ? end - now : 0);

		if (str_empty(text))
			return false;
		if (str_starts(text, str_c(method)) && text.n > strlen(method) &&
		    text.p[strlen(method)] == ' ')
			return true;
	}
}

unsigned wire_left(const struct wire *w)
{
	unsigned n = 0;

	LIST_EACH (l, &w->heard)
		n++;
	return n;
}

bool wire_closed(const struct wire *w)
{
	return w->closed;
}

static void parse_last(struct wire *w, struct arena *a, struct sip_msg *m)
{
	struct sip_err err;

	arena_init(a, NULL, 0, 0);
	if (!sip_parse(wire_text(w), a, m, &err))
		sim_problem(w->sim, "%s was sent a bad message: %s", w->node->name, err.why);
}

const char *wire_header(struct wire *w, const char *name)
{
	struct arena a;
	struct sip_msg m;
	int i;

	w->value[0] = '\0';
	parse_last(w, &a, &m);
	for (i = 0; i < m.n_hdr; i++) {
		if (str_ieq(sip_hdr_name(&m.hdr[i]), str_c(name))) {
			str_to_c(sip_hdr_value(&m.hdr[i]), w->value, sizeof(w->value));
			break;
		}
	}
	arena_fini(&a);
	return w->value;
}

void wire_answer(struct wire *w, unsigned status, const char *extra, const char *body)
{
	struct buf b = buf_heap(1 << 16), lines = buf_heap(1 << 16);
	struct arena a;
	struct sip_msg m, r;

	parse_last(w, &a, &m);
	if (!sip_response(&m, &a, status, STR(""), str_c(w->node->name), &r))
		abort();
	if (*body)
		sip_set_body(&r, STR("application/sdp"), str_c(body));
	if (!sip_print(&r, &b))
		abort();
	if (*extra) {
		struct str text = buf_str(&b);
		size_t at = str_find(text, '\n') + 1;

		buf_put(&lines, text.p, at);
		crlf(str_c(extra), &lines);
		buf_puts(&lines, str_skip(text, at));
		send_on(w, &w->last->flow, buf_str(&lines));
	} else {
		send_on(w, &w->last->flow, buf_str(&b));
	}
	arena_fini(&a);
	buf_free(&b);
	buf_free(&lines);
}
