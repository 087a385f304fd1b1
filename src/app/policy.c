#include "app/policy.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/list.h"

#define HOST_MAX 255            /* of a host that can be ours */

/* One name of a domain in policy.names. */
struct name {
	struct map_node node;
	unsigned domain;                /* index: the array moves while it grows */
	unsigned n;
	char text[];
};

struct app_policy *app_policy_new(void)
{
	struct app_policy *p = xzalloc(sizeof(*p));

	if (!p || map_init(&p->names, 16)) {
		xfree(p);
		return NULL;
	}
	atomic_init(&p->refs, 1);
	p->algorithms[0] = SIP_ALG_SHA256;
	p->algorithms[1] = SIP_ALG_MD5;
	p->n_algorithms = 2;
	p->auth_register = p->auth_invite = true;
	p->min_expires_s = 60;
	p->max_expires_s = 7200;
	p->default_expires_s = 3600;
	p->max_contacts = 10;
	p->timer_c_ms = 181000;
	p->nonce_life_ms = 300000;
	p->max_forks = 20;
	return p;
}

struct app_policy *app_policy_ref(struct app_policy *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

static void domain_fini(struct app_domain *d)
{
	for (unsigned i = 0; i < d->n_aliases; i++)
		str_free(&d->aliases[i]);
	xfree(d->aliases);
	str_free(&d->name);
}

static void route_fini(struct app_route *r)
{
	for (unsigned i = 0; i < r->n_to; i++)
		str_free(&r->to[i]);
	xfree(r->to);
	str_free(&r->match);
}

static void names_fini(struct map *names)
{
	struct map_node *n;

	while ((n = map_pop(names)))
		xfree(container_of(n, struct name, node));
	map_fini(names);
}

void app_policy_unref(struct app_policy **pp)
{
	struct app_policy *p = *pp;

	*pp = NULL;
	if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < p->n_domains; i++)
		domain_fini(&p->domains[i]);
	for (unsigned i = 0; i < p->n_routes; i++)
		route_fini(&p->routes[i]);
	names_fini(&p->names);
	xfree(p->domains);
	xfree(p->routes);
	xfree(p);
}

/* Room for one more of size bytes, zeroed; the array moves. */
static void *grow(void *array, unsigned n, size_t size)
{
	char *moved = xrealloc(array, (n + 1) * size);

	if (moved)
		memset(moved + n * size, 0, size);
	return moved;
}

static int lower_dup(struct str s, struct str *ret)
{
	struct str copy;

	if (str_dup(s, &copy))
		return -ENOMEM;
	for (size_t i = 0; i < copy.n; i++)
		((char *)copy.p)[i] = ascii_lower(copy.p[i]);
	*ret = copy;
	return 0;
}

/* ---- names of domains ---- */

/* One spelling of a host: without case and the root's dot; an address has many (RFC 5118 s4.10).
 * False: too long to be ours. */
static bool put_name(struct buf *b, struct str host)
{
	struct addr ip;

	if (addr_parse_ip(host, &ip)) {
		addr_put_ip(b, &ip);
		return !b->failed;
	}
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	for (size_t i = 0; i < host.n && !b->failed; i++)
		buf_putc(b, ascii_lower(host.p[i]));
	return !b->failed;
}

static bool name_is(const struct map_node *node, const void *key)
{
	const struct name *n = container_of(node, struct name, node);

	return str_eq(str_of(n->text, n->n), *(const struct str *)key);
}

/* Only the operator fills the table: the seed need not be a secret. */
static uint64_t name_hash(struct str name)
{
	static const struct hash_seed seed = { 0x7473757761, 0x646f6d };

	return hash_str(&seed, name);
}

static const struct name *spelled_so(const struct app_policy *p, struct str key)
{
	struct map_node *node = map_find(&p->names, name_hash(key), name_is, &key);

	return node ? container_of(node, struct name, node) : NULL;
}

/* Most peers spell a host as the table does: the others' spelling is worked out only when that
 * finds nothing. */
static const struct name *name_find(const struct app_policy *p, struct str host)
{
	const struct name *n = spelled_so(p, host);
	char room[HOST_MAX];
	struct buf b = buf_over(room, sizeof(room));

	if (n)
		return n;
	return put_name(&b, host) && !str_eq(buf_str(&b), host) ? spelled_so(p, buf_str(&b)) : NULL;
}

/* What two domains claim is the first one's; a name that is too long is nobody's. */
static int name_add(struct app_policy *p, struct str host, unsigned domain)
{
	char room[HOST_MAX];
	struct buf b = buf_over(room, sizeof(room));
	struct name *n;

	if (!put_name(&b, host) || name_find(p, host))
		return 0;
	n = xmalloc(sizeof(*n) + b.n);
	if (!n)
		return -ENOMEM;
	n->domain = domain;
	n->n = (unsigned)b.n;
	memcpy(n->text, b.p, b.n);
	map_add(&p->names, &n->node, name_hash(buf_str(&b)));
	return 0;
}

