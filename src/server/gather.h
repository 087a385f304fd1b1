/* server/gather.h - asking every worker something and going on, on the main loop, when all have
 * answered.  Each worker writes to its own part; nobody waits. */
#ifndef TSUWA_SERVER_GATHER_H
#define TSUWA_SERVER_GATHER_H

#include "base/list.h"
#include "server/worker.h"

struct gather;

struct gather_conf {
	struct loop *main;
	struct worker *const *workers;
	unsigned n_workers;
	size_t part_bytes; /* of each worker */
	const void *part; /* what each begins as, borrowed for the start; NULL: zeroes */
	/* On the worker's thread. */
	void (*ask)(struct worker *w, void *part);
	/* On the main loop; part_of() gives the parts.  The gather is freed after it. */
	void (*done)(void *ctx, struct gather *g);
	/* Instead of done when the server ends first; may be NULL. */
	void (*drop)(void *ctx, struct gather *g);
	void *ctx;
	struct list *all; /* where it stands while it is under way */
};

/* 0 or -ENOMEM. */
int gather_start(const struct gather_conf *conf);
void *gather_part(struct gather *g, unsigned worker);
/* The workers have ended: what was under way is dropped. */
void gather_drop_all(struct list *all);

#endif
