/* Where answers and further requests go: Via, Route, Record-Route, Contact. */
#include "lint/internal.h"

#include "base/flow.h"
#include "sip/params.h"

#define DATAGRAM_MAX 1300 /* RFC 3261 s18.1.1, when the path's MTU is not known */

enum reach { REACH_ALL, REACH_PRIVATE, REACH_LOOPBACK, REACH_NOWHERE };

/* RFC 1918, RFC 6598, RFC 4193; link-local, loopback; unspecified, multicast and broadcast. */
static enum reach reach_v4(const uint8_t ip[4])
{
	if (ip[0] == 0 || ip[0] >= 224)
		return REACH_NOWHERE;
	if (ip[0] == 127)
		return REACH_LOOPBACK;
	if (ip[0] == 10 || (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) ||
	    (ip[0] == 192 && ip[1] == 168) || (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128) ||
	    (ip[0] == 169 && ip[1] == 254))
		return REACH_PRIVATE;
	return REACH_ALL;
}

static enum reach reach_of(struct str host)
{
	static const uint8_t none[16] = {0}, loopback[16] = {[15] = 1};
	struct addr a;

	if (str_ieq(host, STR("localhost")))
		return REACH_LOOPBACK;
	if (!addr_parse_ip(host, &a) || !a.family)
		return REACH_ALL;
	if (a.family == 4)
		return reach_v4(a.ip);
	if (memcmp(a.ip, loopback, 16) == 0)
		return REACH_LOOPBACK;
	if (memcmp(a.ip, none, 16) == 0 || a.ip[0] == 0xff)
		return REACH_NOWHERE;
	return (a.ip[0] & 0xfe) == 0xfc || (a.ip[0] == 0xfe && (a.ip[1] & 0xc0) == 0x80)
		       ? REACH_PRIVATE
		       : REACH_ALL;
}

static const char *reach_word(enum reach r)
{
	return r == REACH_LOOPBACK  ? "an address of the host itself"
	       : r == REACH_PRIVATE ? "a private address"
				    : "no address that anybody has";
}

/* Below the top it is another's affair, and told once. */
static void branch(struct linter *l, const struct sip_via *v, bool top, bool *told)
{
	enum lint_level level = top ? LINT_WARNING : LINT_NOTE;

	if (v->is_rfc3261 && v->branch.n == SIP_BRANCH_COOKIE.n) {
		lint_add(l, LINT_ERROR, v->branch, "Via", "RFC 3261 s8.1.1.7",
			 "put random letters and digits behind the cookie",
			 "the branch is the magic cookie alone and names no transaction");
		return;
	}
	if (v->is_rfc3261 || *told)
		return;
	*told = !top;
	if (v->branch.n)
		lint_add(l, level, v->branch, "Via", "RFC 3261 s8.1.1.7",
			 "begin the branch with z9hG4bK",
			 "the branch lacks the magic cookie z9hG4bK: an element of RFC 2543 sent "
			 "it");
	else
		lint_add(l, level, v->text, "Via", "RFC 3261 s8.1.1.7",
			 "add ;branch=z9hG4bK and random letters and digits",
			 "Via has no branch: an element of RFC 2543 sent it");
}

static void sent_by(struct linter *l, const struct sip_via *v, bool top)
{
	enum reach r = reach_of(v->host);

	if (v->transport == TRANSPORT_NONE)
		lint_add(l, LINT_WARNING, v->transport_name, "Via", "RFC 3261 s20.42",
			 "UDP, TCP, TLS, WS or WSS", "transport that Tsuwa does not speak");
	if (r == REACH_NOWHERE)
		lint_add(l, LINT_WARNING, v->host, "Via", "RFC 3261 s18.1.1",
			 "name an address of the sender", "%.*s is %s", STR_ARG(v->host),
			 reach_word(r));
	else if (r != REACH_ALL && top && sip_is_request(&l->m))
		lint_add(l, LINT_NOTE, v->host, "Via", "RFC 3581 s4",
			 v->has_rport ? NULL : "add ;rport, so that answers pass a NAT",
			 "%.*s is %s; Tsuwa answers to where the request came from",
			 STR_ARG(v->host), reach_word(r));
}

static void via_params(struct linter *l, const struct sip_via *v)
{
	struct addr a;
	struct str received = v->received;

	if (received.n > 2 && received.p[0] == '[' && received.p[received.n - 1] == ']')
		received = str_of(received.p + 1, received.n - 2);
	if (received.n && (!addr_parse_ip(received, &a) || !a.family))
		lint_add(l, LINT_WARNING, v->received, "Via", "RFC 3261 s18.2.1",
			 "received is the source address of the request",
			 "received is no IP address");
	if (v->maddr.n)
		lint_add(l, LINT_NOTE, v->maddr, "Via", "RFC 3261 s18.2.2", NULL,
			 "maddr sends answers elsewhere; it is for multicast and hardly in use");
}

