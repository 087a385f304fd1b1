/* INVITEs of the peer: the first (s13.3), and re-INVITEs (s14.2).  A 2xx is repeated by this
 * layer until its ACK comes (s13.3.1.4). */
#include <errno.h>

#include "base/alloc.h"
#include "dlg/body.h"
#include "dlg/session_impl.h"

#define TELL_AGAIN_MS 60000 /* a ringing call is told once a minute (s13.3.1.1) */

void in_reset(struct dlg_session *s)
{
	io_timer_cancel(session_io(s), &s->in.again);
	io_timer_cancel(session_io(s), &s->in.expire);
	if (s->in.txn)
		txn_server_detach(&s->in.txn);
	sip_rx_free(&s->in.rx);
	str_free(&s->in.body);
	s->in.final = s->in.we_offered = s->in.newer = false;
}

/* ---- responses ---- */

int in_respond(struct dlg_session *s, unsigned status, struct str reason, struct str body,
	       const struct dlg_field *fields, unsigned n_fields)
{
	const struct dlg_env *env = s->table->env;
	struct sip_msg m;
	char room[4096];
	struct arena a;
	int err = -ENOMEM;

	if (!s->in.txn)
		return -ENOTCONN;
	arena_init(&a, room, sizeof(room), 0);
	if (sip_response(&s->in.rx->msg, &a, status, reason, s->d.local_tag, &m)) {
		if (status < 300)
			session_put_abilities(s->table, &m);
		if (status >= 200 && status < 300)
			refresh_put(s, &s->in.rx->msg, &m);
		for (unsigned i = 0; i < n_fields; i++)
			if (!str_empty(fields[i].value))
				sip_add(&m, fields[i].id, fields[i].value);
		if (str_empty(body) || sip_set_body(&m, STR("application/sdp"), body))
			err = env->respond(env->ctx, s->in.txn, &m,
					   status < 300 ? s->in.rx : NULL);
		if (!err && status < 200)
			s->in.status = status;
	}
	arena_fini(&a);
	return err;
}

void in_refuse(struct dlg_session *s, unsigned status, struct str reason, struct str warning)
{
	struct dlg_field f = {SIP_HDR_WARNING, warning};

	in_respond(s, status, reason, STR_NONE, &f, 1);
	in_reset(s);
}

int in_accept(struct dlg_session *s, struct str body)
{
	struct str offer;
	int err;

	if (session_set(&s->in.body, body) != 0)
		return -ENOMEM;
	s->in.we_offered =
		!str_empty(body) && !dlg_body_sdp(&s->in.rx->msg, &offer) && !s->rel.was_described;
	err = in_respond(s, 200, STR_NONE, s->in.body, NULL, 0);
	if (err == -ENOMEM)
		return err; /* nothing went out: the user may refuse */
	s->in.final = true;
	io_timer_cancel(session_io(s), &s->in.expire);
	s->in.wait_ms = s->table->t1_ms;
	s->in.give_up_ms = session_io(s)->now_ms + 64 * (uint64_t)s->table->t1_ms;
	io_timer(session_io(s), &s->in.again, s->in.wait_ms);
	return 0;
}

/* The peer's next re-INVITE shows that the dialog lives (RFC 6141 s5.4). */
static void not_acknowledged(struct dlg_session *s)
{
	bool lives = s->in.newer && !s->bye_wanted;

	in_reset(s);
	if (!lives)
		session_bye(s, s->bye_wanted ? DLG_HUNG_UP : DLG_TIMED_OUT, NULL);
}

void in_expired(void *ctx)
{
	struct dlg_session *s = ctx;

	session_enter(s);
	in_refuse(s, 487, STR_NONE, STR_NONE);
	session_over(s, DLG_TIMED_OUT, 0, NULL);
	session_leave(s);
}

/* Both kinds of repetition: a 2xx with T1 doubling to T2, a 1xx once a minute. */
void in_timer(void *ctx)
{
	struct dlg_session *s = ctx;
	struct dlg_in *in = &s->in;
	uint64_t left_ms;

	session_enter(s);
	if (!in->final && reliable_wanted(s)) {
		reliable_send(s, in->status, STR_NONE);
	} else if (!in->final) {
		in_respond(s, in->status, STR_NONE, STR_NONE, NULL, 0);
		io_timer(session_io(s), &in->again, TELL_AGAIN_MS);
	} else if (session_io(s)->now_ms >= in->give_up_ms) {
		not_acknowledged(s);
	} else {
		in_respond(s, 200, STR_NONE, in->body, NULL, 0);
		in->wait_ms = in->wait_ms * 2 < s->table->t2_ms ? in->wait_ms * 2 : s->table->t2_ms;
		left_ms = in->give_up_ms - session_io(s)->now_ms;
		io_timer(session_io(s), &in->again, in->wait_ms < left_ms ? in->wait_ms : left_ms);
	}
	session_leave(s);
}

