#include "app/guard.h"

#include <errno.h>

#include "app/nonces.h"
#include "app/options.h"
#include "app/quirks.h"
#include "app/route.h"
#include "app/sources.h"
#include "base/alloc.h"
#include "sip/params.h"

struct guard {
	struct app_shared *shared;
	struct guard_counters counters;
	struct sources sources;
};

/* What a request is, before anybody is asked who sent it. */
enum guard_kind {
	KIND_IN_DIALOG,         /* our Route with a good MAC */
	KIND_TO_US,             /* the server itself: OPTIONS sip:example.com */
	KIND_OURS,              /* for a domain of ours */
	KIND_OUT,               /* for somebody else's */
};

/* ---- domains ---- */

/* A numeric host is ours only with a port that is: a peer on the same machine is not. */
static const struct app_domain *domain_of(const struct guard *g, struct core *core,
					  const struct sip_uri *uri)
{
	const struct app_policy *p = g->shared->policy;
	const struct app_domain *d;

	if (uri->scheme == SIP_SCHEME_TEL)
		return p->n_domains ? &p->domains[0] : NULL;
	if (uri->scheme == SIP_SCHEME_OTHER)
		return NULL;
	if (uri->ip.family && tport_is_us(core_tport(core), uri->host, uri->port))
		return p->n_domains ? &p->domains[0] : NULL;
	d = app_policy_domain(p, uri->host);
	if (d && uri->ip.family && uri->has_port &&
	    !tport_has_port(core_tport(core), uri->port))
		return NULL;
	return d;
}

/* ---- route preprocessing (s16.4) ---- */

/* A phone whose outbound proxy is set to the domain's name names that in Route. */
static bool is_ours(const struct guard *g, struct core *core, const struct sip_uri *uri)
{
	if (uri->scheme == SIP_SCHEME_OTHER || uri->scheme == SIP_SCHEME_TEL)
		return false;
	if (tport_is_us(core_tport(core), uri->host, uri->port))
		return true;
	return app_policy_domain(g->shared->policy, uri->host) &&
	       (!uri->has_port || tport_has_port(core_tport(core), uri->port));
}

/* The host and the parameters of a URI without port, transport and maddr, behind what stands before. */
static struct str without_maddr(const struct sip_uri *u, struct arena *arena)
{
	struct str rest = u->params, host = u->hostport;
	struct sip_param p;
	char *room = arena_alloc(arena, u->text.n);
	struct buf b = buf_over(room, room ? u->text.n : 0);

	while (u->has_port && host.n && host.p[host.n - 1] != ':')
		host.n--;
	if (u->has_port && host.n)
		host.n--;
	buf_put(&b, u->text.p, (size_t)(u->hostport.p - u->text.p));
	buf_puts(&b, host);
	while (sip_param_next(&rest, &p)) {
		if (!str_ieq(p.name, STR("maddr")) && !str_ieq(p.name, STR("transport")))
			buf_fmt(&b, ";%.*s", STR_ARG(p.text));
	}
	return b.failed ? STR_NONE : buf_str(&b);
}

/* By the port and the transport that the URI names? */
static bool came_as_named(struct core_request *req)
{
	const struct tport_listener *l = tport_listener_of(core_tport(req->core), &req->rx->flow);
	enum transport t = sip_uri_transport(&req->uri, NULL);
	uint16_t port;

	if (t == TRANSPORT_NONE)
		t = TRANSPORT_UDP;
	if (req->uri.scheme == SIP_SCHEME_SIPS && t <= TRANSPORT_TCP)
		t = TRANSPORT_TLS;
	port = req->uri.port ? req->uri.port : transport_port(t);
	return l && t == req->rx->flow.transport && (port == l->port || port == l->bound.port);
}

/* s16.4: a maddr of ours says nothing to who was reached by it. */
static void strip_maddr(struct guard *g, struct core_request *req)
{
	struct str maddr, text;
	struct sip_uri u;

	if (!sip_uri_param(&req->uri, STR("maddr"), &maddr) || !came_as_named(req) ||
	    (!tport_is_us(core_tport(req->core), maddr, req->uri.port) &&
	     !app_policy_domain(g->shared->policy, maddr)))
		return;
	text = without_maddr(&req->uri, core_scratch(req->core));
	if (!sip_uri_parse(text, &u, NULL))
		return;
	req->rx->msg.uri = text;
	req->uri = u;
}

