/* Goes between the server and its disk (LD_PRELOAD): writes and syncs take as long, or fail, as
 * the file that $BAD_DISK names says at that moment.  test_disk.py compiles it and maps the file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* test_disk.py knows this order. */
struct orders {
	uint32_t write_ms, sync_ms;
	int32_t write_errno, sync_errno;
	uint64_t writes, syncs; /* that have ended */
};

static struct orders *orders(void)
{
	static struct orders *mapped, none;
	const char *path = getenv("BAD_DISK");
	int fd;

	if (mapped)
		return mapped;
	fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return &none;
	mapped = mmap(NULL, sizeof(*mapped), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		mapped = &none;
	return mapped;
}

static void wait_ms(uint32_t ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000l};

	while (ms && nanosleep(&t, &t))
		;
}

static int bad(uint32_t ms, int32_t error)
{
	wait_ms(ms);
	errno = error;
	return error;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t r =
		bad(orders()->write_ms, orders()->write_errno) ? -1 : NEXT(pwrite)(fd, p, n, at);

	__atomic_add_fetch(&orders()->writes, 1, __ATOMIC_SEQ_CST);
	return r;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	ssize_t r =
		bad(orders()->write_ms, orders()->write_errno) ? -1 : NEXT(pwrite64)(fd, p, n, at);

	__atomic_add_fetch(&orders()->writes, 1, __ATOMIC_SEQ_CST);
	return r;
}

int fdatasync(int fd)
{
	int r = bad(orders()->sync_ms, orders()->sync_errno) ? -1 : NEXT(fdatasync)(fd);

	__atomic_add_fetch(&orders()->syncs, 1, __ATOMIC_SEQ_CST);
	return r;
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
	return bad(0, orders()->write_errno) ? -1 : NEXT(fallocate)(fd, mode, at, n);
}

int fallocate64(int fd, int mode, off64_t at, off64_t n)
{
	return bad(0, orders()->write_errno) ? -1 : NEXT(fallocate64)(fd, mode, at, n);
}

int ftruncate(int fd, off_t n)
{
	return bad(0, orders()->write_errno) ? -1 : NEXT(ftruncate)(fd, n);
}

int ftruncate64(int fd, off64_t n)
{
	return bad(0, orders()->write_errno) ? -1 : NEXT(ftruncate64)(fd, n);
}
