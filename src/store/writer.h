/* store/writer.h - the store thread: takes the batches of all workers, writes each
 * with one write, syncs first where asked to (one sync for all that came
 * meanwhile), and gives them back.  The syncer beside it syncs once a second
 * where it is not asked to, so that no append waits for that. */
#ifndef TSUWA_STORE_WRITER_H
#define TSUWA_STORE_WRITER_H

#include "base/gather.h"
#include "base/log.h"
#include "store/thread.h"
#include "store/worker.h"

struct writer {
	pthread_t id;
	bool running;
	bool sync;
	unsigned tick_ms; /* at least so often idle journals are looked at */
	int event; /* eventfd */
	struct gather gather;
	atomic_bool sleeping, stop;
	struct thread syncer;
	const struct log *log;
	atomic_size_t top; /* one more than the highest worker */
	_Atomic(struct store_worker *) workers[STORE_WORKERS_MAX];
};

/* 0 or -errno; writer_stop() and writer_fini() in either case. */
int writer_start(struct writer *w, bool sync, unsigned tick_ms, const struct log *log);
/* From here on the writer serves it.  Its slot must be free. */
void writer_add(struct writer *w, struct store_worker *worker);
/* Something was submitted. */
void writer_kick(struct writer *w);
/* Writes and syncs all that was submitted; no wake() after this. */
void writer_stop(struct writer *w);
void writer_fini(struct writer *w);

#endif
