/* Recursion on 3xx where the operator wants it (RFC 3261 s16.7 step 4): the contacts of the
 * answer become branches, each URI once. */
#include "app/proxy_internal.h"

static bool same_uri(struct str a, struct str b)
{
	struct sip_uri ua, ub;

	if (str_eq(a, b))
		return true;
	return sip_uri_parse(a, &ua, NULL) && sip_uri_parse(b, &ub, NULL) &&
	       sip_uri_equal(&ua, &ub);
}

static bool has_branch(const struct proxy_context *x, struct str uri)
{
	LIST_EACH (n, &x->branches) {
		if (same_uri(container_of(n, struct proxy_branch, link)->uri, uri))
			return true;
	}
	return false;
}

/* The Request-URI too: it was, or its bindings were (s16.5: no target twice). */
bool proxy_was_tried(const struct proxy_context *x, struct str uri)
{
	if (same_uri(txn_server_request(x->server)->msg.uri, uri))
		return true;
	for (unsigned i = 0; i < x->n_targets; i++) {
		if (same_uri(x->targets[i].uri, uri))
			return true;
	}
	return has_branch(x, uri);
}

unsigned proxy_count_branches(const struct proxy_context *x)
{
	unsigned n = 0;

	LIST_EACH (l, &x->branches)
		n++;
	return n;
}

/* s16.5: a sips: request is not led to less. */
static bool may_follow(const struct proxy_context *x, const struct sip_nameaddr *c)
{
	const struct sip_rx *req = txn_server_request(x->server);
	struct sip_uri from;

	if (c->star || (c->uri.scheme != SIP_SCHEME_SIP && c->uri.scheme != SIP_SCHEME_SIPS))
		return false;
	if (sip_uri_parse(req->msg.uri, &from, NULL) && from.scheme == SIP_SCHEME_SIPS)
		return c->uri.scheme == SIP_SCHEME_SIPS;
	return true;
}

/* s16.5: what is not ours to place is not ours to place anew. */
static bool may_recurse(const struct proxy_context *x)
{
	return x->proxy->shared->policy->recurse && x->ours && !x->cancelled && !x->declined &&
	       x->server && txn_server_request(x->server);
}

unsigned proxy_recurse(struct proxy_context *x, const struct sip_rx *rx, bool *ret_all)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_CONTACT);
	struct str value;
	unsigned started = 0;

	*ret_all = true;
	if (!may_recurse(x))
		return 0;
	while (sip_values_next(&v, &value)) {
		struct sip_nameaddr c;
		struct proxy_target t = {0};

		if (!sip_nameaddr_parse(value, &c, NULL) || !may_follow(x, &c) ||
		    proxy_count_branches(x) >= x->proxy->shared->policy->max_forks) {
			*ret_all = false;
			continue;
		}
		if (proxy_was_tried(x, c.uri_text))
			continue;
		t.uri = c.uri_text;
		started += proxy_start_branch(x, &t) == 0;
	}
	return started;
}

void proxy_drop_followed(const struct proxy_context *x, const struct sip_msg *response,
			 struct sip_msg *m)
{
	struct sip_values v = sip_values(response, SIP_HDR_CONTACT);
	struct sip_nameaddr c;
	struct str value;

	sip_remove_all(m, SIP_HDR_CONTACT);
	while (sip_values_next(&v, &value)) {
		if (!sip_nameaddr_parse(value, &c, NULL) || !has_branch(x, c.uri_text))
			sip_add(m, SIP_HDR_CONTACT, value);
	}
}
