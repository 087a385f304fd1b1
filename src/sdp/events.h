/* sdp/events.h - the list of events in a=fmtp of telephone-event: "0-15,66,70" (RFC 4733
 * s2.4.1). */
#ifndef TSUWA_SDP_EVENTS_H
#define TSUWA_SDP_EVENTS_H

#include "base/buf.h"

struct sdp_events {
	uint64_t bits[4]; /* bit e & 63 of bits[e >> 6] */
};

/* A parameter name in front ("events=0-15", of RFC 4733's media type) is let pass. */
bool sdp_events_parse(struct str params, struct sdp_events *ret);
/* b->failed when there is none. */
void sdp_events_put(struct buf *b, const struct sdp_events *e);

/* Without a=fmtp, all of DTMF: 0-15 (RFC 4733 s2.5.1.1). */
static inline struct sdp_events sdp_events_standard(void)
{
	return (struct sdp_events){{0xffff, 0, 0, 0}};
}

static inline bool sdp_events_has(const struct sdp_events *e, uint8_t event)
{
	return e->bits[event >> 6] >> (event & 63) & 1;
}

#endif