static void note_route(struct guard *g, struct core_request *req, const struct sip_uri *uri)
{
	struct flow token = { 0 };
	enum route_side side = route_check(g->shared, uri, req->rx, &token);

	if (side == ROUTE_NONE)
		return;
	req->in_dialog = true;
	req->callee_side = side == ROUTE_FROM_CALLEE;
	if (token.transport != TRANSPORT_NONE)
		req->token = token;
}

/* A strict router before us put our Route into the Request-URI and the true one last. */
static void undo_strict_routing(struct guard *g, struct core_request *req)
{
	struct sip_msg *m = &req->rx->msg;
	struct sip_values v = sip_values(m, SIP_HDR_ROUTE);
	struct sip_nameaddr last = { 0 };
	struct str value, m_param;
	bool any = false;

	if (!sip_uri_param(&req->uri, STR("m"), &m_param) || !is_ours(g, req->core, &req->uri))
		return;
	while (sip_values_next(&v, &value))
		any = sip_nameaddr_parse(value, &last, NULL);
	if (!any)
		return;
	note_route(g, req, &req->uri);
	m->uri = last.uri_text;
	req->uri = last.uri;
	sip_drop_last_value(m, SIP_HDR_ROUTE);
}

/* Takes our own values off the top: one, or two of RFC 5658. */
static void take_our_routes(struct guard *g, struct core_request *req)
{
	struct sip_msg *m = &req->rx->msg;
	struct sip_nameaddr top;

	for (int i = 0; i < 2; i++) {
		if (!sip_nameaddr_get(m, SIP_HDR_ROUTE, &top, NULL) || !is_ours(g, req->core, &top.uri))
			return;
		/* The token that counts is of the side it goes to: the last value's. */
		req->token.transport = TRANSPORT_NONE;
		note_route(g, req, &top.uri);
		sip_pop_value(m, SIP_HDR_ROUTE);
	}
}

static enum guard_kind kind_of(struct guard *g, struct core_request *req)
{
	const struct app_domain *d = NULL;
	struct str maddr;
	struct buf b;

	/* s16.5: what a maddr leads away is nobody's of ours. */
	if (!sip_uri_param(&req->uri, STR("maddr"), &maddr))
		d = domain_of(g, req->core, &req->uri);

	if (d) {
		b = buf_over(req->aor_room, sizeof(req->aor_room));
		req->ours = app_policy_aor(g->shared->policy, &req->uri, &b);
		req->aor = buf_str(&b);
		req->domain_name = d->name;
	}
	if (req->in_dialog && !str_empty(req->rx->head.to.tag))
		return KIND_IN_DIALOG;
	req->in_dialog = false;
	if (!req->ours)
		return KIND_OUT;
	return str_empty(req->uri.user) && req->uri.scheme != SIP_SCHEME_TEL ? KIND_TO_US
									      : KIND_OURS;
}

/* ---- refusals ---- */

/* A source that causes more than its share is not answered any more. */
static bool may_answer(struct guard *g, struct core_request *req)
{
	struct io *io = core_io(req->core);
	unsigned rate = g->shared->policy->source_rate;
	char room[ADDR_TEXT_MAX];
	bool first;

	g->counters.refused++;
	if (!rate || sources_spend(&g->sources, &req->rx->flow.remote, io->now_ms, rate, &first))
		return true;
	g->counters.ignored++;
	if (first)
		log_warn(io->log, "ignored source peer=%s why=\"more than %u refusals a second\"",
			 addr_text(&req->rx->flow.remote, room), rate);
	return false;
}

static bool refuse(struct guard *g, struct core_request *req, unsigned status, struct str reason)
{
	if (!may_answer(g, req))
		return true;
	core_reply(req->core, req->rx, status, reason, NULL, 0);
	return true;
}

static bool refuse_with(struct guard *g, struct core_request *req, unsigned status,
			enum sip_hdr_id id, struct str value)
{
	const struct core_field field = { id, value };

	if (!may_answer(g, req))
		return true;
	core_reply(req->core, req->rx, status, STR(""), &field, 1);
	return true;
}

/* s16.3 step 5, s8.2.2.3: we know no extension that a proxy must support. */
static bool refuse_proxy_require(struct guard *g, struct core_request *req)
{
	const struct sip_msg *m = &req->rx->msg;
	struct str tags;

	if (!sip_has(m, SIP_HDR_PROXY_REQUIRE) || m->method == SIP_ACK || m->method == SIP_CANCEL)
		return false;
	tags = options_unsupported(m, SIP_HDR_PROXY_REQUIRE, STR_NONE, core_scratch(req->core));
	return !str_empty(tags) && refuse_with(g, req, 420, SIP_HDR_UNSUPPORTED, tags);
}

