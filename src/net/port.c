#include "net/port.h"

#include <errno.h>
#include <unistd.h>

#include "net/sockaddr.h"

static int new_socket(enum transport t, const struct addr *addr, int *ret)
{
	int type = t == TRANSPORT_UDP ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(sockaddr_family(addr), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0)
		return -errno;
	/* IPv4 has listeners of its own */
	if (addr->family == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	/* Streams: the last run's connections in TIME_WAIT are no hindrance. */
	if (t != TRANSPORT_UDP)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	*ret = fd;
	return 0;
}

static int bind_to(int fd, const struct addr *addr)
{
	union sockaddr_any s;
	socklen_t n = sockaddr_from(addr, &s);

	return bind(fd, &s.sa, n) < 0 ? -errno : 0;
}

int port_probe(enum transport t, const struct addr *addr)
{
	int fd = -1, err = new_socket(t, addr, &fd);

	if (err < 0)
		return err;
	err = bind_to(fd, addr);
	close(fd);
	return err;
}

int port_bind(enum transport t, const struct addr *addr, int *ret_fd, struct addr *ret_bound)
{
	const int on = 1;
	int fd = -1, err = new_socket(t, addr, &fd);

	if (err < 0)
		return err;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0)
		err = -errno;
	if (!err)
		err = bind_to(fd, addr);
	if (!err)
		err = socket_local(fd, ret_bound);
	if (err < 0) {
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}
