/* tsuwa/ua.h: single requests */
#include "lib/request.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/scan.h"
#include "lib/ua.h"

struct tsuwa_request {
	struct list link;
	struct lib_request r;
	void (*on_answer)(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_answer *answer);
	void *ctx;
};

/* ---- one request and its answer ---- */

static void finish(struct lib_request *r, const struct sip_rx *rx, int err)
{
	r->answered = true;
	r->done(r->ctx, rx, err, loop_now_ms(r->ua->loop) - r->sent_at_ms);
}

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct lib_request *r = ctx;

	if (rx->msg.status < 200 || r->answered)
		return;
	core_uac_detach(&r->uac);
	finish(r, rx, 0);
}

static void on_end(void *ctx, int err)
{
	struct lib_request *r = ctx;

	r->uac = NULL;
	if (!r->answered)
		finish(r, NULL, err ? err : -EIO);
}

static void put_fields(void *ctx, const struct flow *flow, struct buf *b)
{
	struct lib_request *r = ctx;

	if (r->put_fields)
		r->put_fields(r->ctx, flow, b);
}

/* What the library writes by itself. */
static bool is_ours(enum sip_hdr_id id)
{
	switch (id) {
	case SIP_HDR_VIA:
	case SIP_HDR_FROM:
	case SIP_HDR_TO:
	case SIP_HDR_CALL_ID:
	case SIP_HDR_CSEQ:
	case SIP_HDR_MAX_FORWARDS:
	case SIP_HDR_CONTENT_LENGTH:
	case SIP_HDR_CONTENT_TYPE:
	case SIP_HDR_USER_AGENT:
		return true;
	default:
		return false;
	}
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (cc_is(s.p[i], CC_CTL) && s.p[i] != '\t')
			return false;
	return true;
}

/* "Name: value" lines of the caller's. */
static bool add_headers(struct sip_msg *m, struct str lines)
{
	while (!str_empty(lines)) {
		struct str line = str_trim(str_split(&lines, '\n'));
		size_t colon = str_find(line, ':');
		struct str name = str_trim(str_first(line, colon));
		struct str value = str_trim(str_skip(line, colon + 1));

		if (str_empty(line))
			continue;
		if (colon == line.n || is_ours(sip_hdr_id_of(name)) || !is_clean(value) ||
		    !sip_add_named(m, name, value))
			return false;
	}
	return true;
}

static int fill(struct lib_request *r, const struct lib_outgoing *out, struct sip_msg *m,
		struct arena *a)
{
	struct tsuwa_ua *u = r->ua;
	char from_room[600], tag_room[64], id_room[128];
	struct buf from = buf_over(from_room, sizeof(from_room));
	struct buf tag = buf_over(tag_room, sizeof(tag_room));
	struct buf id = buf_over(id_room, sizeof(id_room));

	lib_ua_put_from(u, &from);
	core_put_token(u->core, &tag);
	buf_fmt(&from, ";tag=%.*s", STR_ARG(buf_str(&tag)));
	if (str_empty(out->call_id))
		core_put_call_id(u->core, &id);
	else
		buf_puts(&id, out->call_id);
	sip_request_init(m, a, out->method, out->uri);
	sip_add(m, SIP_HDR_MAX_FORWARDS, STR("70"));
	sip_add(m, SIP_HDR_FROM, arena_str(a, buf_str(&from)));
	sip_add(m, SIP_HDR_TO, out->to);
	sip_add(m, SIP_HDR_CALL_ID, arena_str(a, buf_str(&id)));
	sip_addf(m, SIP_HDR_CSEQ, "%u %.*s", r->cseq, STR_ARG(out->method));
	sip_add(m, SIP_HDR_USER_AGENT, core_product(u->core));
	if (m->failed)
		return -ENOMEM;
	if (!add_headers(m, out->headers))
		return -EINVAL;
	if (!str_empty(out->body))
		sip_set_body(m, out->content_type, out->body);
	return from.failed || id.failed ? -EMSGSIZE : 0;
}

