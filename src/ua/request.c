#include "ua/request.h"

#include <errno.h>

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct ua_request *r = ctx;

	if (rx->msg.status < 200 || r->answered)
		return;
	r->answered = true;
	core_uac_detach(&r->uac);
	r->done(r->ctx, rx, 0);
}

static void on_end(void *ctx, int err)
{
	struct ua_request *r = ctx;

	r->uac = NULL;
	if (r->answered)
		return;
	r->answered = true;
	r->done(r->ctx, NULL, err ? err : -EIO);
}

static void put_fields(void *ctx, const struct flow *flow, struct buf *b)
{
	struct ua_request *r = ctx;

	if (r->put_fields)
		r->put_fields(r->ctx, flow, b);
}

static bool fill(struct ua_request *r, const struct ua_outgoing *out, struct sip_msg *m,
		 struct arena *a)
{
	struct ua *u = r->ua;
	char from_room[600], tag_room[64], id_room[128];
	struct buf from = buf_over(from_room, sizeof(from_room));
	struct buf tag = buf_over(tag_room, sizeof(tag_room));
	struct buf id = buf_over(id_room, sizeof(id_room));

	ua_put_from(u, &from);
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
	for (unsigned i = 0; i < out->n_fields; i++)
		sip_add(m, out->fields[i].id, out->fields[i].value);
	if (!str_empty(out->body))
		sip_set_body(m, out->content_type, out->body);
	return !from.failed && !id.failed;
}

int ua_request_send(struct ua_request *r, const struct ua_outgoing *out)
{
	struct ua *u = r->ua;
	struct core_uac_user user = {on_response, on_end, put_fields, r};
	const struct core_account *account =
		str_empty(u->credentials.user) ? NULL : &u->credentials;
	char room[8192], hop_room[300];
	struct buf hop = buf_over(hop_room, sizeof(hop_room));
	struct arena a;
	struct sip_msg m;
	struct core_send send = {.msg = &m};
	int err = -EMSGSIZE;

	ua_request_drop(r);
	r->cseq++;
	r->answered = false;
	r->sent_at_ms = loop_now_ms(u->loop);
	ua_put_next_hop(u, out->uri, &hop);
	send.next_hop = buf_str(&hop);
	arena_init(&a, room, sizeof(room), 0);
	if (!hop.failed && fill(r, out, &m, &a))
		err = core_uac_new(u->core, &send, account, &r->cseq, &user, &r->uac);
	arena_fini(&a);
	return err;
}

void ua_request_drop(struct ua_request *r)
{
	if (r->uac)
		core_uac_detach(&r->uac);
}
