#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "dlg/session_impl.h"

/* ---- the table ---- */

struct key {
	struct str call_id, local_tag;
};

static uint64_t hash_of(const struct dlg_table *t, const struct key *k)
{
	return hash_mix(hash_str(&t->seed, k->call_id), hash_str(&t->seed, k->local_tag));
}

static bool key_eq(const struct map_node *node, const void *key)
{
	const struct dlg_session *s = container_of(node, struct dlg_session, node);
	const struct key *k = key;

	return str_eq(s->d.call_id, k->call_id) && str_eq(s->d.local_tag, k->local_tag);
}

int dlg_table_new(const struct dlg_conf *conf, struct dlg_table **ret)
{
	struct dlg_table *t = xzalloc(sizeof(*t));
	struct buf allow;

	if (!t)
		return -ENOMEM;
	if (map_init(&t->sessions, 64) != 0) {
		xfree(t);
		return -ENOMEM;
	}
	t->env = conf->env;
	t->uas = conf->uas;
	if (!t->uas.methods)
		t->uas = (struct dlg_uas){DLG_CALL_METHODS, DLG_SUPPORTED};
	allow = buf_over(t->allow, sizeof(t->allow));
	dlg_put_methods(&allow, t->uas.methods);
	buf_c(&allow);
	t->max = conf->max_sessions ? conf->max_sessions : 10000;
	t->t1_ms = conf->t1_ms ? conf->t1_ms : 500;
	t->t2_ms = conf->t2_ms ? conf->t2_ms : 4000;
	t->env->io->ops->random(t->env->io, &t->seed, sizeof(t->seed));
	list_init(&t->all);
	*ret = t;
	return 0;
}

size_t dlg_table_count(const struct dlg_table *t)
{
	return t->sessions.n;
}

void dlg_table_free(struct dlg_table **tp)
{
	struct dlg_table *t = *tp;
	struct list *l;

	if (!t)
		return;
	*tp = NULL;
	while ((l = list_first(&t->all)) != NULL) {
		struct dlg_session *s = container_of(l, struct dlg_session, link);

		s->has_user = false;
		s->busy++; /* nothing may free it but this */
		if (s->state == DLG_UP)
			session_bye(s, DLG_HUNG_UP, NULL);
		dlg_session_hangup(s);
		session_free(s);
	}
	map_fini(&t->sessions);
	xfree(t);
}

static struct dlg_session *find(const struct dlg_table *t, const struct sip_rx *rx)
{
	struct key k = {rx->head.call_id, rx->head.to.tag};
	struct map_node *n;

	if (str_empty(k.local_tag))
		return NULL;
	n = map_find(&t->sessions, hash_of(t, &k), key_eq, &k);
	return n ? container_of(n, struct dlg_session, node) : NULL;
}

bool dlg_table_request(struct dlg_table *t, const struct sip_rx *rx)
{
	struct dlg_session *s = find(t, rx);

	if (!s)
		return false;
	session_enter(s);
	within_request(s, rx);
	session_leave(s);
	return true;
}

/* ---- life ---- */

static void on_settle(void *ctx)
{
	struct dlg_session *s = ctx;

	session_enter(s);
	session_leave(s);
}

int session_new(struct dlg_table *t, const struct dlg_session_user *user, struct dlg_session **ret)
{
	struct dlg_session *s;

	if (t->sessions.n >= t->max)
		return -ENOBUFS;
	s = xzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->table = t;
	s->user = *user;
	s->has_user = true;
	list_init(&s->link);
	list_init(&s->legs);
	list_init(&s->outs);
	list_init(&s->minors);
	timer_init(&s->settle, on_settle, s);
	timer_init(&s->glare, calling_glare, s);
	timer_init(&s->in.again, in_timer, s);
	timer_init(&s->in.expire, in_expired, s);
	timer_init(&s->rel.again, reliable_timer, s);
	timer_init(&s->refresh.at, refresh_timer, s);
	*ret = s;
	return 0;
}

void session_publish(struct dlg_session *s)
{
	struct key k = {s->d.call_id, s->d.local_tag};

	list_append(&s->table->all, &s->link);
	map_add(&s->table->sessions, &s->node, hash_of(s->table, &k));
}

/* A re-INVITE whose answer was lost would wait for ever: the peer, who has ended the call,
 * does not repeat it. */
static void give_up_reinvites(struct dlg_session *s)
{
	const struct dlg_env *env = s->table->env;

	LIST_EACH (l, &s->outs) {
		struct dlg_out *o = container_of(l, struct dlg_out, link);

		if (!o->initial && !o->final && o->r)
			env->cancel(env->ctx, o->r, STR_NONE);
	}
}

static void stop_all(struct dlg_session *s)
{
	refresh_stop(s);
	reliable_stop(s);
	in_reset(s);
	io_timer_cancel(session_io(s), &s->glare);
	str_free(&s->reoffer);
	s->resync = false;
}

void session_free(struct dlg_session *s)
{
	stop_all(s);
	reliable_free(s);
	io_timer_cancel(session_io(s), &s->settle);
	out_free_all(s);
	minor_free_all(s);
	legs_free(s);
	if (!list_empty(&s->link)) {
		list_unlink(&s->link);
		map_remove(&s->table->sessions, &s->node);
	}
	dlg_dialog_fini(&s->d);
	xfree(s);
}

