/* Requests of the peer within a dialog (s12.2.2), and what a table answers by itself. */
#include <errno.h>

#include "base/alloc.h"
#include "dlg/body.h"
#include "dlg/session_impl.h"

/* Answers by a transaction that nobody watches. */
static void reply(struct dlg_table *t, const struct sip_rx *rx, struct str tag, unsigned status,
		  struct str reason, const struct dlg_field *fields, unsigned n_fields,
		  struct str body, bool contact)
{
	const struct dlg_env *env = t->env;
	struct txn_server *txn;
	struct sip_msg m;
	char room[4096];
	struct arena a;

	if (env->accept(env->ctx, rx, NULL, &txn) != 0)
		return;
	arena_init(&a, room, sizeof(room), 0);
	if (sip_response(&rx->msg, &a, status, reason, tag, &m)) {
		for (unsigned i = 0; i < n_fields; i++)
			sip_add(&m, fields[i].id, fields[i].value);
		if (!str_empty(body))
			sip_set_body(&m, STR("application/sdp"), body);
		env->respond(env->ctx, txn, &m, contact ? rx : NULL);
	}
	arena_fini(&a);
}

static void reply_fresh_tag(struct dlg_table *t, const struct sip_rx *rx, unsigned status,
			    struct str reason, const struct dlg_field *fields, unsigned n_fields)
{
	char room[64];
	struct buf tag = buf_over(room, sizeof(room));

	t->env->put_token(t->env->ctx, &tag);
	reply(t, rx, buf_str(&tag), status, reason, fields, n_fields, STR_NONE, false);
}

void within_reply(struct dlg_session *s, const struct sip_rx *rx, unsigned status, struct str body,
		  bool contact)
{
	struct dlg_field f[2];
	unsigned n = 0;

	if (status == 200 || status == 405 || status == 501)
		f[n++] = (struct dlg_field){SIP_HDR_ALLOW, str_c(s->table->allow)};
	if (status == 200)
		f[n++] = (struct dlg_field){SIP_HDR_SUPPORTED, s->table->uas.supported};
	if (status == 488)
		f[n++] = (struct dlg_field){SIP_HDR_WARNING, DLG_NOT_ACCEPTABLE};
	reply(s->table, rx, s->d.local_tag, status, STR_NONE, f, n, body, contact);
}

void within_later(struct dlg_session *s, const struct sip_rx *rx)
{
	uint8_t r = 0;
	char room[8];
	struct buf after = buf_over(room, sizeof(room));
	struct dlg_field f = {SIP_HDR_RETRY_AFTER, STR_NONE};

	session_io(s)->ops->random(session_io(s), &r, 1);
	buf_put_u64(&after, r % 11u);
	f.value = buf_str(&after);
	reply(s->table, rx, s->d.local_tag, 500, STR_NONE, &f, 1, STR_NONE, false);
}

/* ---- methods ---- */

static void bye(struct dlg_session *s, const struct sip_rx *rx)
{
	within_reply(s, rx, 200, STR_NONE, false);
	if (s->in.rx && !s->in.final)
		in_refuse(s, 487, STR_NONE, STR_NONE); /* s15.1.2 */
	session_over(s, DLG_PEER_BYE, 0, rx);
}

/* RFC 3311 s5.2: who may offer when. */
static bool may_offer_now(struct dlg_session *s, const struct dlg_leg *leg, const struct sip_rx *rx)
{
	if (s->state == DLG_CALLING && !(leg && leg->taken.answered)) {
		within_reply(s, rx, 491, STR_NONE, false); /* ours has no answer yet */
	} else if (s->state == DLG_CALLED && !s->rel.was_described) {
		within_later(s, rx); /* the peer's has no answer yet */
	} else if (s->out && s->state == DLG_UP && !s->out->taken.answered) {
		within_reply(s, rx, 491, STR_NONE, false);
	} else if (s->in.rx && s->in.we_offered) {
		within_reply(s, rx, 491, STR_NONE, false);
	} else {
		return true;
	}
	return false;
}

/* A 2xx that may carry the session timer. */
static void update_ok(struct dlg_session *s, const struct sip_rx *rx, struct str body)
{
	const struct dlg_env *env = s->table->env;
	struct txn_server *txn;
	struct sip_msg m;
	char room[4096];
	struct arena a;

	if (env->accept(env->ctx, rx, NULL, &txn) != 0)
		return;
	arena_init(&a, room, sizeof(room), 0);
	if (sip_response(&rx->msg, &a, 200, STR_NONE, s->d.local_tag, &m)) {
		session_put_abilities(s->table, &m);
		refresh_put(s, &rx->msg, &m);
		if (!str_empty(body))
			sip_set_body(&m, STR("application/sdp"), body);
		env->respond(env->ctx, txn, &m, rx);
	}
	arena_fini(&a);
}

