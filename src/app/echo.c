#include "app/echo.h"

#include <errno.h>

#include "app/talk.h"
#include "base/alloc.h"
#include "core/dlg.h"
#include "dlg/session.h"

#define SHOWN_MAX 256 /* bytes of each name that is kept for the operator */

struct echo {
	struct app_shared *shared;
	struct media *media;
	struct core *core;
	struct core_dlg *dlg;
	struct dlg_table *table;
	struct list calls;
	size_t n_calls;
};

struct call {
	struct list link;
	struct echo *echo;
	struct dlg_session *session;
	struct talk talk;
	uint64_t since_ms;
	size_t id_n, from_n, to_n;
	char text[]; /* Call-ID, From and To, as the operator sees them */
};

static void call_free(struct call *c)
{
	dlg_session_detach(&c->session);
	talk_fini(&c->talk);
	list_unlink(&c->link);
	c->echo->n_calls--;
	xfree(c);
}

/* ---- what the dialog and the media say ---- */

static unsigned on_offer(void *ctx, struct str sdp, struct buf *answer)
{
	struct call *c = ctx;
	const char *why;

	return talk_answer(&c->talk, sdp, answer, &why);
}

static unsigned on_want_offer(void *ctx, struct buf *offer)
{
	struct call *c = ctx;

	return talk_offer(&c->talk, offer) ? 500 : 200;
}

static bool on_answer(void *ctx, struct str sdp)
{
	struct call *c = ctx;

	return talk_accept(&c->talk, sdp) == 0;
}

static void on_ended(void *ctx, const struct dlg_end *end)
{
	struct call *c = ctx;

	c->session = NULL;
	call_free(c);
}

static void on_media(void *ctx, enum media_event event, int value)
{
	struct call *c = ctx;

	if (event == MEDIA_TIMEOUT && c->session)
		dlg_session_hangup(c->session);
}

/* ---- calls ---- */

static int call_new(struct echo *e, const struct sip_rx *rx, struct call **ret)
{
	struct io *io = core_io(e->core);
	struct str call_id = str_first(rx->head.call_id, SHOWN_MAX);
	struct str from = str_first(rx->head.from.uri_text, SHOWN_MAX);
	struct str to = str_first(rx->head.to.uri_text, SHOWN_MAX);
	struct call *c = xzalloc(sizeof(*c) + call_id.n + from.n + to.n);
	struct media_user user = {on_media, c};
	uint64_t id = 0;
	int err;

	if (!c)
		return -ENOMEM;
	io->ops->random(io, &id, sizeof(id));
	err = talk_init(&c->talk, e->media, &rx->flow.local, id, MEDIA_ECHO, &user);
	if (err) {
		log_warn(io->log, "no media for a call to echo: errno=%d", -err);
		xfree(c);
		return err;
	}
	c->echo = e;
	c->since_ms = io->ops->wall_ms(io);
	c->id_n = call_id.n;
	c->from_n = from.n;
	c->to_n = to.n;
	memcpy(c->text, call_id.p, call_id.n);
	memcpy(c->text + c->id_n, from.p, from.n);
	memcpy(c->text + c->id_n + c->from_n, to.p, to.n);
	list_append(&e->calls, &c->link);
	e->n_calls++;
	*ret = c;
	return 0;
}

/* 200 at once.  An offer that is refused is told why. */
static void answer(struct call *c)
{
	char room[160];
	struct buf sdp = buf_heap(SDP_TEXT_MAX), warning = buf_over(room, sizeof(room));
	const char *why = NULL;
	unsigned status = 200;
	struct str offer;

	if (dlg_session_offer(c->session, &offer))
		status = talk_answer(&c->talk, offer, &sdp, &why);
	else if (talk_offer(&c->talk, &sdp))
		status = 500;
	if (status == 200 && dlg_session_answer(c->session, buf_str(&sdp)))
		status = 500;
	if (status != 200) {
		if (why)
			buf_fmt(&warning, "399 tsuwa \"%s\"", why);
		dlg_session_refuse(c->session, status, STR_NONE, buf_str(&warning));
	}
	buf_free(&sdp);
}

