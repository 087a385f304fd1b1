#include "core/internal.h"

#include <errno.h>

#include "base/alloc.h"

static void on_datagram(void *ctx, const struct flow *flow, struct str bytes)
{
	struct core *c = ctx;

	tport_on_datagram(c->tport, flow, bytes);
}

static void on_open(void *ctx, const struct flow *flow)
{
	struct core *c = ctx;

	tport_on_open(c->tport, flow);
}

static void on_bytes(void *ctx, const struct flow *flow, struct str bytes)
{
	struct core *c = ctx;

	tport_on_bytes(c->tport, flow, bytes);
}

static void on_closed(void *ctx, const struct flow *flow, int err)
{
	struct core *c = ctx;

	tport_on_closed(c->tport, flow);
	txn_flow_failed(&c->txns, flow, err ? err : -ENOTCONN);
	for (unsigned i = 0; i < c->conf.n_elements; i++) {
		const struct core_element *e = &c->conf.elements[i];

		if (e->flow_closed)
			e->flow_closed(e->ctx, flow);
	}
}

static void on_unreachable(void *ctx, const struct flow *flow)
{
	struct core *c = ctx;
	char room[ADDR_TEXT_MAX];

	log_debug(c->io->log, "unreachable peer=%s", addr_text(&flow->remote, room));
	txn_flow_failed(&c->txns, flow, -ECONNREFUSED);
}

static void on_post(void *ctx, unsigned from_worker, unsigned kind, const struct flow *flow,
		    struct str bytes)
{
	(void)from_worker;
	if (kind == CORE_POST_MESSAGE)
		core_on_handed_over(ctx, flow, bytes);
}

static void on_batch_end(void *ctx)
{
	struct core *c = ctx;

	arena_reset(&c->scratch);
}

static void on_tport_message(void *ctx, const struct flow *flow, struct str bytes)
{
	core_on_message(ctx, flow, bytes);
}

/* The header that could not be framed may still name who to answer (RFC 3261 s18.3). */
static void on_bad_stream(void *ctx, const struct flow *flow, const char *why, struct str head)
{
	struct core *c = ctx;
	struct sip_err framing = { .why = why, .status = 400 }, err;
	char room[ADDR_TEXT_MAX];

	c->counters.bad_messages++;
	log_info(c->io->log, "closed stream peer=%s why=\"%s\"", addr_text(&flow->remote, room), why);
	if (str_empty(head))
		return;
	core_seen(c, false, flow, head);
	/* What is wrong for a stream alone is well formed to the parser. */
	if (sip_rx_parse(&c->rx, head, flow, c->io->now_ms, c->rx_room, sizeof(c->rx_room), &err))
		err = framing;
	core_answer_bad(c, &c->rx, &err);
	sip_rx_fini(&c->rx);
}

static void on_txn_send(void *ctx, const struct flow *flow, struct str bytes)
{
	core_seen(ctx, true, flow, bytes);
}

static void set_io_user(struct core *c)
{
	c->io_user = (struct io_user){
		.on_datagram = on_datagram,
		.on_open = on_open,
		.on_bytes = on_bytes,
		.on_closed = on_closed,
		.on_unreachable = on_unreachable,
		.on_post = on_post,
		.on_batch_end = on_batch_end,
		.ctx = c,
	};
	c->io->user = &c->io_user;
}

int core_new(const struct core_conf *conf, struct core **ret)
{
	struct core *c = xzalloc(sizeof(*c));
	const struct tport_user user = { on_tport_message, on_bad_stream, c };
	const struct tport_conf tc = { conf->listeners, conf->n_listeners,
				       conf->slow_sender_ms ? conf->slow_sender_ms : 10000 };
	int err;

	if (!c)
		return -ENOMEM;
	c->conf = *conf;
	c->io = conf->io;
	list_init(&c->clients);
	core_handover_init(c);
	arena_init(&c->scratch, c->scratch_room, sizeof(c->scratch_room), 0);
	c->io->ops->random(c->io, c->token_key, sizeof(c->token_key));
	err = txn_table_init(&c->txns, c->io, conf->timers);
	if (err) {
		xfree(c);
		return err;
	}
	err = tport_new(c->io, &tc, &user, &c->tport);
	if (err) {
		txn_table_fini(&c->txns);
		xfree(c);
		return err;
	}
	if (conf->on_bytes) {
		c->txns.on_send = on_txn_send;
		c->txns.on_send_ctx = c;
	}
	set_io_user(c);
	*ret = c;
	return 0;
}

void core_free(struct core **pc)
{
	struct core *c = *pc;

	if (!c)
		return;
	txn_table_fini(&c->txns);
	core_clients_fini(c);
	core_handover_fini(c);
	tport_free(&c->tport);
	arena_fini(&c->scratch);
	if (c->io->user == &c->io_user)
		c->io->user = NULL;
	xfree(c);
	*pc = NULL;
}

struct io *core_io(struct core *c)
{
	return c->io;
}

struct tport *core_tport(struct core *c)
{
	return c->tport;
}

struct txn_table *core_txns(struct core *c)
{
	return &c->txns;
}

const struct core_counters *core_counters(const struct core *c)
{
	return &c->counters;
}

struct str core_product(const struct core *c)
{
	return c->conf.product;
}

struct arena *core_scratch(struct core *c)
{
	return &c->scratch;
}

void core_seen(struct core *c, bool out, const struct flow *flow, struct str bytes)
{
	if (c->conf.on_bytes)
		c->conf.on_bytes(c->conf.on_bytes_ctx, out, flow, bytes);
}

int core_emit(struct core *c, const struct flow *flow, struct str bytes)
{
	int err = io_send(c->io, flow, bytes);

	if (!err)
		core_seen(c, true, flow, bytes);
	return err;
}

uint64_t core_call_hash(const struct core *c, struct str call_id)
{
	if (call_id.n && call_id.p == c->call_id.p && call_id.n == c->call_id.n)
		return c->call_hash;
	return hash_str(&c->conf.owner_seed, call_id);
}

unsigned core_call_owner(const struct core *c, struct str call_id)
{
	return (unsigned)(core_call_hash(c, call_id) % c->io->workers);
}

unsigned core_owner(const struct core *c, const struct sip_rx *rx)
{
	unsigned owner;

	if (c->io->workers == 1)
		return 0;
	if (rx->msg.method == SIP_REGISTER && sip_is_request(&rx->msg) && c->conf.register_owner &&
	    c->conf.register_owner(c->conf.register_ctx, rx, c->io->worker, &owner))
		return owner;
	return core_call_owner(c, rx->head.call_id);
}

void core_put_token(struct core *c, struct buf *b)
{
	struct hash_seed seed = { c->token_key[0], c->token_key[1] };
	uint64_t h;

	c->token_next++;
	h = hash_bytes(&seed, &c->token_next, sizeof(c->token_next));
	buf_put_hex(b, &h, sizeof(h));
}

/* A leg of ours is ours to own: tries until the Call-ID hashes here. */
void core_put_call_id(struct core *c, struct buf *b)
{
	size_t start = b->n;

	do {
		b->n = start;
		core_put_token(c, b);
		core_put_token(c, b);
	} while (!b->failed && core_call_owner(c, str_of(b->p + start, b->n - start)) != c->io->worker);
}
