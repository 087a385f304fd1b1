/* net/tcp.h - how connections come to be: accepting and connecting.
 * Internal to net/. */
#ifndef TSUWA_NET_TCP_H
#define TSUWA_NET_TCP_H

#include "base/flow.h"

struct net;
struct tcp_listener;

/* Listens on fd, and takes it also on failure.  0 or -errno. */
int tcp_listen(struct net *net, size_t listener, int fd, const struct addr *local,
	       struct tcp_listener **ret);
void tcp_listener_free(struct tcp_listener **l);
struct addr tcp_listener_local(const struct tcp_listener *l);

/* As io->open().  A connect() that fails at once is told by on_closed, like one that
 * fails later. */
int tcp_open(struct net *net, enum transport t, const struct addr *remote, const struct addr *local,
	     struct flow *ret);

#endif
