#include "net/ring.h"

#include <errno.h>

#include "base/alloc.h"

#define RING_MIN 1024u
#define TO_START UINT32_MAX /* len of a record that only says: go on at offset 0 */

struct record {
	uint32_t len;
	uint16_t kind;
	uint16_t pad;
	struct flow flow;
};

/* head and tail count bytes ever taken and given; each side owns a cache line. */
struct ring {
	size_t mask;
	char *data;
	char pad0[64];
	uint64_t tail; /* atomic, written by the giver */
	uint64_t head_seen; /* the giver's last look at head */
	char pad1[64];
	uint64_t head; /* atomic, written by the taker */
	uint64_t next_head; /* behind the message that was peeked */
	char pad2[64];
};

static size_t record_bytes(size_t n)
{
	return (sizeof(struct record) + n + 7) & ~(size_t)7;
}

int ring_new(size_t bytes, struct ring **ret)
{
	struct ring *r = xzalloc(sizeof(*r));
	size_t size = RING_MIN;

	if (!r)
		return -ENOMEM;
	while (size < bytes)
		size *= 2;
	r->mask = size - 1;
	r->data = xmalloc(size);
	if (!r->data) {
		ring_free(&r);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

void ring_free(struct ring **r)
{
	if (!*r)
		return;
	xfree((*r)->data);
	xfree(*r);
	*r = NULL;
}

static bool has_room(struct ring *r, uint64_t tail, size_t need)
{
	if (r->mask + 1 - (size_t)(tail - r->head_seen) >= need)
		return true;
	r->head_seen = __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);
	return r->mask + 1 - (size_t)(tail - r->head_seen) >= need;
}

int ring_push(struct ring *r, uint16_t kind, const struct flow *flow, struct str bytes)
{
	uint64_t tail = r->tail;
	size_t need = record_bytes(bytes.n), at = tail & r->mask, skip = 0;
	struct record head = {.kind = kind};

	if (bytes.n > r->mask || need > (r->mask + 1) / 2)
		return -EMSGSIZE;
	if (need > r->mask + 1 - at)
		skip = r->mask + 1 - at;
	if (!has_room(r, tail, skip + need))
		return -EAGAIN;
	if (skip) {
		head.len = TO_START;
		memcpy(r->data + at, &head, 8); /* there are 8: all is aligned to it */
		at = 0;
	}
	head.len = (uint32_t)bytes.n;
	if (flow)
		head.flow = *flow;
	memcpy(r->data + at, &head, sizeof(head));
	if (bytes.n)
		memcpy(r->data + at + sizeof(head), bytes.p, bytes.n);
	/* Sequentially consistent for the sake of loop_wake(). */
	__atomic_store_n(&r->tail, tail + skip + need, __ATOMIC_SEQ_CST);
	return 0;
}

bool ring_ready(const struct ring *r)
{
	return __atomic_load_n(&r->tail, __ATOMIC_SEQ_CST) != r->head;
}

bool ring_peek(struct ring *r, struct ring_msg *ret)
{
	uint64_t head = r->head, tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
	struct record rec;
	size_t at = head & r->mask;
	uint32_t len;

	if (head == tail)
		return false;
	memcpy(&len, r->data + at, sizeof(len));
	if (len == TO_START) {
		head += r->mask + 1 - at;
		at = 0;
	}
	memcpy(&rec, r->data + at, sizeof(rec));
	r->next_head = head + record_bytes(rec.len);
	ret->kind = rec.kind;
	ret->flow = rec.flow;
	ret->bytes = str_of(r->data + at + sizeof(rec), rec.len);
	return true;
}

void ring_pop(struct ring *r)
{
	__atomic_store_n(&r->head, r->next_head, __ATOMIC_RELEASE);
}
