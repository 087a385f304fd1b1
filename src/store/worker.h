/* store/worker.h - a worker's end of its journal: records are gathered into
 * batches, a batch goes to the writer thread and comes back with its verdict.
 * The worker never waits; what there is no room for is refused, in its turn. */
#ifndef TSUWA_STORE_WORKER_H
#define TSUWA_STORE_WORKER_H

#include "base/io.h"
#include "store/journal.h"
#include "store/ring.h"

#define STORE_WORKERS_MAX 256
#define STORE_BATCHES 32 /* in all; RING_SLOTS holds them */
#define STORE_BATCH_BYTES (512u << 10) /* bound of one; the largest record fits */
#define STORE_GATHER_BYTES (256u << 10) /* while batches are out, one waits to hold this */

struct writer;

struct store_batch {
	struct buf frames;
	unsigned records; /* put in, or refused */
	struct list appends; /* io_append; the worker's alone */
	struct list refused; /* those that came after appends and found no room */
	int refused_err;
	bool sealed; /* has refused one: takes no more */
	int err; /* the writer's verdict on appends */
};

struct store_worker {
	struct writer *writer;
	unsigned worker;
	void (*wake)(void *ctx);
	void *wake_ctx;
	struct ring submitted, completed;
	/* The worker's. */
	struct store_batch batches[STORE_BATCHES];
	struct store_batch *spare[STORE_BATCHES];
	size_t spare_n;
	struct store_batch *open;
	/* The writer's. */
	struct journal journal;
	struct store_batch *unsynced[STORE_BATCHES]; /* written in this round */
	size_t unsynced_n;
	uint64_t round_start; /* where the journal ended before it */
};

/* The journal is the caller's to init. */
int store_worker_new(struct writer *writer, unsigned worker, void (*wake)(void *ctx), void *ctx,
		     struct store_worker **ret);
/* Silences what is out; closes the journal. */
void store_worker_free(struct store_worker **w);

#endif
