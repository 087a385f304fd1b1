/* load/cost.h - what processes use: CPU time and memory of a server with its children, and
 * the CPU time of this process. */
#ifndef TSUWA_LOAD_COST_H
#define TSUWA_LOAD_COST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define COST_PIDS 256

struct cost_of {
	pid_t pid[COST_PIDS];
	unsigned n;
};

struct cost {
	uint64_t cpu_ns; /* user and system */
	uint64_t memory_bytes; /* PSS; 0 when it may not be read */
};

/* The processes and all their descendants of now.  False: one does not exist. */
bool cost_find(struct cost_of *c, const pid_t *pids, unsigned n);
struct cost cost_now(const struct cost_of *c);
uint64_t cost_own_ns(void);

#endif
