#include "load/call.h"

#define ROUTES_MAX 16
#define NS_PER_MS 1000000u

/* ---- sending ---- */

static void send_by(struct call *c, const struct template *t, uint32_t branch, uint32_t cseq_no,
		    const struct addr *to)
{
	struct worker *w = c->slot.worker;
	char token[TOKEN_CHARS], call[TOKEN_CHARS], cseq[16], *room;
	struct buf b = buf_over(cseq, sizeof(cseq));
	struct str v[GAP_COUNT] = {
		[GAP_LOCAL] = w->wire.sockets[c->socket].name,
		[GAP_TOKEN] = str_of(token, sizeof(token)),
		[GAP_CALL] = str_of(call, sizeof(call)),
		[GAP_USER] = c->caller->name,
		[GAP_PEER] = c->callee->name,
		[GAP_AUTH] = str_of(c->auth, c->auth_n),
		[GAP_ROUTES] = str_of(c->routes, c->routes_n),
		[GAP_URI] = str_of(c->target, c->target_n),
		[GAP_TO] = str_of(c->to, c->to_n),
	};

	token_put(call_branch(c, branch), token);
	token_put(c->id, call);
	buf_put_u64(&b, cseq_no);
	v[GAP_CSEQ] = buf_str(&b);
	room = wire_room(&w->wire, c->socket);
	wire_put(&w->wire, template_put(t, v, room, WIRE_MESSAGE_MAX), to);
}

static const struct addr *hop_of(const struct call *c)
{
	return c->has_hop ? &c->hop : NULL;
}

static void send_invite(struct call *c)
{
	send_by(c, &c->slot.worker->calls->invite, c->invite, c->invite_cseq, NULL);
}

static void send_bye(struct call *c)
{
	send_by(c, &c->slot.worker->calls->bye, c->bye, c->cseq, hop_of(c));
}

/* The ACK to a 200 is a request of its own; it bears the INVITE's credentials (s22.1). */
static void send_ack(struct call *c)
{
	send_by(c, &c->slot.worker->calls->ack, worker_token(c->slot.worker, 0).generation,
		c->invite_cseq, hop_of(c));
}

static void set_timer(struct call *c, uint64_t max_ms)
{
	const struct load_conf *conf = c->slot.worker->conf;

	worker_timer(&c->slot, &c->slot.timer,
		     conf->tcp ? conf->timeout_ms : worker_backoff_ms(c->tries, max_ms));
}

static void new_invite(struct call *c)
{
	c->invite = worker_token(c->slot.worker, 0).generation;
	c->invite_cseq = ++c->cseq;
	c->tries = 0;
	c->caller_state = CALLER_INVITING;
	send_invite(c);
	set_timer(c, 0);
}

static void new_bye(struct call *c)
{
	c->bye = worker_token(c->slot.worker, 0).generation;
	c->cseq++;
	c->tries = 0;
	c->caller_state = CALLER_LEAVING;
	send_bye(c);
	set_timer(c, T2_MS);
}

/* Only what the last call in this slot left behind is set; the texts are written anew. */
static void reset(struct call *c)
{
	c->cseq = 0;
	c->refused = c->bye = 0;
	c->callee_state = CALLEE_IDLE;
	c->invite_challenged = c->bye_challenged = c->has_hop = false;
	c->auth_n = c->target_n = c->to_n = c->routes_n = c->answer_n = 0;
	if (!c->callee_timer.fn)
		timer_init(&c->callee_timer, callee_on_timer, c);
	timer_cancel(&c->slot.worker->wheel, &c->callee_timer);
}

void caller_begin(struct slot *s)
{
	struct call *c = call_of(s);
	struct worker *w = s->worker;
	uint64_t k = w->next_user++;

	reset(c);
	c->id = worker_token(w, s->index);
	c->begun_ns = w->now_ns;
	c->callee = worker_user(w, k);
	c->caller = worker_user(w, k + 1);
	c->socket = worker_socket(w, s);
	new_invite(c);
}

/* ---- time ---- */

static bool is_too_late(const struct call *c, uint64_t since_ns, uint64_t more_ms)
{
	const struct worker *w = c->slot.worker;

	return (w->now_ns - since_ns) / NS_PER_MS >= w->conf->timeout_ms + more_ms;
}

