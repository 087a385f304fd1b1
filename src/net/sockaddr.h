/* net/sockaddr.h - struct addr as the kernel wants it, and back.  IPv4-mapped
 * addresses become IPv4, as base/addr.h promises. */
#ifndef TSUWA_NET_SOCKADDR_H
#define TSUWA_NET_SOCKADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/addr.h"

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/* Its length; 0 when a has no family. */
socklen_t sockaddr_from(const struct addr *a, union sockaddr_any *ret);
/* False on a family that is not IP. */
bool sockaddr_to(const union sockaddr_any *s, struct addr *ret);
int sockaddr_family(const struct addr *a);

/* The address a socket is bound to.  0 or -errno. */
int socket_local(int fd, struct addr *ret);

/* Room for one IP_PKTINFO or IPV6_PKTINFO. */
#define PKTINFO_ROOM CMSG_SPACE(sizeof(struct in6_pktinfo))

/* The address a datagram came to; port stays 0.  False when there is none. */
bool pktinfo_read(struct msghdr *m, struct addr *ret);
/* Makes m leave from the address; room is PKTINFO_ROOM, aligned as a cmsghdr. */
void pktinfo_write(struct msghdr *m, void *room, const struct addr *from);

#endif
