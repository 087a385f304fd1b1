/* net/net.h - the io of production (base/io.h) for one worker, over a loop: UDP and
 * streams, names, random, rings to the other workers.  Knows no SIP; records go to
 * whoever net_conf.store names. */
#ifndef TSUWA_NET_NET_H
#define TSUWA_NET_NET_H

#include "base/io.h"
#include "net/counters.h"
#include "net/group.h"
#include "net/loop.h"
#include "net/port.h"

struct net;

struct net_listener {
	enum transport transport;
	struct addr bind; /* port 0: the system's choice, see net_local() */
};

/* Where io->append goes; may be all NULL where nothing is appended. */
struct net_store {
	void (*append)(void *ctx, struct str record, struct io_append *a);
	void (*append_cancel)(void *ctx, struct io_append *a);
	void *ctx;
};

/* Bounds; 0 takes the default that stands beside it. */
struct net_limits {
	uint32_t max_connections; /* of this worker: 20000; more are accepted and closed */
	uint32_t connect_ms; /* 5000 */
	uint32_t idle_ms; /* 600000 after the last byte either way */
	uint32_t first_bytes_ms; /* 30000 for an accepted peer to say something */
	uint32_t unread_ms; /* 30000 for a peer to read any of what waits for it */
	uint32_t linger_ms; /* 5000 from close() until the rest is given up */
	uint32_t out_bytes; /* 1 MiB queued on one connection */
	uint32_t datagram_queue_bytes; /* 1 MiB queued on one UDP socket */
	uint32_t socket_buffer_bytes; /* 8 MiB, UDP, as far as the system allows */
	uint32_t resolve_ms; /* 5000 for one name */
};

struct net_conf {
	const struct net_listener *listeners; /* copied */
	size_t n_listeners; /* at most 64 */
	struct net_group *group; /* shared; NULL: a net alone */
	unsigned worker; /* of net_group_workers() */
	const struct log *log; /* borrowed; may be NULL */
	const char *dns_servers; /* "10.0.0.1,[::1]:5353"; NULL: resolv.conf */
	struct net_limits limits;
	struct net_store store;
};

/* Stands on the loop until net_free(); set net_io()->user before the first round.
 * 0, -EINVAL, -ENOMEM. */
int net_new(struct loop *loop, const struct net_conf *conf, struct net **ret);
/* Closes all without a callback.  With workers: after all their threads ended. */
void net_free(struct net **n);
struct io *net_io(struct net *n);
struct loop *net_loop(struct net *n);

/* Binds the listeners (SO_REUSEPORT: one socket a worker).  The first worker makes
 * sure that no other process has the address and chooses the ports that are 0.  One
 * thread binds all nets, before their loops run.  0; -EADDRINUSE, -EACCES,
 * -EPROTONOSUPPORT..., and why says in words which listener and who holds it. */
int net_bind(struct net *n, struct buf *why);
/* Where listener i is bound.  False: it is not. */
bool net_local(const struct net *n, size_t i, struct addr *ret);

/* From any thread. */
void net_counters_read(const struct net *n, struct net_counters *ret);

#endif