/* ---- what comes in ---- */

/* The answer to an offer in our 2xx; none at all breaks the session. */
static bool take_answer(struct dlg_session *s, const struct sip_rx *ack)
{
	struct str sdp;

	if (!s->in.we_offered)
		return true;
	return dlg_body_sdp(&ack->msg, &sdp) && s->has_user && s->user.on_answer &&
	       s->user.on_answer(s->user.ctx, sdp);
}

/* The 2xx has arrived. */
static void acknowledged(struct dlg_session *s, bool good)
{
	bool initial = s->in.initial;

	in_reset(s);
	if (s->bye_wanted || !s->has_user)
		session_bye(s, DLG_HUNG_UP, NULL);
	else if (!good)
		session_bye(s, DLG_BROKEN, NULL);
	else if (initial && s->user.on_confirmed)
		s->user.on_confirmed(s->user.ctx);
}

void called_ack(struct dlg_session *s, const struct sip_rx *ack)
{
	if (s->in.rx && s->in.final && s->in.rx->head.cseq.number == ack->head.cseq.number)
		acknowledged(s, take_answer(s, ack));
}

static void on_cancel(void *ctx, const struct sip_rx *cancel)
{
	struct dlg_session *s = ctx;
	bool initial = s->in.initial;

	session_enter(s);
	if (!s->in.final) {
		in_refuse(s, 487, STR_NONE, STR_NONE);
		if (initial)
			session_over(s, DLG_CANCELED, 0, cancel);
	}
	session_leave(s);
}

static void on_txn_end(void *ctx, int err)
{
	struct dlg_session *s = ctx;

	session_enter(s);
	s->in.txn = NULL;
	if (s->in.rx && !s->in.final) {
		bool initial = s->in.initial;

		in_reset(s);
		if (initial)
			session_failed(s, err ? err : -EIO);
	}
	session_leave(s);
}

/* Copies the request and makes its transaction.  On failure it was answered. */
static int take(struct dlg_session *s, const struct sip_rx *rx, bool initial)
{
	const struct dlg_env *env = s->table->env;
	const struct txn_server_user user = {
		.on_cancel = on_cancel, .on_end = on_txn_end, .ctx = s};
	int err = sip_rx_keep(rx, &s->in.rx);

	if (err) {
		env->answer(env->ctx, rx, 503, STR_NONE);
		return err;
	}
	s->in.initial = initial;
	err = env->accept(env->ctx, rx, &user, &s->in.txn);
	if (err)
		in_reset(s);
	return err;
}

static void reoffered(struct dlg_session *s)
{
	struct buf b = buf_heap(DLG_SDP_MAX);
	unsigned status = 488;
	struct str sdp;

	if (!s->has_user)
		;
	else if (dlg_body_sdp(&s->in.rx->msg, &sdp))
		status = s->user.on_offer ? s->user.on_offer(s->user.ctx, sdp, &b) : 488;
	else if (s->user.on_want_offer)
		status = s->user.on_want_offer(s->user.ctx, &b);
	if (status == 200)
		refresh_asked(s, s->in.rx);
	if (status == 200 && (b.failed || in_accept(s, buf_str(&b)) != 0))
		status = 500;
	if (status == 200)
		dlg_dialog_refresh(&s->d, s->in.rx); /* not before it is accepted: RFC 6141 s4.6 */
	else if (s->in.rx)
		in_refuse(s, status, STR_NONE, status == 488 ? DLG_NOT_ACCEPTABLE : STR_NONE);
	buf_free(&b);
}

