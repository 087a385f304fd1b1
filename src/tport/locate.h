/* tport/locate.h - from a URI to the addresses to try, in order (RFC 3263): explicit transport
 * and port, numeric hosts, NAPTR, SRV with weights, A and AAAA.  Asks io for records;
 * chooses, opens nothing. */
#ifndef TSUWA_TPORT_LOCATE_H
#define TSUWA_TPORT_LOCATE_H

#include "base/io.h"
#include "sip/uri.h"

struct tport;

#define LOCATE_MAX 16

struct locate_target {
	enum transport transport;
	struct addr addr;
};

struct locate;

/* done is called once, never from inside locate_start(): err 0 with n >= 1 targets, -ENOENT (no
 * such name), -EPROTONOSUPPORT (a transport that we don't speak), -ETIMEDOUT.  Targets are
 * borrowed. prefer: the transport when the URI, NAPTR and SRV leave it open (UDP; of a sips:
 * URI TLS).  sips: only secure ones. 0 or -ENOMEM. */
int locate_start(struct tport *tport, struct io *io, const struct sip_uri *uri,
		 enum transport prefer,
		 void (*done)(void *ctx, int err, const struct locate_target *targets, size_t n),
		 void *ctx, struct locate **ret);
/* Harmless on NULL; after done it is freed by itself, and *l was set to NULL before done ran
 * (ret is remembered). */
void locate_cancel(struct locate **l);

/* What needs no look-up (a numeric host): fills one target at once; false when names must be
 * asked. */
bool locate_direct(const struct sip_uri *uri, enum transport prefer, struct locate_target *ret);

#endif
