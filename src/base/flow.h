/* base/flow.h - a flow, named by value: the way a message came and the way back
 * (RFC 5626 s3).  UDP: a listening socket and a remote address, usable by every
 * worker.  Streams: a connection in a slot of the worker that owns it, with a
 * generation, so that a stale name never reaches a later connection.
 * Zero-initialise before filling, so that flows compare by bytes. */
#ifndef TSUWA_BASE_FLOW_H
#define TSUWA_BASE_FLOW_H

#include "base/addr.h"

enum transport { TRANSPORT_NONE, TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_WS,
		 TRANSPORT_WSS, TRANSPORT_COUNT };

#define FLOW_NO_LISTENER 0xffffu        /* a connection that we opened */

struct flow {
	uint8_t transport;      /* enum transport; NONE: no flow */
	uint8_t worker;         /* streams: the owner */
	uint16_t listener;      /* index in the listeners of the configuration */
	uint32_t slot, gen;     /* streams; 0 for UDP */
	struct addr remote;
	struct addr local;      /* the address it came to, and replies leave from */
};

static inline bool flow_is_stream(const struct flow *f)
{
	return f->transport > TRANSPORT_UDP;
}

/* The same way to the same peer: a connection's name, or UDP's addresses. */
bool flow_same(const struct flow *a, const struct flow *b);

/* "UDP", "TCP", "TLS", "WS", "WSS" as in a Via (RFC 3261 s20.42). */
struct str transport_name(enum transport t);
/* Without regard to case; TRANSPORT_NONE when it is none of ours. */
enum transport transport_of(struct str name);
/* 5060, 5061, 80, 443. */
uint16_t transport_port(enum transport t);
bool transport_is_secure(enum transport t);

#endif
