/* store/store.h - what outlives the process: location records by journals that are
 * folded into SQLite, users, and secret keys.  A server opens one store; its
 * workers append to it without ever waiting.  Knows no SIP.
 * Nothing whose done(0) was called is lost, whenever the process is killed. */
#ifndef TSUWA_STORE_STORE_H
#define TSUWA_STORE_STORE_H

#include "base/io.h"
#include "store/disk.h"
#include "store/record.h"
#include "store/user_db.h"

struct store;
struct store_worker;

struct store_conf {
	const char *path; /* of the database; its journals and lock stand beside it */
	bool sync; /* a record is on the disk before done(0); else within a second */
	size_t segment_bytes; /* a journal file that holds more is folded; 0: 64 MiB */
	size_t segment_max_bytes; /* and its bound while folding is behind; 0: four times that */
	unsigned idle_ms; /* what it holds is folded after so long without a record; 0: 2 s */
	unsigned users_poll_ms; /* how often changes of users are looked for; 0: 300 */
	const struct disk *disk; /* NULL: the system's */
};

/* Opens or creates (0600) the database, and takes the server's lock on it.  log's
 * sink is called from several threads.  0 or -errno with a sentence in err. */
int store_open(const struct store_conf *conf, const struct log *log, char *err, size_t err_size,
	       struct store **ret);
/* The workers have ended: no callback runs in or after this.  Folds all that was
 * appended.  *s becomes NULL; NULL is fine. */
void store_close(struct store **s);

/* Gives the newest record of every key that has a binding alive, in any order;
 * before the first attach, once.  0 or -errno (the log says more). */
int store_load(struct store *s, void (*on)(void *ctx, const struct store_record *r), void *ctx);
/* After store_load(): the highest sequence found, also of keys with nothing bound. */
uint64_t store_seq_max(const struct store *s);

/* A key of n random bytes that is the same after every restart; made when first
 * asked for.  0, -EMSGSIZE (it has another length), or -errno. */
int store_secret(struct store *s, const char *name, void *ret, size_t n);

/* Calls on_users with the first snapshot at once, then from a thread of the store
 * within a second of each change.  The callee takes a reference to keep one.
 * Once a store.  0 or -errno. */
int store_users_watch(struct store *s, void (*on_users)(void *ctx, struct users *u), void *ctx);

/* The worker's end (worker < 256), owned by the store and alive until store_close().
 * wake is called from the store's thread when store_complete() has something to do:
 * it must be thread-safe, and may be called until store_close() returns. */
int store_attach(struct store *s, unsigned worker, void (*wake)(void *ctx), void *ctx,
		 struct store_worker **ret);

/* These are the worker's alone.  Copies record; a->done follows from
 * store_complete(), in the order of the calls: 0 it is kept, -EMSGSIZE (empty, or
 * more than 256 KiB), -ENOBUFS (too much is under way, or folding is far behind),
 * or what the disk says (-ENOSPC, -EIO...). */
void store_append(struct store_worker *w, struct str record, struct io_append *a);
/* done will not be called; the record may be kept all the same. */
void store_append_cancel(struct store_worker *w, struct io_append *a);
/* At the end of each round of the worker's loop: sends what was gathered. */
void store_flush(struct store_worker *w);
/* In the round that wake() asked for: calls done for what is decided. */
void store_complete(struct store_worker *w);

#endif
