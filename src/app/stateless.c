#include "app/stateless.h"

#include "app/route.h"
#include "core/client.h"

/* z9hG4bK-s FLOW MAC; the MAC ties the flow to the Via below ours. */
#define BRANCH_PREFIX STR("z9hG4bK-s")
#define MAC_HEX 16

static void put_mac(struct buf *b, const struct app_shared *shared, struct str flow,
		    const struct sip_via *below)
{
	struct hash_seed seed;
	uint64_t h;

	memcpy(&seed, shared->route_key, sizeof(seed));
	h = hash_str(&seed, flow);
	h = hash_mix(h, hash_str(&seed, below->branch));
	h = hash_mix(h, hash_str(&seed, below->sent_by));
	h = hash_bytes(&seed, &h, sizeof(h));
	buf_put_hex(b, &h, sizeof(h));
}

static void put_branch(struct buf *b, const struct app_shared *shared, const struct sip_rx *rx)
{
	size_t at;

	buf_puts(b, BRANCH_PREFIX);
	at = b->n;
	route_put_flow(b, &rx->flow);
	if (!b->failed)
		put_mac(b, shared, str_of(b->p + at, b->n - at), &rx->head.via);
}

static void forward(struct app_shared *shared, struct core_request *req, const struct app_route *r)
{
	struct arena *arena = core_scratch(req->core);
	struct core_send send = { .next_hop = r->to[0] };
	char room[128];
	struct buf branch = buf_over(room, sizeof(room));
	struct sip_msg m;

	if (!sip_derive(&req->rx->msg, arena, &m))
		return;
	m.uri = app_policy_route_uri(r, 0, &req->uri, arena);
	route_lower_max_forwards(&m);
	put_branch(&branch, shared, req->rx);
	send.msg = &m;
	if (!branch.failed)
		core_send_stateless(req->core, &send, buf_str(&branch), NULL, NULL);
}

static bool stateless_request(void *ctx, struct core_request *req)
{
	struct app_shared *shared = ctx;
	const struct app_route *r;

	if (req->in_dialog || req->rx->msg.method == SIP_REGISTER)
		return false;
	r = app_policy_route(shared->policy, &req->uri);
	if (!r || r->mode != APP_ROUTE_STATELESS)
		return false;
	forward(shared, req, r);
	return true;
}

/* Ours, when the MAC fits the Via below. */
static bool way_back(const struct app_shared *shared, const struct sip_rx *rx, struct flow *ret)
{
	struct str text = rx->head.via.branch, flow, value;
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_VIA);
	char room[MAC_HEX];
	struct buf mac = buf_over(room, sizeof(room));
	struct sip_via below;

	if (!str_starts(text, BRANCH_PREFIX) || text.n <= BRANCH_PREFIX.n + MAC_HEX)
		return false;
	text = str_skip(text, BRANCH_PREFIX.n);
	flow = str_first(text, text.n - MAC_HEX);
	if (!sip_values_next(&v, &value) || !sip_values_next(&v, &value) ||
	    !sip_via_parse(value, &below, NULL))
		return false;
	put_mac(&mac, shared, flow, &below);
	return str_eq_secret(buf_str(&mac), str_skip(text, flow.n)) && route_get_flow(flow, ret);
}

static bool stateless_response(void *ctx, struct core *core, const struct sip_rx *rx)
{
	struct app_shared *shared = ctx;
	struct flow flow;
	struct sip_msg m;

	if (!way_back(shared, rx, &flow) || !sip_derive(&rx->msg, core_scratch(core), &m))
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