/* ---- digest (RFC 3261 s22, RFC 8760) ---- */

static void challenge_put(struct guard *g, struct core_request *req, struct str realm,
			  enum sip_algorithm alg, bool stale, struct buf *b)
{
	char room[NONCE_TEXT_MAX];
	struct buf nonce = buf_over(room, sizeof(room));
	struct sip_challenge c = { .realm = realm, .algorithm = alg, .stale = stale,
				   .qop_auth = true, .qop_given = true };

	nonce_make(g->shared->nonce_key, core_io(req->core), &nonce);
	c.nonce = buf_str(&nonce);
	sip_challenge_put(b, &c);
}

static bool algorithm_offered(const struct app_policy *p, enum sip_algorithm alg)
{
	for (unsigned i = 0; i < p->n_algorithms; i++) {
		if (p->algorithms[i] == alg)
			return true;
	}
	return false;
}

static bool challenge(struct guard *g, struct core_request *req, struct str realm, bool stale)
{
	const struct app_policy *p = g->shared->policy;
	/* s22.1: 401 is a registrar's; one for another's is asked as a proxy asks. */
	bool registrar = req->rx->msg.method == SIP_REGISTER && req->ours;
	struct core_field fields[2];
	char room[2][512];
	bool md5_alone = algorithm_offered(p, SIP_ALG_MD5) && quirk_md5_alone(&req->rx->msg);
	unsigned n = 0;

	for (unsigned i = 0; i < p->n_algorithms; i++) {
		struct buf b = buf_over(room[n], sizeof(room[n]));

		if (md5_alone && p->algorithms[i] != SIP_ALG_MD5)
			continue;
		challenge_put(g, req, realm, p->algorithms[i], stale, &b);
		if (b.failed)
			break;
		fields[n].id = registrar ? SIP_HDR_WWW_AUTHENTICATE : SIP_HDR_PROXY_AUTHENTICATE;
		fields[n++].value = buf_str(&b);
	}
	g->counters.challenged++;
	core_reply(req->core, req->rx, registrar ? 401 : 407, STR(""), fields, n);
	return true;
}

/* The credentials for our realm (RFC 3261 s22.3 allows several). */
static bool find_credentials(const struct core_request *req, struct str realm,
			     struct sip_credentials *ret)
{
	static const enum sip_hdr_id ids[] = { SIP_HDR_AUTHORIZATION, SIP_HDR_PROXY_AUTHORIZATION };
	const struct sip_msg *m = &req->rx->msg;

	for (unsigned k = 0; k < 2; k++) {
		for (int i = sip_find(m, ids[k], 0); i >= 0; i = sip_find(m, ids[k], (unsigned)i + 1)) {
			struct sip_credentials c;

			if (sip_credentials_parse(sip_hdr_value(&m->hdr[i]), &c) &&
			    str_ieq(c.realm, realm)) {
				*ret = c;
				return true;
			}
		}
	}
	return false;
}

/* `alice` or `alice@example.com`. */
static struct str user_part(struct str username, struct str domain)
{
	struct str tail;

	if (username.n <= domain.n + 1)
		return username;
	tail = str_skip(username, username.n - domain.n - 1);
	if (tail.p[0] == '@' && str_ieq(str_skip(tail, 1), domain))
		return str_first(username, username.n - domain.n - 1);
	return username;
}

/* HA1 is over the name as it was given: alone, or with the domain. */
static struct str ha1_of(const struct user_entry *e, enum sip_algorithm alg, bool full)
{
	if (alg == SIP_ALG_MD5)
		return str_c(full ? e->full_md5 : e->ha1_md5);
	return str_c(full ? e->full_sha256 : e->ha1_sha256);
}

/* Unknown users cost the same work and look the same. */
static bool digest_is_right(struct guard *g, const struct core_request *req,
			    const struct sip_credentials *c, const struct user_entry *u)
{
	const struct user_entry *e = u ? u : users_dummy(g->shared->users);
	char expected[SIP_DIGEST_HEX_MAX];
	bool full = user_part(c->username, c->realm).n != c->username.n;
	struct str ha1 = ha1_of(e, c->algorithm, full);
	bool right;

	sip_digest_response(&g->shared->hasher, c, ha1, req->rx->msg.method_name, expected);
	right = str_eq_secret(str_c(expected), c->response);
	return right && u && !str_empty(ha1);
}

