/* net/outq.h - bytes that wait to leave on a connection, in blocks of a pool that the
 * worker's connections share: one that is idle holds none.  Internal to net/. */
#ifndef TSUWA_NET_OUTQ_H
#define TSUWA_NET_OUTQ_H

#include <sys/uio.h>

#include "base/str.h"

#define OUT_BLOCK_BYTES 16384

struct out_block {
	struct out_block *next;
	uint32_t from, to; /* what waits stands between them */
	char data[OUT_BLOCK_BYTES - 16];
};

struct out_pool {
	struct out_block *free;
	size_t n_free;
};

struct outq {
	struct out_block *first, *last;
	size_t bytes;
};

void out_pool_fini(struct out_pool *p);

/* Copies bytes behind the rest.  False when memory ends: nothing was added. */
bool outq_add(struct outq *q, struct out_pool *p, struct str bytes);
/* The bytes at the front, at most n pieces; returns how many. */
int outq_peek(const struct outq *q, struct iovec *ret, int n);
/* Drops n bytes from the front. */
void outq_drop(struct outq *q, struct out_pool *p, size_t n);
void outq_clear(struct outq *q, struct out_pool *p);

#endif
