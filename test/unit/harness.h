/* test/unit/harness.h - what unit tests share: cmocka, an allocator that fails on
 * demand, and text that ends at an unreadable page.
 *
 * A test that links unit_harness_dep gets xmalloc() and its like from harness.c in
 * place of src/base/alloc.c; all else in the tree is the real thing.  Memory of
 * other libraries (OpenSSL, SQLite) is not counted and does not fail.
 *
 *     #include "harness.h"
 *
 *     static void copy_once(void)             // frees all it took, also on failure
 *     {
 *             struct str s;
 *             int err = str_dup(STR("abc"), &s);
 *
 *             assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
 *             if (!err)
 *                     str_free(&s);
 *     }
 *
 *     static void survives_no_memory(void **state)
 *     {
 *             alloc_sweep(copy_once);
 *     }
 *
 *     static void parse_prefix(struct str s, void *ctx)
 *     {
 *             struct uri u;
 *
 *             uri_parse(s, &u);               // must not read past s
 *     }
 *
 *     each_prefix(STR("sip:alice@example.com"), parse_prefix, NULL);
 */
#ifndef TSUWA_TEST_UNIT_HARNESS_H
#define TSUWA_TEST_UNIT_HARNESS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Runs fn with its first allocation failing, then with its second, and so on until
 * a run needs no more.  Fails the test when a run does not free what it took. */
void alloc_sweep(void (*fn)(void));
/* The same with an argument. */
void alloc_sweep_with(void (*fn)(void *ctx), void *ctx);
/* Whether an allocation has failed on purpose in this run. */
bool alloc_has_failed(void);
/* The n-th allocation from now on (1: the next) fails, once; 0: none. */
void alloc_fail_at(unsigned long n);
/* Allocations that stand now. */
long alloc_live(void);

/* A copy of s whose last byte is the last before an unreadable page; writable, so
 * that it also serves as room for outputs.  Stands until guard_free_all(). */
char *guard_end(struct str s);
/* The same as a slice. */
struct str guard_str(struct str s);
/* A copy of s whose first byte is the first behind an unreadable page. */
char *guard_begin(struct str s);
void guard_free_all(void);

/* fn for every prefix of s, from empty to all of it, each ending at an unreadable
 * page. */
void each_prefix(struct str s, void (*fn)(struct str prefix, void *ctx), void *ctx);

/* Slices equal byte for byte, shown as text when they are not. */
#define assert_str(got, want) assert_str_at((got), (want), __FILE__, __LINE__)
void assert_str_at(struct str got, struct str want, const char *file, int line);

/* Pseudo-random numbers that are the same each time (splitmix64). */
uint64_t test_random(uint64_t *seed);

#endif
