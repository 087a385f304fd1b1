#include <assert.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"

#define FIRST_CHUNK_BYTES 2048
#define DEFAULT_MAX_BYTES ((size_t)1 << 20)

/* No room, but a pointer that may be added to. */
static void point_nowhere(struct arena *a)
{
	a->at = a->end = (char *)a;
}

static void rewind_to_first(struct arena *a)
{
	a->chunks = NULL;
	a->used_bytes = 0;
	a->chunk_bytes = FIRST_CHUNK_BYTES;
	if (a->first) {
		a->at = a->first;
		a->end = a->first_end;
	} else {
		point_nowhere(a);
	}
}

void arena_init(struct arena *a, void *room, size_t room_bytes, size_t max_bytes)
{
	size_t skew = (size_t)(-(uintptr_t)room & 7);

	a->first = a->first_end = NULL;
	if (room && room_bytes >= skew + 8) {
		a->first = (char *)room + skew;
		a->first_end = a->first + ((room_bytes - skew) & ~(size_t)7);
	}
	a->max_bytes = max_bytes ? max_bytes : DEFAULT_MAX_BYTES;
	rewind_to_first(a);
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *c = a->chunks;

	while (c) {
		struct arena_chunk *next = c->next;

		xfree(c);
		c = next;
	}
	rewind_to_first(a);
}

void arena_fini(struct arena *a)
{
	arena_reset(a);
	a->first = a->first_end = NULL;
	point_nowhere(a);
}

/* Makes a chunk with at least n (rounded to 8) free bytes the current one.  The
 * bound counts data bytes; the last chunk shrinks to what the bound leaves. */
static bool add_chunk(struct arena *a, size_t n)
{
	size_t left = (a->max_bytes - a->used_bytes) & ~(size_t)7;
	size_t size = a->chunk_bytes;
	struct arena_chunk *c;

	if (n > left)
		return false;
	n = (n + 7) & ~(size_t)7;
	while (size < n)
		size = size <= SIZE_MAX / 4 ? size * 2 : n;
	if (size > left)
		size = left;
	c = xmalloc(sizeof(*c) + size);
	if (!c)
		return false;
	c->next = a->chunks;
	c->size = size;
	a->chunks = c;
	a->used_bytes += size;
	a->chunk_bytes = size <= SIZE_MAX / 4 ? size * 2 : size;
	a->at = c->data;
	a->end = c->data + size;
	return true;
}

void *arena_alloc_slow(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2 || !add_chunk(a, n))
		return NULL;
	return arena_alloc(a, n);
}

void *arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p && n)
		memset(p, 0, n);
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;

	if (!p)
		return STR_NONE;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return str_of(p, s.n);
}

/* Tries the free room of the current chunk; false when the text did not fit. */
static bool fmt_here(struct arena *a, const char *format, va_list ap, struct str *ret)
{
	struct buf b = buf_over(a->at, (size_t)(a->end - a->at));
	char *p;

	buf_vfmt(&b, format, ap);
	buf_putc(&b, '\0');
	if (b.failed)
		return false;
	p = arena_alloc(a, b.n);
	assert(p == b.p);
	*ret = str_of(p, b.n - 1);
	return true;
}

struct str arena_fmt(struct arena *a, const char *format, ...)
{
	struct str text = STR_NONE;
	bool done;

	do {
		va_list ap;
		size_t tried = (size_t)(a->end - a->at);

		va_start(ap, format);
		done = fmt_here(a, format, ap, &text);
		va_end(ap);
		if (!done && !add_chunk(a, tried + 8))
			break;
	} while (!done);
	return text;
}
