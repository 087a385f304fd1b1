#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALL_PREFIXES 64 /* bytes of a text whose every prefix is looked at */
#define SOME_PREFIXES 32

void fuzz_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

void fuzz_no_leak(long before, long after)
{
	if (before == after)
		return;
	fprintf(stderr, "%ld allocations are left\n", after - before);
	if (__lsan_do_recoverable_leak_check)
		__lsan_do_recoverable_leak_check();
	abort();
}

static char *guard_page(void)
{
	static char *page;
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	char *p;

	if (page)
		return page;
	p = mmap(NULL, FUZZ_GUARDED_MAX + bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(p != MAP_FAILED && mprotect(p + FUZZ_GUARDED_MAX, bytes, PROT_NONE) == 0);
	page = p + FUZZ_GUARDED_MAX;
	return page;
}

struct str fuzz_guarded(struct str s)
{
	char *p = guard_page() - s.n;

	check(s.n <= FUZZ_GUARDED_MAX);
	if (s.n)
		memmove(p, s.p, s.n);
	return str_of(p, s.n);
}

void fuzz_each_prefix(struct str s, void (*fn)(struct str prefix, void *ctx), void *ctx)
{
	size_t step = s.n <= ALL_PREFIXES ? 1 : s.n / SOME_PREFIXES;

	for (size_t n = 0; n <= s.n; n += step)
		fn(fuzz_guarded(str_first(s, n)), ctx);
}

unsigned fuzz_byte(struct fuzz_in *in)
{
	unsigned b = in->rest.n ? (unsigned char)in->rest.p[0] : 0;

	in->rest = str_skip(in->rest, 1);
	return b;
}

unsigned fuzz_u16(struct fuzz_in *in)
{
	unsigned high = fuzz_byte(in);

	return high << 8 | fuzz_byte(in);
}

struct str fuzz_text(struct fuzz_in *in)
{
	unsigned n = fuzz_byte(in);
	struct str s = str_first(in->rest, n);

	in->rest = str_skip(in->rest, s.n);
	return s;
}
