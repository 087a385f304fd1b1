#include "store/segment.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/journal_format.h"

static int head_write(struct segment *s, uint64_t epoch)
{
	struct journal_head h = {.version = JOURNAL_VERSION, .worker = s->worker, .epoch = epoch};
	char bytes[JOURNAL_HEAD_BYTES];
	int err;

	journal_head_put(&h, bytes);
	err = disk_write(s->disk, s->fd, bytes, sizeof(bytes), 0);
	return err ? err : s->disk->datasync(s->disk->ctx, s->fd);
}

static bool cannot_allocate(int err)
{
	return err == -EOPNOTSUPP || err == -ENOSYS || err == -EINVAL;
}

static int allocate_to(struct segment *s, uint64_t to)
{
	int err;

	do
		err = s->disk->allocate(s->disk->ctx, s->fd, s->allocated, to - s->allocated);
	while (err == -EINTR);
	if (!err)
		s->allocated = to;
	if (cannot_allocate(err)) {
		s->allocated = UINT64_MAX;
		err = 0;
	}
	return err;
}

/* Room up to `to`.  When a whole step does not fit on the disk, what is needed
 * now may. */
static int reserve(struct segment *s, uint64_t to)
{
	int err;

	if (to <= s->allocated)
		return 0;
	err = allocate_to(s, (to + s->step - 1) / s->step * s->step);
	return err ? allocate_to(s, (to + 4095) & ~(uint64_t)4095) : 0;
}

int segment_create(struct segment *s, const struct disk *disk, const char *path, unsigned worker,
		   uint64_t epoch, uint64_t step, uint64_t keep)
{
	struct str copy;
	int err;

	*s = (struct segment){.disk = disk,
			      .fd = -1,
			      .worker = worker,
			      .epoch = epoch,
			      .end = JOURNAL_HEAD_BYTES,
			      .step = step,
			      .keep = keep};
	list_init(&s->link);
	err = str_dup(str_c(path), &copy);
	if (err)
		return err;
	s->path = (char *)copy.p;
	s->fd = disk->create(disk->ctx, path);
	if (s->fd < 0)
		return s->fd;
	err = reserve(s, s->end);
	return err ? err : head_write(s, epoch);
}

void segment_fini(struct segment *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	xfree(s->path);
	s->path = NULL;
}

bool segment_is_empty(const struct segment *s)
{
	return s->end == JOURNAL_HEAD_BYTES;
}

/* Whole frames of a failed write must not come to life behind later ones: the
 * file is cut at its good end. */
static int repair(struct segment *s)
{
	int err;

	if (s->dirty_to <= s->end)
		return 0;
	err = s->disk->truncate(s->disk->ctx, s->fd, s->end);
	if (err)
		return err;
	s->dirty_to = 0;
	if (s->allocated != UINT64_MAX)
		s->allocated = s->end;
	return 0;
}

int segment_append(struct segment *s, char *frames, size_t n)
{
	int err = repair(s);

	if (!err)
		err = reserve(s, s->end + n);
	if (err)
		return err;
	journal_frames_seal(frames, n, s->epoch, s->end);
	err = disk_write(s->disk, s->fd, frames, n, s->end);
	if (err) {
		s->dirty_to = s->end + n;
		repair(s); /* else before the next write */
		return err;
	}
	s->end += n;
	atomic_store(&s->unsynced, true);
	return 0;
}

void segment_rewind(struct segment *s, uint64_t end)
{
	if (s->dirty_to < s->end)
		s->dirty_to = s->end;
	s->end = end;
	repair(s);
}

int segment_sync(struct segment *s)
{
	int err;

	if (!atomic_exchange(&s->unsynced, false))
		return 0;
	err = s->disk->datasync(s->disk->ctx, s->fd);
	if (err)
		atomic_store(&s->unsynced, true);
	return err;
}

int segment_map(const struct segment *s, struct str *ret)
{
	struct stat st;
	char *p;

	/* Behind the end of a file that somebody has cut there is nothing to read but SIGBUS. */
	if (fstat(s->fd, &st))
		return -errno;
	if ((uint64_t)st.st_size < s->end)
		return -EIO;
	p = mmap(NULL, (size_t)s->end, PROT_READ, MAP_SHARED, s->fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret = str_of(p, (size_t)s->end);
	return 0;
}

void segment_unmap(struct str image)
{
	munmap((void *)image.p, image.n);
}

int segment_reuse(struct segment *s)
{
	int err = head_write(s, s->epoch + 1);

	if (err)
		return err;
	s->epoch++;
	s->end = JOURNAL_HEAD_BYTES;
	s->dirty_to = 0;
	if (s->allocated > s->keep && s->allocated != UINT64_MAX &&
	    !s->disk->truncate(s->disk->ctx, s->fd, s->keep))
		s->allocated = s->keep;
	atomic_store(&s->unsynced, false);
	return 0;
}
