/* tsuwa/call.h: making, taking and ending calls */
#include "lib/call.h"

#include <errno.h>

#include "base/alloc.h"
#include "lib/codecs.h"

/* ---- life ---- */

static struct tsuwa_call *call_alloc(struct tsuwa_ua *u, struct str peer)
{
	struct tsuwa_call *c = xzalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->ua = u;
	list_init(&c->link);
	if (str_dup(peer, &c->peer) != 0) {
		xfree(c);
		return NULL;
	}
	lib_codecs(NULL, &c->wanted);
	c->stats.rtt_us = -1;
	list_append(&u->calls, &c->link);
	return c;
}

void lib_call_enter(struct tsuwa_call *c)
{
	c->busy++;
}

static void destroy(struct tsuwa_call *c)
{
	str_free(&c->peer);
	xfree(c);
}

bool lib_call_leave(struct tsuwa_call *c)
{
	bool alive = !c->freed;

	if (--c->busy == 0 && !alive)
		destroy(c);
	return alive;
}

static void call_free(struct tsuwa_call *c)
{
	dlg_session_detach(&c->session);
	lib_call_close_audio(c);
	list_unlink(&c->link);
	c->freed = true;
	memset(&c->events, 0, sizeof(c->events));
	if (!c->busy)
		destroy(c);
}

void tsuwa_call_free(struct tsuwa_call **pc)
{
	struct tsuwa_call *c = *pc;
	struct tsuwa_ua *u;

	*pc = NULL;
	if (!c)
		return;
	u = c->ua;
	lib_ua_enter(u);
	call_free(c);
	lib_ua_leave(u);
}

void lib_calls_free(struct tsuwa_ua *u)
{
	struct list *l;

	while ((l = list_first(&u->calls)) != NULL)
		call_free(container_of(l, struct tsuwa_call, link));
}

/* ---- calling ---- */

static int invite(struct tsuwa_call *c, struct str uri, struct str sdp)
{
	char from_room[600], hop_room[300];
	struct buf from = buf_over(from_room, sizeof(from_room));
	struct buf hop = buf_over(hop_room, sizeof(hop_room));
	struct dlg_session_user user = lib_call_user;
	struct dlg_invite i = {.uri = uri, .sdp = sdp};

	lib_ua_put_from(c->ua, &from);
	lib_ua_put_next_hop(c->ua, uri, &hop);
	if (from.failed || hop.failed)
		return -EMSGSIZE;
	i.from = buf_str(&from);
	i.next_hop = buf_str(&hop);
	user.ctx = c;
	return dlg_session_call(c->ua->table, &i, &user, &c->session);
}

int lib_call_place(struct tsuwa_call *c, struct str uri)
{
	struct buf sdp = buf_heap(SDP_TEXT_MAX);
	int err = talk_offer(&c->talk, &sdp);

	if (!err)
		err = invite(c, uri, buf_str(&sdp));
	buf_free(&sdp);
	return err;
}

static int check_conf(const struct tsuwa_call_conf *conf, struct tsuwa_error *err)
{
	struct dlg_local scratch;
	struct sip_uri uri;
	const char *why = "";

	if (!conf->uri || !sip_uri_parse(str_c(conf->uri), &uri, &why) ||
	    uri.scheme == SIP_SCHEME_OTHER)
		return lib_fail(err, -EINVAL, "\"%s\" is no SIP address: %s",
				conf->uri ? conf->uri : "", why ? why : "");
	if (!lib_codecs(conf->codecs, &scratch))
		return lib_fail(err, -EINVAL, "\"%s\" are no codecs of ours", conf->codecs);
	return 0;
}

static int begin(struct tsuwa_call *c, const struct tsuwa_call_conf *conf)
{
	int err;

	c->ctx = conf->ctx;
	if (conf->events)
		lib_take(&c->events, sizeof(c->events), conf->events, conf->events->size);
	c->echo = conf->echo;
	c->redirects = conf->max_redirects;
	c->local = c->ua->local;
	lib_codecs(conf->codecs, &c->wanted);
	err = lib_call_open_audio(c);
	return err ? err : lib_call_place(c, c->peer);
}

int tsuwa_call_new(struct tsuwa_ua *ua, const struct tsuwa_call_conf *given,
		   struct tsuwa_call **ret, struct tsuwa_error *err)
{
	struct tsuwa_call_conf conf;
	struct tsuwa_call *c;
	int code;

	lib_take(&conf, sizeof(conf), given, given->size);
	code = check_conf(&conf, err);
	if (code)
		return code;
	c = call_alloc(ua, str_c(conf.uri));
	if (!c)
		return lib_fail_errno(err, -ENOMEM);
	lib_ua_enter(ua);
	code = begin(c, &conf);
	if (code)
		call_free(c);
	lib_ua_leave(ua);
	if (code)
		return lib_fail_errno(err, code);
	*ret = c;
	return 0;
}

/* ---- being called ---- */

static unsigned offered(struct tsuwa_call *c)
{
	struct tsuwa_ua *u = c->ua;
	unsigned status;

	lib_call_enter(c);
	status = u->events.on_call(u->ctx, u, c);
	if (!lib_call_leave(c))
		return 0;
	return status && (status < 300 || status > 699) ? 480 : status;
}