static void log_refused_login(struct core_request *req, const struct sip_credentials *c,
			      const char *why)
{
	char room[ADDR_TEXT_MAX];

	log_info(core_io(req->core)->log, "login refused user=%.*s realm=%.*s why=\"%s\" peer=%s call-id=%.*s",
		 STR_ARG(c->username), STR_ARG(c->realm), why,
		 addr_text(&req->rx->flow.remote, room), STR_ARG(req->rx->head.call_id));
}

static bool nc_of(const struct sip_credentials *c, uint32_t *ret)
{
	uint8_t raw[4];

	*ret = 0;
	if (str_empty(c->qop))
		return true;
	if (!str_ieq(c->qop, STR("auth")) || str_empty(c->cnonce) || c->nc.n != 8 ||
	    !hex_decode(c->nc, raw, sizeof(raw)))
		return false;
	*ret = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
	return *ret != 0;
}

/* RFC 8760 s2.6: what was signed is for whom the request is, or for somebody of ours. */
static bool signed_for_it(const struct guard *g, struct core_request *req,
			  const struct sip_credentials *c)
{
	char room[2][512];
	struct buf a = buf_over(room[0], sizeof(room[0])), b = buf_over(room[1], sizeof(room[1]));
	struct sip_uri u;

	if (!sip_uri_parse(c->uri, &u, NULL))
		return false;
	if (domain_of(g, req->core, &u) || tport_is_us(core_tport(req->core), u.host, u.port))
		return true;
	return sip_uri_aor(&u, &a) && sip_uri_aor(&req->uri, &b) && !a.failed &&
	       str_eq(buf_str(&a), buf_str(&b));
}

/* True: refused or challenged.  False: req says who it is. */
static bool authenticate(struct guard *g, struct core_request *req, const struct app_domain *d)
{
	const struct app_policy *p = g->shared->policy;
	struct io *io = core_io(req->core);
	const struct user_entry *u;
	struct sip_credentials c;
	uint32_t nc;

	if (!find_credentials(req, d->name, &c) || !algorithm_offered(p, c.algorithm))
		return challenge(g, req, d->name, false);
	if (!nc_of(&c, &nc))
		return refuse(g, req, 400, STR("Bad Request (Authorization: qop, nc or cnonce is wrong)"));
	if (!signed_for_it(g, req, &c))
		return refuse(g, req, 400,
			      STR("Bad Request (Authorization: uri is not the Request-URI)"));
	u = users_find(g->shared->users, user_part(c.username, d->name), d->name);
	if (!digest_is_right(g, req, &c, u)) {
		log_refused_login(req, &c, u ? "wrong password" : "unknown user");
		(*(u ? &g->counters.wrong_password : &g->counters.unknown_user))++;
		if (!may_answer(g, req))
			return true;
		return challenge(g, req, d->name, false);
	}
	switch (nonces_use(g->shared->nonces, g->shared->nonce_key, c.nonce, nc,
			   io->ops->wall_ms(io), p->nonce_life_ms)) {
	case NONCE_REPLAYED:
		if (req->rx->msg.method == SIP_REGISTER && g->shared->repeated &&
		    g->shared->repeated(g->shared->repeated_ctx, req))
			return true;
		g->counters.stale++;
		return challenge(g, req, d->name, true);
	case NONCE_STALE:
		g->counters.stale++;
		return challenge(g, req, d->name, true);
	case NONCE_GOOD:
		break;
	}
	g->counters.accepted++;
	req->authenticated = true;
	req->user = u->user;
	req->domain = u->domain;
	return false;
}

/* From (To of a REGISTER) must be the one who logged in. */
static bool is_own_name(struct guard *g, const struct core_request *req, const struct sip_uri *uri)
{
	char a[512], b[512];
	struct buf named = buf_over(a, sizeof(a)), own = buf_over(b, sizeof(b));

	if (uri->scheme == SIP_SCHEME_TEL)
		return true;
	if (!app_policy_aor(g->shared->policy, uri, &named))
		return false;
	sip_put_escaped_user(&own, req->user);
	buf_putc(&own, '@');
	buf_puts(&own, req->domain);
	return !own.failed && str_eq(buf_str(&named), buf_str(&own));
}

