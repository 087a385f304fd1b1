/* Readers of what fills several fields: domains, listeners, routes, algorithms, ports. */
#include "server/config_key.h"

#include "base/suggest.h"
#include "sip/uri.h"
#include "store/users.h"

#define LISTEN_MAX 64 /* what net/ takes */
#define ITEMS_MAX 10000
#define TARGETS_MAX 32

static unsigned items(const struct yaml_node *list)
{
	unsigned n = 0;

	for (const struct yaml_node *i = list->first; i; i = i->next)
		n++;
	return n;
}

/* Room for the items of a list in the arena, or NULL when it is none or too long. */
static void *items_new(struct config_reader *r, const struct yaml_node *n, size_t size,
		       unsigned max, const char *example)
{
	void *p;

	if (n->kind != YAML_LIST) {
		config_problem(r, n->mark, "expected a list, as %s, found %s", example,
			       config_found(r, n));
		return NULL;
	}
	if (items(n) > max) {
		config_problem(r, n->mark, "at most %u may stand here, found %u", max, items(n));
		return NULL;
	}
	p = arena_zalloc(r->arena, size * (items(n) + 1));
	r->no_memory |= !p;
	return p;
}

static struct str lower(struct config_reader *r, struct str s)
{
	struct str t = arena_str(r->arena, s);

	for (size_t i = 0; t.p && i < t.n; i++)
		((char *)t.p)[i] = ascii_lower(t.p[i]);
	r->no_memory |= !t.p;
	return t.p ? t : STR_NONE;
}

/* ---- domains ---- */

static const char *name_hint(struct str s)
{
	struct addr a;

	if (addr_parse_ip(s, &a))
		return "; write an IPv6 address in brackets";
	if (str_istarts(s, STR("sip:")) || str_istarts(s, STR("sips:")))
		return "; write it without \"sip:\"";
	if (str_find(s, '@') < s.n)
		return "; write it without the user";
	if (str_find(s, ':') < s.n)
		return "; write it without a port";
	return "";
}

void config_read_name(struct config_reader *r, const struct config_key *k,
		      const struct yaml_node *n, void *field)
{
	struct str s = n->kind == YAML_TEXT ? lower(r, n->text) : STR_NONE;

	if (n->kind == YAML_TEXT && user_domain_valid(s))
		*(struct str *)field = s;
	else
		config_problem(r, n->mark, "expected a domain such as example.com, found %s%s",
			       config_found(r, n), name_hint(s));
}

void config_read_aliases(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field)
{
	struct config_domain *d = field;

	d->aliases = items_new(r, n, sizeof(*d->aliases), ITEMS_MAX, "[sip.example.com]");
	if (!d->aliases)
		return;
	for (const struct yaml_node *i = n->first; i; i = i->next) {
		config_read_name(r, k, i, &d->aliases[d->n_aliases]);
		d->n_aliases += !str_empty(d->aliases[d->n_aliases]);
	}
}

void config_read_domains(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field)
{
	struct config *c = r->config;
	struct config_domain *d = items_new(r, n, sizeof(*d), ITEMS_MAX, "[example.com]");
	unsigned count = 0;

	if (!d)
		return;
	for (const struct yaml_node *i = n->first; i; i = i->next) {
		unsigned problems = r->n_problems;

		d[count].mark = i->mark;
		if (i->kind == YAML_MAP)
			config_read_map(r, k->keys, i, &d[count]);
		else
			config_read_name(r, k, i, &d[count].name);
		if (!str_empty(d[count].name))
			count++;
		else if (problems == r->n_problems)
			config_problem(r, i->mark, "a domain needs a name: { name: example.com }");
	}
	if (!n->first)
		config_problem(r, n->mark, "at least one domain must stand here");
	c->domains = d;
	c->n_domains = count;
}

/* ---- listeners ---- */

static const char *const schemes[] = {"udp", "tcp", "tls", "ws", "wss", NULL};

static void bad_listen(struct config_reader *r, const struct yaml_node *n, const char *hint)
{
	config_problem(r, n->mark, "expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, found %s%s",
		       config_found(r, n), hint);
}

static void bad_scheme(struct config_reader *r, const struct yaml_node *n, struct str scheme)
{
	const char *near = suggest_word(scheme, schemes);
	char room[64];
	struct buf b = buf_over(room, sizeof(room));

	if (near)
		buf_fmt(&b, "; did you mean %s?", near);
	bad_listen(r, n, buf_c(&b));
}

/* Without a port it is the transport's; IPv6 stands in brackets. */
static bool read_address(struct str s, enum transport t, struct addr *ret)
{
	struct addr a;

	if (!addr_parse(s, &a) || (a.family == 6 && s.p[0] != '['))
		return false;
	if (addr_parse_ip(s, &a))
		a.port = transport_port(t);
	else
		addr_parse(s, &a);
	*ret = a;
	return true;
}