static void update_taken(struct dlg_session *s, struct dlg_leg *leg, const struct sip_rx *rx,
			 bool offered, struct str answer)
{
	bool moved = dlg_dialog_refresh(leg ? &leg->d : &s->d, rx) == 1;

	if (s->out && s->state == DLG_UP)
		s->out->changed |= moved || offered;
	if (s->state == DLG_UP)
		refresh_asked(s, rx);
	update_ok(s, rx, answer);
}

static void update(struct dlg_session *s, struct dlg_leg *leg, const struct sip_rx *rx)
{
	struct buf answer = buf_heap(DLG_SDP_MAX);
	struct dlg_field f = {SIP_HDR_MIN_SE, STR("90")};
	unsigned status = 200;
	struct str sdp = STR_NONE;

	if (s->state == DLG_UP && refresh_too_small(rx)) {
		reply(s->table, rx, s->d.local_tag, 422, STR_NONE, &f, 1, STR_NONE, false);
		return;
	}
	if (dlg_body_sdp(&rx->msg, &sdp)) {
		if (!may_offer_now(s, leg, rx))
			return;
		status = s->has_user && s->user.on_offer
				 ? s->user.on_offer(s->user.ctx, sdp, &answer)
				 : 488;
	}
	if (status != 200 || answer.failed)
		within_reply(s, rx, answer.failed ? 500 : status, STR_NONE, false);
	else
		update_taken(s, leg, rx, !str_empty(sdp), buf_str(&answer));
	buf_free(&answer);
}

static void other(struct dlg_session *s, const struct sip_rx *rx)
{
	unsigned status = 200;

	if (s->has_user && s->user.on_request)
		status = s->user.on_request(s->user.ctx, rx);
	within_reply(s, rx, status, STR_NONE, false);
}

/* The dialog of this session that rx is in; NULL: its remote tag is another's. */
static struct dlg_dialog *dialog_of(struct dlg_session *s, const struct sip_rx *rx,
				    struct dlg_leg **ret_leg)
{
	*ret_leg = NULL;
	if (s->state != DLG_CALLING)
		return dlg_dialog_is_for(&s->d, rx) ? &s->d : NULL;
	*ret_leg = leg_find(s, rx->head.from.tag);
	return *ret_leg ? &(*ret_leg)->d : NULL;
}

static void dispatch(struct dlg_session *s, struct dlg_leg *leg, const struct sip_rx *rx)
{
	switch (rx->msg.method) {
	case SIP_INVITE:
		called_reinvite(s, rx);
		break;
	case SIP_BYE:
		bye(s, rx);
		break;
	case SIP_PRACK:
		reliable_prack(s, rx);
		break;
	case SIP_UPDATE:
		update(s, leg, rx);
		break;
	default:
		other(s, rx);
	}
}

void within_request(struct dlg_session *s, const struct sip_rx *rx)
{
	struct dlg_leg *leg;
	struct dlg_dialog *d = dialog_of(s, rx, &leg);

	if (rx->msg.method == SIP_ACK) {
		if (d)
			called_ack(s, rx);
		return;
	}
	if (d && rx->msg.method == SIP_PRACK && reliable_late(s, rx))
		return;
	if (!d || s->state == DLG_OVER || (s->state == DLG_CLOSING && rx->msg.method != SIP_BYE)) {
		within_reply(s, rx, 481, STR_NONE, false);
		return;
	}
	if (!dlg_table_check(s->table, rx))
		return;
	if (dlg_dialog_order(d, rx) != DLG_NEWER) /* s12.2.2 */
		reply(s->table, rx, s->d.local_tag, 500, STR("CSeq Out of Order"), NULL, 0,
		      STR_NONE, false);
	else
		dispatch(s, leg, rx);
}

/* ---- the table's own answers ---- */

void dlg_table_refuse(struct dlg_table *t, const struct sip_rx *rx, const struct dlg_refusal *r)
{
	if (rx->msg.method != SIP_ACK)
		reply_fresh_tag(t, rx, r->status, r->reason, r->fields, r->n_fields);
}

void dlg_table_unknown(struct dlg_table *t, const struct sip_rx *rx)
{
	if (rx->msg.method != SIP_ACK)
		reply_fresh_tag(t, rx, 481, STR_NONE, NULL, 0);
}

bool dlg_table_check(struct dlg_table *t, const struct sip_rx *rx)
{
	struct dlg_refusal r;

	if (dlg_uas_check(&t->uas, rx, &r))
		return true;
	dlg_table_refuse(t, rx, &r);
	return false;
}

void dlg_table_ok(struct dlg_table *t, const struct sip_rx *rx)
{
	struct dlg_field f[] = {
		{SIP_HDR_ALLOW, str_c(t->allow)},
		{SIP_HDR_SUPPORTED, t->uas.supported},
		{SIP_HDR_ACCEPT, STR("application/sdp")},
	};

	reply_fresh_tag(t, rx, 200, STR_NONE, f, rx->msg.method == SIP_OPTIONS ? 3 : 1);
}