void lib_call_incoming(struct tsuwa_ua *u, const struct sip_rx *rx)
{
	struct dlg_session_user user = lib_call_user;
	struct tsuwa_call *c;
	unsigned status;

	if (!u->events.on_call) {
		core_answer(u->core, rx, 480, STR_NONE, NULL, 0);
		return;
	}
	c = call_alloc(u, rx->head.from.uri_text);
	if (!c) {
		core_answer(u->core, rx, 503, STR_NONE, NULL, 0);
		return;
	}
	c->incoming = true;
	c->local = rx->flow.local;
	user.ctx = c;
	if (dlg_session_incoming(u->table, rx, &user, &c->session) != 0) {
		call_free(c); /* it was answered */
		return;
	}
	status = offered(c);
	if (!status)
		return;
	if (c->session)
		dlg_session_refuse(c->session, status, STR_NONE, STR_NONE);
	call_free(c);
}

void tsuwa_call_set_events(struct tsuwa_call *call, const struct tsuwa_call_events *events,
			   void *ctx)
{
	memset(&call->events, 0, sizeof(call->events));
	if (events)
		lib_take(&call->events, sizeof(call->events), events, events->size);
	call->ctx = ctx;
}

const struct tsuwa_message *tsuwa_call_invite(const struct tsuwa_call *call)
{
	const struct sip_rx *rx =
		call->incoming && call->session ? dlg_session_request(call->session) : NULL;
	struct tsuwa_call *c = (struct tsuwa_call *)call; /* the view is a cache */

	if (!rx)
		return NULL;
	c->invite = lib_message_view(&rx->msg);
	return &c->invite;
}

/* Does it still wait for an answer of ours? */
static bool rings(const struct tsuwa_call *c)
{
	return c->incoming && c->session && !c->up && !c->over && !c->hung_up;
}

int tsuwa_call_ring(struct tsuwa_call *call, unsigned status)
{
	int err;

	if (status < 101 || status > 199)
		return -EINVAL;
	if (!rings(call))
		return -ENOTCONN;
	lib_ua_enter(call->ua);
	err = dlg_session_ring(call->session, status, STR_NONE);
	lib_ua_leave(call->ua);
	return err;
}

static void refuse(struct tsuwa_call *c, unsigned status, struct str reason, const char *why)
{
	char room[200];
	struct buf warning = buf_over(room, sizeof(room));

	if (why)
		buf_fmt(&warning, "399 tsuwa \"%s\"", why);
	c->hung_up = true;
	dlg_session_refuse(c->session, status, reason, buf_str(&warning));
}

/* The description for the 200: the answer, or an offer where the INVITE had none.  200 or
 * the status to refuse with. */
static unsigned describe(struct tsuwa_call *c, struct buf *sdp, const char **why)
{
	struct str offer;

	if (lib_call_open_audio(c) != 0)
		return 503;
	if (dlg_session_offer(c->session, &offer))
		return talk_answer(&c->talk, offer, sdp, why);
	return talk_offer(&c->talk, sdp) ? 500 : 200;
}

static int answer(struct tsuwa_call *c)
{
	struct buf sdp = buf_heap(SDP_TEXT_MAX);
	const char *why = NULL;
	unsigned status = describe(c, &sdp, &why);

	if (status == 200 && dlg_session_answer(c->session, buf_str(&sdp)))
		status = 500;
	buf_free(&sdp);
	if (status != 200) {
		refuse(c, status, STR_NONE, why);
		return -EBADMSG;
	}
	c->up = true;
	lib_call_start_audio(c);
	return 0;
}

int tsuwa_call_answer(struct tsuwa_call *call)
{
	int err;

	if (!rings(call))
		return -ENOTCONN;
	lib_ua_enter(call->ua);
	err = answer(call);
	lib_ua_leave(call->ua);
	return err;
}

int tsuwa_call_reject(struct tsuwa_call *call, unsigned status, const char *reason)
{
	struct str words = str_c(reason);

	if (status < 300 || status > 699 || str_find(words, '\r') < words.n ||
	    str_find(words, '\n') < words.n)
		return -EINVAL;
	if (!rings(call))
		return -ENOTCONN;
	lib_ua_enter(call->ua);
	refuse(call, status, words, NULL);
	lib_ua_leave(call->ua);
	return 0;
}

/* ---- both ---- */

void tsuwa_call_hangup(struct tsuwa_call *call)
{
	call->hung_up = true; /* a 3xx is not followed any more */
	if (!call->session)
		return;
	lib_ua_enter(call->ua);
	dlg_session_hangup(call->session);
	lib_ua_leave(call->ua);
}

struct tsuwa_ua *tsuwa_call_ua(const struct tsuwa_call *call)
{
	return call->ua;
}

struct tsuwa_str tsuwa_call_peer(const struct tsuwa_call *call)
{
	return lib_out(call->peer);
}

struct tsuwa_str tsuwa_call_id(const struct tsuwa_call *call)
{
	return lib_out(call->session ? dlg_session_dialog(call->session)->call_id : STR(""));
}

bool tsuwa_call_is_up(const struct tsuwa_call *call)
{
	return call->up && !call->over;
}

int tsuwa_call_send(struct tsuwa_call *call, const char *method, const char *content_type,
		    const void *body, size_t n)
{
	struct str type = str_c(content_type);
	int err;

	if (!method || !method[0] || (n && !type.n) || str_find(type, '\n') < type.n ||
	    str_find(type, '\r') < type.n)
		return -EINVAL;
	if (!call->session || !call->up)
		return -ENOTCONN;
	lib_ua_enter(call->ua);
	err = dlg_session_send(call->session, str_c(method), type, str_of(body, n));
	lib_ua_leave(call->ua);
	return err;
}
