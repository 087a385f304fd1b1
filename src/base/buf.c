#include <assert.h>

#include "base/alloc.h"
#include "base/buf.h"

#define FIRST_HEAP_BYTES 256

void buf_free(struct buf *b)
{
	if (b->max)
		xfree(b->p);
	*b = (struct buf){.max = b->max};
}

/* One byte more than cap is there always, for buf_c(). */
static bool grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : FIRST_HEAP_BYTES;
	char *p;

	if (need > b->max || b->max == SIZE_MAX)
		return false;
	while (cap < need)
		cap = cap <= SIZE_MAX / 2 ? cap * 2 : need;
	if (cap > b->max)
		cap = b->max;
	p = xrealloc(b->p, cap + 1);
	if (!p)
		return false;
	b->p = p;
	b->cap = cap;
	return true;
}

char *buf_room(struct buf *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (n > b->cap - b->n && (n > SIZE_MAX - b->n || !grow(b, b->n + n))) {
		b->failed = true;
		return NULL;
	}
	return b->p ? b->p + b->n : NULL;
}

/* What does not fit at once: grows, or fails. */
void buf_put_slow(struct buf *b, const void *p, size_t n)
{
	size_t left = b->failed ? 0 : b->cap - b->n;
	char *to = n ? buf_room(b, n) : NULL;

	if (to) {
		memcpy(to, p, n);
		b->n += n;
	} else if (n && b->cut && left) {
		memcpy(b->p + b->n, p, left);
		b->n += left;
	}
}

void buf_put_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = p;
	char *to = n <= SIZE_MAX / 2 ? buf_room(b, 2 * n) : NULL;

	if (!to) {
		b->failed = b->failed || n;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		*to++ = digits[from[i] >> 4];
		*to++ = digits[from[i] & 15];
	}
	b->n += 2 * n;
}

static const char b64url_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void buf_put_b64url(struct buf *b, const void *p, size_t n)
{
	const unsigned char *from = p;
	char *to = n <= SIZE_MAX / 2 ? buf_room(b, n + (n + 2) / 3) : NULL;

	if (!to) {
		b->failed = b->failed || n;
		return;
	}
	b->n += n + (n + 2) / 3;
	for (; n >= 3; n -= 3, from += 3) {
		*to++ = b64url_digits[from[0] >> 2];
		*to++ = b64url_digits[(from[0] << 4 | from[1] >> 4) & 63];
		*to++ = b64url_digits[(from[1] << 2 | from[2] >> 6) & 63];
		*to++ = b64url_digits[from[2] & 63];
	}
	if (!n)
		return;
	*to++ = b64url_digits[from[0] >> 2];
	*to++ = b64url_digits[(from[0] << 4 | (n > 1 ? from[1] >> 4 : 0)) & 63];
	if (n > 1)
		*to = b64url_digits[from[1] << 2 & 63];
}

void buf_put_le(struct buf *b, uint64_t v, unsigned bytes)
{
	unsigned char le[8];

	assert(bytes <= sizeof(le));
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		le[i] = (unsigned char)v;
	buf_put(b, le, bytes);
}

const char *buf_c(struct buf *b)
{
	size_t room = b->max && b->p ? b->cap + 1 : b->cap;

	if (!b->p || !room)
		return "";
	if (b->n == room)
		b->n--;
	b->p[b->n] = '\0';
	return b->p;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(struct str s, uint8_t *ret, size_t bytes)
{
	if (s.n % 2 || s.n / 2 != bytes)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (hex_value(s.p[i]) < 0)
			return false;
	for (size_t i = 0; i < bytes; i++)
		ret[i] = (uint8_t)((unsigned)hex_value(s.p[2 * i]) << 4 |
				   (unsigned)hex_value(s.p[2 * i + 1]));
	return true;
}

/* The values of the digits; 64: it is none. */
static const uint8_t b64url_values[128] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 62, 64, 64, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64, 64, 0,
	1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
	23, 24, 25, 64, 64, 64, 64, 63, 64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
	39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
};

static inline unsigned b64url_value(char c)
{
	return (unsigned char)c < 128 ? b64url_values[(unsigned char)c] : 64;
}

/* One text for one value: the bits behind the last byte must be 0. */
static bool b64url_is_valid(struct str s)
{
	unsigned spare = s.n % 4 == 2 ? 15 : s.n % 4 == 3 ? 3 : 0;

	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (b64url_value(s.p[i]) > 63)
			return false;
	return !s.n || !(b64url_value(s.p[s.n - 1]) & spare);
}

bool b64url_decode(struct str s, uint8_t *ret, size_t cap, size_t *ret_n)
{
	const char *p = s.p, *whole = s.n ? p + (s.n & ~(size_t)3) : p; /* p may be NULL */
	unsigned bits = 0;

	if (!b64url_is_valid(s) || s.n / 4 * 3 + s.n % 4 * 3 / 4 > cap)
		return false;
	*ret_n = s.n / 4 * 3 + s.n % 4 * 3 / 4;
	for (; p < whole; p += 4) {
		bits = b64url_value(p[0]) << 18 | b64url_value(p[1]) << 12 |
		       b64url_value(p[2]) << 6 | b64url_value(p[3]);
		*ret++ = (uint8_t)(bits >> 16);
		*ret++ = (uint8_t)(bits >> 8);
		*ret++ = (uint8_t)bits;
	}
	if (s.n % 4) {
		bits = b64url_value(p[0]) << 6 | b64url_value(p[1]);
		*ret++ = (uint8_t)(bits >> 4);
	}
	if (s.n % 4 == 3)
		*ret = (uint8_t)(bits << 4 | b64url_value(p[2]) >> 2);
	return true;
}
