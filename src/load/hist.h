/* load/hist.h - a histogram of times in the manner of HDR: buckets that grow with the value,
 * 64 to each power of two, so that a percentile is right to 1.6 % and nothing is sorted
 * or kept.  Fixed size, no allocation, one writer. */
#ifndef TSUWA_LOAD_HIST_H
#define TSUWA_LOAD_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 6
#define HIST_TOP_BITS 42 /* values of 2^42 ns (73 minutes) and more count as that */
#define HIST_BUCKETS ((HIST_TOP_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
	uint64_t n, max;
	uint64_t bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, uint64_t ns);
void hist_merge(struct hist *to, const struct hist *from);
/* The value that this share of a million does not exceed (500000: the median); never more
 * than the largest one.  0 of an empty histogram. */
uint64_t hist_at(const struct hist *h, unsigned per_million);

#endif
