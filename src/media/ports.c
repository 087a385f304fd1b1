#include "media/ports.h"

#include <errno.h>
#include <netinet/ip.h>
#include <unistd.h>

#include "net/sockaddr.h"

#define DSCP_EF 0xb8 /* in the upper six bits */

static void set_options(int fd, int family)
{
	const int on = 1, tos = DSCP_EF;

	if (family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	}
}

/* A descriptor or -errno. */
static int open_at(const struct addr *a)
{
	union sockaddr_any sa;
	socklen_t len = sockaddr_from(a, &sa);
	int fd, err;

	if (len == 0)
		return -EAFNOSUPPORT;
	fd = socket(sa.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	set_options(fd, sa.sa.sa_family);
	if (bind(fd, &sa.sa, len) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int open_pair(const struct addr *at, int ret_fd[2])
{
	struct addr next = *at;
	int rtp, rtcp;

	rtp = open_at(at);
	if (rtp < 0)
		return rtp;
	next.port++;
	rtcp = open_at(&next);
	if (rtcp < 0) {
		close(rtp);
		return rtcp;
	}
	ret_fd[0] = rtp;
	ret_fd[1] = rtcp;
	return 0;
}

int ports_open(const struct addr *at, uint16_t min, uint16_t max, uint32_t random, int ret_fd[2],
	       struct addr *ret_local)
{
	uint32_t first = (min + 1u) & ~1u, pairs = max > first ? (max - first + 1u) / 2 : 0;
	struct addr a = *at;
	int err = -EADDRINUSE;

	if (a.port) {
		err = a.port == UINT16_MAX ? -EINVAL : open_pair(&a, ret_fd);
		if (!err)
			*ret_local = a;
		return err;
	}
	for (uint32_t i = 0; i < pairs && err == -EADDRINUSE; i++) {
		a.port = (uint16_t)(first + (random + i) % pairs * 2);
		err = open_pair(&a, ret_fd);
	}
	if (!err)
		*ret_local = a;
	return err;
}
