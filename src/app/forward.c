/* The message that goes on (RFC 3261 s16.6 steps 1 to 6), and our Record-Route in it. */
#include "app/proxy_internal.h"

#include "sip/params.h"

#define HOSTPORT_MAX 300

/* What we have checked is nobody else's business (s22.3). */
static void remove_our_credentials(const struct proxy *p, struct sip_msg *m)
{
	int i = sip_find(m, SIP_HDR_PROXY_AUTHORIZATION, 0);

	while (i >= 0) {
		struct sip_credentials c;

		if (sip_credentials_parse(sip_hdr_value(&m->hdr[i]), &c) &&
		    app_policy_domain(p->shared->policy, c.realm)) {
			sip_remove(m, (unsigned)i);
			i = sip_find(m, SIP_HDR_PROXY_AUTHORIZATION, (unsigned)i);
		} else {
			i = sip_find(m, SIP_HDR_PROXY_AUTHORIZATION, (unsigned)i + 1);
		}
	}
}

/* Step 6: a next hop that is a strict router gets itself as Request-URI, and the true one
 * as the last Route; step 7: it is the next hop all the same.  Empty: it is none. */
static struct str serve_strict_router(struct sip_msg *m)
{
	struct sip_nameaddr top;
	struct str ignored;

	if (!sip_nameaddr_get(m, SIP_HDR_ROUTE, &top, NULL) ||
	    sip_uri_param(&top.uri, STR("lr"), &ignored))
		return STR_NONE;
	sip_add(m, SIP_HDR_ROUTE, arena_fmt(m->arena, "<%.*s>", STR_ARG(m->uri)));
	m->uri = top.uri_text;
	sip_pop_value(m, SIP_HDR_ROUTE);
	return top.uri_text;
}

/* Step 2, s19.1.1: headers and a method have no place in a Request-URI. */
static struct str as_request_uri(struct arena *arena, struct str contact)
{
	struct str rest, method, text = contact;
	struct sip_param p;
	struct sip_uri u;
	struct buf b;
	char *room;

	/* Nothing to take away. */
	if (str_find(contact, ';') == contact.n && str_find(contact, '?') == contact.n)
		return contact;
	if (!sip_uri_parse(contact, &u, NULL) || u.scheme == SIP_SCHEME_TEL)
		return contact;
	if (u.headers.n)
		text = str_first(contact, (size_t)(u.headers.p - contact.p) - 1);
	if (!sip_uri_param(&u, STR("method"), &method))
		return text;
	room = arena_alloc(arena, text.n);
	b = buf_over(room, room ? text.n : 0);
	buf_puts(&b, str_first(contact, (size_t)(u.params.p - contact.p) - 1));
	for (rest = u.params; sip_param_next(&rest, &p);)
		if (!str_ieq(p.name, STR("method")))
			buf_fmt(&b, ";%.*s", STR_ARG(p.text));
	return b.failed ? text : buf_str(&b);
}

bool proxy_make(struct proxy *p, const struct sip_msg *req, struct arena *arena,
		const struct proxy_target *t, struct sip_msg *ret, struct str *ret_hop)
{
	if (!sip_derive(req, arena, ret))
		return false;
	if (!str_empty(t->uri))
		ret->uri = as_request_uri(arena, t->uri);
	route_lower_max_forwards(ret);
	remove_our_credentials(p, ret);
	if (!str_empty(t->path))
		sip_prepend(ret, SIP_HDR_ROUTE, t->path);
	*ret_hop = serve_strict_router(ret);
	return true;
}

bool proxy_needs_flow(const struct flow *flow, const struct sip_uri *contact)
{
	struct addr a = contact->ip;

	if (flow_is_stream(flow))
		return true;
	if (!a.family)
		return false;
	a.port = contact->port ? contact->port : 5060;
	return !addr_eq(&a, &flow->remote);
}

bool proxy_is_secured(const struct sip_msg *m)
{
	struct sip_nameaddr top;

	return str_istarts(m->uri, STR("sips:")) ||
	       (sip_nameaddr_get(m, SIP_HDR_ROUTE, &top, NULL) &&
		top.uri.scheme == SIP_SCHEME_SIPS);
}

static bool same_hostport(const struct tport *tport, const struct flow *a, const struct flow *b)
{
	char ra[HOSTPORT_MAX], rb[HOSTPORT_MAX];
	struct buf ba = buf_over(ra, sizeof(ra)), bb = buf_over(rb, sizeof(rb));

	if (a->listener != FLOW_NO_LISTENER && a->listener == b->listener)
		return true;
	tport_put_hostport(tport, a, &ba);
	tport_put_hostport(tport, b, &bb);
	return str_eq(buf_str(&ba), buf_str(&bb));
}

/* The value that faces the flow: sips: where that side is secured (s16.6 step 4). */
static void put_value(const struct proxy_context *x, const struct sip_rx *rx,
		      const struct flow *flow, bool sips, bool name_flow, struct buf *buf)
{
	route_put(buf, x->proxy->shared, core_tport(x->core), flow,
		  sips && transport_is_secure(flow->transport), rx->head.call_id, rx->head.from.tag,
		  name_flow ? flow : NULL);
}

/* One value where both sides see the same of us and can be reached by their Contact; else
 * two, the one that faces the callee on top (RFC 5658 s5). */
void proxy_put_record_route(const struct proxy_branch *b, const struct flow *flow, struct buf *buf)
{
	const struct proxy_context *x = b->context;
	const struct sip_rx *rx = x->server ? txn_server_request(x->server) : NULL;
	struct sip_nameaddr contact;
	bool name_caller, name_callee = b->name_flow;

	if (!rx || !x->record)
		return;
	name_caller = sip_nameaddr_get(&rx->msg, SIP_HDR_CONTACT, &contact, NULL) &&
		      proxy_needs_flow(&rx->flow, &contact.uri);
	put_value(x, rx, flow, b->sips, name_callee, buf);
	if (name_caller || name_callee || !same_hostport(core_tport(x->core), &rx->flow, flow))
		put_value(x, rx, &rx->flow, proxy_is_secured(&rx->msg), name_caller, buf);
}
