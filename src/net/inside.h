/* net/inside.h - struct net as its own files see it: net.c makes it, udp.c, conn.c,
 * tcp.c, relay.c and dns.c each own one part. */
#ifndef TSUWA_NET_INSIDE_H
#define TSUWA_NET_INSIDE_H

#include "net/clock.h"
#include "net/conn.h"
#include "net/dns.h"
#include "net/net.h"
#include "net/udp.h"

/* What one worker tells another beside the engine's own posts. */
enum { RELAY_SEND = 0x8000, RELAY_CLOSE, RELAY_CLOSED };

struct net {
	struct io io;
	struct loop *loop;
	struct loop_hook hook;
	struct net_group *group;
	bool own_group;
	struct net_limits limits;
	struct net_store store;
	const struct log *log;
	struct net_listener *listeners; /* owned */
	size_t n_listeners;
	struct udp udp;
	struct conns conns;
	struct tcp_listener **acceptors; /* by listener, NULL where it is none */
	struct dns *dns;
	struct entropy entropy;
	struct net_counters counters;
};

static inline void net_on_open(struct net *n, const struct flow *f)
{
	if (n->io.user && n->io.user->on_open)
		n->io.user->on_open(n->io.user->ctx, f);
}

static inline void net_on_bytes(struct net *n, const struct flow *f, struct str bytes)
{
	if (n->io.user && n->io.user->on_bytes)
		n->io.user->on_bytes(n->io.user->ctx, f, bytes);
}

static inline void net_on_closed(struct net *n, const struct flow *f, int err)
{
	if (n->io.user && n->io.user->on_closed)
		n->io.user->on_closed(n->io.user->ctx, f, err);
}

static inline void net_on_datagram(struct net *n, const struct flow *f, struct str bytes)
{
	if (n->io.user && n->io.user->on_datagram)
		n->io.user->on_datagram(n->io.user->ctx, f, bytes);
}

static inline void net_on_unreachable(struct net *n, const struct flow *f)
{
	if (n->io.user && n->io.user->on_unreachable)
		n->io.user->on_unreachable(n->io.user->ctx, f);
}

/* Copies a message into another worker's ring and wakes it.  0, -EAGAIN, -EMSGSIZE. */
int relay_post(struct net *n, unsigned worker, uint16_t kind, const struct flow *flow,
	       struct str bytes);
/* Another worker left something. */
bool relay_ready(struct net *n);
/* Takes what other workers left, a bounded share of each. */
void relay_take(struct net *n);

#endif