static const char *address_hint(struct str s)
{
	struct addr a;

	if (str_empty(s))
		return "";
	if (addr_parse_ip(s, &a) && a.family == 6)
		return "; write an IPv6 address in brackets: [::1]:5060";
	return "; an IP address must stand there, a name goes to advertise";
}

void config_read_at(struct config_reader *r, const struct config_key *k, const struct yaml_node *n,
		    void *field)
{
	struct config_listen *l = field;
	struct str s, scheme;
	size_t colon;

	if (n->kind != YAML_TEXT) {
		bad_listen(r, n, "");
		return;
	}
	s = n->text;
	colon = str_find(s, ':');
	scheme = str_first(s, colon);
	if (!str_starts(str_skip(s, colon), STR("://"))) {
		bad_listen(r, n, "; begin with udp:// or tcp://");
		return;
	}
	l->mark = n->mark;
	l->transport = transport_of(scheme);
	if (l->transport == TRANSPORT_NONE)
		bad_scheme(r, n, scheme);
	else if (l->transport != TRANSPORT_UDP && l->transport != TRANSPORT_TCP)
		config_problem(r, n->mark,
			       "this version listens on udp and tcp only; take out \"%.*s\"",
			       STR_ARG(str_first(s, 60)));
	else if (!read_address(str_skip(s, colon + 3), l->transport, &l->at))
		bad_listen(r, n, address_hint(str_skip(s, colon + 3)));
	else
		l->text = s;
}

/* host or host:port, IPv6 in brackets. */
static bool split_hostport(struct str s, struct str *ret_host, uint16_t *ret_port)
{
	size_t colon = s.n;
	struct addr a;
	uint32_t port = 0;

	if (str_find(s, '[') == 0) {
		size_t end = str_find(s, ']');

		colon = end + 1 < s.n ? end + 1 : s.n;
		if (end == s.n || (colon < s.n && s.p[colon] != ':'))
			return false;
	} else if (!addr_parse_ip(s, &a)) {
		colon = str_find(s, ':');
	}
	if (colon < s.n && (!str_to_u32(str_skip(s, colon + 1), &port) || !port || port > 65535))
		return false;
	*ret_host = str_first(s, colon);
	*ret_port = (uint16_t)port;
	return true;
}

void config_read_advertise(struct config_reader *r, const struct config_key *k,
			   const struct yaml_node *n, void *field)
{
	struct config_listen *l = field;
	struct str host = STR_NONE, s = n->kind == YAML_TEXT ? lower(r, n->text) : STR_NONE;
	struct addr a = {0};
	uint16_t port = 0;
	bool is_ip;

	l->advertise = n->kind == YAML_TEXT ? n->text : STR("?");
	if (!split_hostport(s, &host, &port))
		host = STR_NONE;
	is_ip = addr_parse_ip(host, &a);
	if (is_ip && addr_is_any(&a)) {
		config_problem(r, n->mark,
			       "%s is nowhere: write a name or address that others "
			       "can reach",
			       config_found(r, n));
	} else if (!is_ip && !user_domain_valid(host)) {
		config_problem(r, n->mark,
			       "expected a name or address that others can reach, "
			       "found %s",
			       config_found(r, n));
	} else {
		l->port = port;
		l->host = a.family == 6 && host.n && host.p[0] != '['
				  ? arena_fmt(r->arena, "[%.*s]", STR_ARG(host))
				  : host;
	}
}

static void check_wildcard(struct config_reader *r, const struct config_listen *l)
{
	if (str_empty(l->text) || !addr_is_any(&l->at) || !str_empty(l->advertise))
		return;
	config_problem(r, l->mark,
		       "a wildcard address needs a name or address to give to others: "
		       "{ at: \"%.*s\", advertise: sip.example.com }",
		       STR_ARG(l->text));
}

void config_read_listen(struct config_reader *r, const struct config_key *k,
			const struct yaml_node *n, void *field)
{
	struct config *c = r->config;
	struct config_listen *l =
		items_new(r, n, sizeof(*l), LISTEN_MAX, "[\"udp://127.0.0.1:5060\"]");
	unsigned count = 0;

	if (!l)
		return;
	for (const struct yaml_node *i = n->first; i; i = i->next) {
		unsigned problems = r->n_problems;

		if (i->kind == YAML_MAP)
			config_read_map(r, k->keys, i, &l[count]);
		else
			config_read_at(r, k, i, &l[count]);
		check_wildcard(r, &l[count]);
		if (!str_empty(l[count].text))
			count++;
		else if (problems == r->n_problems)
			config_problem(
				r, i->mark,
				"a listener needs an address: { at: \"udp://127.0.0.1:5060\" }");
	}
	if (!n->first)
		config_problem(r, n->mark, "at least one address must stand here");
	c->listen = l;
	c->n_listen = count;
}

