/* base/buf.h - text that is written piece by piece, into the caller's room or
 * into room that grows to a bound.  A write that does not fit sets `failed` and
 * writes nothing more, so a builder checks once, at its end. */
#ifndef TSUWA_BASE_BUF_H
#define TSUWA_BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct buf {
	char *p;
	size_t n;               /* bytes written */
	size_t cap;
	size_t max;             /* 0: fixed, over the caller's room */
	bool failed;
	bool cut;               /* write as much as fits before failing (log lines) */
};

/* Fixed, over room of the caller. */
static inline struct buf buf_over(void *room, size_t bytes)
{
	return (struct buf){ .p = (char *)room, .cap = bytes };
}

/* On the heap; grows to max bytes.  buf_free() ends it. */
static inline struct buf buf_heap(size_t max)
{
	return (struct buf){ .max = max };
}

void buf_free(struct buf *b);

/* Room for n more bytes, without counting them: where to write them, or NULL. */
char *buf_room(struct buf *b, size_t n);
void buf_put_slow(struct buf *b, const void *p, size_t n);

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
	if (b->failed || n > b->cap - b->n) {
		buf_put_slow(b, p, n);
	} else if (n) {
		memcpy(b->p + b->n, p, n);
		b->n += n;
	}
}

static inline void buf_putc(struct buf *b, char c)
{
	if (b->failed || b->n == b->cap)
		buf_put_slow(b, &c, 1);
	else
		b->p[b->n++] = c;
}

void buf_put_u64(struct buf *b, uint64_t v);
/* Lower-case hex digits, two a byte. */
void buf_put_hex(struct buf *b, const void *p, size_t n);
/* base64url without padding (RFC 4648 s5): safe in tokens and URIs. */
void buf_put_b64url(struct buf *b, const void *p, size_t n);
/* Fixed little-endian integers of binary records. */
void buf_put_le(struct buf *b, uint64_t v, unsigned bytes);

static inline void buf_puts(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.n);
}

/* "%s %.*s %c %d %u %x %ld %lu %lx %lld %llu %zu %zd %%", widths and zero
 * padding of numbers and left-aligned widths of strings ("%-20s"); no floats.
 * Unlike printf's, "%.*s" writes all of a slice, NULs too. */
void buf_fmt(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *format, va_list ap);

static inline struct str buf_str(const struct buf *b)
{
	return str_of(b->p, b->n);
}

static inline void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

/* Ends the text with a NUL that is not counted; a fixed buf that is full is cut.
 * Never NULL. */
const char *buf_c(struct buf *b);

/* Decoders: false on a character that does not belong, or too little room. */
bool hex_decode(struct str s, uint8_t *ret, size_t bytes);
bool b64url_decode(struct str s, uint8_t *ret, size_t cap, size_t *ret_n);

#endif