static void invited(struct echo *e, const struct sip_rx *rx)
{
	static const struct core_field retry = {SIP_HDR_RETRY_AFTER, STR_INIT("5")};
	struct dlg_session_user user = {.on_offer = on_offer,
					.on_want_offer = on_want_offer,
					.on_answer = on_answer,
					.on_ended = on_ended};
	struct call *c;

	if (call_new(e, rx, &c) != 0) {
		core_answer(e->core, rx, 503, STR_NONE, &retry, 1);
		return;
	}
	user.ctx = c;
	if (dlg_session_incoming(e->table, rx, &user, &c->session) != 0)
		call_free(c); /* it was answered */
	else
		answer(c);
}

/* ---- the element ---- */

static bool is_for_echo(const struct core_request *req)
{
	char room[64];
	struct buf user = buf_over(room, sizeof(room));

	if (!req->ours || req->uri.scheme == SIP_SCHEME_TEL)
		return false;
	sip_uri_put_user(&req->uri, &user);
	return !user.failed && str_eq(buf_str(&user), STR("echo"));
}

static void outside_dialogs(struct echo *e, const struct sip_rx *rx)
{
	if (!dlg_table_check(e->table, rx))
		return;
	if (rx->msg.method == SIP_INVITE)
		invited(e, rx);
	else if (rx->msg.method == SIP_OPTIONS || rx->msg.method == SIP_MESSAGE)
		dlg_table_ok(e->table, rx);
	else
		dlg_table_unknown(e->table, rx);
}

static bool within_dialog(void *ctx, struct core_request *req)
{
	struct echo *e = ctx;

	return !str_empty(req->rx->head.to.tag) && dlg_table_request(e->table, req->rx);
}

static bool on_request(void *ctx, struct core_request *req)
{
	struct echo *e = ctx;

	if (!is_for_echo(req))
		return false;
	if (!str_empty(req->rx->head.to.tag) || req->rx->msg.method == SIP_ACK)
		dlg_table_unknown(e->table, req->rx);
	else if (txn_server_is_merged(core_txns(e->core), req->rx)) /* s8.2.2.2 */
		core_answer(e->core, req->rx, 482, STR_NONE, NULL, 0);
	else
		outside_dialogs(e, req->rx);
	return true;
}

int echo_new(struct app_shared *shared, struct media *media, struct echo **ret)
{
	struct echo *e = xzalloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->shared = shared;
	e->media = media;
	list_init(&e->calls);
	*ret = e;
	return 0;
}

void echo_free(struct echo **pe)
{
	struct echo *e = *pe;

	if (!e)
		return;
	*pe = NULL;
	dlg_table_free(&e->table); /* says BYE */
	LIST_EACH (l, &e->calls) {
		struct call *c = container_of(l, struct call, link);

		c->session = NULL;
		call_free(c);
	}
	core_dlg_free(&e->dlg);
	xfree(e);
}

struct core_element echo_dialogs_element(struct echo *e)
{
	return (struct core_element){.name = "echo calls", .request = within_dialog, .ctx = e};
}

struct core_element echo_element(struct echo *e)
{
	return (struct core_element){.name = "echo", .request = on_request, .ctx = e};
}

int echo_start(struct echo *e, struct core *core)
{
	struct dlg_conf conf = {0};
	int err = core_dlg_new(core, STR("echo"), NULL, &e->dlg);

	if (err)
		return err;
	e->core = core;
	conf.env = core_dlg_env(e->dlg);
	return dlg_table_new(&conf, &e->table);
}

size_t echo_calls(const struct echo *e)
{
	return e->n_calls;
}

void echo_each(const struct echo *e, void (*fn)(void *ctx, const struct echo_call *c), void *ctx)
{
	LIST_EACH (l, &e->calls) {
		const struct call *c = container_of(l, struct call, link);
		const char *from = c->text + c->id_n;
		struct echo_call shown = {
			.call_id = str_of(c->text, c->id_n),
			.from = str_of(from, c->from_n),
			.to = str_of(from + c->from_n, c->to_n),
			.since_ms = c->since_ms,
		};

		fn(ctx, &shown);
	}
}
