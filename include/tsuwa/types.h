/* tsuwa/types.h - what all of libtsuwa shares: slices of text, and how errors are told.
 *
 * Functions that act return 0 or a negative errno; those that may fail for reasons that a person
 * should read take a struct tsuwa_error, which may be NULL.  The library prints nothing, catches no
 * signal, never exits and has no state outside the objects that it hands out; an object is used by
 * one thread at a time, different objects by different ones. */
#ifndef TSUWA_TYPES_H
#define TSUWA_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text that somebody else owns, not ended by a NUL: each function says whom it borrows from.
 * p is NULL when there is no such text at all. */
struct tsuwa_str {
	const char *p;
	size_t n;
};

/* For "%.*s" of printf. */
#define TSUWA_STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* Is it the text, byte for byte (tsuwa_str_is), or without regard to the case of ASCII letters
 * (tsuwa_str_same)? */
bool tsuwa_str_is(struct tsuwa_str s, const char *text);
bool tsuwa_str_same(struct tsuwa_str s, const char *text);

/* Copies s into room as a C string, cut to size - 1 bytes (size > 0).  Returns room. */
const char *tsuwa_str_copy(struct tsuwa_str s, char *room, size_t size);

/* What went wrong and where.  Filled by a function that failed, untouched by one that did not. */
struct tsuwa_error {
	int code; /* what the function returned: a negative errno */
	unsigned status; /* the SIP status that a server would answer with; 0: none */
	long offset; /* in bytes from the start of the text that was given; -1: of no place */
	unsigned line; /* of a description or file, from 1; 0: of none */
	const char *header; /* name of the header field at fault, "" for none; static */
	const char *rfc; /* "RFC 3261 s20.42", or ""; static */
	char text[256]; /* a sentence without a full stop */
};

/* A negative errno in the words of a phone: "no answer", "nobody listens there"...  Static, or of
 * the C library's strerror(). */
const char *tsuwa_strerror(int err);

/* "0.1.0", of the library that runs. */
const char *tsuwa_version(void);

#ifdef __cplusplus
}
#endif

#endif
