/* app/route.h - our Record-Route values and how a request that carries one back is known
 * (RFC 3261 s16.4, s16.6 step 4; RFC 5658).  The MAC covers the Call-ID and the caller's tag, so that it
 * tells the direction too; a value may name the flow to the side that it faces (RFC 5626 s5.3). */
#ifndef TSUWA_APP_ROUTE_H
#define TSUWA_APP_ROUTE_H

#include "app/policy.h"
#include "tport/tport.h"

/* "Record-Route: <sip:host:port;transport=..;lr;m=MAC>" with its line end; sips: <sips:host:port;lr...>.
 * token: the flow of the side that the value faces, NULL: none. */
void route_put(struct buf *b, const struct app_shared *shared, const struct tport *tport,
	       const struct flow *flow, bool sips, struct str call_id, struct str caller_tag,
	       const struct flow *token);

/* A flow by name in URI and token characters, and back.  The local address is not in it. */
void route_put_flow(struct buf *b, const struct flow *flow);
bool route_get_flow(struct str text, struct flow *ret);

/* One hop less; 70 where the field was absent (RFC 3261 s16.6 step 3). */
void route_lower_max_forwards(struct sip_msg *m);

enum route_side { ROUTE_NONE, ROUTE_FROM_CALLER, ROUTE_FROM_CALLEE };

/* Is this Route URI ours, with a MAC that fits the request?  token: the flow that it names, transport NONE when
 * none does. */
enum route_side route_check(const struct app_shared *shared, const struct sip_uri *uri,
			    const struct sip_rx *rx, struct flow *ret_token);

#endif
