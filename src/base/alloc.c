#include <stdlib.h>

#include "base/alloc.h"

/* malloc(0) may give NULL, which our callers would take for "no memory". */
static size_t at_least_one(size_t n)
{
	return n ? n : 1;
}

void *xmalloc(size_t n)
{
	return malloc(at_least_one(n));
}

void *xzalloc(size_t n)
{
	return calloc(1, at_least_one(n));
}

void *xcalloc(size_t count, size_t size)
{
	return count && size ? calloc(count, size) : calloc(1, 1);
}

void *xrealloc(void *p, size_t n)
{
	return realloc(p, at_least_one(n));
}

void xfree(void *p)
{
	free(p);
}
