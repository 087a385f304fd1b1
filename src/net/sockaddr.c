#include "net/sockaddr.h"

#include <errno.h>

int sockaddr_family(const struct addr *a)
{
	return a->family == 6 ? AF_INET6 : a->family == 4 ? AF_INET : AF_UNSPEC;
}

socklen_t sockaddr_from(const struct addr *a, union sockaddr_any *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (a->family == 4) {
		ret->in4.sin_family = AF_INET;
		ret->in4.sin_port = htons(a->port);
		memcpy(&ret->in4.sin_addr, a->ip, 4);
		return sizeof(ret->in4);
	}
	if (a->family == 6) {
		ret->in6.sin6_family = AF_INET6;
		ret->in6.sin6_port = htons(a->port);
		ret->in6.sin6_scope_id = a->scope;
		memcpy(&ret->in6.sin6_addr, a->ip, 16);
		return sizeof(ret->in6);
	}
	return 0;
}

static void set_ip6(const struct in6_addr *ip, uint32_t scope, struct addr *a)
{
	if (IN6_IS_ADDR_V4MAPPED(ip)) {
		a->family = 4;
		memcpy(a->ip, ip->s6_addr + 12, 4);
		return;
	}
	a->family = 6;
	memcpy(a->ip, ip->s6_addr, 16);
	if (IN6_IS_ADDR_LINKLOCAL(ip))
		a->scope = scope;
}

bool sockaddr_to(const union sockaddr_any *s, struct addr *ret)
{
	struct addr a = {0};

	if (s->sa.sa_family == AF_INET) {
		a.family = 4;
		a.port = ntohs(s->in4.sin_port);
		memcpy(a.ip, &s->in4.sin_addr, 4);
	} else if (s->sa.sa_family == AF_INET6) {
		a.port = ntohs(s->in6.sin6_port);
		set_ip6(&s->in6.sin6_addr, s->in6.sin6_scope_id, &a);
	} else {
		return false;
	}
	*ret = a;
	return true;
}

int socket_local(int fd, struct addr *ret)
{
	union sockaddr_any s;
	socklen_t n = sizeof(s);

	if (getsockname(fd, &s.sa, &n) < 0)
		return -errno;
	return sockaddr_to(&s, ret) ? 0 : -EAFNOSUPPORT;
}

bool pktinfo_read(struct msghdr *m, struct addr *ret)
{
	struct addr a = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			a.family = 4;
			memcpy(a.ip, &info.ipi_addr, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			set_ip6(&info.ipi6_addr, info.ipi6_ifindex, &a);
		}
	}
	if (!a.family)
		return false;
	*ret = a;
	return true;
}

void pktinfo_write(struct msghdr *m, void *room, const struct addr *from)
{
	struct cmsghdr *c = (struct cmsghdr *)room;

	memset(room, 0, PKTINFO_ROOM);
	m->msg_control = room;
	if (from->family == 4) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, from->ip, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		m->msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_ifindex = from->scope};

		memcpy(&info.ipi6_addr, from->ip, 16);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		m->msg_controllen = CMSG_SPACE(sizeof(info));
	}
}
