/* The way of a message through a worker: parse, early answers, owner, transaction,
 * elements. */
#include "core/internal.h"

#include "sip/peek.h"
#include "txn/client.h"

/* What was answered stands in the log as a refusal that says why; one line is enough. */
static void log_bad(struct core *c, const struct sip_rx *rx, const struct sip_err *err,
		    bool answered)
{
	char room[ADDR_TEXT_MAX];

	log_write(c->io->log, answered ? LOG_DEBUG : LOG_INFO,
		  "bad message peer=%s header=%s offset=%zu why=\"%s\" answer=%u",
		  addr_text(&rx->flow.remote, room), err->header && *err->header ? err->header : "-",
		  err->offset, err->why ? err->why : "?", answered ? err->status : 0);
}

static void on_response(struct core *c, const struct sip_rx *rx)
{
	struct txn_client *t = txn_client_match(&c->txns, rx);

	if (t) {
		txn_client_receive(t, rx);
		return;
	}
	for (unsigned i = 0; i < c->conf.n_elements; i++) {
		const struct core_element *e = &c->conf.elements[i];

		if (e->response && e->response(e->ctx, c, rx))
			return;
	}
	c->counters.stray_responses++;
	log_debug(c->io->log, "stray response status=%u call-id=%.*s", rx->msg.status,
		  STR_ARG(rx->head.call_id));
}

static bool ask_elements(struct core *c, struct core_request *req)
{
	for (unsigned i = 0; i < c->conf.n_elements; i++) {
		const struct core_element *e = &c->conf.elements[i];

		if (e->request && e->request(e->ctx, req))
			return true;
	}
	return false;
}

/* RFC 3261 s9.2: the CANCEL is answered by itself, the INVITE by its user. */
static bool on_cancel(struct core *c, const struct sip_rx *rx)
{
	struct txn_server *invite = txn_server_match_cancel(&c->txns, rx);

	if (!invite)
		return false;
	core_answer(c, rx, 200, STR(""), NULL, 0);
	txn_server_cancelled(invite, rx);
	return true;
}

static void unclaimed(struct core *c, const struct sip_rx *rx)
{
	if (rx->msg.method == SIP_ACK)
		return;
	if (rx->msg.method == SIP_CANCEL)
		core_answer(c, rx, 481, STR(""), NULL, 0);
	else
		core_answer(c, rx, 404, STR(""), NULL, 0);
}

static void on_request(struct core *c, struct sip_rx *rx)
{
	struct core_request req = { .core = c, .rx = rx };
	struct txn_server *t = txn_server_match(&c->txns, rx);

	if (t && txn_server_receive(t, rx))
		return;
	if (core_is_stateless_ack(c, rx))
		return;
	if (rx->msg.method == SIP_CANCEL && on_cancel(c, rx))
		return;
	if (!ask_elements(c, &req))
		unclaimed(c, rx);
}

static bool early(struct core *c, struct sip_rx *rx)
{
	struct core_request req = { .core = c, .rx = rx };

	for (unsigned i = 0; i < c->conf.n_elements; i++) {
		const struct core_element *e = &c->conf.elements[i];

		if (e->early && e->early(e->ctx, &req))
			return true;
	}
	return false;
}

static void note_call(struct core *c, struct str call_id)
{
	c->call_hash = core_call_hash(c, call_id);
	c->call_id = call_id;
}

static bool parse(struct core *c, const struct flow *flow, struct str bytes)
{
	struct sip_err err = { 0 };

	if (sip_rx_parse(&c->rx, bytes, flow, c->io->now_ms, c->rx_room, sizeof(c->rx_room), &err)) {
		note_call(c, c->rx.head.call_id);
		/* What a call causes leaves in order; calls may overtake each other. */
		c->io->order = (uint32_t)c->call_hash | 1;
		return true;
	}
	c->counters.bad_messages++;
	log_bad(c, &c->rx, &err, core_answer_bad(c, &c->rx, &err));
	return false;
}

static void count(struct core *c)
{
	(*(sip_is_request(&c->rx.msg) ? &c->counters.requests : &c->counters.responses))++;
}

static void deal(struct core *c)
{
	count(c);
	if (sip_is_request(&c->rx.msg))
		on_request(c, &c->rx);
	else
		on_response(c, &c->rx);
}

static void finish(struct core *c)
{
	c->io->order = 0;
	c->call_id = STR_NONE;
	sip_rx_fini(&c->rx);
	arena_reset(&c->scratch);
}

static bool may_be_early(enum sip_method method)
{
	return method == SIP_OPTIONS || method == SIP_REGISTER;
}

static bool is_for_early(const struct sip_msg *m)
{
	return sip_is_request(m) && may_be_early(m->method);
}

/* What another will read need not be read here: its Call-ID tells who owns it. */
static bool pass_on(struct core *c, const struct flow *flow, struct str bytes)
{
	struct sip_peek peek;
	unsigned owner;

	if (c->io->workers == 1 || !sip_peek(bytes, &peek) || may_be_early(sip_method_of(peek.method)))
		return false;
	note_call(c, peek.call_id);
	owner = (unsigned)(c->call_hash % c->io->workers);
	return owner != c->io->worker && core_hand_over(c, owner, flow, bytes);
}

/* By its owner, here or elsewhere. */
static void deal_or_pass(struct core *c, unsigned owner, const struct flow *flow, struct str bytes)
{
	if (owner == c->io->worker)
		deal(c);
	else
		core_hand_over(c, owner, flow, bytes);
}

void core_on_message(struct core *c, const struct flow *flow, struct str bytes)
{
	core_seen(c, false, flow, bytes);
	if (!pass_on(c, flow, bytes) && parse(c, flow, bytes)) {
		if (is_for_early(&c->rx.msg) && early(c, &c->rx))
			count(c);
		else
			deal_or_pass(c, core_owner(c, &c->rx), flow, bytes);
	}
	finish(c);
}

/* Whoever gave it had read it, or a glance at its Call-ID: read whole, it may be another's all the
 * same. */
void core_on_handed_over(struct core *c, const struct flow *flow, struct str bytes)
{
	if (parse(c, flow, bytes)) {
		deal_or_pass(c, is_for_early(&c->rx.msg) ? c->io->worker : core_owner(c, &c->rx), flow, bytes);
	}
	finish(c);
}
