/* store/disk.h - what a journal asks of the file system, as a table, so that a
 * test can put a full, failing or slow disk beneath it.  All give -errno. */
#ifndef TSUWA_STORE_DISK_H
#define TSUWA_STORE_DISK_H

#include <sys/types.h>

#include "base/buf.h"

struct disk {
	/* A new file, 0600, that must not exist.  Its descriptor. */
	int (*create)(void *ctx, const char *path);
	/* Bytes written, perhaps fewer than asked. */
	ssize_t (*pwrite)(void *ctx, int fd, const void *p, size_t n, uint64_t at);
	int (*datasync)(void *ctx, int fd);
	/* Blocks for the range, which reads as zeros.  -EOPNOTSUPP is no failure. */
	int (*allocate)(void *ctx, int fd, uint64_t from, uint64_t n);
	int (*truncate)(void *ctx, int fd, uint64_t n);
	void *ctx;
};

extern const struct disk disk_system;

/* Writes all of it.  0 or -errno; then any part may have been written. */
int disk_write(const struct disk *d, int fd, const void *p, size_t n, uint64_t at);
/* The first n bytes of a file (fewer when it is shorter), into ret, a heap
 * buffer of the caller that is emptied first.  0 or -errno. */
int disk_read(int fd, size_t n, struct buf *ret);
/* A whole file of at most max bytes (-EFBIG).  0 or -errno. */
int disk_read_file(const char *path, size_t max, struct buf *ret);
/* Makes names made or changed in path's folder last.  Best effort. */
void disk_sync_folder(const char *path);

/* Of -errno or errno, in words. */
const char *disk_error(int err);

#endif
