#include "net/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

uint64_t clock_wall_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_wall_ms(void)
{
	return clock_wall_us() / 1000;
}

/* Tags, branches and keys hang on this: without random there is no going on. */
static void kernel_random(void *ret, size_t n)
{
	uint8_t *at = (uint8_t *)ret;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		n -= (size_t)got;
	}
}

void entropy_take(struct entropy *e, void *ret, size_t n)
{
	if (n > sizeof(e->block) / 4) {
		kernel_random(ret, n);
		return;
	}
	if (e->left < n) {
		kernel_random(e->block, sizeof(e->block));
		e->left = sizeof(e->block);
	}
	e->left -= n;
	memcpy(ret, e->block + e->left, n);
	explicit_bzero(e->block + e->left, n);
}
