/* Reliable provisional responses (RFC 3262), both sides. */
#include <errno.h>

#include "base/alloc.h"
#include "base/scan.h"
#include "dlg/body.h"
#include "dlg/session_impl.h"

/* ---- the called side ---- */

/* Only where the caller insists: what works without needs no PRACK. */
bool reliable_wanted(const struct dlg_session *s)
{
	return s->in.rx && sip_has_token(&s->in.rx->msg, SIP_HDR_REQUIRE, STR("100rel"));
}

void reliable_reset(struct dlg_session *s)
{
	io_timer_cancel(session_io(s), &s->rel.again);
	s->rel.pending = s->rel.answer_waits = false;
	str_free(&s->rel.body);
	str_free(&s->rel.answer);
}

static int respond(struct dlg_session *s)
{
	char room[16];
	struct buf rseq = buf_over(room, sizeof(room));
	struct dlg_field f[] = {
		{SIP_HDR_REQUIRE, STR("100rel")},
		{SIP_HDR_RSEQ, STR_NONE},
	};

	buf_put_u64(&rseq, s->rel.rseq);
	f[1].value = buf_str(&rseq);
	return in_respond(s, s->rel.status, STR_NONE, s->rel.body, f, 2);
}

int reliable_send(struct dlg_session *s, unsigned status, struct str sdp)
{
	struct dlg_reliable *r = &s->rel;
	uint16_t first = 0;

	if (r->pending) /* s3: one at a time; what follows can only be ringing again */
		return str_empty(sdp) ? 0 : -EBUSY;
	if (session_set(&r->body, sdp) != 0)
		return -ENOMEM;
	if (r->rseq == 0)
		session_io(s)->ops->random(session_io(s), &first, sizeof(first));
	r->rseq += 1u + first;
	r->status = status;
	r->described = !str_empty(sdp);
	r->pending = true;
	r->wait_ms = s->table->t1_ms;
	r->give_up_ms = session_io(s)->now_ms + 64 * (uint64_t)s->table->t1_ms;
	io_timer(session_io(s), &r->again, r->wait_ms);
	return respond(s);
}

void reliable_timer(void *ctx)
{
	struct dlg_session *s = ctx;

	session_enter(s);
	if (session_io(s)->now_ms >= s->rel.give_up_ms) { /* s3: 64*T1 without PRACK */
		in_refuse(s, 504, STR("No PRACK"), STR_NONE);
		session_over(s, DLG_TIMED_OUT, 0, NULL);
	} else {
		s->rel.wait_ms *= 2;
		respond(s);
		io_timer(session_io(s), &s->rel.again, s->rel.wait_ms);
	}
	session_leave(s);
}

/* RAck = response-num LWS CSeq-num LWS Method */
static bool parse_rack(struct str v, uint32_t *ret_rseq, uint32_t *ret_cseq, struct str *ret_method)
{
	struct scan sc = scan_over(v);

	return scan_u32(&sc, ret_rseq) && scan_lws(&sc) && scan_u32(&sc, ret_cseq) &&
	       scan_lws(&sc) && scan_run(&sc, CC_TOKEN, ret_method) && scan_done(&sc);
}

static bool is_for_pending(const struct dlg_session *s, const struct sip_rx *rx)
{
	uint32_t rseq, cseq;
	struct str method;

	return s->rel.pending && s->in.rx &&
	       parse_rack(sip_get(&rx->msg, SIP_HDR_RACK), &rseq, &cseq, &method) &&
	       rseq == s->rel.rseq && cseq == s->in.rx->head.cseq.number &&
	       str_eq(method, STR("INVITE"));
}

/* The PRACK's body: the answer to an offer of ours, or a new offer (s5). */
static unsigned describe(struct dlg_session *s, const struct sip_rx *rx, struct buf *answer)
{
	struct str sdp, offer;

	if (!dlg_body_sdp(&rx->msg, &sdp))
		return 200;
	if (s->rel.described && !s->rel.was_described && !dlg_session_offer(s, &offer))
		return s->user.on_answer && s->user.on_answer(s->user.ctx, sdp) ? 200 : 488;
	return s->user.on_offer ? s->user.on_offer(s->user.ctx, sdp, answer) : 488;
}

void reliable_prack(struct dlg_session *s, const struct sip_rx *rx)
{
	struct buf answer = buf_heap(DLG_SDP_MAX);
	struct str late = STR_NONE;
	unsigned status;
	bool waits;

	if (!is_for_pending(s, rx) || !s->has_user) {
		within_reply(s, rx, 481, STR_NONE, false);
		return;
	}
	status = describe(s, rx, &answer);
	within_reply(s, rx, answer.failed ? 500 : status, buf_str(&answer), false);
	buf_free(&answer);
	s->rel.was_described |= s->rel.described;
	waits = s->rel.answer_waits;
	late = s->rel.answer; /* taken over */
	s->rel.answer = STR_NONE;
	reliable_reset(s);
	if (waits && s->state == DLG_CALLED && dlg_session_answer(s, late) != 0)
		dlg_session_refuse(s, 500, STR_NONE, STR_NONE);
	str_free(&late);
}

/* ---- the calling side ---- */

static void send_prack(struct dlg_session *s, const struct dlg_leg *leg, const struct sip_rx *rx,
		       struct str body)
{
	char room[64];
	struct buf rack = buf_over(room, sizeof(room));
	struct dlg_extra extra = {.content_type = STR("application/sdp"), .body = body};

	buf_fmt(&rack, "%u %u INVITE", leg->rseq, rx->head.cseq.number);
	extra.rack = buf_str(&rack);
	minor_send(s, &leg->d, STR("PRACK"), &extra);
}

bool reliable_take(struct dlg_session *s, struct dlg_leg *leg, const struct sip_rx *rx,
		   bool offered, struct str sdp)
{
	struct buf answer = buf_heap(DLG_SDP_MAX);
	uint32_t rseq;

	if (!sip_has_token(&rx->msg, SIP_HDR_REQUIRE, STR("100rel")) ||
	    !sip_get_u32(&rx->msg, SIP_HDR_RSEQ, &rseq))
		return true;
	if (leg->has_rseq && rseq != leg->rseq + 1)
		return false;
	leg->rseq = rseq;
	leg->has_rseq = true;
	if (!str_empty(sdp) && offered) {
		leg->answered = true;
	} else if (!str_empty(sdp) && !leg->answered && s->has_user && s->user.on_offer) {
		leg->answered =
			s->user.on_offer(s->user.ctx, sdp, &answer) == 200 && !answer.failed;
		if (!leg->answered)
			buf_reset(&answer);
	}
	send_prack(s, leg, rx, buf_str(&answer));
	buf_free(&answer);
	return true;
}
