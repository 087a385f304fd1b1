/* base/alloc.h - the one door to the allocator, so that a test can make any
 * allocation fail (test/unit/harness.c brings its own set of these functions).
 * Nothing else in the tree calls malloc. */
#ifndef TSUWA_BASE_ALLOC_H
#define TSUWA_BASE_ALLOC_H

#include <stddef.h>

/* NULL when there is no memory; size 0 gives a pointer that may be freed. */
void *xmalloc(size_t n) __attribute__((malloc, warn_unused_result));
void *xzalloc(size_t n) __attribute__((malloc, warn_unused_result));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, warn_unused_result));
/* On failure p is untouched. */
void *xrealloc(void *p, size_t n) __attribute__((warn_unused_result));
void xfree(void *p);

#endif
