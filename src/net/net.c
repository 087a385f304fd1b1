#include "net/net.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "net/inside.h"
#include "net/tcp.h"

#define LISTENERS_MAX 64

static struct net *net_of(struct io *io)
{
	return container_of(io, struct net, io);
}

/* The engine's interface */

static int net_send(struct io *io, const struct flow *flow, struct str bytes)
{
	struct net *n = net_of(io);
	struct conn *c;

	if (flow->transport == TRANSPORT_UDP)
		return udp_send(&n->udp, flow, bytes);
	if (!flow_is_stream(flow) || flow->worker >= io->workers)
		return -ENOTCONN;
	if (flow->worker != io->worker)
		return relay_post(n, flow->worker, RELAY_SEND, flow, bytes);
	c = conn_find(&n->conns, flow);
	return c ? conn_send(c, bytes) : -ENOTCONN;
}

static int net_open(struct io *io, enum transport t, const struct addr *remote,
		    const struct addr *local, struct flow *ret)
{
	return tcp_open(net_of(io), t, remote, local, ret);
}

static void net_close(struct io *io, const struct flow *flow)
{
	struct net *n = net_of(io);
	struct conn *c;

	if (!flow_is_stream(flow) || flow->worker >= io->workers)
		return;
	if (flow->worker != io->worker) {
		relay_post(n, flow->worker, RELAY_CLOSE, flow, STR_NONE);
		return;
	}
	c = conn_find(&n->conns, flow);
	if (c)
		conn_close(c);
}

static void net_pause(struct io *io, const struct flow *flow, bool paused)
{
	struct conn *c = NULL;

	if (flow_is_stream(flow) && flow->worker == io->worker)
		c = conn_find(&net_of(io)->conns, flow);
	if (c)
		conn_pause(c, paused);
}

static void net_resolve(struct io *io, struct io_query *q)
{
	dns_resolve(net_of(io)->dns, q);
}

static void net_resolve_cancel(struct io *io, struct io_query *q)
{
	dns_cancel(net_of(io)->dns, q);
}

static void net_append(struct io *io, struct str record, struct io_append *a)
{
	struct net_store *s = &net_of(io)->store;

	assert(s->append);
	s->append(s->ctx, record, a);
}

static void net_append_cancel(struct io *io, struct io_append *a)
{
	struct net_store *s = &net_of(io)->store;

	s->append_cancel(s->ctx, a);
}

static int net_post(struct io *io, unsigned worker, unsigned kind, const struct flow *flow,
		    struct str bytes)
{
	if (worker >= io->workers || kind >= RELAY_SEND)
		return -EINVAL;
	return relay_post(net_of(io), worker, (uint16_t)kind, flow, bytes);
}

static void net_random(struct io *io, void *ret, size_t n)
{
	entropy_take(&net_of(io)->entropy, ret, n);
}

static uint64_t net_wall_ms(struct io *io)
{
	return clock_wall_ms();
}

static const struct io_ops ops = {
	.send = net_send,
	.open = net_open,
	.close = net_close,
	.pause = net_pause,
	.resolve = net_resolve,
	.resolve_cancel = net_resolve_cancel,
	.append = net_append,
	.append_cancel = net_append_cancel,
	.post = net_post,
	.random = net_random,
	.wall_ms = net_wall_ms,
};

/* The loop's rounds */

static void before_sleep(void *ctx)
{
	struct net *n = (struct net *)ctx;

	if (n->io.user && n->io.user->on_batch_end)
		n->io.user->on_batch_end(n->io.user->ctx);
	conns_flush(&n->conns);
	udp_flush(&n->udp);
}

static bool ready(void *ctx)
{
	return relay_ready((struct net *)ctx);
}

static void after_wake(void *ctx)
{
	struct net *n = (struct net *)ctx;

	n->io.now_ms = loop_now_ms(n->loop);
	relay_take(n);
}

/* Life */

static void or_default(uint32_t *limit, uint32_t value)
{
	if (*limit == 0)
		*limit = value;
}

static void set_limits(struct net_limits *l)
{
	or_default(&l->max_connections, 20000);
	or_default(&l->connect_ms, 5000);
	or_default(&l->idle_ms, 600000);
	or_default(&l->first_bytes_ms, 30000);
	or_default(&l->unread_ms, 30000);
	or_default(&l->linger_ms, 5000);
	or_default(&l->out_bytes, 1u << 20);
	or_default(&l->datagram_queue_bytes, 1u << 20);
	or_default(&l->socket_buffer_bytes, 8u << 20);
	or_default(&l->resolve_ms, 5000);
}

static int copy_listeners(struct net *n, const struct net_conf *conf)
{
	n->listeners = xcalloc(conf->n_listeners, sizeof(*n->listeners));
	n->acceptors = xcalloc(conf->n_listeners, sizeof(struct tcp_listener *));
	if (!n->listeners || !n->acceptors)
		return -ENOMEM;
	if (conf->n_listeners)
		memcpy(n->listeners, conf->listeners, conf->n_listeners * sizeof(*n->listeners));
	n->n_listeners = conf->n_listeners;
	return 0;
}

