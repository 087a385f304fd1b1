#include "dlg/dialog.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"

void dlg_dialog_fini(struct dlg_dialog *d)
{
	xfree(d->block);
	str_free(&d->target_own);
	memset(d, 0, sizeof(*d));
}

static struct str put(char **at, struct str s)
{
	struct str copy = str_of(*at, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

/* The Record-Route values of rx as one comma list; in the order of the message or
 * turned around (s12.1.2).  room NULL: only measures. */
static size_t gather_routes(const struct sip_msg *m, bool reverse, size_t total, char *room)
{
	struct sip_values v = sip_values(m, SIP_HDR_RECORD_ROUTE);
	struct str one;
	size_t n = 0;

	while (sip_values_next(&v, &one)) {
		size_t len = one.n + (n ? 2 : 0);

		if (room && reverse) {
			memcpy(room + total - n - len, one.p, one.n);
			if (n)
				memcpy(room + total - n - 2, ", ", 2);
		} else if (room) {
			if (n)
				memcpy(room + n, ", ", 2);
			memcpy(room + n + len - one.n, one.p, one.n);
		}
		n += len;
	}
	return n;
}

static bool contact_uri(const struct sip_msg *m, struct str *ret)
{
	struct sip_nameaddr c;

	if (!sip_nameaddr_get(m, SIP_HDR_CONTACT, &c, NULL) || c.star || str_empty(c.uri_text))
		return false;
	*ret = c.uri_text;
	return true;
}

struct parts {
	struct str call_id, local, local_tag, remote, remote_tag, target;
	bool add_tag; /* local lacks it */
	bool reverse; /* the route set */
};

/* The route set is that of rx, or what is given. */
static int make(const struct parts *p, const struct sip_rx *rx, struct str given,
		struct dlg_dialog *ret)
{
	struct dlg_dialog d = {0};
	size_t routes = rx ? gather_routes(&rx->msg, p->reverse, 0, NULL) : given.n;
	size_t tag = p->add_tag ? 5 + p->local_tag.n : 0;
	char *at;

	at = d.block = xmalloc(p->call_id.n + p->local.n + tag + p->remote.n + p->local_tag.n +
			       p->remote_tag.n + routes + 1);
	if (!d.block || str_dup(p->target, &d.target_own) != 0) {
		dlg_dialog_fini(&d);
		return -ENOMEM;
	}
	d.target = d.target_own;
	d.call_id = put(&at, p->call_id);
	d.local = put(&at, p->local);
	if (p->add_tag) {
		put(&at, STR(";tag="));
		put(&at, p->local_tag);
		d.local.n += tag;
	}
	d.remote = put(&at, p->remote);
	d.local_tag = put(&at, p->local_tag);
	d.remote_tag = put(&at, p->remote_tag);
	d.routes = str_of(at, routes);
	if (rx)
		gather_routes(&rx->msg, p->reverse, routes, at);
	else
		put(&at, given);
	*ret = d;
	return 0;
}

int dlg_dialog_start(struct str call_id, struct str local, struct str local_tag, struct str remote,
		     struct str target, struct str routes, struct dlg_dialog *ret)
{
	struct parts p = {
		.call_id = call_id,
		.local = local,
		.local_tag = local_tag,
		.remote = remote,
		.target = target,
	};

	return make(&p, NULL, routes, ret);
}

/* What the peer sends comes straight from it, without a proxy, and it takes requests where it
 * sends from: on a connection, or as its rport says (RFC 3581). */
static bool is_direct(const struct sip_rx *rx)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_VIA);
	struct str one;

	return !sip_has(&rx->msg, SIP_HDR_RECORD_ROUTE) && sip_values_next(&v, &one) &&
	       !sip_values_next(&v, &one) && (flow_is_stream(&rx->flow) || rx->head.via.has_rport);
}

int dlg_dialog_uas(const struct sip_rx *rx, struct str local_tag, struct dlg_dialog *ret)
{
	struct parts p = {
		.call_id = rx->head.call_id,
		.local = rx->head.to.text,
		.local_tag = local_tag,
		.add_tag = str_empty(rx->head.to.tag),
		.remote = rx->head.from.text,
		.remote_tag = rx->head.from.tag,
		.target = rx->head.from.uri_text,
	};
	int err;

	contact_uri(&rx->msg, &p.target);
	if (str_empty(p.target))
		return -EBADMSG;
	err = make(&p, rx, STR_NONE, ret);
	if (err)
		return err;
	if (is_direct(rx))
		ret->flow = rx->flow;
	ret->remote_cseq = rx->head.cseq.number;
	ret->has_remote_cseq = true;
	return 0;
}

