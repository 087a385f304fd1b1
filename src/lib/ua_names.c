/* Names of a user agent: where it is, what it calls itself, where its requests go. */
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ua.h"
#include "net/sockaddr.h"
#include "tport/tport.h"

/* Which address of ours leads there: the kernel knows, without a packet sent. */
static bool source_towards(const struct sockaddr *sa, socklen_t n, struct addr *ret)
{
	int fd = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	if (fd < 0)
		return false;
	good = connect(fd, sa, n) == 0 && socket_local(fd, ret) == 0;
	close(fd);
	ret->port = 0;
	return good;
}

static bool towards_host(struct str host, struct addr *ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list, *ai;
	char name[256];
	bool good = false;

	if (getaddrinfo(str_to_c(host, name, sizeof(name)), "5060", &hints, &list) != 0)
		return false;
	for (ai = list; ai && !good; ai = ai->ai_next)
		if (ai->ai_family == AF_INET)
			good = source_towards(ai->ai_addr, ai->ai_addrlen, ret);
	for (ai = list; ai && !good; ai = ai->ai_next)
		good = source_towards(ai->ai_addr, ai->ai_addrlen, ret);
	freeaddrinfo(list);
	return good;
}

static bool towards_uri(struct str text, struct addr *ret)
{
	struct sip_uri uri;

	return sip_uri_parse(text, &uri, NULL) && !str_empty(uri.host) &&
	       towards_host(uri.host, ret);
}

void lib_ua_find_local(struct tsuwa_ua *u, struct str target)
{
	const struct tsuwa_account *a = &u->account;
	struct str domain = str_first(a->domain, str_find(a->domain, ':'));

	u->local = u->listen;
	u->local.port = 0;
	if (u->local.family && !addr_is_any(&u->local))
		return;
	if ((str_empty(a->proxy) || !towards_uri(a->proxy, &u->local)) &&
	    (str_empty(domain) || !towards_host(domain, &u->local)) &&
	    (str_empty(target) || !towards_uri(target, &u->local)) &&
	    !towards_host(STR("198.51.100.1"), &u->local))
		addr_parse_ip(STR("127.0.0.1"), &u->local);
}

bool lib_ua_learn_address(struct tsuwa_ua *u, const struct sip_rx *response)
{
	const struct sip_via *via = &response->head.via;
	struct tport_listener *l = &u->listeners[0];
	struct buf b = buf_over(u->hosts[0], ADDR_TEXT_MAX);
	struct addr seen, now;

	if (response->flow.transport != TRANSPORT_UDP || !via->rport ||
	    !addr_parse_ip(via->received, &seen))
		return false;
	if (via->rport == l->port && addr_parse_ip(l->host, &now) && addr_same_ip(&now, &seen))
		return false;
	addr_put_ip(&b, &seen);
	l->host = buf_str(&b);
	l->port = via->rport;
	return true;
}

void lib_ua_put_from(const struct tsuwa_ua *u, struct buf *b)
{
	buf_putc(b, '<');
	if (str_empty(u->account.user))
		buf_fmt(b, "sip:tsuwa@%.*s", STR_ARG(u->listeners[0].host));
	else
		lib_account_put_aor(&u->account, b);
	buf_putc(b, '>');
}

void lib_ua_put_next_hop(const struct tsuwa_ua *u, struct str target, struct buf *b)
{
	const struct tsuwa_account *a = &u->account;
	bool tcp = a->transport == TRANSPORT_TCP;
	struct sip_uri uri;

	if (!str_empty(a->proxy))
		buf_puts(b, a->proxy);
	else if (tcp && sip_uri_parse(target, &uri, NULL) && uri.scheme == SIP_SCHEME_SIP)
		buf_fmt(b, "sip:%.*s", STR_ARG(uri.hostport));
	if (b->n && tcp && str_find(buf_str(b), ';') == b->n)
		buf_puts(b, STR(";transport=tcp"));
}

void lib_ua_put_contact_uri(const struct tsuwa_ua *u, const struct flow *flow, struct buf *b)
{
	struct str user = u->account.user;

	buf_puts(b, STR("sip:"));
	sip_put_escaped_user(b, str_empty(user) ? STR("tsuwa") : user);
	buf_putc(b, '@');
	tport_put_hostport(core_tport(u->core), flow, b);
}
