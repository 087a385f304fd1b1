/* store/load.h - reads back what was stored: the table and any number of journals,
 * of which each key's newest record counts.
 * Journals are gone through first; rows are then given out as they are read. */
#ifndef TSUWA_STORE_LOAD_H
#define TSUWA_STORE_LOAD_H

#include "base/log.h"
#include "store/db.h"
#include "store/record.h"

#define LOAD_IMAGE_MAX ((size_t)1 << 30)

/* Whether records can be got from it: a good header, or nothing at all. */
bool load_readable(struct str image);

/* Gives every good record of a journal in its order; damage is logged and passed
 * over.  on returns 0 or an error that ends it.  0 or -errno. */
int load_image(struct str image, const char *path, const struct log *log,
	       int (*on)(void *ctx, const struct store_record *r), void *ctx);

struct loader;

int loader_new(const struct log *log, struct loader **ret);
void loader_free(struct loader **l);
/* One journal file; -ENOENT is no failure.  0 or -errno. */
int loader_journal(struct loader *l, const char *path);
/* After all journals: gives each key's newest record that is not over at now_ms.
 * ret_seq_max: the highest sequence of all, over or not.  0 or -errno. */
int loader_run(struct loader *l, struct store_db *db, uint64_t now_ms,
	       void (*on)(void *ctx, const struct store_record *r), void *ctx,
	       uint64_t *ret_seq_max);

#endif