int dlg_dialog_uac(const struct sip_rx *rx, struct str local, struct str local_tag,
		   struct dlg_dialog *ret)
{
	struct parts p = {
		.call_id = rx->head.call_id,
		.local = local,
		.local_tag = local_tag,
		.remote = rx->head.to.text,
		.remote_tag = rx->head.to.tag,
		.target = rx->head.to.uri_text,
		.reverse = true,
	};

	contact_uri(&rx->msg, &p.target);
	if (str_empty(p.target))
		return -EBADMSG;
	return make(&p, rx, STR_NONE, ret);
}

bool dlg_dialog_is_for(const struct dlg_dialog *d, const struct sip_rx *rx)
{
	return str_eq(d->call_id, rx->head.call_id) && str_eq(d->local_tag, rx->head.to.tag) &&
	       str_eq(d->remote_tag, rx->head.from.tag);
}

int dlg_dialog_refresh(struct dlg_dialog *d, const struct sip_rx *rx)
{
	struct str uri, copy;

	if (d->flow.transport && sip_is_request(&rx->msg))
		d->flow = rx->flow;
	if (!contact_uri(&rx->msg, &uri) || str_eq(uri, d->target))
		return 0;
	if (str_dup(uri, &copy) != 0)
		return -ENOMEM;
	str_free(&d->target_own);
	d->target = d->target_own = copy;
	return 1;
}

enum dlg_order dlg_dialog_order(struct dlg_dialog *d, const struct sip_rx *rx)
{
	uint32_t n = rx->head.cseq.number;

	if (d->has_remote_cseq && n < d->remote_cseq)
		return DLG_OLDER;
	if (d->has_remote_cseq && n == d->remote_cseq)
		return DLG_SAME;
	d->remote_cseq = n;
	d->has_remote_cseq = true;
	return DLG_NEWER;
}

/* The first route is a strict router's: its URI is the Request-URI, and the remote target
 * ends the Route (s12.2.1.1).  What may not stand in a Request-URI (s19.1.1) is cut. */
static bool strict_route(const struct dlg_dialog *d, const struct sip_nameaddr *first,
			 struct str rest, struct arena *arena, struct str *ret_uri,
			 struct str *ret_routes)
{
	struct str uri = first->uri_text;

	if (!str_empty(first->uri.headers))
		uri = str_first(uri, (size_t)(first->uri.headers.p - 1 - uri.p));
	*ret_uri = uri;
	*ret_routes = str_empty(rest)
			      ? arena_fmt(arena, "<%.*s>", STR_ARG(d->target))
			      : arena_fmt(arena, "%.*s, <%.*s>", STR_ARG(rest), STR_ARG(d->target));
	return ret_routes->p != NULL;
}

bool dlg_dialog_request(const struct dlg_dialog *d, struct arena *arena, struct str method,
			uint32_t cseq, struct sip_msg *ret, struct str *ret_next_hop)
{
	struct str uri = d->target, routes = d->routes, rest = d->routes, first, value;
	struct sip_nameaddr na;

	*ret_next_hop = STR_NONE;
	if (sip_list_next(&rest, &first) && sip_nameaddr_parse(first, &na, NULL) &&
	    !sip_uri_param(&na.uri, STR("lr"), &value)) {
		if (!strict_route(d, &na, str_trim(rest), arena, &uri, &routes))
			return false;
		*ret_next_hop = uri;
	}
	sip_request_init(ret, arena, method, uri);
	sip_add(ret, SIP_HDR_MAX_FORWARDS, STR("70"));
	if (!str_empty(routes))
		sip_add(ret, SIP_HDR_ROUTE, routes);
	sip_add(ret, SIP_HDR_FROM, d->local);
	sip_add(ret, SIP_HDR_TO, d->remote);
	sip_add(ret, SIP_HDR_CALL_ID, d->call_id);
	return sip_addf(ret, SIP_HDR_CSEQ, "%u %.*s", cseq, STR_ARG(method));
}
