#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int sys_create(void *ctx, const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

static ssize_t sys_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t at)
{
	ssize_t r = pwrite(fd, p, n, (off_t)at);

	return r < 0 ? -errno : r;
}

static int sys_datasync(void *ctx, int fd)
{
	return fdatasync(fd) ? -errno : 0;
}

static int sys_allocate(void *ctx, int fd, uint64_t from, uint64_t n)
{
	return fallocate(fd, 0, (off_t)from, (off_t)n) ? -errno : 0;
}

static int sys_truncate(void *ctx, int fd, uint64_t n)
{
	return ftruncate(fd, (off_t)n) ? -errno : 0;
}

const struct disk disk_system = {
	.create = sys_create,
	.pwrite = sys_pwrite,
	.datasync = sys_datasync,
	.allocate = sys_allocate,
	.truncate = sys_truncate,
};

int disk_write(const struct disk *d, int fd, const void *p, size_t n, uint64_t at)
{
	const char *from = p;

	while (n > 0) {
		ssize_t r = d->pwrite(d->ctx, fd, from, n, at);

		if (r == -EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? (int)r : -EIO;
		from += r;
		at += (uint64_t)r;
		n -= (size_t)r;
	}
	return 0;
}

int disk_read(int fd, size_t n, struct buf *ret)
{
	char *room;

	buf_reset(ret);
	room = buf_room(ret, n);
	if (!room && n > 0)
		return -ENOMEM;
	while (ret->n < n) {
		ssize_t r = pread(fd, room + ret->n, n - ret->n, (off_t)ret->n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		ret->n += (size_t)r;
	}
	return 0;
}

int disk_read_file(const char *path, size_t max, struct buf *ret)
{
	struct stat st;
	int err, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if ((uint64_t)st.st_size > max)
		err = -EFBIG;
	else
		err = disk_read(fd, (size_t)st.st_size, ret);
	close(fd);
	return err;
}

void disk_sync_folder(const char *path)
{
	struct buf name = buf_heap(4096);
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash)
		buf_put(&name, path, (size_t)(slash - path) + 1);
	else
		buf_putc(&name, '.');
	fd = name.failed ? -1 : open(buf_c(&name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_free(&name);
	if (fd < 0)
		return;
	(void)!fsync(fd);
	close(fd);
}

const char *disk_error(int err)
{
	const char *text = strerrordesc_np(err < 0 ? -err : err);

	return text ? text : "unknown error";
}
