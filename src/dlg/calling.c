/* INVITEs of ours: the first (s13.2), with its forks, and re-INVITEs (s14.1). */
#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "dlg/body.h"
#include "dlg/offer.h"
#include "dlg/session_impl.h"

/* ---- early dialogs ---- */

void legs_free(struct dlg_session *s)
{
	LIST_EACH (l, &s->legs) {
		struct dlg_leg *leg = container_of(l, struct dlg_leg, link);

		list_unlink(&leg->link);
		dlg_dialog_fini(&leg->d);
		xfree(leg);
	}
}

struct dlg_leg *leg_find(struct dlg_session *s, struct str remote_tag)
{
	LIST_EACH (l, &s->legs) {
		struct dlg_leg *leg = container_of(l, struct dlg_leg, link);

		if (str_eq(leg->d.remote_tag, remote_tag))
			return leg;
	}
	return NULL;
}

static size_t list_length(const struct list *head)
{
	size_t n = 0;

	for (const struct list *l = head->next; l != head; l = l->next)
		n++;
	return n;
}

/* The early dialog of a provisional response, made when it is new; NULL: none. */
static struct dlg_leg *leg_of(struct dlg_session *s, const struct sip_rx *rx)
{
	struct dlg_leg *leg = leg_find(s, rx->head.to.tag);

	if (leg)
		return leg; /* only a reliable one refreshes its target (RFC 6141 s4.9) */
	if (str_empty(rx->head.to.tag) || list_length(&s->legs) >= DLG_LEGS_MAX)
		return NULL;
	leg = xzalloc(sizeof(*leg));
	if (!leg)
		return NULL;
	if (dlg_dialog_uac(rx, s->d.local, s->d.local_tag, &leg->d) != 0) {
		xfree(leg);
		return NULL;
	}
	list_append(&s->legs, &leg->link);
	return leg;
}

/* ---- ACK ---- */

/* The same whenever the 2xx comes again (s13.2.2.4). */
static int send_ack(struct dlg_out *o, const struct dlg_dialog *d, uint32_t cseq, struct str body)
{
	const struct dlg_env *env = o->s->table->env;
	struct sip_msg msg;
	struct dlg_send out = {.msg = &msg, .flow = d->flow};
	char room[2048];
	struct arena a;
	int err = -ENOMEM;

	arena_init(&a, room, sizeof(room), 0);
	if (dlg_dialog_request(d, &a, STR("ACK"), cseq, &msg, &out.next_hop) &&
	    sip_add(&msg, SIP_HDR_USER_AGENT, env->product) &&
	    (str_empty(body) || sip_set_body(&msg, STR("application/sdp"), body)))
		err = env->ack(env->ctx, o->r, &out);
	arena_fini(&a);
	return err;
}

/* ---- responses ---- */

static void out_free(struct dlg_out *o)
{
	const struct dlg_env *env = o->s->table->env;

	if (o->s->out == o)
		o->s->out = NULL;
	if (o->r)
		env->detach(env->ctx, &o->r);
	list_unlink(&o->link);
	str_free(&o->ack_body);
	str_free(&o->won_tag);
	xfree(o);
}

void out_free_all(struct dlg_session *s)
{
	LIST_EACH (l, &s->outs)
		out_free(container_of(l, struct dlg_out, link));
}

/* Of a re-INVITE only a reliable one says anything (RFC 3262 s5, RFC 6141 s3.3, s4.7). */
static void reprogress(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	struct str sdp = STR_NONE, target = STR_NONE;
	bool before = o->taken.answered;

	if (s->state != DLG_UP || !reliable_is(rx) || str_dup(s->d.target, &target) != 0)
		return;
	dlg_body_sdp(&rx->msg, &sdp);
	if (reliable_take(s, &s->d, &o->taken, rx, o->offered, sdp)) {
		o->changed |= !str_eq(target, s->d.target) || o->taken.answered;
		if (o->offered && o->taken.answered && !before && s->has_user &&
		    s->user.on_answer && !s->user.on_answer(s->user.ctx, sdp))
			session_bye(s, DLG_BROKEN, rx);
	}
	str_free(&target);
}

