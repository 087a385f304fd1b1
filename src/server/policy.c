#include "server/policy.h"

#include <errno.h>
#include <ifaddrs.h>

#include "net/sockaddr.h"

int policy_listener(const struct config_listen *l, const struct addr *bound,
		    struct tport_listener *ret)
{
	char room[ADDR_TEXT_MAX];
	struct buf b = buf_over(room, sizeof(room));
	struct tport_listener t = {.transport = l->transport,
				   .bound = *bound,
				   .port = l->port ? l->port : bound->port};
	int err;

	addr_put_ip(&b, bound);
	err = str_dup(str_empty(l->host) ? buf_str(&b) : l->host, &t.host);
	if (!err)
		*ret = t;
	return err;
}

/* Adds a name to the domain that was added last, unless the configuration gives it to another.
 * IPv6 is known with and without its brackets. */
static int add_alias(struct app_policy *p, const struct config *c, struct str host)
{
	const struct config_domain *owner = config_domain(c, host);
	bool known = app_policy_domain(p, host) != NULL;
	int err = 0;

	if (!known && (!owner || owner == &c->domains[p->n_domains - 1]))
		err = app_policy_add_alias(p, host);
	if (!err && host.n > 2 && host.p[0] == '[')
		err = add_alias(p, c, str_of(host.p + 1, host.n - 2));
	return err;
}

static int add_address(struct app_policy *p, const struct config *c, const struct addr *a)
{
	char room[ADDR_TEXT_MAX];
	struct buf b = buf_over(room, sizeof(room));

	addr_put_ip(&b, a);
	return add_alias(p, c, buf_str(&b));
}

/* All addresses of the host in the family of a wildcard. */
static int add_host_addresses(struct app_policy *p, const struct config *c, unsigned family)
{
	struct ifaddrs *all;
	int err = 0;

	if (getifaddrs(&all))
		return 0;
	for (struct ifaddrs *i = all; i && !err; i = i->ifa_next) {
		int kind = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
		union sockaddr_any s = {0};
		struct addr a;

		if (kind != AF_INET && kind != AF_INET6)
			continue;
		memcpy(&s, i->ifa_addr, kind == AF_INET ? sizeof(s.in4) : sizeof(s.in6));
		if (sockaddr_to(&s, &a) && a.family == family && !a.scope)
			err = add_address(p, c, &a);
	}
	freeifaddrs(all);
	return err;
}

static int add_listeners(struct app_policy *p, const struct config *c,
			 const struct tport_listener *listeners, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		const struct addr *a = &listeners[i].bound;

		err = add_alias(p, c, listeners[i].host);
		if (!err)
			err = addr_is_any(a) ? add_host_addresses(p, c, a->family)
					     : add_address(p, c, a);
	}
	return err;
}

static int add_domain(struct app_policy *p, const struct config *c, const struct config_domain *d)
{
	int err = app_policy_add_domain(p, d->name);

	if (!err)
		p->domains[p->n_domains - 1].redirect = d->mode == CONFIG_DOMAIN_REDIRECT;
	for (unsigned i = 0; i < d->n_aliases && !err; i++)
		err = add_alias(p, c, d->aliases[i]);
	return err;
}

static int add_route(struct app_policy *p, const struct config_route *r)
{
	static const enum app_route_mode modes[] = {
		[CONFIG_PROXY] = APP_ROUTE_PROXY,
		[CONFIG_REDIRECT] = APP_ROUTE_REDIRECT,
		[CONFIG_STATELESS] = APP_ROUTE_STATELESS,
	};
	static const unsigned statuses[] = {
		[CONFIG_300] = 300,
		[CONFIG_301] = 301,
		[CONFIG_302] = 302,
	};
	int err = app_policy_add_route(p, r->match, modes[r->mode], r->to[0]);

	for (unsigned i = 1; i < r->n_to && !err; i++)
		err = app_policy_add_target(p, r->to[i]);
	if (!err)
		p->routes[p->n_routes - 1].status = statuses[r->status];
	return err;
}

static uint32_t seconds(uint64_t ms)
{
	return (uint32_t)((ms + 999) / 1000);
}

static void set_numbers(struct app_policy *p, const struct config *c)
{
	p->n_algorithms = c->n_algorithms;
	for (unsigned i = 0; i < c->n_algorithms; i++)
		p->algorithms[i] = c->algorithms[i] == CONFIG_MD5 ? SIP_ALG_MD5 : SIP_ALG_SHA256;
	p->auth_register = c->auth_register;
	p->auth_invite = c->auth_invite;
	p->nonce_life_ms = (uint32_t)c->nonce_life_ms;
	p->min_expires_s = seconds(c->min_expires_ms);
	p->max_expires_s = seconds(c->max_expires_ms);
	p->default_expires_s = seconds(c->default_expires_ms);
	p->max_contacts = (unsigned)c->max_contacts;
	p->timer_c_ms = (uint32_t)c->timer_c_ms;
	p->max_forks = (unsigned)c->max_forks;
	p->recurse = c->recurse;
	p->source_rate = (unsigned)c->refusals_per_s;
}

int policy_make(const struct config *c, const struct tport_listener *listeners, unsigned n,
		struct app_policy **ret)
{
	struct app_policy *p = app_policy_new();
	int err = p ? 0 : -ENOMEM;

	if (!err)
		set_numbers(p, c);
	for (unsigned i = 0; i < c->n_domains && !err; i++) {
		err = add_domain(p, c, &c->domains[i]);
		if (!err && i == 0)
			err = add_listeners(p, c, listeners, n);
	}
	for (unsigned i = 0; i < c->n_routes && !err; i++)
		err = add_route(p, &c->routes[i]);
	if (err)
		app_policy_unref(&p);
	else
		*ret = p;
	return err;
}
