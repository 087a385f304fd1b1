/* net/port.h - binding an address so that only this process's workers share it, and
 * naming who else holds one.  Linux: reads /proc. */
#ifndef TSUWA_NET_PORT_H
#define TSUWA_NET_PORT_H

#include "base/flow.h"

/* "kamailio (pid 123)" of who listens on the address, into room; "a process of
 * another user" when /proc does not say more.  False when nobody does. */
bool net_port_holder(enum transport t, const struct addr *addr, char *room, size_t size);

/* Would a bind without SO_REUSEPORT succeed?  0, -EADDRINUSE or -errno.  It asks
 * before a shared bind, which would quietly join another server of the same user. */
int port_probe(enum transport t, const struct addr *addr);

/* A non-blocking socket that is bound to addr and shares it (SO_REUSEPORT); not yet
 * listening.  0 or -errno; ret_bound has the port. */
int port_bind(enum transport t, const struct addr *addr, int *ret_fd, struct addr *ret_bound);

#endif