static void progress(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	struct dlg_leg *leg = NULL;
	struct str sdp = STR_NONE;

	if (!o->initial)
		reprogress(o, rx);
	if (!o->initial || s->state != DLG_CALLING)
		return;
	if (rx->msg.status > 100)
		leg = leg_of(s, rx);
	dlg_body_sdp(&rx->msg, &sdp);
	if (leg && reliable_is(rx) && !reliable_take(s, &leg->d, &leg->taken, rx, o->offered, sdp))
		return;
	if (s->has_user && s->user.on_progress && !s->canceled)
		s->user.on_progress(s->user.ctx, rx, o->offered ? sdp : STR_NONE);
}

/* A fork answered after another: ACK, then BYE, once (s13.2.2.4). */
static void lost_fork(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	struct dlg_extra extra = {0};
	uint64_t tag = hash_str(&s->table->seed, rx->head.to.tag);
	struct dlg_dialog d;

	if (dlg_dialog_uac(rx, s->d.local, s->d.local_tag, &d) != 0)
		return;
	send_ack(o, &d, rx->head.cseq.number, STR_NONE);
	for (unsigned i = 0; i < o->n_lost; i++)
		if (o->lost[i] == tag) {
			dlg_dialog_fini(&d);
			return;
		}
	if (minor_send(s, &d, STR("BYE"), &extra) == 0 && o->n_lost < DLG_LOST_MAX)
		o->lost[o->n_lost++] = tag;
	dlg_dialog_fini(&d);
}

static void again(struct dlg_out *o, const struct sip_rx *rx)
{
	if (!o->initial || str_eq(o->won_tag, rx->head.to.tag))
		send_ack(o, &o->s->d, rx->head.cseq.number, o->ack_body);
	else
		lost_fork(o, rx);
}

/* The dialog of the first 2xx takes the place of the one that was only begun. */
static int take_dialog(struct dlg_session *s, struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_leg *leg = leg_find(s, rx->head.to.tag);
	struct dlg_dialog d;

	if (session_set(&o->won_tag, rx->head.to.tag) != 0)
		return -ENOMEM;
	if (dlg_dialog_uac(rx, s->d.local, s->d.local_tag, &d) != 0)
		return -ENOMEM;
	if (leg) { /* the peer may have sent requests before (UPDATE) */
		d.remote_cseq = leg->d.remote_cseq;
		d.has_remote_cseq = leg->d.has_remote_cseq;
	}
	dlg_dialog_fini(&s->d); /* the new one has the same Call-ID and tag: its hash stays */
	s->d = d;
	return 0;
}

/* A 2xx with the peer's offer: the answer goes with the ACK.  False: the call can't be; what is not
 * acceptable gets an answer all the same (s13.2.2.4). */
static bool answer_in_ack(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	struct buf b = buf_heap(DLG_SDP_MAX);
	struct str sdp;
	bool good = false;

	if (dlg_body_sdp(&rx->msg, &sdp)) {
		good = s->has_user && s->user.on_offer &&
		       s->user.on_offer(s->user.ctx, sdp, &b) == 200 && !b.failed;
		if (!good) {
			buf_reset(&b);
			if (!dlg_offer_refuse(sdp, &b))
				buf_reset(&b);
		}
		good = session_set(&o->ack_body, buf_str(&b)) == 0 && good;
	}
	buf_free(&b);
	return good;
}

static void answered(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	struct dlg_leg *leg = leg_find(s, rx->head.to.tag);
	bool early = leg && leg->taken.answered, good = true;
	struct str sdp = STR_NONE;

	if (take_dialog(s, o, rx) != 0)
		return; /* it comes again */
	o->final = true;
	s->out = NULL;
	s->state = DLG_UP;
	legs_free(s);
	session_learn_peer(s, rx);
	if (!o->offered && !early && !s->canceled)
		good = answer_in_ack(o, rx);
	else if (o->offered && !early)
		dlg_body_sdp(&rx->msg, &sdp);
	send_ack(o, &s->d, rx->head.cseq.number, o->ack_body);
	if (s->canceled || !s->has_user) { /* the 2xx crossed our CANCEL (s9.1) */
		session_bye(s, DLG_CANCELED, rx);
	} else if (!good) {
		session_bye(s, DLG_BROKEN, rx);
	} else {
		refresh_answered(s, rx);
		if (s->user.on_answered)
			s->user.on_answered(s->user.ctx, rx, sdp);
	}
}

