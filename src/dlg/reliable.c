/* Reliable provisional responses (RFC 3262), both sides. */
#include <errno.h>

#include "base/alloc.h"
#include "dlg/body.h"
#include "dlg/offer.h"
#include "dlg/session_impl.h"
#include "sip/rel100.h"

#define RING_AGAIN_MS 150000 /* s3: reliably, a ringing call is told every two and a half minutes */

/* ---- the called side ---- */

/* Only where the caller insists: what works without needs no PRACK. */
bool reliable_wanted(const struct dlg_session *s)
{
	return s->in.rx && sip_has_token(&s->in.rx->msg, SIP_HDR_REQUIRE, STR("100rel"));
}

void reliable_free(struct dlg_session *s)
{
	io_timer_cancel(session_io(s), &s->rel.again);
	s->rel.pending = s->rel.answer_waits = false;
	str_free(&s->rel.body);
	str_free(&s->rel.answer);
}

void reliable_stop(struct dlg_session *s)
{
	bool pending = s->rel.pending;

	reliable_free(s);
	s->rel.pending = pending;
	if (pending)
		timer_set(session_io(s)->wheel, &s->rel.again, s->rel.give_up_ms);
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

/* s3: the first between 1 and 2^31 - 1, then one by one. */
static uint32_t next_rseq(struct dlg_session *s)
{
	uint32_t first = 0;

	if (s->rel.rseq)
		return s->rel.rseq + 1;
	session_io(s)->ops->random(session_io(s), &first, sizeof(first));
	return first % INT32_MAX + 1;
}

static int send(struct dlg_session *s, unsigned status, struct str sdp)
{
	struct dlg_reliable *r = &s->rel;

	if (session_set(&r->body, sdp) != 0)
		return -ENOMEM;
	r->rseq = next_rseq(s);
	r->cseq = s->in.rx->head.cseq.number;
	r->status = status;
	r->described = !str_empty(sdp);
	r->pending = true;
	r->wait_ms = s->table->t1_ms;
	r->give_up_ms = session_io(s)->now_ms + 64 * (uint64_t)s->table->t1_ms;
	io_timer_cancel(session_io(s), &s->in.again);
	io_timer(session_io(s), &r->again, r->wait_ms);
	return respond(s);
}

/* Is the first offer still to come from this side? */
static bool must_offer(const struct dlg_session *s)
{
	struct str offer;

	return !s->rel.was_described && !dlg_session_offer(s, &offer);
}

int reliable_send(struct dlg_session *s, unsigned status, struct str sdp)
{
	struct buf offer = buf_heap(DLG_SDP_MAX);
	int err = -EOPNOTSUPP;

	if (s->rel.pending) /* s3: one at a time; what follows can only be ringing again */
		return str_empty(sdp) ? 0 : -EBUSY;
	if (!str_empty(sdp) || !must_offer(s))
		err = send(s, status, sdp);
	else if (s->has_user && s->user.on_want_offer && /* s5: the first one brings it */
		 s->user.on_want_offer(s->user.ctx, &offer) == 200 && !offer.failed)
		err = send(s, status, buf_str(&offer));
	buf_free(&offer);
	return err;
}

void reliable_timer(void *ctx)
{
	struct dlg_session *s = ctx;

	session_enter(s);
	if (s->state != DLG_CALLED) {
		s->rel.pending = false;
	} else if (session_io(s)->now_ms >= s->rel.give_up_ms) { /* s3: 64*T1 without PRACK */
		in_refuse(s, 504, STR("No PRACK"), STR_NONE);
		session_over(s, DLG_TIMED_OUT, 0, NULL);
	} else {
		s->rel.wait_ms *= 2;
		respond(s);
		io_timer(session_io(s), &s->rel.again, s->rel.wait_ms);
	}
	session_leave(s);
}

static bool is_for_pending(const struct dlg_session *s, const struct sip_rx *rx)
{
	struct sip_rack rack;

	return s->rel.pending && sip_rack_parse(sip_get(&rx->msg, SIP_HDR_RACK), &rack) &&
	       rack.rseq == s->rel.rseq && rack.cseq.number == s->rel.cseq &&
	       str_eq(rack.cseq.method, STR("INVITE"));
}

/* The PRACK's body: the answer to an offer of ours, or a new offer (s5).  Before the INVITE's own
 * offer was answered it can't be either. */
static unsigned describe(struct dlg_session *s, const struct sip_rx *rx, struct buf *answer)
{
	bool described = s->rel.described || s->rel.was_described;
	bool we_offered = s->rel.described && must_offer(s);
	struct str sdp;

	if (!dlg_body_sdp(&rx->msg, &sdp))
		return we_offered ? 400 : 200;
	if (we_offered)
		return s->user.on_answer && s->user.on_answer(s->user.ctx, sdp) ? 200 : 488;
	if (!described)
		return 200;
	return s->user.on_offer ? s->user.on_offer(s->user.ctx, sdp, answer) : 488;
}

/* The PRACK itself is always accepted (s3): descriptions that can't be end the INVITE. */
static void acknowledged(struct dlg_session *s, const struct sip_rx *rx)
{
	struct buf answer = buf_heap(DLG_SDP_MAX);
	unsigned status = describe(s, rx, &answer);
	struct str offer;

	if (answer.failed)
		status = 500;
	if (status != 200) { /* an answer all the same: one that takes nothing */
		buf_reset(&answer);
		if (!dlg_body_sdp(&rx->msg, &offer) || !dlg_offer_refuse(offer, &answer))
			buf_reset(&answer);
	}
	within_reply(s, rx, 200, buf_str(&answer), false);
	buf_free(&answer);
	s->rel.was_described |= s->rel.described;
	if (status != 200) {
		in_refuse(s, status, STR_NONE, STR_NONE);
		session_over(s, DLG_BROKEN, status, rx);
	}
}

void reliable_prack(struct dlg_session *s, const struct sip_rx *rx)
{
	struct str late = STR_NONE;
	bool waits;

	if (!is_for_pending(s, rx) || !s->has_user) {
		within_reply(s, rx, 481, STR_NONE, false);
		return;
	}
	s->rel.pending = false;
	acknowledged(s, rx);
	waits = s->rel.answer_waits;
	late = s->rel.answer; /* taken over */
	s->rel.answer = STR_NONE;
	reliable_free(s);
	if (waits && s->state == DLG_CALLED && dlg_session_answer(s, late) != 0)
		dlg_session_refuse(s, 500, STR_NONE, STR_NONE);
	else if (s->state == DLG_CALLED)
		io_timer(session_io(s), &s->in.again, RING_AGAIN_MS);
	str_free(&late);
}

bool reliable_late(struct dlg_session *s, const struct sip_rx *rx)
{
	if (s->state == DLG_CALLED || !is_for_pending(s, rx))
		return false;
	dlg_dialog_order(&s->d, rx);
	within_reply(s, rx, 200, STR_NONE, false);
	reliable_free(s);
	return true;
}

/* ---- the calling side ---- */

static void send_prack(struct dlg_session *s, const struct dlg_dialog *d, uint32_t rseq,
		       const struct sip_rx *rx, struct str body)
{
	char room[64];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_rack rack = {rseq, rx->head.cseq};
	struct dlg_extra extra = {.content_type = STR("application/sdp"), .body = body};

	sip_rack_put(&b, &rack);
	extra.rack = buf_str(&b);
	minor_send(s, d, STR("PRACK"), &extra);
}

bool reliable_is(const struct sip_rx *rx)
{
	uint32_t rseq;

	return rx->msg.status > 100 && sip_has_token(&rx->msg, SIP_HDR_REQUIRE, STR("100rel")) &&
	       sip_rseq_parse(sip_get(&rx->msg, SIP_HDR_RSEQ), &rseq);
}

bool reliable_take(struct dlg_session *s, struct dlg_dialog *d, struct dlg_taken *t,
		   const struct sip_rx *rx, bool offered, struct str sdp)
{
	struct buf answer = buf_heap(DLG_SDP_MAX);
	uint32_t rseq;

	if (!sip_rseq_parse(sip_get(&rx->msg, SIP_HDR_RSEQ), &rseq) ||
	    (t->has_rseq && rseq != t->rseq + 1))
		return false;
	t->rseq = rseq;
	t->has_rseq = true;
	dlg_dialog_refresh(d, rx); /* RFC 6141 s4.7 */
	if (!str_empty(sdp) && offered) {
		t->answered = true;
	} else if (!str_empty(sdp) && !t->answered && s->has_user && s->user.on_offer) {
		t->answered = s->user.on_offer(s->user.ctx, sdp, &answer) == 200 && !answer.failed;
		if (!t->answered)
			buf_reset(&answer);
	}
	send_prack(s, d, rseq, rx, buf_str(&answer));
	buf_free(&answer);
	return true;
}