static bool forbid(struct guard *g, struct core_request *req, struct str reason)
{
	g->counters.forbidden++;
	return refuse(g, req, 403, reason);
}

/* ---- the walk ---- */

static bool wants_credentials(const struct core_request *req)
{
	return req->rx->msg.method != SIP_ACK && req->rx->msg.method != SIP_CANCEL;
}

/* Visual separators do not tell numbers apart (RFC 3966 s5.1.1). */
static void put_number(struct buf *b, struct str user)
{
	for (size_t i = 0; i < user.n; i++) {
		if (!strchr("-.()", user.p[i]))
			buf_putc(b, user.p[i]);
	}
}

/* A number is looked up in the domain of the user who dials it (RFC 3261 s19.1.6). */
static void adopt_number(struct core_request *req)
{
	struct buf b = buf_over(req->aor_room, sizeof(req->aor_room));
	struct str phone;
	bool tel = req->uri.scheme == SIP_SCHEME_TEL;

	if (!tel && (!req->ours || !sip_uri_param(&req->uri, STR("user"), &phone) ||
		     !str_ieq(phone, STR("phone"))))
		return;
	put_number(&b, tel ? str_first(req->uri.user, str_find(req->uri.user, ';')) : req->uri.user);
	buf_putc(&b, '@');
	buf_puts(&b, req->domain);
	if (b.failed)
		return;
	req->ours = req->number = true;
	req->aor = buf_str(&b);
	req->domain_name = req->domain;
}

/* Local users say who they are; strangers may call our users and nobody else. */
static bool guard_new_request(struct guard *g, struct core_request *req, enum guard_kind kind)
{
	const struct sip_uri *from = &req->rx->head.from.uri;
	const struct app_domain *local = domain_of(g, req->core, from);
	bool has_route = sip_has(&req->rx->msg, SIP_HDR_ROUTE);

	if (!wants_credentials(req)) {
		/* An ACK or CANCEL that nobody knows leads nowhere else. */
		return (kind == KIND_OUT || has_route) && refuse(g, req, 481, STR(""));
	}
	if (local && g->shared->policy->auth_invite) {
		if (authenticate(g, req, local))
			return true;
		if (!is_own_name(g, req, from))
			return forbid(g, req, STR("Forbidden (From is another user than the one who logged in)"));
		adopt_number(req);
		return false;
	}
	if (kind == KIND_OUT)
		return forbid(g, req, STR("Forbidden (this server does not relay for strangers)"));
	if (has_route)
		return forbid(g, req, STR("Forbidden (Route names others)"));
	return false;
}

/* An address of ours is no domain's in particular. */
static bool names_other_domain(const struct guard *g, const struct core_request *req,
			       const struct app_domain *d)
{
	const struct app_domain *asked = app_policy_domain(g->shared->policy, req->uri.host);

	return asked && asked != d && !req->uri.ip.family;
}

static bool guard_register(struct guard *g, struct core_request *req, enum guard_kind kind)
{
	const struct sip_uri *to = &req->rx->head.to.uri;
	const struct app_domain *d = domain_of(g, req->core, to);

	if (to->scheme != SIP_SCHEME_SIP && to->scheme != SIP_SCHEME_SIPS)
		return refuse(g, req, 400,
			      STR("Bad Request (To: a registration needs a sip: or sips: URI)"));
	/* s10.3 step 1: another's registrar is reached as any peer is. */
	if (kind == KIND_OUT)
		return guard_new_request(g, req, kind);
	if (!d || !req->ours)
		return refuse(g, req, 404, STR("Not Found (not a domain of this server)"));
	if (names_other_domain(g, req, d))
		return refuse(g, req, 404,
			      STR("Not Found (To is not of the domain in the Request-URI)"));
	if (!g->shared->policy->auth_register)
		return false;
	if (authenticate(g, req, d))
		return true;
	if (!is_own_name(g, req, to))
		return forbid(g, req,
			      STR("Forbidden (To is another user than the one who logged in)"));
	return false;
}