/* ---- routes ---- */

static bool read_uri(struct config_reader *r, const struct yaml_node *n, struct str *ret)
{
	const char *why = "";
	struct sip_uri u;

	if (n->kind == YAML_TEXT && sip_uri_parse(n->text, &u, &why) &&
	    (u.scheme == SIP_SCHEME_SIP || u.scheme == SIP_SCHEME_SIPS)) {
		*ret = n->text;
		return true;
	}
	config_problem(r, n->mark,
		       "expected a SIP URI such as sip:10.0.0.9;transport=tcp, found %s%s%s",
		       config_found(r, n), why[0] ? ": " : "", why);
	return false;
}

/* One URI, or a list of them. */
void config_read_targets(struct config_reader *r, const struct config_key *k,
			 const struct yaml_node *n, void *field)
{
	const struct yaml_node one = {.kind = YAML_LIST, .mark = n->mark};
	struct config_route *route = field;
	const struct yaml_node *list = n->kind == YAML_LIST ? n : &one;

	route->to = items_new(r, list, sizeof(*route->to), TARGETS_MAX, "[\"sip:10.0.0.9\"]");
	if (!route->to)
		return;
	if (n->kind != YAML_LIST)
		route->n_to += read_uri(r, n, route->to);
	for (const struct yaml_node *i = list->first; i; i = i->next)
		route->n_to += read_uri(r, i, &route->to[route->n_to]);
}

static void check_route(struct config_reader *r, const struct config_route *route)
{
	if (route->mode == CONFIG_REDIRECT)
		return;
	if (route->n_to > 1)
		config_problem(r, route->mark, "several \"to\" are for mode: redirect");
	if (route->status != CONFIG_STATUS_AUTO)
		config_problem(r, route->mark, "\"status\" is for mode: redirect");
}

void config_read_routes(struct config_reader *r, const struct config_key *k,
			const struct yaml_node *n, void *field)
{
	struct config *c = r->config;
	struct config_route *route =
		items_new(r, n, sizeof(*route), ITEMS_MAX,
			  "[{ match: \"sip:+*@example.com\", to: \"sip:10.0.0.9\" }]");
	unsigned count = 0;

	if (!route)
		return;
	for (const struct yaml_node *i = n->first; i; i = i->next) {
		unsigned problems = r->n_problems;
		struct config_route *at = &route[count];

		at->mark = i->mark;
		if (i->kind != YAML_MAP) {
			config_problem(r, i->mark, "expected { match: PATTERN, to: URI }, found %s",
				       config_found(r, i));
			continue;
		}
		config_read_map(r, k->keys, i, at);
		check_route(r, at);
		if (!str_empty(at->match) && at->n_to)
			count++;
		else if (problems == r->n_problems)
			config_problem(r, i->mark, "a route needs \"%s\"",
				       str_empty(at->match) ? "match" : "to");
	}
	c->routes = route;
	c->n_routes = count;
}

/* ---- lists of words, ranges ---- */

void config_read_algorithms(struct config_reader *r, const struct config_key *k,
			    const struct yaml_node *n, void *field)
{
	struct config *c = r->config;
	unsigned count = 0;

	if (n->kind != YAML_LIST || !n->first) {
		config_problem(r, n->mark, "expected a list, as [SHA-256, MD5], found %s",
			       n->kind == YAML_LIST ? "an empty one" : config_found(r, n));
		return;
	}
	for (const struct yaml_node *i = n->first; i; i = i->next) {
		unsigned word = 2;

		config_read_word(r, k, i, &word);
		if (word == 2)
			continue;
		if (count == 2 || (count == 1 && c->algorithms[0] == word))
			config_problem(r, i->mark, "%s is listed twice", k->words[word]);
		else
			c->algorithms[count++] = word;
	}
	c->n_algorithms = count;
}

void config_read_ports(struct config_reader *r, const struct config_key *k,
		       const struct yaml_node *n, void *field)
{
	struct config *c = r->config;
	struct str rest = n->kind == YAML_TEXT ? n->text : STR_NONE;
	struct str first = str_trim(str_split(&rest, '-'));
	uint32_t from, to;

	if (str_to_u32(first, &from) && str_to_u32(str_trim(rest), &to) && from >= 1024 &&
	    to <= 65535 && to > from) {
		c->media_port_min = from;
		c->media_port_max = to;
	} else {
		config_problem(r, n->mark, "expected FIRST-LAST within 1024-65535, found %s",
			       config_found(r, n));
	}
}
