/* Streams and datagrams in: slots by the flow's name, framing, keep-alives, slow senders. */
#include <errno.h>

#include "base/alloc.h"
#include "base/scan.h"
#include "tport/internal.h"

/* Slots of a worker's connections are numbered densely: more than this is no connection of ours. */
#define MAX_SLOTS (1u << 20)
#define FIRST_SLOTS 64
#define SLOW_SENDER_MS 10000

/* ---- slots ---- */

static struct tport_stream *find_stream(const struct tport *t, const struct flow *flow)
{
	struct tport_stream *s = flow->slot < t->n_slots ? t->slots[flow->slot] : NULL;

	return s && s->flow.gen == flow->gen ? s : NULL;
}

static int grow_slots(struct tport *t, uint32_t slot)
{
	size_t n = t->n_slots ? t->n_slots : FIRST_SLOTS;
	struct tport_stream **slots;

	if (slot >= MAX_SLOTS)
		return -ENOBUFS;
	if (slot < t->n_slots)
		return 0;
	while (n <= slot)
		n *= 2;
	slots = xrealloc(t->slots, n * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	memset(slots + t->n_slots, 0, (n - t->n_slots) * sizeof(*slots));
	t->slots = slots;
	t->n_slots = n;
	return 0;
}

static void partial_free(struct tport_stream *s)
{
	if (!s->partial)
		return;
	io_timer_cancel(s->partial->tport->io, &s->partial->slow);
	sip_framer_fini(&s->partial->framer);
	xfree(s->partial);
	s->partial = NULL;
}

static void stream_free(struct tport *t, struct tport_stream *s)
{
	t->slots[s->flow.slot] = NULL;
	t->n_streams--;
	if (s->opened)
		map_remove(&t->opened, &s->by_remote);
	partial_free(s);
	xfree(s);
}

int tport_stream_add(struct tport *t, const struct flow *flow, struct tport_stream **ret)
{
	struct tport_stream *s, *stale;
	int err = grow_slots(t, flow->slot);

	if (err < 0)
		return err;
	/* A name that was never taken back; not while its message is being read. */
	stale = t->slots[flow->slot];
	if (stale && stale->reading)
		return -EBUSY;
	s = xzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	if (stale)
		stream_free(t, stale);
	s->flow = *flow;
	t->slots[flow->slot] = s;
	t->n_streams++;
	*ret = s;
	return 0;
}

/* ---- reading ---- */

/* One call of on_bytes on its way through the framer. */
struct feeding {
	struct tport *tport;
	struct tport_stream *stream;
	struct flow flow;
	bool whole; /* at least one message ended */
};

static bool on_message(void *ctx, struct str message)
{
	struct feeding *f = ctx;

	f->whole = true;
	f->tport->user.on_message(f->tport->user.ctx, &f->flow, message);
	return !f->stream->done;
}

/* RFC 5626 s4.4.1 */
static void on_ping(void *ctx)
{
	struct feeding *f = ctx;

	io_send(f->tport->io, &f->flow, STR("\r\n"));
}

static void give_up(struct tport *t, struct tport_stream *s, const char *why, struct str head)
{
	s->done = true;
	if (t->user.on_bad_stream)
		t->user.on_bad_stream(t->user.ctx, &s->flow, why, head);
	partial_free(s);
	t->io->ops->close(t->io, &s->flow);
}

static void on_slow(void *ctx)
{
	struct tport_partial *p = ctx;

	give_up(p->tport, p->stream, "message not complete in time", buf_str(&p->framer.partial));
}

static void start_clock(struct tport *t, struct tport_partial *p)
{
	io_timer(t->io, &p->slow, t->conf.slow_sender_ms);
}

/* A framer that ended between messages is forgotten, one that did not is kept.  False: no
 * memory. */
static bool keep_framer(struct tport *t, struct tport_stream *s, const struct sip_framer *framer)
{
	struct tport_partial *p = xzalloc(sizeof(*p));

	if (!p)
		return false;
	p->framer = *framer;
	p->tport = t;
	p->stream = s;
	timer_init(&p->slow, on_slow, p);
	start_clock(t, p);
	s->partial = p;
	return true;
}

/* Goes on with the framer of a message that has begun.  The clock runs for each message anew. */
static void feed_partial(struct feeding *f, struct str bytes, const struct sip_frame_user *user)
{
	struct tport_stream *s = f->stream;
	struct tport_partial *p = s->partial;
	const char *why = "no memory";
	struct str head = STR_NONE;
	int err = sip_framer_feed(&p->framer, bytes, user, &why, &head);

	if (s->done)
		return;
	if (err < 0) {
		give_up(f->tport, s, why, head);
	} else if (!sip_framer_midway(&p->framer)) {
		s->crlf = p->framer.crlf;
		partial_free(s);
	} else if (f->whole) {
		start_clock(f->tport, p);
	}
}

static void feed_fresh(struct feeding *f, struct str bytes, const struct sip_frame_user *user)
{
	struct sip_framer framer;
	const char *why = "no memory";
	struct str head = STR_NONE;
	int err;

	sip_framer_init(&framer);
	framer.crlf = f->stream->crlf;
	err = sip_framer_feed(&framer, bytes, user, &why, &head);
	f->stream->crlf = framer.crlf;
	if (!err && !f->stream->done && sip_framer_midway(&framer)) {
		if (keep_framer(f->tport, f->stream, &framer))
			return;
		err = -ENOMEM;
	}
	if (err < 0 && !f->stream->done)
		give_up(f->tport, f->stream, why, head);
	sip_framer_fini(&framer);
}

void tport_on_bytes(struct tport *t, const struct flow *flow, struct str bytes)
{
	struct feeding f = {.tport = t, .stream = find_stream(t, flow), .flow = *flow};
	struct sip_frame_user user = {on_message, on_ping, &f};

	if (!f.stream || f.stream->done)
		return;
	f.stream->reading = true;
	if (f.stream->partial)
		feed_partial(&f, bytes, &user);
	else
		feed_fresh(&f, bytes, &user);
	f.stream->reading = false;
}

/* Keep-alives by UDP are a CRLF or two, a NUL, blanks; whoever sends them wants no answer. */
static bool is_keepalive(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && !cc_is(s.p[i], CC_LWS))
			return false;
	return true;
}