static void resend(struct call *c, void (*send)(struct call *), uint64_t since_ns, uint64_t max_ms)
{
	if (c->slot.worker->conf->tcp || is_too_late(c, since_ns, 0)) {
		worker_failed(&c->slot, FAIL_TIMEOUT);
		return;
	}
	c->tries++;
	c->slot.worker->stats.retransmissions++;
	send(c);
	set_timer(c, max_ms);
}

void caller_on_timer(struct slot *s)
{
	struct call *c = call_of(s);

	switch ((enum caller_state)c->caller_state) {
	case CALLER_INVITING:
		resend(c, send_invite, c->begun_ns, 0);
		break;
	case CALLER_RINGING:
		worker_failed(s, FAIL_TIMEOUT);
		break;
	case CALLER_TALKING:
		c->bye_ns = s->worker->now_ns;
		new_bye(c);
		break;
	case CALLER_LEAVING:
		resend(c, send_bye, c->bye_ns, T2_MS);
		break;
	case CALLER_DONE:
		worker_failed(s, FAIL_NO_ACK);
		break;
	}
}

/* ---- the dialog that the 200 makes (s12.1.2) ---- */

static bool keep(char *room, size_t cap, uint16_t *n, struct str s)
{
	if (!s.n || s.n > cap)
		return false;
	memcpy(room, s.p, s.n);
	*n = (uint16_t)s.n;
	return true;
}

/* Record-Route from the last to the first; *top is where the first Route points. */
static bool keep_routes(struct call *c, const struct sip_msg *m, struct str *top)
{
	struct sip_values v = sip_values(m, SIP_HDR_RECORD_ROUTE);
	struct str route[ROUTES_MAX], one;
	struct buf b = buf_over(c->routes, sizeof(c->routes));
	unsigned n = 0;

	while (sip_values_next(&v, &one)) {
		if (n == ROUTES_MAX)
			return false;
		route[n++] = one;
	}
	for (unsigned i = n; i-- > 0;) {
		buf_puts(&b, STR("Route: "));
		buf_puts(&b, route[i]);
		buf_puts(&b, STR("\r\n"));
	}
	c->routes_n = (uint16_t)b.n;
	if (n)
		*top = route[n - 1];
	return !b.failed;
}

/* Where requests within the dialog go: an address is taken as it stands, for a name the
 * target has to do. */
static void find_hop(struct call *c, struct str value)
{
	struct sip_nameaddr a;

	c->has_hop = sip_nameaddr_parse(value, &a, NULL) && a.uri.ip.family &&
		     a.uri.ip.family == c->slot.worker->conf->target.family;
	if (!c->has_hop)
		return;
	c->hop = a.uri.ip;
	c->hop.port = a.uri.port ? a.uri.port : 5060;
}

static bool keep_dialog(struct call *c, const struct sip_msg *m)
{
	struct sip_nameaddr contact;
	struct str top = sip_get(m, SIP_HDR_CONTACT);

	if (!sip_nameaddr_get(m, SIP_HDR_CONTACT, &contact, NULL) ||
	    !keep(c->target, sizeof(c->target), &c->target_n, contact.uri_text) ||
	    !keep(c->to, sizeof(c->to), &c->to_n, sip_get(m, SIP_HDR_TO)) ||
	    !keep_routes(c, m, &top))
		return false;
	find_hop(c, top);
	return true;
}

/* ---- answers ---- */

static void on_answer(struct call *c, const struct sip_msg *m)
{
	struct worker *w = c->slot.worker;

	if (!keep_dialog(c, m)) {
		worker_failed(&c->slot, FAIL_MALFORMED);
		return;
	}
	hist_add(&w->stats.latency, w->now_ns - c->begun_ns);
	send_ack(c);
	c->caller_state = CALLER_TALKING;
	if (w->conf->hold_ms) {
		worker_timer(&c->slot, &c->slot.timer, w->conf->hold_ms);
	} else {
		c->bye_ns = w->now_ns;
		new_bye(c);
	}
}

