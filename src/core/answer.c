/* Responses: made from a request, printed, and sent on the way of RFC 3261 s18.2.2. */
#include "core/internal.h"

#include <errno.h>

#include "base/alloc.h"

#define ANSWER_ROOM 4096

/* The same request gets the same tag, also from a worker that remembers nothing (s8.2.7). */
static struct str stable_tag(const struct core *c, const struct sip_rx *rx, char room[17])
{
	struct buf b = buf_over(room, 17);
	uint64_t h = core_call_hash(c, rx->head.call_id);

	h = hash_mix(h, hash_str(&c->conf.owner_seed, rx->head.from.tag));
	h = hash_mix(h, hash_str(&c->conf.owner_seed, rx->head.via.branch));
	buf_put_hex(&b, &h, sizeof(h));
	return buf_str(&b);
}

void core_put_tag(const struct core *c, const struct sip_rx *rx, struct buf *b)
{
	char room[17];

	buf_puts(b, stable_tag(c, rx, room));
}

/* The ACK of such an answer comes with its tag and branch; nobody else waits for it. */
bool core_is_stateless_ack(const struct core *c, const struct sip_rx *rx)
{
	char room[17];

	return rx->msg.method == SIP_ACK && rx->head.to.tag.n == sizeof(room) - 1 &&
	       str_eq(rx->head.to.tag, stable_tag(c, rx, room));
}

static void add_fields(struct sip_msg *m, const struct core_field *extra, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		sip_add(m, extra[i].id, extra[i].value);
}

static void count(struct core *c, unsigned status)
{
	if (status < 700)
		c->counters.sent_status[status / 100]++;
}

/* One line per refusal: who, what, why.  A first challenge is no refusal. */
static void log_refusal(struct core *c, const struct sip_rx *rx, unsigned status, struct str reason)
{
	char room[ADDR_TEXT_MAX];
	enum log_level level = status == 401 || status == 407 || status < 300 ? LOG_DEBUG : LOG_INFO;

	if (!log_wants(c->io->log, level))
		return;
	log_write(c->io->log, level, "%s %u \"%.*s\" method=%.*s from=%.*s to=%.*s peer=%s call-id=%.*s",
		  status < 300 ? "answered" : status < 400 ? "redirected" : "refused", status,
		  STR_ARG(str_empty(reason) ? sip_reason_of(status) : reason),
		  STR_ARG(rx->msg.method_name), STR_ARG(rx->head.from.uri_text),
		  STR_ARG(str_empty(rx->msg.uri) ? rx->head.to.uri_text : rx->msg.uri),
		  addr_text(&rx->flow.remote, room), STR_ARG(rx->head.call_id));
}

static void add_server(const struct core *c, struct sip_msg *m)
{
	if (!sip_has(m, SIP_HDR_SERVER) && !str_empty(c->conf.product))
		sip_add(m, SIP_HDR_SERVER, c->conf.product);
}

static bool print(struct core *c, const struct sip_msg *m, struct str *ret)
{
	struct buf b = buf_over(c->out, sizeof(c->out));

	if (!sip_print(m, &b)) {
		log_error(c->io->log, "response too large status=%u", m->status);
		return false;
	}
	*ret = buf_str(&b);
	return true;
}

bool core_print(struct core *c, struct sip_msg *response, struct str *ret)
{
	add_server(c, response);
	return print(c, response, ret);
}

void core_way_of(const struct sip_rx *rx, struct core_way *ret)
{
	enum transport t = TRANSPORT_NONE;

	memset(ret, 0, sizeof(*ret));
	tport_response_flow(rx, &ret->flow);
	if (flow_is_stream(&ret->flow) && tport_response_fallback(rx, &t, &ret->other))
		ret->other_transport = (uint8_t)t;
}

void core_send_way(struct core *c, const struct core_way *way, unsigned status, struct str bytes)
{
	struct flow flow;

	count(c, status);
	if (core_emit(c, &way->flow, bytes) != -ENOTCONN || !way->other.family)
		return;
	if (!tport_flow_to(c->tport, (enum transport)way->other_transport, &way->other, &flow))
		core_emit(c, &flow, bytes);
}

void core_reply(struct core *c, const struct sip_rx *rx, unsigned status, struct str reason,
		const struct core_field *extra, unsigned n_extra)
{
	char room[ANSWER_ROOM], tag[17];
	struct core_way way;
	struct arena arena;
	struct sip_msg m;
	struct str bytes;

	if (rx->msg.method == SIP_ACK)
		return;
	log_refusal(c, rx, status, reason);
	arena_init(&arena, room, sizeof(room), 0);
	if (sip_response(&rx->msg, &arena, status, reason, stable_tag(c, rx, tag), &m)) {
		add_fields(&m, extra, n_extra);
		add_server(c, &m);
		if (print(c, &m, &bytes)) {
			core_way_of(rx, &way);
			core_send_way(c, &way, status, bytes);
		}
	}
	arena_fini(&arena);
}