static void reanswered(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	struct str sdp = STR_NONE;
	bool good = true;

	o->final = true;
	s->out = NULL;
	str_free(&s->reoffer);
	dlg_dialog_refresh(&s->d, rx);
	session_learn_peer(s, rx);
	send_ack(o, &s->d, rx->head.cseq.number, STR_NONE);
	if (s->state != DLG_UP)
		return;
	refresh_answered(s, rx);
	if (!o->taken.answered && s->has_user && s->user.on_answer)
		good = dlg_body_sdp(&rx->msg, &sdp) && s->user.on_answer(s->user.ctx, sdp);
	if (!good)
		session_bye(s, DLG_BROKEN, rx);
}

/* s14.1: who made the Call-ID waits 2.1 to 4 s, the other up to 2 s. */
uint64_t calling_glare_ms(struct dlg_session *s)
{
	uint8_t r = 0;
	uint64_t ms;

	session_io(s)->ops->random(session_io(s), &r, 1);
	ms = s->caller ? 2100 + (uint64_t)r * 1900 / 255 : (uint64_t)r * 2000 / 255;
	return ms / 10 * 10;
}

static void after_glare(struct dlg_session *s, const struct dlg_out *o)
{
	s->resync = o->refresh;
	io_timer(session_io(s), &s->glare, calling_glare_ms(s));
}

/* Part of it had been done already: both sides must hear what holds now (RFC 6141 s3.4, s5.3).
 * Once: what fails again is not worth a quarrel. */
static void reoffer_refused(struct dlg_session *s, const struct dlg_out *o, unsigned status)
{
	str_free(&s->reoffer);
	if (!o->refresh && s->has_user && s->user.on_reoffer_refused)
		s->user.on_reoffer_refused(s->user.ctx, status);
	if (o->changed && !o->refresh && s->state == DLG_UP) {
		s->resync = true;
		io_timer(session_io(s), &s->glare, 0);
	}
}

static void refused(struct dlg_out *o, const struct sip_rx *rx)
{
	struct dlg_session *s = o->s;
	unsigned status = rx->msg.status;

	o->final = true;
	if (s->out == o)
		s->out = NULL;
	if (o->initial)
		session_over(s, s->canceled ? DLG_CANCELED : DLG_REFUSED, status, rx);
	else if (s->state != DLG_UP)
		return;
	else if (o->refresh && refresh_again(s, rx))
		;
	else if (status == 491)
		after_glare(s, o);
	else if (status == 481)
		session_over(s, DLG_BROKEN, 0, rx);
	else if (status == 408)
		session_bye(s, DLG_TIMED_OUT, rx);
	else
		reoffer_refused(s, o, status);
}

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct dlg_out *o = ctx;
	struct dlg_session *s = o->s;
	unsigned status = rx->msg.status;

	session_enter(s);
	if (o->final && status >= 200 && status < 300)
		again(o, rx);
	else if (o->final)
		;
	else if (status < 200)
		progress(o, rx);
	else if (status >= 300)
		refused(o, rx);
	else if (!o->initial)
		reanswered(o, rx);
	else if (s->state == DLG_CALLING)
		answered(o, rx);
	else
		lost_fork(o, rx);
	session_leave(s);
}

static void on_end(void *ctx, int err)
{
	struct dlg_out *o = ctx;
	struct dlg_session *s = o->s;
	bool initial = o->initial, final = o->final;

	o->r = NULL; /* gone by itself */
	session_enter(s);
	out_free(o);
	if (!final && initial && s->canceled)
		session_over(s, DLG_CANCELED, 0, NULL);
	else if (!final && initial)
		session_failed(s, err ? err : -EIO);
	else if (!final && s->state == DLG_UP)
		session_bye(s, DLG_TIMED_OUT, NULL); /* s14.1: no response at all */
	session_leave(s);
}

/* ---- sending ---- */

static bool fill(struct dlg_session *s, const struct dlg_out *o, struct str sdp,
		 struct sip_msg *msg, struct arena *a)
{
	char se[64];
	struct buf room = buf_over(se, sizeof(se));
	struct str expires = refresh_value(s, &room);

	sip_add(msg, SIP_HDR_USER_AGENT, s->table->env->product);
	session_put_abilities(s->table, msg);
	if (!o->initial && !str_empty(expires))
		sip_add(msg, SIP_HDR_SESSION_EXPIRES, arena_str(a, expires));
	if (!o->initial && s->refresh.min_s)
		sip_addf(msg, SIP_HDR_MIN_SE, "%u", s->refresh.min_s);
	if (str_empty(sdp))
		return sip_add(msg, SIP_HDR_ACCEPT, STR("application/sdp"));
	return sip_set_body(msg, STR("application/sdp"), sdp);
}

