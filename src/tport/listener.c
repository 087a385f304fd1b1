/* Listeners: which one speaks to a peer, and what stands for us in Via, Contact and
 * Record-Route. */
#include "tport/internal.h"

/* How well a listener reaches a peer; 0: not at all.  Loopback reaches nothing but loopback. */
static unsigned suits(const struct tport_listener *l, enum transport transport,
		      const struct addr *remote)
{
	bool loops = addr_is_loopback(remote);

	if (l->transport != transport || l->bound.family != remote->family)
		return 0;
	if (addr_is_any(&l->bound))
		return 2;
	if (addr_is_loopback(&l->bound))
		return loops ? 3 : 0;
	return loops ? 1 : 3;
}

/* The first of the best. */
const struct tport_listener *tport_suits(const struct tport *t, enum transport transport,
					 const struct addr *remote)
{
	const struct tport_listener *best = NULL;
	unsigned best_score = 0;

	for (unsigned i = 0; i < t->conf.n_listeners; i++) {
		unsigned score = suits(&t->conf.listeners[i], transport, remote);

		if (score > best_score) {
			best = &t->conf.listeners[i];
			best_score = score;
		}
	}
	return best;
}

bool tport_can(const struct tport *t, enum transport transport, const struct addr *remote)
{
	return tport_suits(t, transport, remote) != NULL;
}

bool tport_speaks(const struct tport *t, enum transport transport, unsigned family)
{
	for (unsigned i = 0; i < t->conf.n_listeners; i++) {
		const struct tport_listener *l = &t->conf.listeners[i];

		if (l->transport == transport && (!family || l->bound.family == family))
			return true;
	}
	return false;
}

unsigned tport_first_family(const struct tport *t, enum transport transport)
{
	for (unsigned i = 0; i < t->conf.n_listeners; i++)
		if (t->conf.listeners[i].transport == transport)
			return t->conf.listeners[i].bound.family;
	return 0;
}

/* Of a connection that we opened: the one that the peer could connect to. */
const struct tport_listener *tport_listener_of(const struct tport *t, const struct flow *flow)
{
	const struct tport_listener *l;

	if (flow->listener < t->conf.n_listeners)
		return &t->conf.listeners[flow->listener];
	l = tport_suits(t, flow->transport, &flow->remote);
	for (unsigned i = 0; !l && i < t->conf.n_listeners; i++)
		if (t->conf.listeners[i].transport == flow->transport)
			l = &t->conf.listeners[i];
	return l;
}

/* ---- our values ---- */

static void put_hostport(const struct tport *t, const struct flow *flow, struct buf *b)
{
	const struct tport_listener *l = tport_listener_of(t, flow);

	if (!l) {
		addr_put(b, &flow->local);
		return;
	}
	buf_puts(b, l->host);
	if (l->port) {
		buf_putc(b, ':');
		buf_put_u64(b, l->port);
	}
}

void tport_put_via(const struct tport *t, const struct flow *flow, struct str branch, struct buf *b)
{
	buf_puts(b, STR("SIP/2.0/"));
	buf_puts(b, transport_name(flow->transport));
	buf_putc(b, ' ');
	put_hostport(t, flow, b);
	buf_puts(b, STR(";rport;branch="));
	buf_puts(b, branch);
}

void tport_put_hostport(const struct tport *t, const struct flow *flow, struct buf *b)
{
	struct str name = transport_name(flow->transport);

	put_hostport(t, flow, b);
	if (!flow_is_stream(flow))
		return;
	buf_puts(b, STR(";transport="));
	for (size_t i = 0; i < name.n; i++)
		buf_putc(b, ascii_lower(name.p[i]));
}

/* ---- is it us? ---- */

static struct str bare_host(struct str host)
{
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_of(host.p + 1, host.n - 2);
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	return host;
}

static bool is_our_port(const struct tport_listener *l, uint16_t port)
{
	if (!port)
		port = transport_port(l->transport);
	return port == l->bound.port || port == (l->port ? l->port : transport_port(l->transport));
}

/* A wildcard is at least loopback; which other addresses the host has is not for us to know. */
static bool is_our_ip(const struct tport_listener *l, const struct addr *ip)
{
	struct addr advertised;

	if (addr_parse_ip(l->host, &advertised) && addr_same_ip(&advertised, ip))
		return true;
	if (addr_is_any(&l->bound))
		return ip->family == l->bound.family && addr_is_loopback(ip);
	return addr_same_ip(&l->bound, ip);
}

static bool is_our_name(const struct tport_listener *l, struct str host)
{
	if (str_ieq(host, bare_host(l->host)))
		return true;
	return str_ieq(host, STR("localhost")) &&
	       (addr_is_any(&l->bound) || addr_is_loopback(&l->bound));
}

bool tport_is_us(const struct tport *t, struct str host, uint16_t port)
{
	struct addr ip;

	host = bare_host(host);
	for (unsigned i = 0; i < t->conf.n_listeners; i++) {
		const struct tport_listener *l = &t->conf.listeners[i];

		if (is_our_port(l, port) &&
		    (is_our_name(l, host) || (addr_parse_ip(host, &ip) && is_our_ip(l, &ip))))
			return true;
	}
	return false;
}

bool tport_has_port(const struct tport *t, uint16_t port)
{
	for (unsigned i = 0; i < t->conf.n_listeners; i++)
		if (t->conf.listeners[i].port == port || t->conf.listeners[i].bound.port == port)
			return true;
	return false;
}