void called_reinvite(struct dlg_session *s, const struct sip_rx *rx)
{
	if (s->state != DLG_UP) {
		within_later(s, rx); /* s14.2: the first has no final response */
		return;
	}
	if (s->out) {
		within_reply(s, rx, 491, STR_NONE, false);
		return;
	}
	if (s->in.rx && s->in.we_offered) { /* the answer is still due with the ACK */
		s->in.newer = true;
		within_reply(s, rx, 491, STR_NONE, false);
		return;
	}
	if (s->in.rx) /* its ACK was lost: who re-INVITEs has seen our 2xx */
		acknowledged(s, true);
	if (s->state != DLG_UP) {
		within_reply(s, rx, 481, STR_NONE, false);
		return;
	}
	if (take(s, rx, false) != 0)
		return;
	session_learn_peer(s, rx);
	if (refresh_too_small(rx)) {
		struct dlg_field f = {SIP_HDR_MIN_SE, STR("90")};

		in_respond(s, 422, STR_NONE, STR_NONE, &f, 1);
		in_reset(s);
		return;
	}
	reoffered(s);
}

/* ---- being called ---- */

static int start(struct dlg_session *s, const struct sip_rx *rx)
{
	const struct dlg_env *env = s->table->env;
	char room[64];
	struct buf tag = buf_over(room, sizeof(room));
	uint16_t cseq = 0;
	int err;

	env->put_token(env->ctx, &tag);
	env->io->ops->random(env->io, &cseq, sizeof(cseq));
	s->cseq = cseq & 0x7fff;
	err = dlg_dialog_uas(rx, buf_str(&tag), &s->d);
	if (err) {
		env->answer(env->ctx, rx, err == -EBADMSG ? 400 : 503, STR_NONE);
		return err;
	}
	return take(s, rx, true);
}

int dlg_session_incoming(struct dlg_table *t, const struct sip_rx *rx,
			 const struct dlg_session_user *user, struct dlg_session **ret)
{
	struct dlg_refusal r;
	struct dlg_session *s;
	uint32_t expires_s;
	int err = session_new(t, user, &s);

	if (err) {
		t->env->answer(t->env->ctx, rx, 503, STR_NONE);
		return err;
	}
	s->state = DLG_CALLED;
	if (refresh_too_small(rx)) {
		dlg_refuse(&r, 422, STR_NONE);
		dlg_refuse_add(&r, SIP_HDR_MIN_SE, STR("90"));
		dlg_table_refuse(t, rx, &r);
		session_free(s);
		return -EPROTO;
	}
	err = start(s, rx);
	if (err) {
		session_free(s);
		return err;
	}
	refresh_asked(s, rx);
	session_learn_peer(s, rx);
	if (sip_get_u32(&rx->msg, SIP_HDR_EXPIRES, &expires_s))
		io_timer(session_io(s), &s->in.expire, expires_s * 1000ull);
	session_publish(s);
	*ret = s;
	return 0;
}

const struct sip_rx *dlg_session_request(const struct dlg_session *s)
{
	return s->in.rx;
}

bool dlg_session_offer(const struct dlg_session *s, struct str *ret_sdp)
{
	return s->in.rx && dlg_body_sdp(&s->in.rx->msg, ret_sdp);
}

int dlg_session_ring(struct dlg_session *s, unsigned status, struct str sdp)
{
	int err;

	if (s->state != DLG_CALLED || status <= 100 || status > 199)
		return -EINVAL;
	if (reliable_wanted(s))
		return reliable_send(s, status, sdp);
	err = in_respond(s, status, STR_NONE, sdp, NULL, 0);
	io_timer(session_io(s), &s->in.again, TELL_AGAIN_MS);
	return err;
}

int dlg_session_answer(struct dlg_session *s, struct str sdp)
{
	int err;

	if (s->state != DLG_CALLED)
		return -EINVAL;
	if (s->rel.pending && s->rel.described) { /* RFC 3262 s3: after the PRACK */
		s->rel.answer_waits = true;
		return session_set(&s->rel.answer, sdp);
	}
	err = in_accept(s, s->rel.was_described ? STR_NONE : sdp);
	if (err)
		return err;
	reliable_stop(s);
	s->state = DLG_UP;
	refresh_start_called(s);
	return 0;
}

void dlg_session_refuse(struct dlg_session *s, unsigned status, struct str reason,
			struct str warning)
{
	if (s->state != DLG_CALLED)
		return;
	s->busy++;
	in_refuse(s, status, reason, warning);
	session_over(s, DLG_REFUSED, status, NULL);
	s->busy--;
	if (s->busy == 0)
		io_timer(session_io(s), &s->settle, 0);
}
