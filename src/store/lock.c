#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/disk.h"

static int lock_open(const char *db_path)
{
	struct buf path = buf_heap(8192);
	int fd;

	buf_fmt(&path, "%s.lock", db_path);
	buf_c(&path);
	if (path.failed)
		errno = ENAMETOOLONG;
	fd = path.failed ? -1 : open(path.p, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	buf_free(&path);
	return fd < 0 ? -errno : fd;
}

static void say_holder(int fd, const char *db_path, struct buf *text)
{
	char pid[24];
	ssize_t n = pread(fd, pid, sizeof(pid), 0);

	buf_fmt(text, "the database %s is in use by another server", db_path);
	if (n > 0)
		buf_fmt(text, " (process %.*s)", STR_ARG(str_trim(str_of(pid, (size_t)n))));
}

static void put_pid(int fd)
{
	char pid[24];
	struct buf b = buf_over(pid, sizeof(pid));

	buf_fmt(&b, "%d\n", (int)getpid());
	/* Only what the sentence above says depends on it. */
	if (ftruncate(fd, 0) || pwrite(fd, b.p, b.n, 0) < 0)
		return;
}

int lock_take(const char *db_path, char *err, size_t err_size)
{
	struct buf text = buf_over(err, err_size);
	int fd = lock_open(db_path);
	int r = fd < 0 ? fd : 0;

	if (!r && flock(fd, LOCK_EX | LOCK_NB))
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (!r) {
		put_pid(fd);
		return fd;
	}
	if (r == -EBUSY)
		say_holder(fd, db_path, &text);
	else
		buf_fmt(&text, "can't lock the database %s: %s", db_path, disk_error(r));
	buf_c(&text);
	if (fd >= 0)
		close(fd);
	return r;
}
