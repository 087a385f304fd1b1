#include "store/writer.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define GATHER_US 200 /* an append may wait so long for others, under load */
#define GATHER_ENOUGH 6
#define TIMER_SLACK_NS 5000

static void give_back(struct store_worker *w, struct store_batch *b, int err)
{
	bool pushed;

	b->err = err;
	pushed = ring_push(&w->completed, b);
	assert(pushed);
	(void)pushed;
}

/* Writes what a worker has submitted.  In sync mode the batches stay here. */
static unsigned write_batches(struct writer *w, struct store_worker *worker, uint64_t now_ms)
{
	struct store_batch *b;
	unsigned records = 0;

	worker->round_start = worker->journal.active->end;
	while ((b = ring_pop(&worker->submitted))) {
		records += b->records;
		b->err = b->frames.n
				 ? journal_write(&worker->journal, b->frames.p, b->frames.n, now_ms)
				 : 0;
		if (w->sync)
			worker->unsynced[worker->unsynced_n++] = b;
		else
			give_back(worker, b, b->err);
	}
	return records;
}

/* Group commit: what was written in this round stands or falls together. */
static void sync_batches(struct writer *w, struct store_worker *worker)
{
	struct segment *s = worker->journal.active;
	int err = segment_sync(s);

	if (err) {
		log_error(w->log, "journal can't be synced file=%s error=\"%s\"", s->path,
			  disk_error(err));
		segment_rewind(s, worker->round_start);
	}
	for (size_t i = 0; i < worker->unsynced_n; i++) {
		struct store_batch *b = worker->unsynced[i];

		give_back(worker, b, b->err ? b->err : err);
	}
	worker->unsynced_n = 0;
}

static unsigned serve(struct writer *w, struct store_worker *worker, uint64_t now_ms)
{
	unsigned records;

	journal_turn(&worker->journal, now_ms);
	records = write_batches(w, worker, now_ms);
	if (records && !w->sync)
		worker->wake(worker->wake_ctx);
	return records;
}

/* The records that were dealt with. */
static unsigned serve_all(struct writer *w)
{
	uint64_t now_ms = thread_now_ms();
	unsigned records = 0;

	for (size_t i = 0; i < atomic_load(&w->top); i++) {
		struct store_worker *worker = atomic_load(&w->workers[i]);

		if (worker)
			records += serve(w, worker, now_ms);
	}
	for (size_t i = 0; w->sync && records && i < atomic_load(&w->top); i++) {
		struct store_worker *worker = atomic_load(&w->workers[i]);

		if (worker && worker->unsynced_n) {
			sync_batches(w, worker);
			worker->wake(worker->wake_ctx);
		}
	}
	return records;
}

static bool something_submitted(struct writer *w)
{
	for (size_t i = 0; i < atomic_load(&w->top); i++) {
		struct store_worker *worker = atomic_load(&w->workers[i]);

		if (worker && !ring_empty(&worker->submitted))
			return true;
	}
	return false;
}

/* A journal with something in it wants to be folded when it has been idle. */
static int sleep_ms(struct writer *w)
{
	for (size_t i = 0; i < atomic_load(&w->top); i++) {
		struct store_worker *worker = atomic_load(&w->workers[i]);

		if (worker && !journal_is_empty(&worker->journal))
			return (int)w->tick_ms;
	}
	return -1;
}

static void rest(struct writer *w)
{
	struct pollfd p = {.fd = w->event, .events = POLLIN};
	eventfd_t n;

	atomic_store(&w->sleeping, true);
	if (!something_submitted(w) && !atomic_load(&w->stop) && poll(&p, 1, sleep_ms(w)) > 0)
		eventfd_read(w->event, &n);
	atomic_store(&w->sleeping, false);
}

/* Under load the workers need not wake this thread. */
static void wait_for_more(struct writer *w, unsigned records)
{
	uint32_t us = gather_wait_us(&w->gather, thread_now_us(), records);

	if (us)
		nanosleep(&(struct timespec){.tv_nsec = (long)us * 1000}, NULL);
}

static void *writer_run(void *ctx)
{
	struct writer *w = ctx;

	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	for (;;) {
		bool stop = atomic_load(&w->stop);
		unsigned records = serve_all(w);

		if (records) {
			wait_for_more(w, records);
			continue;
		}
		if (stop)
			return NULL;
		rest(w);
	}
}

static void sync_segment(struct writer *w, struct segment *s)
{
	int err = segment_sync(s);

	if (!err)
		return;
	log_error(w->log, "journal can't be synced file=%s error=\"%s\"", s->path, disk_error(err));
	/* What the kernel could not write it may have forgotten: bring it into the
	 * database instead, soon. */
	atomic_store(&s->sync_failed, true);
}

static void sync_all(struct writer *w)
{
	for (size_t i = 0; i < atomic_load(&w->top); i++) {
		struct store_worker *worker = atomic_load(&w->workers[i]);

		if (!worker)
			continue;
		sync_segment(w, &worker->journal.seg[0]);
		sync_segment(w, &worker->journal.seg[1]);
	}
}

static void *syncer_run(void *ctx)
{
	struct writer *w = ctx;

	while (thread_wait(&w->syncer, 1000))
		sync_all(w);
	return NULL;
}

int writer_start(struct writer *w, bool sync, unsigned tick_ms, const struct log *log)
{
	int err;

	w->sync = sync;
	w->tick_ms = tick_ms;
	w->log = log;
	gather_init(&w->gather, sync ? 0 : GATHER_US, GATHER_ENOUGH);
	thread_init(&w->syncer);
	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->event < 0)
		return -errno;
	err = thread_spawn(&w->id, "store", writer_run, w);
	if (err)
		return err;
	w->running = true;
	return sync ? 0 : thread_start(&w->syncer, "store-sync", syncer_run, w);
}

void writer_add(struct writer *w, struct store_worker *worker)
{
	assert(!atomic_load(&w->workers[worker->worker]));
	atomic_store(&w->workers[worker->worker], worker);
	if (atomic_load(&w->top) <= worker->worker)
		atomic_store(&w->top, worker->worker + 1);
}

void writer_kick(struct writer *w)
{
	if (atomic_exchange(&w->sleeping, false))
		eventfd_write(w->event, 1);
}

void writer_stop(struct writer *w)
{
	if (!w->running)
		return;
	atomic_store(&w->stop, true);
	eventfd_write(w->event, 1);
	pthread_join(w->id, NULL);
	w->running = false;
	thread_stop(&w->syncer);
	sync_all(w);
}

void writer_fini(struct writer *w)
{
	if (w->event >= 0)
		close(w->event);
	w->event = -1;
	thread_fini(&w->syncer);
}
