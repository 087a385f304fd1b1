/* store/ring.h - a bounded queue of pointers from one thread to one other, without
 * a lock.  The tail is published in sequential order, so that a consumer that says
 * "I sleep" and looks once more never misses what came before.  C11 atomics, for
 * the thread sanitizer can't see through libck's assembly. */
#ifndef TSUWA_STORE_RING_H
#define TSUWA_STORE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define RING_SLOTS 64

struct ring {
	_Alignas(64) atomic_size_t head; /* the consumer's */
	_Alignas(64) atomic_size_t tail; /* the producer's */
	void *slot[RING_SLOTS];
};

static inline bool ring_push(struct ring *r, void *p)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	if (tail - atomic_load_explicit(&r->head, memory_order_acquire) == RING_SLOTS)
		return false;
	r->slot[tail % RING_SLOTS] = p;
	atomic_store(&r->tail, tail + 1);
	return true;
}

/* NULL when it is empty. */
static inline void *ring_pop(struct ring *r)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	void *p;

	if (atomic_load(&r->tail) == head)
		return NULL;
	p = r->slot[head % RING_SLOTS];
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
	return p;
}

static inline bool ring_empty(struct ring *r)
{
	return atomic_load(&r->tail) == atomic_load_explicit(&r->head, memory_order_relaxed);
}

#endif
