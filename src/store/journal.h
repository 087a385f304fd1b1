/* store/journal.h - the journal of one worker: two segments, so that one is folded
 * into the database while the other takes records.  Belongs to the writer thread;
 * knows nothing of what the records say. */
#ifndef TSUWA_STORE_JOURNAL_H
#define TSUWA_STORE_JOURNAL_H

#include "base/log.h"
#include "store/segment.h"

struct journal_conf {
	const struct disk *disk;
	const struct log *log;
	size_t switch_bytes; /* a segment that holds more is folded */
	size_t max_bytes; /* while folding is behind, appends go on up to this */
	unsigned idle_ms; /* what it holds is folded when nothing came for so long */
	bool sync; /* sync before a switch: no syncer does it later */
	/* A segment is full: the taker folds it, reuses it and sets SEGMENT_FREE. */
	void (*on_full)(void *ctx, struct segment *s);
	void *ctx;
};

struct journal {
	struct journal_conf conf;
	struct segment seg[2];
	struct segment *active;
	uint64_t written_ms; /* monotonic, of the last append */
	bool failing; /* the last append failed, and that was logged */
};

/* Makes DB.journal.WORKER.a and .b.  0 or -errno; journal_fini() in either case. */
int journal_init(struct journal *j, const struct journal_conf *conf, const char *db_path,
		 unsigned worker, uint64_t epoch);
void journal_fini(struct journal *j);

/* Before each round of writes, and now and then: goes to the other segment when
 * the active one is large or old enough and the other is free. */
void journal_turn(struct journal *j, uint64_t now_ms);
/* 0: all of them are in the file.  -errno: none is (-ENOBUFS: the bound is reached,
 * for folding is behind). */
int journal_write(struct journal *j, char *frames, size_t n, uint64_t now_ms);
bool journal_is_empty(const struct journal *j);

#endif
