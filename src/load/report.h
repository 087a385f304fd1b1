/* load/report.h - what a run came to, as an aligned table or JSON. */
#ifndef TSUWA_LOAD_REPORT_H
#define TSUWA_LOAD_REPORT_H

#include "load/cost.h"
#include "load/load.h"
#include "load/stats.h"

struct report {
	const struct load_conf *conf;
	const struct stats *stats;
	uint64_t took_ns, own_ns;
	struct cost before, after; /* of the server */
	unsigned window;
	bool interrupted;
	const char *broken; /* why it ended early, or NULL */
};

/* To standard output. */
void report_load(const struct report *r);
/* The line of one second, on standard error. */
void report_live(uint64_t seconds, uint64_t rate, uint64_t begun, uint64_t ok, uint64_t failed);

#endif
