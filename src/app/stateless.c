#include "app/stateless.h"

#include "app/branch.h"
#include "app/route.h"
#include "core/client.h"

static void forward(struct app_shared *shared, struct core_request *req, const struct app_route *r)
{
	struct arena *arena = core_scratch(req->core);
	struct core_send send = { .next_hop = r->to[0] };
	char room[BRANCH_MAX];
	struct buf branch = buf_over(room, sizeof(room));
	struct sip_msg m;

	if (!sip_derive(&req->rx->msg, arena, &m))
		return;
	m.uri = app_policy_route_uri(r, 0, &req->uri, arena);
	route_lower_max_forwards(&m);
	branch_put(&branch, shared, req->rx);
	send.msg = &m;
	if (!branch.failed)
		core_send_stateless(req->core, &send, buf_str(&branch), NULL, NULL);
}

/* s16.1: between a datagram and a connection only a transaction makes sure that all arrives.  s16.11: what
 * must be looked up may be found elsewhere the next time.  A Route leads first. */
static bool needs_state(const struct core_request *req, const struct app_route *r)
{
	struct sip_uri to;
	bool by_stream;

	if (sip_has(&req->rx->msg, SIP_HDR_ROUTE) || !sip_uri_parse(r->to[0], &to, NULL) ||
	    !to.ip.family)
		return true;
	by_stream = to.scheme == SIP_SCHEME_SIPS || sip_uri_transport(&to, NULL) > TRANSPORT_UDP;
	return by_stream != flow_is_stream(&req->rx->flow);
}

static bool stateless_request(void *ctx, struct core_request *req)
{
	struct app_shared *shared = ctx;
	const struct app_route *r;

	if (req->in_dialog || req->rx->msg.method == SIP_REGISTER)
		return false;
	r = app_policy_route(shared->policy, &req->uri);
	if (!r || r->mode != APP_ROUTE_STATELESS || needs_state(req, r))
		return false;
	forward(shared, req, r);
	return true;
}

static bool stateless_response(void *ctx, struct core *core, const struct sip_rx *rx)
{
	struct app_shared *shared = ctx;
	struct flow flow;
	struct sip_msg m;

	/* s16.11: also the sent-by must be ours. */
	if (!branch_way_back(shared, rx, &flow) ||
	    !tport_is_us(core_tport(core), rx->head.via.host, rx->head.via.port) ||
	    !sip_derive(&rx->msg, core_scratch(core), &m))
		return false;
	sip_pop_value(&m, SIP_HDR_VIA);
	core_pass(core, &flow, &m);
	return true;
}

struct core_element stateless_element(struct app_shared *shared)
{
	return (struct core_element){
		.name = "stateless",
		.request = stateless_request,
		.response = stateless_response,
		.ctx = shared,
	};
}
