#include "net/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/inside.h"
#include "net/sockaddr.h"

#define BACKLOG 4096
#define ACCEPTS 64 /* in one round of the loop */
#define REST_MS 100 /* after an accept() that no spare descriptor helps */
#define LOG_EVERY_MS 1000

struct tcp_listener {
	struct loop_fd fd;
	struct net *net;
	uint16_t listener;
	bool wildcard;
	struct addr local;
	int spare; /* given up for a moment when descriptors run out */
	struct timer rest;
};

/* RFC 9293 as it is: the user's bytes are the wire's. */
static int tcp_start(struct conn *c)
{
	conn_stands(c);
	return 0;
}

static const struct conn_ops tcp_ops = {tcp_start, conn_deliver, conn_queue};

const struct conn_ops *conn_ops_of(enum transport t)
{
	return t == TRANSPORT_TCP ? &tcp_ops : NULL;
}

static void set_options(int fd)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/* Accepting */

static void log_refusal(struct net *net, const char *what)
{
	uint64_t now = loop_now_ms(net->loop);

	net_count(&net->counters.refused, 1);
	if (net->conns.logged_ms && now - net->conns.logged_ms < LOG_EVERY_MS)
		return;
	net->conns.logged_ms = now;
	log_warn(net->log, "connection refused reason=\"%s\" connections=%u max=%u", what,
		 net->conns.n, net->conns.max);
}

static void take(struct tcp_listener *l, int fd, const union sockaddr_any *peer)
{
	struct flow way = {.transport = TRANSPORT_TCP, .listener = l->listener, .local = l->local};
	struct conn *c;

	set_options(fd);
	if (!sockaddr_to(peer, &way.remote) || (l->wildcard && socket_local(fd, &way.local) < 0)) {
		close(fd);
		return;
	}
	c = conn_new(&l->net->conns, fd, &way, true);
	if (c)
		conn_start(c);
	else
		log_refusal(l->net, "too many connections");
}

/* No descriptor is left.  A connection that nobody takes keeps the listener ready and
 * the loop spinning: it is taken on the spare one, and closed.  0, -EAGAIN (there was
 * none) or -errno. */
static int shed(struct tcp_listener *l)
{
	int fd, err;

	if (l->spare < 0)
		return -EMFILE;
	close(l->spare);
	fd = accept4(l->fd.fd, NULL, NULL, SOCK_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (!err)
		log_refusal(l->net, "no file descriptors left");
	return err;
}

static void on_rested(void *ctx)
{
	struct tcp_listener *l = (struct tcp_listener *)ctx;

	if (l->spare < 0)
		l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	loop_mod(l->net->loop, &l->fd, EPOLLIN);
}

/* False: no more for now. */
static bool accept_failed(struct tcp_listener *l, int err)
{
	if (err == EAGAIN)
		return false;
	if (err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM) {
		err = shed(l);
		if (err == 0 || err == -EAGAIN)
			return err == 0;
		loop_mod(l->net->loop, &l->fd, 0);
		loop_timer(l->net->loop, &l->rest, REST_MS);
		return false;
	}
	return true; /* the connection died in the queue (accept(2)): on to the next */
}

static void on_ready(void *ctx, uint32_t events)
{
	struct tcp_listener *l = (struct tcp_listener *)ctx;

	for (int i = 0; i < ACCEPTS; i++) {
		union sockaddr_any peer;
		socklen_t n = sizeof(peer);
		int fd = accept4(l->fd.fd, &peer.sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			take(l, fd, &peer);
		else if (!accept_failed(l, errno))
			return;
	}
}

int tcp_listen(struct net *net, size_t listener, int fd, const struct addr *local,
	       struct tcp_listener **ret)
{
	struct tcp_listener *l = xzalloc(sizeof(*l));
	int err;

	if (!l) {
		close(fd);
		return -ENOMEM;
	}
	l->fd = (struct loop_fd){.fd = fd, .fn = on_ready, .ctx = l};
	l->net = net;
	l->listener = (uint16_t)listener;
	l->local = *local;
	l->wildcard = addr_is_any(local);
	l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	timer_init(&l->rest, on_rested, l);
	err = listen(fd, BACKLOG) < 0 ? -errno : loop_add(net->loop, &l->fd, EPOLLIN);
	if (err < 0)
		tcp_listener_free(&l);
	else
		*ret = l;
	return err;
}

void tcp_listener_free(struct tcp_listener **lp)
{
	struct tcp_listener *l = *lp;

	*lp = NULL;
	if (!l)
		return;
	timer_cancel(loop_wheel(l->net->loop), &l->rest);
	loop_del(l->net->loop, &l->fd);
	close(l->fd.fd);
	if (l->spare >= 0)
		close(l->spare);
	xfree(l);
}

struct addr tcp_listener_local(const struct tcp_listener *l)
{
	return l->local;
}

/* Connecting */

/* Only the address is asked for: the port is the system's, for a listener's port can't
 * be had twice. */
static int bind_local(int fd, const struct addr *local)
{
	struct addr from = *local;
	union sockaddr_any s;
	const int on = 1;
	socklen_t n;

	if (!from.family || addr_is_any(&from))
		return 0;
	from.port = 0;
	n = sockaddr_from(&from, &s);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	return bind(fd, &s.sa, n) < 0 ? -errno : 0;
}

static int open_socket(const struct addr *remote, const struct addr *local, int *ret)
{
	int fd = socket(sockaddr_family(remote), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	set_options(fd);
	err = local ? bind_local(fd, local) : 0;
	if (err < 0)
		close(fd);
	else
		*ret = fd;
	return err;
}

int tcp_open(struct net *net, enum transport t, const struct addr *remote, const struct addr *local,
	     struct flow *ret)
{
	struct flow way = {.transport = (uint8_t)t, .listener = FLOW_NO_LISTENER};
	union sockaddr_any to;
	socklen_t n = sockaddr_from(remote, &to);
	struct conn *c;
	int fd = -1, err;

	if (!conn_ops_of(t))
		return -EPROTONOSUPPORT;
	if (n == 0 || remote->port == 0)
		return -EINVAL;
	err = open_socket(remote, local, &fd);
	if (err < 0)
		return err;
	way.remote = *remote;
	if (local && local->family == remote->family) {
		way.local = *local;
		way.local.port = 0;
	}
	/* Connected before it is watched: a fresh socket reads as hung up. */
	err = connect(fd, &to.sa, n) < 0 && errno != EINPROGRESS ? -errno : 0;
	c = conn_new(&net->conns, fd, &way, false);
	if (!c)
		return -ENOBUFS;
	*ret = c->flow;
	if (err < 0)
		conn_fail(c, err);
	return 0;
}
