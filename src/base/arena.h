/* base/arena.h - memory that is given back all at once.  An arena lives as long
 * as one message or one transaction, never as long as a call.
 * Allocations are 8-byte aligned; nothing is freed singly. */
#ifndef TSUWA_BASE_ARENA_H
#define TSUWA_BASE_ARENA_H

#include "base/str.h"

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;            /* of data */
	char data[];
};

struct arena {
	char *at, *end;         /* free room of the current chunk, a multiple of 8 */
	struct arena_chunk *chunks; /* owned, newest first */
	size_t used_bytes;      /* of heap chunks, against max_bytes */
	size_t max_bytes;
	size_t chunk_bytes;     /* size of the next heap chunk */
	char *first, *first_end; /* the caller's own room, or NULL */
};

/* Starts over room that the caller lends (may be NULL, 0); takes more from the
 * heap, max_bytes in all (0: 1 MiB). */
void arena_init(struct arena *a, void *room, size_t room_bytes, size_t max_bytes);
/* Gives back all; usable again at once. */
void arena_reset(struct arena *a);
void arena_fini(struct arena *a);

/* NULL when the bound is reached or memory ends. */
void *arena_alloc_slow(struct arena *a, size_t n);

static inline void *arena_alloc(struct arena *a, size_t n)
{
	char *p = a->at;

	if (n > (size_t)(a->end - p))
		return arena_alloc_slow(a, n);
	a->at = p + ((n + 7) & ~(size_t)7); /* fits: the room is a multiple of 8 */
	return p;
}

void *arena_zalloc(struct arena *a, size_t n);
/* Copies s, with a NUL behind.  ret->p is NULL when memory ends. */
struct str arena_str(struct arena *a, struct str s);
/* As printf (the verbs of buf_fmt); p is NULL when memory ends. */
struct str arena_fmt(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
