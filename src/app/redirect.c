#include "app/redirect.h"

static bool redirect_request(void *ctx, struct core_request *req)
{
	struct app_shared *shared = ctx;
	enum sip_method method = req->rx->msg.method;
	struct core_field contact = { SIP_HDR_CONTACT, STR_NONE };
	const struct app_route *r;
	struct arena *arena = core_scratch(req->core);

	if (req->in_dialog || method == SIP_CANCEL || method == SIP_REGISTER)
		return false;
	r = app_policy_route(shared->policy, &req->uri);
	if (!r || r->mode != APP_ROUTE_REDIRECT)
		return false;
	if (method == SIP_ACK)
		return true;
	contact.value = arena_fmt(arena, "<%.*s>",
				  STR_ARG(app_policy_route_uri(r, &req->uri, arena)));
	core_answer(req->core, req->rx, 302, STR(""), &contact, 1);
	return true;
}

struct core_element redirect_element(struct app_shared *shared)
{
	return (struct core_element){
		.name = "redirect", .request = redirect_request, .ctx = shared,
	};
}
