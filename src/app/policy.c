#include "app/policy.h"

#include <errno.h>

#include "base/alloc.h"

struct app_policy *app_policy_new(void)
{
	struct app_policy *p = xzalloc(sizeof(*p));

	if (!p)
		return NULL;
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

void app_policy_unref(struct app_policy **pp)
{
	struct app_policy *p = *pp;

	*pp = NULL;
	if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < p->n_domains; i++)
		domain_fini(&p->domains[i]);
	for (unsigned i = 0; i < p->n_routes; i++) {
		str_free(&p->routes[i].match);
		str_free(&p->routes[i].to);
	}
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

int app_policy_add_domain(struct app_policy *p, struct str name)
{
	struct app_domain *all = grow(p->domains, p->n_domains, sizeof(*all));

	if (!all)
		return -ENOMEM;
	p->domains = all;
	if (lower_dup(name, &all[p->n_domains].name))
		return -ENOMEM;
	p->n_domains++;
	return 0;
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
	if (str_dup(to, &r->to)) {
		str_free(&r->match);
		return -ENOMEM;
	}
	r->mode = mode;
	p->n_routes++;
	return 0;
}

/* ip: what host is, when it is an address; one has many spellings (RFC 5118 s4.10). */
static bool is_alias(struct str alias, struct str host, const struct addr *ip)
{
	struct addr a;

	if (!ip->family)
		return str_ieq(alias, host);
	return addr_parse_ip(alias, &a) && addr_same_ip(&a, ip);
}

static bool is_name_of(const struct app_domain *d, struct str host, const struct addr *ip)
{
	if (is_alias(d->name, host, ip))
		return true;
	for (unsigned i = 0; i < d->n_aliases; i++) {
		if (is_alias(d->aliases[i], host, ip))
			return true;
	}
	return false;
}

const struct app_domain *app_policy_domain(const struct app_policy *p, struct str host)
{
	struct addr ip;

	if (!addr_parse_ip(host, &ip))
		ip.family = 0;
	/* A name may be written with the root's dot. */
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	for (unsigned i = 0; i < p->n_domains; i++) {
		if (is_name_of(&p->domains[i], host, &ip))
			return &p->domains[i];
	}
	return NULL;
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

	buf_puts(&b, STR("sip:"));
	if (p->n_routes == 0 || !app_policy_aor(p, uri, &b))
		return NULL;
	for (unsigned i = 0; i < p->n_routes; i++) {
		if (glob(p->routes[i].match, buf_str(&b)))
			return &p->routes[i];
	}
	return NULL;
}

struct str app_policy_route_uri(const struct app_route *r, const struct sip_uri *uri,
				struct arena *arena)
{
	struct str user = uri->user;
	char room[128];
	struct buf number = buf_over(room, sizeof(room));
	struct sip_uri to;

	if (uri->scheme == SIP_SCHEME_TEL && sip_uri_aor(uri, &number))
		user = buf_str(&number);
	if (!sip_uri_parse(r->to, &to, NULL) || !str_empty(to.user) || str_empty(user))
		return r->to;
	return arena_fmt(arena, "%s:%.*s@%.*s%s%.*s", to.scheme == SIP_SCHEME_SIPS ? "sips" : "sip",
			 STR_ARG(user), STR_ARG(to.hostport), str_empty(to.params) ? "" : ";",
			 STR_ARG(to.params));
}
