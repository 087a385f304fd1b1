/* store/fold.h - brings journals into the database, on a thread of its own, so that
 * a slow database never delays an append.  Idempotent: a row yields only to a
 * record whose sequence is not lower.  Purges what has expired. */
#ifndef TSUWA_STORE_FOLD_H
#define TSUWA_STORE_FOLD_H

#include "base/log.h"
#include "store/db.h"
#include "store/segment.h"
#include "store/thread.h"

struct fold_file {
	struct list link;
	char *path; /* a journal that an earlier run left */
};

struct folder {
	struct thread thread;
	struct store_db *db;
	sqlite3_stmt *put, *purge_to, *purge;
	const struct log *log;
	struct list segments; /* full ones; under thread.lock, like the next two */
	struct list files;
	bool may_purge;
	bool failing; /* the last try failed, and that was logged */
	struct buf purged_to; /* key where the next purge goes on */
};

void folder_init(struct folder *f, const struct log *log);
/* Takes db.  0 or -errno. */
int folder_start(struct folder *f, struct store_db *db);
/* Any thread.  The folder owns the segment until it is SEGMENT_FREE. */
void folder_add(struct folder *f, struct segment *s);
/* Takes all of a list of fold_file; they are removed from the disk after being
 * folded.  Only after this, rows are purged. */
void folder_add_files(struct folder *f, struct list *files);
void folder_stop(struct folder *f);
/* Folds all that is left, on the caller's thread, after folder_stop().
 * 0 or -errno: the files stay, to be read at the next start. */
int folder_drain(struct folder *f);
void folder_fini(struct folder *f);

void fold_file_free(struct fold_file *f);

#endif