/* Also for streams that keep message bounds (WebSocket, RFC 7118 s5): there a ping wants its
 * pong. */
void tport_on_datagram(struct tport *t, const struct flow *flow, struct str bytes)
{
	if (!is_keepalive(bytes))
		t->user.on_message(t->user.ctx, flow, bytes);
	else if (flow_is_stream(flow) && str_eq(bytes, STR("\r\n\r\n")))
		io_send(t->io, flow, STR("\r\n"));
}

/* ---- life ---- */

void tport_on_open(struct tport *t, const struct flow *flow)
{
	struct tport_stream *s = find_stream(t, flow);

	if (s) {
		/* One of ours stands: now its own address is known. */
		s->flow.local = flow->local;
		s->stands = true;
		return;
	}
	if (tport_stream_add(t, flow, &s) < 0)
		t->io->ops->close(t->io, flow);
	else
		s->stands = true;
}

void tport_on_closed(struct tport *t, const struct flow *flow)
{
	struct tport_stream *s = NULL;

	if (flow->worker == t->io->worker)
		s = find_stream(t, flow);
	if (s)
		stream_free(t, s);
}

void tport_close(struct tport *t, const struct flow *flow)
{
	struct tport_stream *s = find_stream(t, flow);

	/* The message at hand may be in the partial's bytes, and the closer still read it. */
	if (s) {
		s->done = true;
		if (s->partial)
			io_timer_cancel(t->io, &s->partial->slow);
	}
	t->io->ops->close(t->io, flow);
}

bool tport_flow_open(const struct tport *t, const struct flow *flow)
{
	struct tport_stream *s = NULL;

	if (!flow_is_stream(flow))
		return true;
	if (flow->worker == t->io->worker)
		s = find_stream(t, flow);
	return s && s->stands && !s->done;
}

size_t tport_streams(const struct tport *t)
{
	return t->n_streams;
}

int tport_new(struct io *io, const struct tport_conf *conf, const struct tport_user *user,
	      struct tport **ret)
{
	struct tport *t = xzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	if (map_init(&t->opened, FIRST_SLOTS) < 0) {
		xfree(t);
		return -ENOMEM;
	}
	t->io = io;
	t->conf = *conf;
	if (!t->conf.slow_sender_ms)
		t->conf.slow_sender_ms = SLOW_SENDER_MS;
	t->user = *user;
	io->ops->random(io, &t->seed, sizeof(t->seed));
	*ret = t;
	return 0;
}

void tport_free(struct tport **ret)
{
	struct tport *t = *ret;

	*ret = NULL;
	if (!t)
		return;
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i])
			stream_free(t, t->slots[i]);
	map_fini(&t->opened);
	xfree(t->slots);
	xfree(t);
}
