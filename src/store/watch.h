/* store/watch.h - notices that users changed, whoever changed them, and gives a
 * new snapshot.  A thread with a connection of its own asks now and then; what
 * else is written to the database costs it nothing. */
#ifndef TSUWA_STORE_WATCH_H
#define TSUWA_STORE_WATCH_H

#include "base/log.h"
#include "store/thread.h"
#include "store/user_db.h"

struct watch {
	struct thread thread;
	struct store_db *db;
	sqlite3_stmt *data_version;
	const struct log *log;
	unsigned poll_ms;
	struct hash_seed seed;
	uint64_t seen_data, seen_users;
	bool failing;
	void (*on_users)(void *ctx, struct users *u);
	void *ctx;
};

void watch_init(struct watch *w, const struct log *log, unsigned poll_ms);
/* Takes db.  Calls on_users with the first snapshot before it returns, later from
 * its thread; the callee takes a reference if it keeps one.  0 or -errno. */
int watch_start(struct watch *w, struct store_db *db, void (*on_users)(void *ctx, struct users *u),
		void *ctx);
/* No call after this. */
void watch_fini(struct watch *w);

#endif
