/* lib/inside.h - what the files of the library share: slices between the public form and ours, and errors
 * in sentences. */
#ifndef TSUWA_LIB_INSIDE_H
#define TSUWA_LIB_INSIDE_H

#include <tsuwa/types.h>

#include "base/buf.h"

static inline struct tsuwa_str lib_out(struct str s)
{
	return (struct tsuwa_str){s.p, s.n};
}

static inline struct str lib_in(struct tsuwa_str s)
{
	return str_of(s.p, s.n);
}

/* A struct of a caller's, maybe of an older or newer version: what is missing is zeros. */
static inline void lib_take(void *ret, size_t ret_size, const void *given, size_t given_size)
{
	memset(ret, 0, ret_size);
	memcpy(ret, given, given_size < ret_size ? given_size : ret_size);
}

/* err may be NULL.  Returns code. */
int lib_fail(struct tsuwa_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same in the words of tsuwa_strerror(). */
int lib_fail_errno(struct tsuwa_error *err, int code);
/* -EBADMSG of a text: offset in it. */
int lib_fail_at(struct tsuwa_error *err, long offset, const char *header, const char *why);

/* Is this a parser's word for an allocation that failed? */
bool lib_is_memory(const char *why);

/* Copies text into room with a NUL.  0 or -ENOBUFS. */
int lib_give(struct str text, char *room, size_t size);

#endif