static int send(struct dlg_out *o, struct str sdp, struct str next_hop)
{
	struct dlg_session *s = o->s;
	const struct dlg_env *env = s->table->env;
	const struct dlg_request_user user = {on_response, on_end, o};
	struct sip_msg msg;
	struct dlg_send out = {.msg = &msg, .contact = true, .flow = s->d.flow};
	char room[4096];
	struct arena a;
	int err = -ENOMEM;

	arena_init(&a, room, sizeof(room), 0);
	if (dlg_dialog_request(&s->d, &a, STR("INVITE"), ++s->cseq, &msg, &out.next_hop) &&
	    fill(s, o, sdp, &msg, &a)) {
		if (str_empty(out.next_hop))
			out.next_hop = next_hop;
		err = env->request(env->ctx, &out, &s->cseq, &user, &o->r);
	}
	arena_fini(&a);
	return err;
}

int out_send(struct dlg_session *s, bool initial, bool refresh, struct str sdp, struct str next_hop)
{
	struct dlg_out *o = xzalloc(sizeof(*o));
	int err;

	if (!o)
		return -ENOMEM;
	o->s = s;
	o->initial = initial;
	o->refresh = refresh;
	o->offered = !str_empty(sdp);
	list_append(&s->outs, &o->link);
	err = send(o, sdp, next_hop);
	if (err) {
		o->r = NULL;
		out_free(o);
		return err;
	}
	s->out = o;
	return 0;
}

/* The description of then may be older than what was agreed on meanwhile. */
static void reoffer_again(struct dlg_session *s)
{
	struct buf b = buf_heap(DLG_SDP_MAX);
	struct str sdp = s->reoffer;
	bool resync = s->resync;

	s->resync = false;
	if (s->has_user && s->user.on_want_offer && s->user.on_want_offer(s->user.ctx, &b) == 200 &&
	    !b.failed)
		sdp = buf_str(&b);
	if (s->state == DLG_UP && !str_empty(sdp) && out_send(s, false, resync, sdp, STR_NONE) != 0)
		str_free(&s->reoffer);
	buf_free(&b);
}

void calling_glare(void *ctx)
{
	struct dlg_session *s = ctx;

	session_enter(s);
	if (s->state == DLG_UP && s->in.rx)
		io_timer(session_io(s), &s->glare, 500); /* the peer's own is under way */
	else if (s->state == DLG_UP && (s->resync || !str_empty(s->reoffer)))
		reoffer_again(s);
	session_leave(s);
}

/* From, To and identifiers of a call that begins. */
static int begin(struct dlg_session *s, const struct dlg_invite *in)
{
	const struct dlg_env *env = s->table->env;
	char id_room[256], tag_room[64], to_room[512];
	struct buf id = buf_over(id_room, sizeof(id_room)),
		   tag = buf_over(tag_room, sizeof(tag_room));
	struct buf from = buf_heap(SIP_HDR_LIMIT * 16), to = buf_over(to_room, sizeof(to_room));
	uint16_t cseq = 0;
	int err = -ENOMEM;

	env->put_call_id(env->ctx, &id);
	env->put_token(env->ctx, &tag);
	env->io->ops->random(env->io, &cseq, sizeof(cseq));
	s->cseq = cseq & 0x7fff;
	buf_fmt(&from, "%.*s;tag=%.*s", STR_ARG(in->from), STR_ARG(buf_str(&tag)));
	if (str_empty(in->to))
		buf_fmt(&to, "<%.*s>", STR_ARG(in->uri));
	else
		buf_puts(&to, in->to);
	if (to.failed)
		err = -EMSGSIZE;
	else if (!from.failed && !id.failed && !tag.failed)
		err = dlg_dialog_start(buf_str(&id), buf_str(&from), buf_str(&tag), buf_str(&to),
				       in->uri, in->routes, &s->d);
	buf_free(&from);
	return err;
}

int dlg_session_call(struct dlg_table *t, const struct dlg_invite *invite,
		     const struct dlg_session_user *user, struct dlg_session **ret)
{
	struct dlg_session *s;
	int err = session_new(t, user, &s);

	if (err)
		return err;
	s->state = DLG_CALLING;
	s->caller = true;
	err = begin(s, invite);
	if (!err) {
		session_publish(s);
		err = out_send(s, true, false, invite->sdp, invite->next_hop);
	}
	if (err) {
		session_free(s);
		return err;
	}
	*ret = s;
	return 0;
}
