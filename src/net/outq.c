#include "net/outq.h"

#include "base/alloc.h"

#define POOL_MAX 256 /* blocks kept for the next burst: 4 MiB */

static struct out_block *take(struct out_pool *p)
{
	struct out_block *b = p->free;

	if (b) {
		p->free = b->next;
		p->n_free--;
	} else {
		b = xmalloc(sizeof(*b));
	}
	if (b) {
		b->next = NULL;
		b->from = b->to = 0;
	}
	return b;
}

static void give(struct out_pool *p, struct out_block *b)
{
	if (p->n_free >= POOL_MAX) {
		xfree(b);
		return;
	}
	b->next = p->free;
	p->free = b;
	p->n_free++;
}

void out_pool_fini(struct out_pool *p)
{
	struct out_block *b;

	while ((b = p->free)) {
		p->free = b->next;
		xfree(b);
	}
	p->n_free = 0;
}

static size_t room_behind(const struct outq *q)
{
	return q->last ? sizeof(q->last->data) - q->last->to : 0;
}

/* A chain of blocks with room for n bytes, or NULL. */
static struct out_block *take_chain(struct out_pool *p, size_t n)
{
	struct out_block *chain = NULL, *b;

	for (size_t room = 0; room < n; room += sizeof(b->data)) {
		b = take(p);
		if (!b)
			break;
		b->next = chain;
		chain = b;
		if (room + sizeof(b->data) >= n)
			return chain;
	}
	while ((b = chain)) {
		chain = b->next;
		give(p, b);
	}
	return NULL;
}

static struct str fill(struct out_block *b, struct str bytes)
{
	size_t room = sizeof(b->data) - b->to, n = bytes.n < room ? bytes.n : room;

	memcpy(b->data + b->to, bytes.p, n);
	b->to += (uint32_t)n;
	return str_skip(bytes, n);
}

bool outq_add(struct outq *q, struct out_pool *p, struct str bytes)
{
	size_t room = room_behind(q), total = bytes.n;
	struct out_block *chain = NULL;

	if (total == 0)
		return true;
	if (total > room) {
		chain = take_chain(p, total - room);
		if (!chain)
			return false;
	}
	if (room)
		bytes = fill(q->last, bytes);
	if (q->last)
		q->last->next = chain;
	else
		q->first = chain;
	for (; chain; chain = chain->next) {
		bytes = fill(chain, bytes);
		q->last = chain;
	}
	q->bytes += total;
	return true;
}

int outq_peek(const struct outq *q, struct iovec *ret, int n)
{
	int at = 0;

	for (struct out_block *b = q->first; b && at < n; b = b->next) {
		ret[at].iov_base = b->data + b->from;
		ret[at++].iov_len = b->to - b->from;
	}
	return at;
}

void outq_drop(struct outq *q, struct out_pool *p, size_t n)
{
	q->bytes -= n;
	while (q->first) {
		struct out_block *b = q->first;
		uint32_t here = b->to - b->from;

		if (n < here) {
			b->from += (uint32_t)n;
			return;
		}
		n -= here;
		q->first = b->next;
		give(p, b);
	}
	q->last = NULL;
}

void outq_clear(struct outq *q, struct out_pool *p)
{
	outq_drop(q, p, q->bytes);
}
