#include "app/redirect.h"

#include "app/contact.h"

/* The Contact values of an answer. */
struct choices {
	struct core_field field[LOC_MAX_CONTACTS];
	unsigned n;
	unsigned found; /* also those that may not be offered */
};

/* The Request-URI is no news (s8.3), and a sips: request is led to nothing less
 * (RFC 5630 s5.1.1.2). */
static bool may_offer(const struct core_request *req, struct str uri)
{
	struct sip_uri to;

	if (!sip_uri_parse(uri, &to, NULL))
		return false;
	if (req->uri.scheme == SIP_SCHEME_SIPS && to.scheme != SIP_SCHEME_SIPS)
		return false;
	return !sip_uri_equal(&to, &req->uri);
}

static void add(struct choices *c, struct str value)
{
	c->field[c->n].id = SIP_HDR_CONTACT;
	c->field[c->n++].value = value;
}

static void answer(struct core_request *req, const struct choices *c, unsigned status)
{
	if (!status)
		status = c->n > 1 ? 300 : 302;
	core_answer(req->core, req->rx, status, STR(""), c->field, c->n);
}

static void refuse(struct core_request *req, unsigned status)
{
	core_answer(req->core, req->rx, status, STR(""), NULL, 0);
}

/* ---- by the operator's routes ---- */

/* In their order: q falls from 1 by tenths, then stays. */
static struct str route_contact(struct arena *arena, struct str uri, unsigned i, unsigned n)
{
	if (n == 1)
		return arena_fmt(arena, "<%.*s>", STR_ARG(uri));
	if (i == 0)
		return arena_fmt(arena, "<%.*s>;q=1.0", STR_ARG(uri));
	return arena_fmt(arena, "<%.*s>;q=0.%u", STR_ARG(uri), i < 9 ? 10 - i : 1);
}

static void by_route(struct core_request *req, const struct app_route *r)
{
	struct arena *arena = core_scratch(req->core);
	struct choices c = {0};

	for (unsigned i = 0; i < r->n_to && c.n < LOC_MAX_CONTACTS; i++) {
		struct str uri = app_policy_route_uri(r, i, &req->uri, arena);
		struct str value = STR_NONE;

		if (uri.p && may_offer(req, uri))
			value = route_contact(arena, uri, i, r->n_to);
		if (value.p)
			add(&c, value);
	}
	if (c.n)
		answer(req, &c, r->status);
	else
		refuse(req, 404);
}

/* ---- by the location service ---- */

static void add_binding(struct core_request *req, const struct loc_binding *b, uint64_t wall_ms,
			struct choices *c)
{
	size_t max = contact_size(b);
	char *room = may_offer(req, b->contact) ? arena_alloc(core_scratch(req->core), max) : NULL;
	struct buf text = buf_over(room, room ? max : 0);

	c->found++;
	if (!room)
		return;
	contact_put(&text, b, wall_ms);
	if (!text.failed)
		add(c, buf_str(&text));
}

static void by_location(const struct redirect *r, struct core_request *req)
{
	struct io *io = core_io(req->core);
	uint64_t wall_ms = io->ops->wall_ms(io);
	struct loc_binding *list = NULL;
	struct choices c = {0};
	int n = loc_lookup(r->loc, req->aor, wall_ms, core_scratch(req->core), &list);

	for (int i = 0; i < n && i < LOC_MAX_CONTACTS; i++)
		add_binding(req, &list[i], wall_ms, &c);
	if (n < 0)
		refuse(req, 500);
	else if (c.n)
		answer(req, &c, 0);
	else
		refuse(req, c.found ? 480 : contact_absent(r->shared, req));
}

/* ---- the element ---- */

static bool redirect_request(void *ctx, struct core_request *req)
{
	const struct redirect *r = ctx;
	const struct app_policy *p = r->shared->policy;
	enum sip_method method = req->rx->msg.method;
	const struct app_route *route;
	const struct app_domain *d;

	if (req->in_dialog || method == SIP_CANCEL || method == SIP_REGISTER)
		return false;
	route = app_policy_route(p, &req->uri);
	d = !route && req->ours ? app_policy_domain(p, req->domain_name) : NULL;
	if (!(route && route->mode == APP_ROUTE_REDIRECT) && !(d && d->redirect))
		return false;
	if (method == SIP_ACK)
		return true; /* of nothing that we know */
	if (route)
		by_route(req, route);
	else
		by_location(r, req);
	return true;
}

struct core_element redirect_element(struct redirect *r)
{
	return (struct core_element){.name = "redirect", .request = redirect_request, .ctx = r};
}