int lib_request_send(struct lib_request *r, const struct lib_outgoing *out)
{
	struct tsuwa_ua *u = r->ua;
	struct core_uac_user user = {on_response, on_end, put_fields, r};
	const struct core_account *account =
		str_empty(u->credentials.user) ? NULL : &u->credentials;
	char room[8192], hop_room[300];
	struct buf hop = buf_over(hop_room, sizeof(hop_room));
	struct arena a;
	struct sip_msg m;
	struct core_send send = {.msg = &m};
	int err = -EMSGSIZE;

	lib_request_drop(r);
	r->cseq++;
	r->answered = false;
	r->sent_at_ms = loop_now_ms(u->loop);
	lib_ua_put_next_hop(u, out->uri, &hop);
	send.next_hop = buf_str(&hop);
	arena_init(&a, room, sizeof(room), 0);
	if (!hop.failed)
		err = fill(r, out, &m, &a);
	if (!err)
		err = core_uac_new(u->core, &send, account, &r->cseq, &user, &r->uac);
	arena_fini(&a);
	return err;
}

void lib_request_drop(struct lib_request *r)
{
	if (r->uac)
		core_uac_detach(&r->uac);
}

/* ---- the caller's ---- */

struct tsuwa_answer lib_answer(const struct tsuwa_message *view, int err, uint64_t ms)
{
	struct tsuwa_answer a = {.err = err, .ms = ms < UINT32_MAX ? (unsigned)ms : UINT32_MAX};

	if (view) {
		a.status = view->msg->status;
		a.reason = lib_out(view->msg->reason);
		a.message = view;
	}
	return a;
}

static void request_free(struct tsuwa_request *q)
{
	lib_request_drop(&q->r);
	list_unlink(&q->link);
	xfree(q);
}

void tsuwa_request_free(struct tsuwa_request **pq)
{
	struct tsuwa_request *q = *pq;

	*pq = NULL;
	if (q)
		request_free(q);
}

void lib_requests_free(struct tsuwa_ua *u)
{
	LIST_EACH (l, &u->requests)
		request_free(container_of(l, struct tsuwa_request, link));
}

static void on_done(void *ctx, const struct sip_rx *rx, int err, uint64_t ms)
{
	struct tsuwa_request *q = ctx, old = *q;
	struct tsuwa_message view;
	struct tsuwa_answer answer;

	if (rx)
		view = lib_message_view(&rx->msg);
	answer = lib_answer(rx ? &view : NULL, err, ms);
	request_free(q);
	if (old.on_answer)
		old.on_answer(old.ctx, old.r.ua, &answer);
}

/* Those have more to them than one request. */
static bool may_send(struct str method)
{
	switch (sip_method_of(method)) {
	case SIP_INVITE:
	case SIP_ACK:
	case SIP_CANCEL:
	case SIP_BYE:
	case SIP_PRACK:
	case SIP_UPDATE:
	case SIP_REGISTER:
		return false;
	default:
		break;
	}
	for (size_t i = 0; i < method.n; i++)
		if (!cc_is(method.p[i], CC_TOKEN))
			return false;
	return method.n > 0;
}

static int send_out(struct tsuwa_request *q, const struct tsuwa_request_conf *conf)
{
	struct lib_outgoing out = {.method = str_c(conf->method),
				   .uri = str_c(conf->uri),
				   .headers = str_c(conf->headers),
				   .content_type = str_c(conf->content_type),
				   .body = str_of(conf->body, conf->body_n)};
	char to_room[600];
	struct buf to = buf_over(to_room, sizeof(to_room));
	struct sip_uri uri;

	if (!may_send(out.method) || !sip_uri_parse(out.uri, &uri, NULL) ||
	    uri.scheme == SIP_SCHEME_OTHER || !is_clean(out.content_type) ||
	    (out.body.n && !out.content_type.n))
		return -EINVAL;
	buf_fmt(&to, "<%.*s>", STR_ARG(out.uri));
	if (to.failed)
		return -EMSGSIZE;
	out.to = buf_str(&to);
	return lib_request_send(&q->r, &out);
}

int tsuwa_ua_request(struct tsuwa_ua *ua, const struct tsuwa_request_conf *given,
		     struct tsuwa_request **ret)
{
	struct tsuwa_request *q = xzalloc(sizeof(*q));
	struct tsuwa_request_conf conf;
	int err;

	if (!q)
		return -ENOMEM;
	lib_take(&conf, sizeof(conf), given, given->size);
	q->r = (struct lib_request){.ua = ua, .done = on_done, .ctx = q};
	q->on_answer = conf.on_answer;
	q->ctx = conf.ctx;
	list_append(&ua->requests, &q->link);
	lib_ua_enter(ua);
	err = send_out(q, &conf);
	lib_ua_leave(ua);
	if (err)
		request_free(q);
	else if (ret)
		*ret = q;
	return err;
}