void session_enter(struct dlg_session *s)
{
	s->busy++;
}

void session_leave(struct dlg_session *s)
{
	if (--s->busy || s->state != DLG_OVER)
		return;
	if (!s->told) {
		s->told = true;
		io_timer_cancel(session_io(s), &s->settle);
		if (s->has_user)
			s->user.on_ended(s->user.ctx, &s->end);
		s->has_user = false;
		s->end.rx = NULL;
	}
	if (list_empty(&s->outs) && list_empty(&s->minors) && !s->rel.pending)
		session_free(s);
}

/* After a function that the user called: he is told later, not from inside. */
static void leave_quietly(struct dlg_session *s)
{
	s->busy--;
	if (s->busy == 0 && s->state == DLG_OVER)
		io_timer(session_io(s), &s->settle, 0);
}

static void end_with(struct dlg_session *s, const struct dlg_end *end)
{
	if (s->state == DLG_OVER)
		return;
	if (s->state != DLG_CLOSING)
		s->end = *end;
	s->state = DLG_OVER;
	s->out = NULL;
	give_up_reinvites(s);
	stop_all(s);
}

void session_over(struct dlg_session *s, enum dlg_cause cause, unsigned status,
		  const struct sip_rx *rx)
{
	end_with(s, &(struct dlg_end){.cause = cause, .status = status, .rx = rx});
}

void session_failed(struct dlg_session *s, int err)
{
	end_with(s, &(struct dlg_end){.cause = err == -ETIMEDOUT ? DLG_TIMED_OUT : DLG_FAILED,
				      .err = err});
}

void session_bye(struct dlg_session *s, enum dlg_cause cause, const struct sip_rx *rx)
{
	struct dlg_extra extra = {.ends = true};

	if (s->state == DLG_OVER || s->state == DLG_CLOSING)
		return;
	if (minor_send(s, &s->d, STR("BYE"), &extra) != 0) {
		session_over(s, cause, 0, rx);
		return;
	}
	s->end = (struct dlg_end){.cause = cause};
	s->state = DLG_CLOSING;
	stop_all(s);
}

/* ---- small helps ---- */

int session_set(struct str *owned, struct str s)
{
	struct str copy;

	if (str_dup(s, &copy) != 0)
		return -ENOMEM;
	str_free(owned);
	*owned = copy;
	return 0;
}

void session_put_abilities(const struct dlg_table *t, struct sip_msg *m)
{
	sip_add(m, SIP_HDR_ALLOW, str_c(t->allow));
	if (!str_empty(t->uas.supported))
		sip_add(m, SIP_HDR_SUPPORTED, t->uas.supported);
}

void session_learn_peer(struct dlg_session *s, const struct sip_rx *rx)
{
	if (sip_has(&rx->msg, SIP_HDR_ALLOW))
		s->peer_updates = sip_has_token(&rx->msg, SIP_HDR_ALLOW, STR("UPDATE"));
}

/* ---- what users call for both sides ---- */

bool dlg_session_is_up(const struct dlg_session *s)
{
	return s->state == DLG_UP;
}

const struct dlg_dialog *dlg_session_dialog(const struct dlg_session *s)
{
	return &s->d;
}

int dlg_session_send(struct dlg_session *s, struct str method, struct str content_type,
		     struct str body)
{
	struct dlg_extra extra = {.content_type = content_type, .body = body};

	return s->state == DLG_UP ? minor_send(s, &s->d, method, &extra) : -ENOTCONN;
}

int dlg_session_reoffer(struct dlg_session *s, struct str sdp)
{
	int err;

	if (s->state != DLG_UP)
		return -ENOTCONN;
	if (s->out || s->in.rx || timer_active(&s->glare))
		return -EBUSY;
	if (session_set(&s->reoffer, sdp) != 0)
		return -ENOMEM;
	err = out_send(s, false, false, sdp, STR_NONE);
	if (err)
		str_free(&s->reoffer);
	return err;
}

static void cancel(struct dlg_session *s)
{
	const struct dlg_env *env = s->table->env;

	s->canceled = true;
	if (s->out)
		env->cancel(env->ctx, s->out->r, STR_NONE);
}

void dlg_session_hangup(struct dlg_session *s)
{
	session_enter(s);
	if (s->state == DLG_CALLING && !s->canceled) {
		cancel(s);
	} else if (s->state == DLG_CALLED) {
		in_refuse(s, 480, STR_NONE, STR_NONE);
		session_over(s, DLG_REFUSED, 480, NULL);
	} else if (s->state == DLG_UP && s->in.rx && s->in.initial) {
		s->bye_wanted = true; /* s15: not before the ACK */
	} else if (s->state == DLG_UP) {
		session_bye(s, DLG_HUNG_UP, NULL);
	}
	leave_quietly(s);
}

void dlg_session_detach(struct dlg_session **sp)
{
	struct dlg_session *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	s->has_user = false;
	dlg_session_hangup(s);
}
