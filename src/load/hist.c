#include "load/hist.h"

static unsigned bucket_of(uint64_t v)
{
	unsigned top;

	if (v < 1u << HIST_SUB_BITS)
		return (unsigned)v;
	if (v >> HIST_TOP_BITS)
		return HIST_BUCKETS - 1;
	top = 63 - (unsigned)__builtin_clzll(v) - HIST_SUB_BITS;
	return ((top + 1) << HIST_SUB_BITS) + (unsigned)((v >> top) - (1u << HIST_SUB_BITS));
}

/* The largest value that falls into it. */
static uint64_t bucket_end(unsigned i)
{
	unsigned row = i >> HIST_SUB_BITS;
	uint64_t sub = i & ((1u << HIST_SUB_BITS) - 1);

	if (row == 0)
		return i;
	return ((sub + (1u << HIST_SUB_BITS) + 1) << (row - 1)) - 1;
}

void hist_add(struct hist *h, uint64_t ns)
{
	h->n++;
	h->bucket[bucket_of(ns)]++;
	if (ns > h->max)
		h->max = ns;
}

void hist_merge(struct hist *to, const struct hist *from)
{
	to->n += from->n;
	if (from->max > to->max)
		to->max = from->max;
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

uint64_t hist_at(const struct hist *h, unsigned per_million)
{
	/* The rank of the value, from 1; shares of huge counts stay within 64 bits. */
	uint64_t rank = h->n / 1000000 * per_million + h->n % 1000000 * per_million / 1000000;
	uint64_t seen = 0;

	if (!h->n)
		return 0;
	if (rank == 0)
		rank = 1;
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			return bucket_end(i) < h->max ? bucket_end(i) : h->max;
	}
	return h->max;
}
