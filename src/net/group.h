/* net/group.h - what the workers of one process share: a ring from each to each,
 * and the addresses that the first of them bound.  Made before the threads start,
 * freed after the last of them has ended and each net is freed. */
#ifndef TSUWA_NET_GROUP_H
#define TSUWA_NET_GROUP_H

#include "base/flow.h"
#include "net/loop.h"
#include "net/ring.h"

struct net_group;

#define NET_WORKERS_MAX 256

/* ring_bytes 0: 1 MiB a ring, less when there are many workers (128 MiB in all, but
 * at least 256 KiB a ring).  0, -EINVAL, -ENOMEM. */
int net_group_new(unsigned workers, size_t ring_bytes, struct net_group **ret);
void net_group_free(struct net_group **g);
unsigned net_group_workers(const struct net_group *g);

/* What follows serves net.c only. */
struct ring *group_ring(struct net_group *g, unsigned from, unsigned to);
/* NULL while the worker does not stand. */
struct loop *group_loop(struct net_group *g, unsigned worker);
void group_set_loop(struct net_group *g, unsigned worker, struct loop *loop);
/* The bound address of listener i, family 0 at first; NULL when i is too large. */
struct addr *group_bound(struct net_group *g, size_t i);

#endif