int app_policy_add_domain(struct app_policy *p, struct str name)
{
	struct app_domain *all = grow(p->domains, p->n_domains, sizeof(*all));

	if (!all)
		return -ENOMEM;
	p->domains = all;
	if (lower_dup(name, &all[p->n_domains].name))
		return -ENOMEM;
	return name_add(p, name, p->n_domains++);
}

int app_policy_add_alias(struct app_policy *p, struct str name)
{
	struct app_domain *d = &p->domains[p->n_domains - 1];
	struct str *all = grow(d->aliases, d->n_aliases, sizeof(*all));

	if (!all)
		return -ENOMEM;
	d->aliases = all;
	if (lower_dup(name, &all[d->n_aliases]))
		return -ENOMEM;
	d->n_aliases++;
	return name_add(p, name, p->n_domains - 1);
}

/* ---- routes ---- */

int app_policy_add_target(struct app_policy *p, struct str to)
{
	struct app_route *r = &p->routes[p->n_routes - 1];
	struct str *all = grow(r->to, r->n_to, sizeof(*all));

	if (!all)
		return -ENOMEM;
	r->to = all;
	if (str_dup(to, &all[r->n_to]))
		return -ENOMEM;
	r->n_to++;
	return 0;
}

int app_policy_add_route(struct app_policy *p, struct str match, enum app_route_mode mode,
			 struct str to)
{
	struct app_route *all = grow(p->routes, p->n_routes, sizeof(*all)), *r;

	if (!all)
		return -ENOMEM;
	p->routes = all;
	r = &all[p->n_routes];
	if (str_dup(match, &r->match))
		return -ENOMEM;
	r->mode = mode;
	p->n_routes++;
	if (!app_policy_add_target(p, to))
		return 0;
	route_fini(r);
	p->n_routes--;
	return -ENOMEM;
}

/* ---- questions ---- */

const struct app_domain *app_policy_domain(const struct app_policy *p, struct str host)
{
	const struct name *n = name_find(p, host);

	return n ? &p->domains[n->domain] : NULL;
}

bool app_policy_aor(const struct app_policy *p, const struct sip_uri *uri, struct buf *b)
{
	const struct app_domain *d;
	size_t start = b->n, at;
	struct str text;

	if (!sip_uri_aor(uri, b) || b->failed)
		return false;
	text = str_of(b->p + start, b->n - start);
	if (uri->scheme == SIP_SCHEME_TEL) {
		d = p->n_domains ? &p->domains[0] : NULL;
		buf_putc(b, '@');
	} else {
		at = uri->has_user ? text.n : 0;
		while (at > 0 && text.p[at - 1] != '@')
			at--;
		d = app_policy_domain(p, uri->host);
		if (d)
			b->n = start + at;
	}
	if (d)
		buf_puts(b, d->name);
	return !b->failed;
}

/* Glob with * and ?: the last star is the one to widen. */
static bool glob(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, star_i = 0;

	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			star_i = i;
		} else if (p < pattern.n && (pattern.p[p] == '?' ||
					     ascii_lower(pattern.p[p]) == ascii_lower(s.p[i]))) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

const struct app_route *app_policy_route(const struct app_policy *p, const struct sip_uri *uri)
{
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	struct str maddr;

	buf_puts(&b, STR("sip:"));
	/* A URI that says itself where to go (s16.5). */
	if (p->n_routes == 0 || sip_uri_param(uri, STR("maddr"), &maddr) ||
	    !app_policy_aor(p, uri, &b))
		return NULL;
	for (unsigned i = 0; i < p->n_routes; i++) {
		if (glob(p->routes[i].match, buf_str(&b)))
			return &p->routes[i];
	}
	return NULL;
}

struct str app_policy_route_uri(const struct app_route *r, unsigned i, const struct sip_uri *uri,
				struct arena *arena)
{
	struct str user = uri->user;
	char room[128];
	struct buf number = buf_over(room, sizeof(room));
	struct sip_uri to;

	if (uri->scheme == SIP_SCHEME_TEL && sip_uri_aor(uri, &number))
		user = buf_str(&number);
	if (!sip_uri_parse(r->to[i], &to, NULL) || !str_empty(to.user) || str_empty(user))
		return r->to[i];
	return arena_fmt(arena, "%s:%.*s@%.*s%s%.*s", to.scheme == SIP_SCHEME_SIPS ? "sips" : "sip",
			 STR_ARG(user), STR_ARG(to.hostport), str_empty(to.params) ? "" : ";",
			 STR_ARG(to.params));
}