static int make_parts(struct net *n, const struct net_conf *conf)
{
	int err = 0;

	if (!n->group) {
		err = net_group_new(1, 0, &n->group);
		n->own_group = !err;
	}
	if (!err)
		err = copy_listeners(n, conf);
	if (!err)
		err = udp_init(&n->udp, n, n->n_listeners);
	if (!err)
		err = conns_init(&n->conns, n);
	if (!err)
		err = dns_new(n, conf->dns_servers, &n->dns);
	return err;
}

static void join(struct net *n, unsigned worker)
{
	n->io.ops = &ops;
	n->io.wheel = loop_wheel(n->loop);
	n->io.log = n->log;
	n->io.now_ms = loop_now_ms(n->loop);
	n->io.worker = worker;
	n->io.workers = net_group_workers(n->group);
	n->hook = (struct loop_hook){before_sleep, ready, after_wake, n};
	loop_hook_add(n->loop, &n->hook);
	group_set_loop(n->group, worker, n->loop);
}

int net_new(struct loop *loop, const struct net_conf *conf, struct net **ret)
{
	unsigned workers = conf->group ? net_group_workers(conf->group) : 1;
	struct net *n;
	int err;

	if (conf->worker >= workers || conf->n_listeners > LISTENERS_MAX)
		return -EINVAL;
	n = xzalloc(sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->loop = loop;
	n->log = conf->log;
	n->group = conf->group;
	n->limits = conf->limits;
	n->store = conf->store;
	list_init(&n->hook.link);
	set_limits(&n->limits);
	err = make_parts(n, conf);
	if (err < 0) {
		net_free(&n);
		return err;
	}
	join(n, conf->worker);
	*ret = n;
	return 0;
}

void net_free(struct net **np)
{
	struct net *n = *np;

	*np = NULL;
	if (!n)
		return;
	loop_hook_del(&n->hook);
	dns_free(&n->dns);
	for (size_t i = 0; n->acceptors && i < n->n_listeners; i++)
		tcp_listener_free(&n->acceptors[i]);
	conns_fini(&n->conns);
	udp_fini(&n->udp);
	xfree(n->acceptors);
	xfree(n->listeners);
	if (n->group && n->io.ops)
		group_set_loop(n->group, n->io.worker, NULL);
	if (n->own_group)
		net_group_free(&n->group);
	xfree(n);
}

struct io *net_io(struct net *n)
{
	return &n->io;
}

struct loop *net_loop(struct net *n)
{
	return n->loop;
}

/* Listeners */

static int listen_at(struct net *n, size_t i)
{
	const struct net_listener *l = &n->listeners[i];
	struct addr *bound = group_bound(n->group, i);
	struct addr at = bound->family ? *bound : l->bind;
	int fd = -1, err = 0;

	if (l->transport != TRANSPORT_UDP && !conn_ops_of(l->transport))
		return -EPROTONOSUPPORT;
	if (!bound->family && at.port)
		err = port_probe(l->transport, &at);
	if (!err)
		err = port_bind(l->transport, &at, &fd, &at);
	if (err < 0)
		return err;
	*bound = at;
	if (l->transport == TRANSPORT_UDP)
		return udp_add(&n->udp, i, fd, &at);
	return tcp_listen(n, i, fd, &at, &n->acceptors[i]);
}

static void explain(const struct net_listener *l, int err, struct buf *why)
{
	char text[ADDR_TEXT_MAX], holder[128];

	buf_fmt(why, "%.*s %s: %s", STR_ARG(transport_name(l->transport)),
		addr_text(&l->bind, text), strerror(-err));
	if (err == -EADDRINUSE && net_port_holder(l->transport, &l->bind, holder, sizeof(holder)))
		buf_fmt(why, " by %s", holder);
	buf_c(why);
}

int net_bind(struct net *n, struct buf *why)
{
	for (size_t i = 0; i < n->n_listeners; i++) {
		int err = listen_at(n, i);

		if (err < 0) {
			explain(&n->listeners[i], err, why);
			return err;
		}
	}
	return 0;
}

bool net_local(const struct net *n, size_t i, struct addr *ret)
{
	if (i >= n->n_listeners)
		return false;
	if (n->acceptors[i]) {
		*ret = tcp_listener_local(n->acceptors[i]);
		return true;
	}
	return udp_local(&n->udp, i, ret);
}

void net_counters_read(const struct net *n, struct net_counters *ret)
{
	const uint64_t *from = (const uint64_t *)&n->counters;
	uint64_t *to = (uint64_t *)ret;

	for (size_t i = 0; i < sizeof(*ret) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}
