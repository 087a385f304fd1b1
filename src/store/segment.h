/* store/segment.h - one journal file: preallocated, written at its end only, and
 * used again with a new epoch after its records were folded into the database.
 * A state says whose it is: the writer's (active), the folder's (full), nobody's. */
#ifndef TSUWA_STORE_SEGMENT_H
#define TSUWA_STORE_SEGMENT_H

#include <stdatomic.h>

#include "base/list.h"
#include "store/disk.h"

enum segment_state { SEGMENT_FREE, SEGMENT_ACTIVE, SEGMENT_FULL };

struct segment {
	const struct disk *disk;
	char *path;
	int fd;
	unsigned worker;
	uint64_t epoch;
	uint64_t end; /* where the next frame goes; all before is good */
	uint64_t dirty_to; /* > end: a failed write may have left bytes up to here */
	uint64_t allocated; /* UINT64_MAX: the file system can't */
	uint64_t step; /* how much to allocate at a time */
	uint64_t keep; /* reuse gives back what was allocated beyond */
	_Atomic int state;
	atomic_bool unsynced; /* written since the last datasync */
	atomic_bool sync_failed;
	struct list link; /* the folder's queue */
};

/* Makes the file (it must not exist) with an empty journal in it, synced.
 * 0 or -errno; segment_fini() in either case. */
int segment_create(struct segment *s, const struct disk *disk, const char *path, unsigned worker,
		   uint64_t epoch, uint64_t step, uint64_t keep);
/* Closes; the file stays. */
void segment_fini(struct segment *s);

bool segment_is_empty(const struct segment *s);
/* Seals and writes frames (journal_frame_put()).  0 or -errno: then none of them
 * counts, and the file is as before or repaired before the next write. */
int segment_append(struct segment *s, char *frames, size_t n);
/* Takes back all behind end, as a write that turned out not to be durable. */
void segment_rewind(struct segment *s, uint64_t end);
int segment_sync(struct segment *s);
/* All that it holds, as a journal image, mapped: the page cache has it anyway.  0 or -errno. */
int segment_map(const struct segment *s, struct str *ret);
void segment_unmap(struct str image);
/* Empties it: a new epoch, synced before this returns.  0 or -errno: it still
 * holds what it held. */
int segment_reuse(struct segment *s);

#endif
