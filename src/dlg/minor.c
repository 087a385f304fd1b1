/* Requests of ours other than INVITE: BYE, PRACK, UPDATE, INFO...  Each lives until its
 * transaction has told its end. */
#include <errno.h>

#include "base/alloc.h"
#include "dlg/session_impl.h"

static void minor_free(struct dlg_minor *m)
{
	const struct dlg_env *env = m->s->table->env;

	if (m->r)
		env->detach(env->ctx, &m->r);
	list_unlink(&m->link);
	xfree(m);
}

void minor_free_all(struct dlg_session *s)
{
	LIST_EACH (l, &s->minors)
		minor_free(container_of(l, struct dlg_minor, link));
}

/* 408 and 481 end the dialog (RFC 3261 s12.2.1.2); UPDATE: of the session timer (RFC 4028 s7.3). */
static void answered(struct dlg_session *s, const struct dlg_minor *m, const struct sip_rx *rx)
{
	if (rx->msg.status == 481) {
		session_over(s, DLG_BROKEN, 0, rx);
	} else if (rx->msg.status == 408) {
		session_bye(s, DLG_TIMED_OUT, rx);
	} else if (m->method == SIP_UPDATE && rx->msg.status < 300) {
		dlg_dialog_refresh(&s->d, rx);
		refresh_answered(s, rx);
	} else if (m->method == SIP_UPDATE) {
		refresh_again(s, rx);
	}
}

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct dlg_minor *m = ctx;
	struct dlg_session *s = m->s;

	if (rx->msg.status < 200 || m->done)
		return;
	m->done = true;
	session_enter(s);
	if (m->ends)
		session_over(s, s->end.cause, 0, NULL);
	else if (s->state == DLG_UP)
		answered(s, m, rx);
	session_leave(s);
}

static void on_end(void *ctx, int err)
{
	struct dlg_minor *m = ctx;
	struct dlg_session *s = m->s;
	bool ends = m->ends, failed = !m->done;

	m->r = NULL; /* gone by itself */
	session_enter(s);
	minor_free(m);
	if (ends)
		session_over(s, s->end.cause, 0, NULL);
	else if (failed && err == -ETIMEDOUT && s->state == DLG_UP)
		session_bye(s, DLG_TIMED_OUT, NULL);
	session_leave(s);
}

static bool fill(struct dlg_session *s, struct sip_msg *msg, const struct dlg_extra *x)
{
	sip_add(msg, SIP_HDR_USER_AGENT, s->table->env->product);
	if (!str_empty(x->rack))
		sip_add(msg, SIP_HDR_RACK, x->rack);
	if (!str_empty(x->session_expires))
		sip_add(msg, SIP_HDR_SESSION_EXPIRES, x->session_expires);
	if (x->min_se_s)
		sip_addf(msg, SIP_HDR_MIN_SE, "%u", x->min_se_s);
	session_put_abilities(s->table, msg);
	return str_empty(x->body) || sip_set_body(msg, x->content_type, x->body);
}

static int send(struct dlg_minor *m, const struct dlg_dialog *d, struct str method,
		const struct dlg_extra *x)
{
	const struct dlg_env *env = m->s->table->env;
	const struct dlg_request_user user = {on_response, on_end, m};
	struct sip_msg msg;
	struct dlg_send out = {.msg = &msg, .contact = x->contact, .flow = d->flow};
	char room[3072];
	struct arena a;
	int err = -ENOMEM;

	arena_init(&a, room, sizeof(room), 0);
	if (dlg_dialog_request(d, &a, method, ++m->s->cseq, &msg, &out.next_hop) &&
	    fill(m->s, &msg, x))
		err = env->request(env->ctx, &out, &m->s->cseq, &user, &m->r);
	arena_fini(&a);
	return err;
}

int minor_send(struct dlg_session *s, const struct dlg_dialog *d, struct str method,
	       const struct dlg_extra *extra)
{
	struct dlg_minor *m = xzalloc(sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->s = s;
	m->method = sip_method_of(method);
	m->ends = extra->ends;
	list_append(&s->minors, &m->link);
	err = send(m, d, method, extra);
	if (err) {
		m->r = NULL;
		minor_free(m);
	}
	return err;
}
