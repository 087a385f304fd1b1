/* net/ring.h - messages of any length from one thread to one other, in order, by a
 * bounded ring of bytes.  Neither side allocates, blocks or copies more than once.
 * (ck_ring carries fixed-size entries, and ThreadSanitizer can't see its fences.) */
#ifndef TSUWA_NET_RING_H
#define TSUWA_NET_RING_H

#include "base/flow.h"

struct ring;

struct ring_msg {
	unsigned kind;
	struct flow flow;
	struct str bytes; /* in the ring, until ring_pop() */
};

/* bytes is rounded up to a power of two.  0 or -ENOMEM. */
int ring_new(size_t bytes, struct ring **ret);
void ring_free(struct ring **r);

/* The giver.  flow may be NULL.  0, -EAGAIN (full), -EMSGSIZE (more than half the
 * ring: it would never fit). */
int ring_push(struct ring *r, uint16_t kind, const struct flow *flow, struct str bytes);

/* The taker. */
bool ring_ready(const struct ring *r);
bool ring_peek(struct ring *r, struct ring_msg *ret);
/* Drops the message that ring_peek() showed. */
void ring_pop(struct ring *r);

#endif
