/* net/udp.h - the UDP sockets of one worker: datagrams come and go in batches, what
 * is sent gathers until the batch ends, nothing is allocated on the way.
 * Internal to net/. */
#ifndef TSUWA_NET_UDP_H
#define TSUWA_NET_UDP_H

#include "base/flow.h"
#include "base/wheel.h"

struct net;
struct udp_socket;
struct udp_scratch;

struct udp {
	struct net *net;
	struct udp_socket **sockets; /* by listener, NULL where it is none */
	size_t n;
	struct udp_scratch *scratch; /* made with the first socket */
	struct timer tell; /* unreachable peers, out of their sender's call */
};

/* 0 or -ENOMEM. */
int udp_init(struct udp *u, struct net *net, size_t n_listeners);
void udp_fini(struct udp *u);

/* Takes fd, also on failure.  0, -ENOMEM or -errno. */
int udp_add(struct udp *u, size_t listener, int fd, const struct addr *local);
bool udp_local(const struct udp *u, size_t listener, struct addr *ret);

/* 0 (also when the queue is full: then it is dropped and counted, as a network
 * would), -ENOTCONN (no such listener), -EMSGSIZE. */
int udp_send(struct udp *u, const struct flow *flow, struct str bytes);
/* Everything that was gathered leaves. */
void udp_flush(struct udp *u);

#endif
