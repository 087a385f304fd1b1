/* load/stats.h - what a worker counts.  One writer; the live line reads the counters while
 * the worker runs, all else is read after its end. */
#ifndef TSUWA_LOAD_STATS_H
#define TSUWA_LOAD_STATS_H

#include "load/hist.h"

/* Reasons beside the status codes, below 100. */
enum { FAIL_TIMEOUT, FAIL_CONNECTION, FAIL_NO_ACK, FAIL_CREDENTIALS, FAIL_MALFORMED, FAIL_COUNT };
#define FAIL_CODES 700

struct stats {
	uint64_t begun, ok, failed;
	uint64_t retransmissions; /* sent by us */
	uint64_t late; /* answers that no longer mattered, and repeated ones */
	uint64_t challenges; /* answered with credentials */
	uint64_t strays; /* messages that are not ours, or make no sense */
	uint64_t failed_by[FAIL_CODES]; /* a reason or a status */
	struct hist latency; /* the whole operation; of a call from INVITE to 200 */
	struct hist bye;
};

static inline void count(uint64_t *c)
{
	__atomic_store_n(c, *c + 1, __ATOMIC_RELAXED);
}

static inline uint64_t counted(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

void stats_merge(struct stats *to, const struct stats *from);
/* "no answer", "no ACK came"; of statuses their usual reason ("Not Found"). */
const char *fail_text(unsigned reason, char *room, unsigned size);

#endif