bool core_answer_bad(struct core *c, const struct sip_rx *rx, const struct sip_err *err)
{
	char text[160];
	struct buf b = buf_over(text, sizeof(text));
	struct str header = str_c(err->header), why = str_c(err->why ? err->why : "malformed");

	/* Where the start line can't be read, CSeq tells an ACK. */
	if (!sip_is_request(&rx->msg) || err->status < 300 || str_empty(rx->msg.method_name) ||
	    !sip_has(&rx->msg, SIP_HDR_VIA) || str_empty(rx->head.via.host) ||
	    rx->msg.method == SIP_ACK || str_eq(rx->head.cseq.method, STR("ACK")))
		return false;
	if (err->status != 400) {
		core_reply(c, rx, err->status, STR(""), NULL, 0);
		return true;
	}
	/* "Via: no branch", but not "Content-Length: Content-Length is too large". */
	if (str_empty(header) || str_istarts(why, header))
		buf_fmt(&b, "Bad Request (%.*s)", STR_ARG(why));
	else
		buf_fmt(&b, "Bad Request (%.*s: %.*s)", STR_ARG(header), STR_ARG(why));
	core_reply(c, rx, 400, b.failed ? STR("Bad Request") : buf_str(&b), NULL, 0);
	return true;
}

int core_accept(struct core *c, const struct sip_rx *rx, const struct txn_server_user *user,
		struct txn_server **ret)
{
	static const struct core_field retry = { SIP_HDR_RETRY_AFTER, STR_INIT("5") };
	struct sip_rx *kept;
	struct flow flow;
	int err = sip_rx_keep(rx, &kept);

	if (!err)
		err = txn_server_new(&c->txns, kept, user, ret);
	if (!err) {
		tport_response_flow(rx, &flow);
		txn_server_way(*ret, &flow);
		return 0;
	}
	core_reply(c, rx, 503, STR(""), &retry, 1);
	return err;
}

/* By the connection it came on, or one to where the Via says (s18.2.2). */
static int respond_stream(struct core *c, struct txn_server *t, const struct sip_rx *req,
			  const struct flow *flow, unsigned status, struct str bytes)
{
	enum transport transport;
	struct addr addr;
	struct flow other;
	/* The request is gone once the final response went: look where else before. */
	bool has_other = tport_response_fallback(req, &transport, &addr);
	int err = txn_server_respond(t, flow, status, bytes);

	if (err != -ENOTCONN || !has_other)
		return err;
	err = tport_flow_to(c->tport, transport, &addr, &other);
	return err ? err : core_emit(c, &other, bytes);
}

int core_relay(struct core *c, struct txn_server *t, const struct sip_msg *response)
{
	const struct sip_rx *req = txn_server_request(t);
	struct str bytes;
	struct flow flow;

	if (!print(c, response, &bytes))
		return -EMSGSIZE;
	count(c, response->status);
	if (!req)
		return txn_server_respond(t, NULL, response->status, bytes);
	tport_response_flow(req, &flow);
	if (flow_is_stream(&flow))
		return respond_stream(c, t, req, &flow, response->status, bytes);
	return txn_server_respond(t, &flow, response->status, bytes);
}

int core_respond(struct core *c, struct txn_server *t, struct sip_msg *response)
{
	add_server(c, response);
	return core_relay(c, t, response);
}

void core_pass(struct core *c, const struct flow *flow, const struct sip_msg *response)
{
	struct str bytes;

	if (print(c, response, &bytes)) {
		count(c, response->status);
		core_emit(c, flow, bytes);
	}
}

int core_respond_status(struct core *c, struct txn_server *t, unsigned status, struct str reason,
			struct str to_tag, const struct core_field *extra, unsigned n_extra)
{
	const struct sip_rx *req = txn_server_request(t);
	char room[ANSWER_ROOM];
	struct arena arena;
	struct sip_msg m;
	int err = -EALREADY;

	if (!req)
		return err;
	if (status > 100)
		log_refusal(c, req, status, reason);
	arena_init(&arena, room, sizeof(room), 0);
	if (sip_response(&req->msg, &arena, status, reason, to_tag, &m)) {
		add_fields(&m, extra, n_extra);
		err = core_respond(c, t, &m);
	} else {
		err = -ENOMEM;
	}
	arena_fini(&arena);
	return err;
}

void core_answer(struct core *c, const struct sip_rx *rx, unsigned status, struct str reason,
		 const struct core_field *extra, unsigned n_extra)
{
	struct txn_server *t;
	char tag[17];

	if (rx->msg.method == SIP_ACK || core_accept(c, rx, NULL, &t))
		return;
	core_respond_status(c, t, status, reason, stable_tag(c, rx, tag), extra, n_extra);
	txn_server_detach(&t);
}
