/* media/ports.h - pairs of UDP sockets for RTP (even port) and RTCP (the next), RFC 3550
 * s11.  Private to media/. */
#ifndef TSUWA_MEDIA_PORTS_H
#define TSUWA_MEDIA_PORTS_H

#include "base/addr.h"

/* Non-blocking, told of ICMP errors, marked for expedited forwarding (RFC 4594 s4.1).
 * random: where in min..max the search starts.  at->port not 0: exactly there.
 * 0 or -errno; *ret_local is the RTP address. */
int ports_open(const struct addr *at, uint16_t min, uint16_t max, uint32_t random, int ret_fd[2],
	       struct addr *ret_local);

#endif
