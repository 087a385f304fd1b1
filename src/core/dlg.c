/* The dialogs' door to this worker: what they send goes by core/uac.h with our Contact for
 * the way it takes. */
#include "core/dlg.h"

#include <errno.h>

#include "base/alloc.h"

/* Longer than any proxy's timer C: after so long without a word nobody is there any more, and a
 * final response was lost.  Who lets it ring says so once a minute (RFC 3261 s13.3.1.1). */
#define INVITE_SILENCE_MS 200000

struct core_dlg {
	struct core *core;
	struct str user;
	const struct core_account *account;
	struct dlg_env env;
};

struct dlg_request {
	struct core_dlg *d;
	struct core_uac *uac;
	bool secure;                    /* its Contact is a SIPS URI */
	struct dlg_request_user user;
};

/* SIPS where the request, its topmost Route or, of the peer's, its Record-Route or Contact is (s8.1.1.8,
 * s12.1.1). */
static bool is_secure(const struct sip_msg *m, enum sip_hdr_id route, bool asked)
{
	struct sip_nameaddr na;

	if (str_istarts(m->uri, STR("sips:")))
		return true;
	if (sip_nameaddr_get(m, route, &na, NULL))
		return na.uri.scheme == SIP_SCHEME_SIPS;
	return asked && sip_nameaddr_get(m, SIP_HDR_CONTACT, &na, NULL) &&
	       na.uri.scheme == SIP_SCHEME_SIPS;
}

static void put_contact_uri(struct core_dlg *d, const struct flow *flow, bool secure, struct buf *b)
{
	buf_puts(b, secure ? STR("<sips:") : STR("<sip:"));
	if (!str_empty(d->user)) {
		sip_put_escaped_user(b, d->user);
		buf_putc(b, '@');
	}
	tport_put_hostport(core_tport(d->core), flow, b);
	buf_putc(b, '>');
}

static void put_contact(void *ctx, const struct flow *flow, struct buf *b)
{
	struct dlg_request *r = ctx;

	buf_puts(b, STR("Contact: "));
	put_contact_uri(r->d, flow, r->secure, b);
	buf_puts(b, STR("\r\n"));
}

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct dlg_request *r = ctx;

	r->user.on_response(r->user.ctx, rx);
}

static void on_end(void *ctx, int err)
{
	struct dlg_request *r = ctx;
	struct dlg_request_user user = r->user;

	xfree(r);
	user.on_end(user.ctx, err);
}

static struct core_send send_of(const struct dlg_send *send)
{
	return (struct core_send){.msg = send->msg,
				  .next_hop = send->next_hop,
				  .flow = send->flow,
				  .timer_c_ms = INVITE_SILENCE_MS};
}

static int request(void *ctx, const struct dlg_send *send, uint32_t *cseq,
		   const struct dlg_request_user *user, struct dlg_request **ret)
{
	struct core_dlg *d = ctx;
	struct core_send out = send_of(send);
	struct core_uac_user uac_user = {.on_response = on_response, .on_end = on_end};
	struct dlg_request *r = xzalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->d = d;
	r->user = *user;
	r->secure = is_secure(send->msg, SIP_HDR_ROUTE, false);
	uac_user.ctx = r;
	if (send->contact)
		uac_user.put_fields = put_contact;
	err = core_uac_new(d->core, &out, d->account, cseq, &uac_user, &r->uac);
	if (err)
		xfree(r);
	else
		*ret = r;
	return err;
}

static void cancel(void *ctx, struct dlg_request *r, struct str headers)
{
	core_uac_cancel(r->uac, headers);
}

static void detach(void *ctx, struct dlg_request **pr)
{
	struct dlg_request *r = *pr;

	*pr = NULL;
	if (!r)
		return;
	core_uac_detach(&r->uac);
	xfree(r);
}

static int ack(void *ctx, struct dlg_request *invite, const struct dlg_send *send)
{
	struct core_dlg *d = ctx;
	struct core_send out = send_of(send);

	if (invite)
		core_uac_put_credentials(invite->uac, send->msg);
	return core_send_stateless(d->core, &out, STR_NONE, NULL, NULL);
}

static int accept(void *ctx, const struct sip_rx *rx, const struct txn_server_user *user,
		  struct txn_server **ret)
{
	struct core_dlg *d = ctx;

	return core_accept(d->core, rx, user, ret);
}

static int respond(void *ctx, struct txn_server *t, struct sip_msg *response,
		   const struct sip_rx *contact)
{
	struct core_dlg *d = ctx;
	char room[512];
	struct buf b = buf_over(room, sizeof(room));

	if (contact) {
		put_contact_uri(d, &contact->flow,
				is_secure(&contact->msg, SIP_HDR_RECORD_ROUTE, true), &b);
		if (!b.failed)
			sip_add(response, SIP_HDR_CONTACT, buf_str(&b));
	}
	return core_respond(d->core, t, response);
}

static void answer(void *ctx, const struct sip_rx *rx, unsigned status, struct str reason)
{
	struct core_dlg *d = ctx;

	core_answer(d->core, rx, status, reason, NULL, 0);
}

static void put_token(void *ctx, struct buf *b)
{
	struct core_dlg *d = ctx;

	core_put_token(d->core, b);
}

static void put_call_id(void *ctx, struct buf *b)
{
	struct core_dlg *d = ctx;

	core_put_call_id(d->core, b);
}

int core_dlg_new(struct core *c, struct str user, const struct core_account *account,
		 struct core_dlg **ret)
{
	struct core_dlg *d = xzalloc(sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->core = c;
	d->user = user;
	d->account = account;
	d->env = (struct dlg_env){
		.io = core_io(c),
		.product = core_product(c),
		.request = request,
		.cancel = cancel,
		.detach = detach,
		.ack = ack,
		.accept = accept,
		.respond = respond,
		.answer = answer,
		.put_token = put_token,
		.put_call_id = put_call_id,
		.ctx = d,
	};
	*ret = d;
	return 0;
}

void core_dlg_free(struct core_dlg **d)
{
	xfree(*d);
	*d = NULL;
}

const struct dlg_env *core_dlg_env(struct core_dlg *d)
{
	return &d->env;
}