/* No two elements make the same branch; one that stands twice is a loop or a copy. */
static void repeated_branch(struct linter *l)
{
	struct sip_values outer = sip_values(&l->m, SIP_HDR_VIA), inner;
	struct sip_via v, w;
	struct str value, other;

	while (sip_values_next(&outer, &value)) {
		if (!sip_via_parse(value, &v, NULL) || !v.branch.n)
			continue;
		for (inner = outer; sip_values_next(&inner, &other);)
			if (sip_via_parse(other, &w, NULL) && str_eq(v.branch, w.branch) &&
			    str_ieq(v.sent_by, w.sent_by))
				lint_add(l, LINT_WARNING, w.branch, "Via", "RFC 3261 s16.6",
					 "every element makes a branch of its own",
					 "the same element and branch stand in two Vias");
	}
}

static void vias(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_VIA);
	struct sip_via via;
	struct str value;
	bool top = true, told = false;

	while (sip_values_next(&v, &value)) {
		if (sip_via_parse(value, &via, NULL)) {
			branch(l, &via, top, &told);
			sent_by(l, &via, top);
			via_params(l, &via);
		}
		top = false;
	}
	if (sip_count(&l->m, SIP_HDR_VIA) <= 16)
		repeated_branch(l);
}

static void size(struct linter *l)
{
	if (sip_is_request(&l->m) && l->head.via.transport == TRANSPORT_UDP &&
	    l->bytes.n > DATAGRAM_MAX)
		lint_add(l, LINT_WARNING, l->head.via.transport_name, "Via", "RFC 3261 s18.1.1",
			 "send it over TCP or TLS",
			 "a request of %zu bytes over UDP: above %u it may be cut into fragments, "
			 "which many networks drop",
			 l->bytes.n, DATAGRAM_MAX);
}

/* A route without lr is one of RFC 2543, which rewrites the Request-URI (s16.4). */
static void loose(struct linter *l, enum sip_hdr_id id)
{
	struct sip_values v = sip_values(&l->m, id);
	struct sip_nameaddr n;
	struct str value, lr;

	while (sip_values_next(&v, &value))
		if (sip_nameaddr_parse(value, &n, NULL) && !sip_uri_param(&n.uri, STR("lr"), &lr))
			lint_add(l, LINT_WARNING, n.uri_text, sip_hdr_id_name(id).p,
				 "RFC 3261 s19.1.1", "add ;lr to the URI",
				 "the route has no lr: a strict router of RFC 2543");
}

static void contact(struct linter *l, const struct sip_nameaddr *n)
{
	enum reach r = n->uri.scheme == SIP_SCHEME_SIP || n->uri.scheme == SIP_SCHEME_SIPS
			       ? reach_of(n->uri.host)
			       : REACH_ALL;
	bool unknown = false, secure;
	struct sip_uri to;

	if (r != REACH_ALL)
		lint_add(l, r == REACH_NOWHERE ? LINT_WARNING : LINT_NOTE, n->uri.host, "Contact",
			 "RFC 3261 s8.1.1.8", NULL, "%.*s is %s", STR_ARG(n->uri.host),
			 reach_word(r));
	sip_uri_transport(&n->uri, &unknown);
	if (unknown)
		lint_add(l, LINT_WARNING, n->uri_text, "Contact", "RFC 3261 s19.1.1",
			 "transport=udp, tcp, tls, ws or wss",
			 "transport that Tsuwa does not speak");
	secure = sip_is_request(&l->m) && sip_uri_parse(l->m.uri, &to, NULL) &&
		 to.scheme == SIP_SCHEME_SIPS && l->m.method == SIP_INVITE;
	if (secure && n->uri.scheme == SIP_SCHEME_SIP)
		lint_add(l, LINT_ERROR, n->uri_text, "Contact", "RFC 3261 s8.1.1.8",
			 "write it as sips:",
			 "the Request-URI is sips:, so the Contact must be too");
}

static void contacts(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_CONTACT);
	struct sip_nameaddr n;
	struct str value;

	while (sip_values_next(&v, &value))
		if (sip_nameaddr_parse(value, &n, NULL) && !n.star)
			contact(l, &n);
}

/* A URI whose parameters stand outside of angle brackets gives them to the field (s20). */
static void bare_transport(struct linter *l)
{
	struct sip_values v = sip_values(&l->m, SIP_HDR_CONTACT);
	struct sip_nameaddr n;
	struct str value, param;

	while (sip_values_next(&v, &value))
		if (sip_nameaddr_parse(value, &n, NULL) && !n.angle && !n.star &&
		    sip_param_get(n.params, STR("transport"), &param))
			lint_add(l, LINT_WARNING, value, "Contact", "RFC 3261 s20.10",
				 "write <sip:...;transport=...>",
				 "without angle brackets, transport is of the field and not of the "
				 "URI");
}

void lint_route(struct linter *l)
{
	vias(l);
	size(l);
	loose(l, SIP_HDR_ROUTE);
	loose(l, SIP_HDR_RECORD_ROUTE);
	loose(l, SIP_HDR_PATH);
	contacts(l);
	bare_transport(l);
}
