/* Where a request goes (RFC 3261 s16.5): by its dialog's route, by the operator's routes, by
 * the location service, or to who it names. */
#include "app/contact.h"
#include "app/proxy_internal.h"

struct proxy_target *proxy_target_list(struct arena *arena)
{
	struct proxy_target *list = arena_alloc(arena, sizeof(*list) * LOC_MAX_CONTACTS);

	if (list)
		list[0] = (struct proxy_target){0};
	return list;
}

static int by_route(const struct app_route *r, struct core_request *req, struct proxy_target *t)
{
	t->uri = app_policy_route_uri(r, 0, &req->uri, core_scratch(req->core));
	return t->uri.p ? 1 : -500;
}

/* The flow that a binding came by, as it can be used now; a listener may be another than before a
 * restart. */
static void usable_flow(struct core *core, const struct loc_binding *b, struct flow *ret)
{
	const struct tport_listener *l;

	if (!b->flow_alive)
		return;
	l = tport_listener_of(core_tport(core), &b->flow);
	if (flow_is_stream(&b->flow) ||
	    (l && l->transport == TRANSPORT_UDP && l->bound.family == b->flow.remote.family))
		*ret = b->flow;
	else
		tport_flow_to(core_tport(core), TRANSPORT_UDP, &b->flow.remote, ret);
}

/* A Route that is left leads first, not the way that the phone came (s16.6 step 7). */
static void from_binding(struct core *core, const struct sip_msg *req, const struct loc_binding *b,
			 struct proxy_target *t)
{
	*t = (struct proxy_target){
		.uri = b->contact, .path = b->path, .q1000 = b->q1000, .local = true};
	if (str_empty(b->path) && !sip_has(req, SIP_HDR_ROUTE))
		usable_flow(core, b, &t->flow);
}

/* What is to go by TLS alone goes to no phone that does not say it has it (RFC 5630 s5.3); a request has
 * no way to a number or a mailbox. */
static bool may_reach(const struct sip_msg *req, const struct loc_binding *b)
{
	if (str_istarts(b->contact, STR("sips:")))
		return true;
	return str_istarts(b->contact, STR("sip:")) && !str_istarts(req->uri, STR("sips:"));
}

/* Several flows of one device are one target (s16.5, RFC 5626 s7); the first is the best. */
static bool is_known_device(const struct sip_msg *req, const struct loc_binding *list, int i)
{
	for (int k = 0; k < i && !str_empty(list[i].instance); k++) {
		if (str_eq(list[k].instance, list[i].instance) && may_reach(req, &list[k]))
			return true;
	}
	return false;
}

int proxy_locate(struct proxy *p, struct core *core, const struct sip_msg *req, struct str aor,
		 struct arena *arena, struct proxy_target *list)
{
	struct io *io = core_io(core);
	struct loc_binding *bindings = NULL;
	unsigned max = p->shared->policy->max_forks, found = 0;
	int n = loc_lookup(p->loc, aor, io->ops->wall_ms(io), arena, &bindings);

	if (n <= 0)
		return n < 0 ? -500 : 0;
	for (int i = 0; i < n && found < max; i++) {
		if (may_reach(req, &bindings[i]) && !is_known_device(req, bindings, i))
			from_binding(core, req, &bindings[i], &list[found++]);
	}
	return found ? (int)found : -480;
}

static int by_location(struct proxy *p, struct core_request *req, struct proxy_target *list)
{
	int n = proxy_locate(p, req->core, &req->rx->msg, req->aor, core_scratch(req->core),
			     list);

	return n ? n : -(int)contact_absent(p->shared, req);
}

int proxy_find_targets(struct proxy *p, struct core_request *req, struct proxy_target **ret)
{
	struct proxy_target *list = proxy_target_list(core_scratch(req->core));
	const struct app_route *route;
	int n;

	if (!list)
		return -500;
	*ret = list;
	if (req->in_dialog) {
		list[0].flow = req->token;
		/* s16.5: a Request-URI that is an AoR of ours is looked up also in a dialog. */
		if (!req->ours || req->token.transport != TRANSPORT_NONE ||
		    sip_has(&req->rx->msg, SIP_HDR_ROUTE))
			return 1;
	}
	route = app_policy_route(p->shared->policy, &req->uri);
	/* A number is a device's of the domain before it is a trunk's. */
	n = req->number ? by_location(p, req, list) : 0;
	if (n > 0 || (n < 0 && !route))
		return n;
	if (route)
		return by_route(route, req, list);
	if (req->ours)
		return by_location(p, req, list);
	return 1;
}