static bool answer_challenge(struct call *c, unsigned status, struct str method, struct str uri,
			     const struct sip_msg *m)
{
	struct worker *w = c->slot.worker;
	struct credentials_ask ask = {
		.user = c->caller, .method = method, .uri = uri, .proxy = status == 407};

	if (status != 401 && status != 407)
		return false;
	c->auth_n = (uint16_t)credentials_answer(&w->credentials, &ask, m, c->auth);
	w->stats.challenges += c->auth_n != 0;
	return c->auth_n != 0;
}

static void ack_refusal(struct call *c, uint32_t branch, uint32_t cseq, const struct sip_msg *m)
{
	if (keep(c->to, sizeof(c->to), &c->to_n, sip_get(m, SIP_HDR_TO)))
		send_by(c, &c->slot.worker->calls->ack_refusal, branch, cseq, NULL);
}

static void on_refusal(struct call *c, unsigned status, const struct sip_msg *m)
{
	char room[300];
	struct buf uri = buf_over(room, sizeof(room));

	ack_refusal(c, c->invite, c->invite_cseq, m);
	buf_fmt(&uri, "sip:%.*s@%.*s", STR_ARG(c->callee->name),
		STR_ARG(c->slot.worker->conf->domain));
	if (c->invite_challenged || uri.failed ||
	    !answer_challenge(c, status, STR("INVITE"), buf_str(&uri), m)) {
		worker_failed(&c->slot, status);
		return;
	}
	c->invite_challenged = true;
	c->refused = c->invite;
	new_invite(c);
}

static void on_invite_final(struct call *c, unsigned status, const struct sip_msg *m)
{
	bool waiting = c->caller_state == CALLER_INVITING || c->caller_state == CALLER_RINGING;

	if (status < 300 && waiting) {
		on_answer(c, m);
	} else if (status < 300) {
		c->slot.worker->stats.late++;
		send_ack(c); /* the first one was lost, or crossed this (s13.2.2.4) */
	} else if (waiting) {
		on_refusal(c, status, m);
	} else {
		c->slot.worker->stats.late++;
	}
}

static void on_bye_final(struct call *c, unsigned status, const struct sip_msg *m)
{
	struct worker *w = c->slot.worker;

	if (c->caller_state != CALLER_LEAVING) {
		w->stats.late++;
		return;
	}
	if (status >= 300) {
		if (c->bye_challenged ||
		    !answer_challenge(c, status, STR("BYE"), str_of(c->target, c->target_n), m)) {
			worker_failed(&c->slot, status);
			return;
		}
		c->bye_challenged = true;
		new_bye(c);
		return;
	}
	hist_add(&w->stats.bye, w->now_ns - c->bye_ns);
	c->caller_state = CALLER_DONE;
	timer_cancel(&w->wheel, &c->slot.timer);
	caller_look(c);
}

/* Over when the BYE is answered and the ACK has come to the callee; that may be late, even
 * come by a repeated 200. */
void caller_look(struct call *c)
{
	if (c->caller_state != CALLER_DONE)
		return;
	if (c->callee_state == CALLEE_CONFIRMED)
		worker_ok(&c->slot);
	else
		worker_timer(&c->slot, &c->slot.timer, c->slot.worker->conf->timeout_ms);
}

static void on_provisional(struct call *c, uint32_t generation)
{
	const struct load_conf *conf = c->slot.worker->conf;

	if (generation != c->invite || c->caller_state != CALLER_INVITING)
		return;
	c->caller_state = CALLER_RINGING;
	worker_timer(&c->slot, &c->slot.timer, conf->timeout_ms + conf->ring_ms);
}

void caller_on_response(struct call *c, uint32_t generation, unsigned status, struct str bytes)
{
	char room[CALL_PARSE_ROOM];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;

	if (status < 200) {
		on_provisional(c, generation);
		return;
	}
	if (generation != c->invite && generation != c->bye && generation != c->refused) {
		c->slot.worker->stats.late++;
		return;
	}
	arena_init(&arena, room, sizeof(room), 0);
	if (!sip_parse(bytes, &arena, &m, &err))
		c->slot.worker->stats.strays++;
	else if (generation == c->invite)
		on_invite_final(c, status, &m);
	else if (generation == c->bye)
		on_bye_final(c, status, &m);
	else
		ack_refusal(c, c->refused, c->invite_cseq - 1, &m);
	arena_fini(&arena);
}
