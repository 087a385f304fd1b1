/* test/fuzz/fuzz.h - what fuzz targets share: a check that ends the process, text that ends at an
 * unreadable page, and a reader that turns the input's bytes into choices. */
#ifndef TSUWA_TEST_FUZZ_FUZZ_H
#define TSUWA_TEST_FUZZ_FUZZ_H

#include <stdlib.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Tells where, and ends the process. */
void fuzz_failed(const char *file, int line, const char *what) __attribute__((noreturn));

#define check(ok) ((ok) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #ok))

static inline void check_in(struct str part, struct str whole)
{
	check(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

#define FUZZ_GUARDED_MAX ((size_t)1 << 18)

/* A copy whose last byte is the last before an unreadable page; stands until the next call. */
struct str fuzz_guarded(struct str s);

/* fn for every prefix of s, each ending at an unreadable page; of a long s for some of them. */
void fuzz_each_prefix(struct str s, void (*fn)(struct str prefix, void *ctx), void *ctx);

/* Ends the process where allocations are left; under a sanitizer it says which. */
void fuzz_no_leak(long before, long after);

/* What is left of the input; beyond its end all is 0. */
struct fuzz_in {
	struct str rest;
};

unsigned fuzz_byte(struct fuzz_in *in);
unsigned fuzz_u16(struct fuzz_in *in);
/* A byte says how long it is. */
struct str fuzz_text(struct fuzz_in *in);

#endif