static bool options_to_us(struct guard *g, struct core_request *req)
{
	static const struct core_field fields[] = {
		{ SIP_HDR_ALLOW, STR_INIT("INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE, SUBSCRIBE, "
					  "NOTIFY, PUBLISH, REFER, INFO, PRACK, UPDATE") },
		{ SIP_HDR_ACCEPT, STR_INIT("*/*") },
		{ SIP_HDR_ACCEPT_ENCODING, STR_INIT("identity") },
		{ SIP_HDR_ACCEPT_LANGUAGE, STR_INIT("en") },
		{ SIP_HDR_SUPPORTED, STR_INIT("path") },
	};
	(void)g;
	core_reply(req->core, req->rx, 200, STR(""), fields, sizeof(fields) / sizeof(fields[0]));
	return true;
}

/* Requests to the server itself, by s8.2. */
static bool guard_to_us(struct guard *g, struct core_request *req)
{
	const struct sip_msg *m = &req->rx->msg;
	struct str tags;

	if (m->method == SIP_REGISTER || !wants_credentials(req))
		return false;
	tags = options_unsupported(m, SIP_HDR_REQUIRE, STR_NONE, core_scratch(req->core));
	if (!str_empty(tags))
		return refuse_with(g, req, 420, SIP_HDR_UNSUPPORTED, tags);
	if (m->method == SIP_OPTIONS)
		return options_to_us(g, req);
	if (m->method == SIP_METHOD_OTHER)
		return refuse(g, req, 501, STR(""));
	/* s15.1.2, s12.2.2: no dialog ends here. */
	if (m->method == SIP_BYE || !str_empty(req->rx->head.to.tag))
		return refuse(g, req, 481, STR(""));
	return refuse_with(g, req, 405, SIP_HDR_ALLOW, STR("OPTIONS, REGISTER"));
}

/* Fills the request; true: it was answered (or is dropped). */
static bool look(struct guard *g, struct core_request *req, enum guard_kind *ret_kind)
{
	struct sip_rx *rx = req->rx;
	const char *why = NULL;

	if (!sip_uri_parse(rx->msg.uri, &req->uri, &why))
		return refuse(g, req, 400, STR("Bad Request (Request-URI)"));
	if (req->uri.scheme == SIP_SCHEME_OTHER)
		return refuse(g, req, 416, STR(""));
	undo_strict_routing(g, req);
	strip_maddr(g, req);
	take_our_routes(g, req);
	*ret_kind = kind_of(g, req);
	/* s16.3 step 3: what we would answer ourselves does not go further. */
	if (rx->head.max_forwards == 0 && rx->msg.method != SIP_REGISTER && rx->msg.method != SIP_ACK &&
	    !(*ret_kind == KIND_TO_US))
		return refuse(g, req, 483, STR(""));
	return refuse_proxy_require(g, req);
}

static bool guard_request(void *ctx, struct core_request *req)
{
	struct guard *g = ctx;
	enum guard_kind kind;

	if (look(g, req, &kind))
		return true;
	if (kind == KIND_IN_DIALOG)
		return false;
	if (req->rx->msg.method == SIP_REGISTER)
		return guard_register(g, req, kind);
	if (kind == KIND_TO_US)
		return guard_to_us(g, req);
	return guard_new_request(g, req, kind);
}

/* ---- where it came in: what needs no state is answered at once ---- */

/* An OPTIONS to us; a REGISTER is dealt with where it comes in anyway. */
static bool guard_early(void *ctx, struct core_request *req)
{
	const struct sip_msg *m = &req->rx->msg;

	if (core_io(req->core)->workers == 1)
		return false;           /* the owner is here: one look is enough */
	if (sip_has(m, SIP_HDR_AUTHORIZATION) || sip_has(m, SIP_HDR_PROXY_AUTHORIZATION) ||
	    sip_has(m, SIP_HDR_ROUTE))
		return false;
	return m->method == SIP_OPTIONS && guard_request(ctx, req);
}

/* ---- life ---- */

int guard_new(struct app_shared *shared, struct guard **ret)
{
	struct guard *g = xzalloc(sizeof(*g));
	struct hash_seed seed;

	if (!g)
		return -ENOMEM;
	g->shared = shared;
	memcpy(&seed, shared->nonce_key, sizeof(seed));
	sources_init(&g->sources, &seed);
	*ret = g;
	return 0;
}

void guard_free(struct guard **g)
{
	xfree(*g);
	*g = NULL;
}

struct core_element guard_element(struct guard *g)
{
	return (struct core_element){
		.name = "guard", .early = guard_early, .request = guard_request, .ctx = g,
	};
}

const struct guard_counters *guard_counters(const struct guard *g)
{
	return &g->counters;
}
