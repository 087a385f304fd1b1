/* base/wheel.h - timers by a hierarchical wheel of 1 ms ticks.  Pure: time comes
 * in with wheel_run().  Setting, moving and cancelling cost O(1).
 * Timers that are due run in the order of their times (ties: as they were set). */
#ifndef TSUWA_BASE_WHEEL_H
#define TSUWA_BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

#define WHEEL_LEVELS 6
#define WHEEL_SLOTS 64
#define WHEEL_NEVER UINT64_MAX

struct timer {
	struct list link;
	uint64_t at_ms;
	void (*fn)(void *ctx);
	void *ctx;
};

struct wheel {
	uint64_t now_ms;        /* the last time it ran to */
	size_t n;               /* timers set */
	uint64_t busy[WHEEL_LEVELS]; /* a bit a slot that holds timers */
	struct list slot[WHEEL_LEVELS][WHEEL_SLOTS];
	struct list far;        /* beyond the levels: more than two years ahead */
};

void wheel_init(struct wheel *w, uint64_t now_ms);

static inline void timer_init(struct timer *t, void (*fn)(void *ctx), void *ctx)
{
	list_init(&t->link);
	t->at_ms = 0;
	t->fn = fn;
	t->ctx = ctx;
}

static inline bool timer_active(const struct timer *t)
{
	return !list_empty(&t->link);
}

/* Due at at_ms (monotonic); a time that has passed is due at the next run.
 * A set timer is moved. */
void timer_set(struct wheel *w, struct timer *t, uint64_t at_ms);
/* Harmless when it is not set. */
void timer_cancel(struct wheel *w, struct timer *t);

/* A time no later than the earliest timer's (exact within the lowest level, else
 * when to look again), or WHEEL_NEVER. */
uint64_t wheel_next(const struct wheel *w);

/* Runs all that is due at now_ms.  Callbacks may set and cancel any timer; what
 * they set for a time that has passed waits for the next run, so a run ends.
 * Callbacks must not call wheel_run(). */
void wheel_run(struct wheel *w, uint64_t now_ms);

#endif
