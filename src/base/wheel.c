/* A timer stands in the level of the highest group of six bits in which its time
 * differs from now.  So a slot of level 0 is one millisecond; a slot above is
 * emptied into lower levels when now reaches its start, at which moment all lower
 * slots are empty.  Timers of one time are therefore always in one slot, in the
 * order in which they were set. */
#include "base/wheel.h"

#define BITS 6

static unsigned index_at(uint64_t ms, unsigned level)
{
	return (unsigned)(ms >> (level * BITS)) & (WHEEL_SLOTS - 1);
}

void wheel_init(struct wheel *w, uint64_t now_ms)
{
	w->now_ms = now_ms;
	w->n = 0;
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		w->busy[level] = 0;
		for (unsigned i = 0; i < WHEEL_SLOTS; i++)
			list_init(&w->slot[level][i]);
	}
	list_init(&w->far);
}

/* What is due already waits in the slot of now. */
static void place(struct wheel *w, struct timer *t)
{
	uint64_t at_ms = t->at_ms > w->now_ms ? t->at_ms : w->now_ms;
	uint64_t differs = at_ms ^ w->now_ms;
	unsigned level = differs ? (63 - (unsigned)__builtin_clzll(differs)) / BITS : 0;
	unsigned i;

	if (level >= WHEEL_LEVELS) {
		list_append(&w->far, &t->link);
		return;
	}
	i = index_at(at_ms, level);
	list_append(&w->slot[level][i], &t->link);
	w->busy[level] |= 1ull << i;
}

void timer_set(struct wheel *w, struct timer *t, uint64_t at_ms)
{
	timer_cancel(w, t);
	t->at_ms = at_ms;
	place(w, t);
	w->n++;
}

/* The head may also be that of a batch under way: then there is no bit. */
static void mark_empty(struct wheel *w, const struct list *head)
{
	uintptr_t offset = (uintptr_t)head - (uintptr_t)&w->slot[0][0];
	uintptr_t i = offset / sizeof(*head);

	if (offset < sizeof(w->slot))
		w->busy[i / WHEEL_SLOTS] &= ~(1ull << i % WHEEL_SLOTS);
}

void timer_cancel(struct wheel *w, struct timer *t)
{
	struct list *next = t->link.next;

	if (!timer_active(t))
		return;
	list_unlink(&t->link);
	w->n--;
	if (list_empty(next))
		mark_empty(w, next);
}

/* Moves all of from behind what stands in to. */
static void move_all(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	list_init(from);
}

static void take_slot(struct wheel *w, unsigned level, unsigned i, struct list *to)
{
	move_all(to, &w->slot[level][i]);
	w->busy[level] &= ~(1ull << i);
}

/* The start of the first busy slot after now, and its level (WHEEL_LEVELS: the
 * far list).  Lower levels come first in time. */
static uint64_t next_slot(const struct wheel *w, unsigned *ret_level)
{
	const unsigned all = WHEEL_LEVELS * BITS;

	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		unsigned shift = level * BITS;
		uint64_t later = w->busy[level] & (~1ull << index_at(w->now_ms, level));

		if (later) {
			uint64_t above = w->now_ms >> shift >> BITS << BITS;

			*ret_level = level;
			return (above | (unsigned)__builtin_ctzll(later)) << shift;
		}
	}
	*ret_level = WHEEL_LEVELS;
	/* The last stretch of all time has no start of a next one. */
	if (list_empty(&w->far) || w->now_ms >> all == UINT64_MAX >> all)
		return WHEEL_NEVER;
	return ((w->now_ms >> all) + 1) << all;
}

uint64_t wheel_next(const struct wheel *w)
{
	unsigned level;

	if (w->busy[0] >> index_at(w->now_ms, 0) & 1)
		return w->now_ms;
	return next_slot(w, &level);
}

static void place_all(struct wheel *w, struct list *batch)
{
	struct list *n;

	while ((n = list_first(batch))) {
		list_unlink(n);
		place(w, container_of(n, struct timer, link));
	}
}

static void enter_slot(struct wheel *w, unsigned level, uint64_t at_ms)
{
	struct list batch;

	list_init(&batch);
	w->now_ms = at_ms;
	if (level == WHEEL_LEVELS)
		move_all(&batch, &w->far);
	else if (level > 0)
		take_slot(w, level, index_at(at_ms, level), &batch);
	place_all(w, &batch);
}

/* Runs what stands in the slot of now; what callbacks add to it in the meantime
 * goes to later. */
static void run_slot(struct wheel *w, struct list *later)
{
	unsigned i = index_at(w->now_ms, 0);
	struct list batch, *n;

	list_init(&batch);
	take_slot(w, 0, i, &batch);
	while ((n = list_first(&batch))) {
		struct timer *t = container_of(n, struct timer, link);

		list_unlink(n);
		w->n--;
		t->fn(t->ctx);
	}
	take_slot(w, 0, i, later);
}

void wheel_run(struct wheel *w, uint64_t now_ms)
{
	struct list later;
	uint64_t at_ms;
	unsigned level;

	if (now_ms < w->now_ms)
		now_ms = w->now_ms;
	list_init(&later);
	run_slot(w, &later);
	while ((at_ms = next_slot(w, &level)) <= now_ms && at_ms != WHEEL_NEVER) {
		enter_slot(w, level, at_ms);
		run_slot(w, &later);
	}
	w->now_ms = now_ms;
	place_all(w, &later);
}
