#include "admin/trace.h"

#include <errno.h>

#include "base/alloc.h"

#define ALIGN 8u
#define LINE_BYTES 64u /* of a cache */
#define AHEAD_BYTES 640u /* what the next message may take */

/* Before the bytes of each record; the next one begins aligned, so that at least the size
 * stands in one piece where the ring wraps. */
struct head {
	uint32_t size; /* of the record, with this and the padding */
	uint32_t full_n;
	uint16_t n;
	uint8_t out;
	struct flow flow;
	uint64_t at_us;
};

_Static_assert(sizeof(struct head) % ALIGN == 0, "records begin aligned");

struct trace {
	size_t size; /* of room; a multiple of ALIGN */
	uint64_t from, to; /* positions that only grow: the oldest record, the end of the newest */
	size_t from_at, to_at; /* where they stand in room */
	char *room;
};

int trace_new(size_t memory_bytes, struct trace **ret)
{
	struct trace *t = xzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->size = memory_bytes / ALIGN * ALIGN;
	t->room = xmalloc(t->size);
	if (!t->room) {
		xfree(t);
		return -ENOMEM;
	}
	*ret = t;
	return 0;
}

void trace_free(struct trace **pt)
{
	struct trace *t = *pt;

	*pt = NULL;
	if (t)
		xfree(t->room);
	xfree(t);
}

/* ---- writing ---- */

static size_t behind(const struct trace *t, size_t at, size_t n)
{
	return at + n < t->size ? at + n : at + n - t->size;
}

static uint32_t size_at(const struct trace *t, size_t at)
{
	uint32_t size;

	memcpy(&size, t->room + at, sizeof(size));
	return size;
}

static void make_room(struct trace *t, size_t n)
{
	while (t->to + n - t->from > t->size) {
		uint32_t size = size_at(t, t->from_at);

		t->from += size;
		t->from_at = behind(t, t->from_at, size);
	}
}

/* Where the next message goes and the size of what it pushes out are far from every cache: they
 * come while the message at hand is worked on. */
static void fetch_ahead(const struct trace *t)
{
	for (size_t i = t->to_at; i < t->size && i < t->to_at + AHEAD_BYTES; i += LINE_BYTES)
		__builtin_prefetch(t->room + i, 1, 2);
	__builtin_prefetch(t->room + t->from_at);
}

static void put(struct trace *t, size_t at, const void *p, size_t n)
{
	size_t first = t->size - at < n ? t->size - at : n;

	memcpy(t->room + at, p, first);
	if (n > first)
		memcpy(t->room, (const char *)p + first, n - first);
}

void trace_add(struct trace *t, uint64_t at_us, bool out, const struct flow *flow, struct str bytes)
{
	size_t n = bytes.n < TRACE_MESSAGE_MAX ? bytes.n : TRACE_MESSAGE_MAX;
	size_t most = t->size - sizeof(struct head);
	struct head h = {.full_n = (uint32_t)bytes.n, .out = out, .flow = *flow, .at_us = at_us};

	h.n = (uint16_t)(n < most ? n : most);
	h.size = (uint32_t)(sizeof(h) + (h.n + ALIGN - 1) / ALIGN * ALIGN);
	make_room(t, h.size);
	put(t, t->to_at, &h, sizeof(h));
	put(t, behind(t, t->to_at, sizeof(h)), bytes.p, h.n);
	t->to += h.size;
	t->to_at = behind(t, t->to_at, h.size);
	fetch_ahead(t);
}

/* ---- reading ---- */

void trace_copy(const struct trace *t, uint64_t after, struct trace_copy *ret)
{
	uint64_t from = t->from;
	size_t at = t->from_at, n, first;

	while (from < after && from < t->to) {
		uint32_t size = size_at(t, at);

		from += size;
		at = behind(t, at, size);
	}
	n = (size_t)(t->to - from);
	*ret = (struct trace_copy){.from = from, .to = t->to};
	if (!n)
		return;
	ret->p = xmalloc(n);
	ret->failed = !ret->p;
	if (ret->failed)
		return;
	first = t->size - at < n ? t->size - at : n;
	memcpy(ret->p, t->room + at, first);
	memcpy(ret->p + first, t->room, n - first);
	ret->n = n;
}

void trace_copy_fini(struct trace_copy *c)
{
	xfree(c->p);
	*c = (struct trace_copy){0};
}

bool trace_next(const struct trace_copy *c, size_t *at, struct trace_record *ret)
{
	struct head h;

	if (*at >= c->n)
		return false;
	memcpy(&h, c->p + *at, sizeof(h));
	*ret = (struct trace_record){.at_us = h.at_us,
				     .out = h.out,
				     .flow = h.flow,
				     .bytes = str_of(c->p + *at + sizeof(h), h.n),
				     .full_n = h.full_n};
	*at += h.size;
	return true;
}
