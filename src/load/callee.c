#include "load/call.h"

#define NS_PER_MS 1000000u

/* ---- answers ---- */

static void put_lines(struct buf *b, const struct sip_msg *m, enum sip_hdr_id id)
{
	for (unsigned i = m->first[id]; i; i = m->hdr[i - 1].next)
		buf_put(b, m->hdr[i - 1].name, m->hdr[i - 1].line_n);
}

/* Up to the lines that are of one answer alone (s8.2.6); the tag is the Call-ID's token,
 * which a retransmission meets again. */
static void put_head(struct buf *b, const struct sip_msg *m, struct str status_line)
{
	struct str to = sip_get(m, SIP_HDR_TO), call = sip_get(m, SIP_HDR_CALL_ID);

	buf_puts(b, STR("SIP/2.0 "));
	buf_puts(b, status_line);
	buf_puts(b, STR("\r\n"));
	put_lines(b, m, SIP_HDR_VIA);
	put_lines(b, m, SIP_HDR_FROM);
	buf_puts(b, STR("To: "));
	buf_puts(b, to);
	if (str_empty(sip_tag(m, SIP_HDR_TO))) {
		buf_puts(b, STR(";tag=a"));
		buf_puts(b, str_first(call, str_find(call, '@')));
	}
	buf_puts(b, STR("\r\n"));
	put_lines(b, m, SIP_HDR_CALL_ID);
	put_lines(b, m, SIP_HDR_CSEQ);
}

static void put_contact(struct buf *b, const struct call *c)
{
	const struct worker *w = c->slot.worker;

	buf_fmt(b, "Contact: <sip:%.*s@%.*s%s>\r\n", STR_ARG(c->callee->name),
		STR_ARG(w->wire.sockets[c->callee_socket].name),
		w->conf->tcp ? ";transport=tcp" : "");
}

static void answer_plain(struct worker *w, unsigned socket, const struct addr *from,
			 const struct sip_msg *m, struct str status_line)
{
	struct buf b = buf_over(wire_room(&w->wire, socket), WIRE_MESSAGE_MAX);

	put_head(&b, m, status_line);
	buf_puts(&b, STR("Content-Length: 0\r\n\r\n"));
	if (!b.failed)
		wire_put(&w->wire, b.n, from);
}

static const struct addr *from_of(const struct call *c)
{
	return c->has_from ? &c->callee_from : NULL;
}

static void put_ringing(struct call *c, const struct sip_msg *m)
{
	struct worker *w = c->slot.worker;
	struct buf b = buf_over(wire_room(&w->wire, c->callee_socket), WIRE_MESSAGE_MAX);

	put_head(&b, m, STR("180 Ringing"));
	put_lines(&b, m, SIP_HDR_RECORD_ROUTE);
	put_contact(&b, c);
	buf_puts(&b, STR("Content-Length: 0\r\n\r\n"));
	if (!b.failed)
		wire_put(&w->wire, b.n, from_of(c));
}

/* Written when the INVITE is at hand, sent when it has rung. */
static bool keep_answer(struct call *c, const struct sip_msg *m)
{
	const struct call_templates *t = c->slot.worker->calls;
	struct buf b = buf_over(c->answer, sizeof(c->answer));

	put_head(&b, m, STR("200 OK"));
	put_lines(&b, m, SIP_HDR_RECORD_ROUTE);
	put_contact(&b, c);
	buf_put(&b, t->answer, t->answer_n);
	c->answer_n = (uint16_t)b.n;
	return !b.failed;
}

static void send_answer(struct call *c)
{
	struct worker *w = c->slot.worker;

	memcpy(wire_room(&w->wire, c->callee_socket), c->answer, c->answer_n);
	wire_put(&w->wire, c->answer_n, from_of(c));
}

/* The 200 is repeated over any transport, until its ACK (s13.3.1.4). */
static void answer(struct call *c)
{
	c->callee_state = CALLEE_ANSWERED;
	c->callee_tries = 0;
	c->answered_ns = c->slot.worker->now_ns;
	send_answer(c);
	worker_timer(&c->slot, &c->callee_timer, worker_backoff_ms(0, T2_MS));
}

void callee_on_timer(void *ctx)
{
	struct call *c = ctx;
	struct worker *w = c->slot.worker;

	if (!c->slot.busy)
		return;
	if (c->callee_state == CALLEE_RINGING) {
		answer(c);
		return;
	}
	if ((w->now_ns - c->answered_ns) / NS_PER_MS >= w->conf->timeout_ms) {
		worker_failed(&c->slot, FAIL_NO_ACK);
		return;
	}
	c->callee_tries++;
	w->stats.retransmissions++;
	send_answer(c);
	worker_timer(&c->slot, &c->callee_timer, worker_backoff_ms(c->callee_tries, T2_MS));
}

/* ---- requests ---- */

static void on_invite(struct call *c, unsigned socket, const struct addr *from,
		      const struct sip_msg *m)
{
	struct worker *w = c->slot.worker;

	if (c->callee_state != CALLEE_IDLE) { /* again: the same answer */
		w->stats.late++;
		if (c->callee_state == CALLEE_RINGING)
			put_ringing(c, m);
		else if (c->callee_state == CALLEE_ANSWERED)
			send_answer(c);
		return;
	}
	c->callee_socket = socket;
	c->has_from = from != NULL;
	if (from)
		c->callee_from = *from;
	if (!keep_answer(c, m)) {
		answer_plain(w, socket, from, m, STR("513 Message Too Large"));
		return;
	}
	put_ringing(c, m);
	if (w->conf->ring_ms) {
		c->callee_state = CALLEE_RINGING;
		worker_timer(&c->slot, &c->callee_timer, w->conf->ring_ms);
	} else {
		answer(c);
	}
}

static void on_ack(struct call *c)
{
	struct worker *w = c->slot.worker;

	if (c->callee_state != CALLEE_ANSWERED) {
		w->stats.late++;
		return;
	}
	c->callee_state = CALLEE_CONFIRMED;
	timer_cancel(&w->wheel, &c->callee_timer);
	caller_look(c);
}

void callee_on_request(struct call *c, unsigned socket, const struct addr *from,
		       const struct sip_msg *m)
{
	if (m->method == SIP_INVITE)
		on_invite(c, socket, from, m);
	else if (m->method == SIP_ACK)
		on_ack(c);
	else
		answer_plain(c->slot.worker, socket, from, m, STR("200 OK"));
}

/* A BYE whose 200 was lost comes again when its call is long forgotten. */
void callee_on_stranger(struct worker *w, unsigned socket, const struct addr *from,
			const struct sip_msg *m)
{
	w->stats.late++;
	if (m->method == SIP_INVITE)
		answer_plain(w, socket, from, m, STR("480 Temporarily Unavailable"));
	else if (m->method != SIP_ACK)
		answer_plain(w, socket, from, m, STR("200 OK"));
}
