#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "harness.h"

static atomic_ulong allocations; /* since the count was set back */
static atomic_ulong fail_at;
static atomic_bool has_failed;
static atomic_long live;

static bool must_fail(void)
{
	unsigned long n = atomic_fetch_add(&allocations, 1) + 1;

	if (n != atomic_load(&fail_at))
		return false;
	atomic_store(&has_failed, true);
	return true;
}

static void *count(void *p)
{
	if (p)
		atomic_fetch_add(&live, 1);
	return p;
}

void *xmalloc(size_t n)
{
	return must_fail() ? NULL : count(malloc(n ? n : 1));
}

void *xzalloc(size_t n)
{
	return must_fail() ? NULL : count(calloc(1, n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return must_fail() ? NULL : count(n && size ? calloc(n, size) : calloc(1, 1));
}

void *xrealloc(void *p, size_t n)
{
	void *q = must_fail() ? NULL : realloc(p, n ? n : 1);

	return p ? q : count(q);
}

void xfree(void *p)
{
	if (p)
		atomic_fetch_sub(&live, 1);
	free(p);
}

void alloc_fail_at(unsigned long n)
{
	atomic_store(&allocations, 0);
	atomic_store(&has_failed, false);
	atomic_store(&fail_at, n);
}

bool alloc_has_failed(void)
{
	return atomic_load(&has_failed);
}

long alloc_live(void)
{
	return atomic_load(&live);
}

void alloc_sweep_with(void (*fn)(void *ctx), void *ctx)
{
	bool failed = true;

	for (unsigned long n = 1; failed; n++) {
		long before = alloc_live();

		alloc_fail_at(n);
		fn(ctx);
		failed = alloc_has_failed();
		alloc_fail_at(0);
		if (alloc_live() != before)
			fail_msg("%ld allocations are left after number %lu failed",
				 alloc_live() - before, n);
	}
}

static void call_plain(void *ctx)
{
	(*(void (**)(void))ctx)();
}

void alloc_sweep(void (*fn)(void))
{
	alloc_sweep_with(call_plain, &fn);
}

struct guard {
	struct guard *next;
	char *map;
	size_t bytes; /* readable; a page on either side is not */
};

static struct guard *guards;

static struct guard *guard_new(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct guard *g = malloc(sizeof(*g));
	char *p;

	assert_non_null(g);
	g->bytes = (n + page - 1) / page * page;
	p = mmap(NULL, g->bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(p != MAP_FAILED);
	g->map = p + page;
	if (g->bytes)
		assert_int_equal(mprotect(g->map, g->bytes, PROT_READ | PROT_WRITE), 0);
	g->next = guards;
	guards = g;
	return g;
}

char *guard_end(struct str s)
{
	struct guard *g = guard_new(s.n);
	char *p = g->map + g->bytes - s.n;

	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct str guard_str(struct str s)
{
	return str_of(guard_end(s), s.n);
}

char *guard_begin(struct str s)
{
	struct guard *g = guard_new(s.n);

	if (s.n)
		memcpy(g->map, s.p, s.n);
	return g->map;
}

void guard_free_all(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	while (guards) {
		struct guard *g = guards;

		guards = g->next;
		munmap(g->map - page, g->bytes + 2 * page);
		free(g);
	}
}

void each_prefix(struct str s, void (*fn)(struct str prefix, void *ctx), void *ctx)
{
	struct guard *g = guard_new(s.n);

	for (size_t n = 0; n <= s.n; n++) {
		char *p = g->map + g->bytes - n;

		if (n)
			memcpy(p, s.p, n);
		fn(str_of(p, n), ctx);
	}
}

void assert_str_at(struct str got, struct str want, const char *file, int line)
{
	if (str_eq(got, want))
		return;
	print_error("got  \"%.*s\" (%zu bytes)\nwant \"%.*s\" (%zu bytes)\n", (int)got.n,
		    got.p ? got.p : "", got.n, (int)want.n, want.p ? want.p : "", want.n);
	_fail(file, line);
}

uint64_t test_random(uint64_t *seed)
{
	uint64_t v = *seed += 0x9e3779b97f4a7c15ull;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ull;
	v = (v ^ v >> 27) * 0x94d049bb133111ebull;
	return v ^ v >> 31;
}
