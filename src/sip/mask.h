/* sip/mask.h - up to 64 bytes at once, as a word with a bit for each byte that a scanner must
 * look at.  All of the grammar stands in the scanners: a mask only tells where nothing is to be
 * seen.  Nothing behind the n bytes given is read, and their bits are set: a scanner stops at
 * the end without asking for it.  Private to sip/. */
#ifndef TSUWA_SIP_MASK_H
#define TSUWA_SIP_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

typedef __m128i mask_block;

static inline mask_block mask_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* CR and LF, and the controls below them, which are rare enough. */
static inline unsigned mask_line_end(mask_block x)
{
	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_subs_epu8(x, _mm_set1_epi8('\r')), _mm_setzero_si128()));
}

/* low..127 - top up to 127 as a signed byte: one comparison tells what is in the range. */
static inline mask_block mask_in(mask_block x, char low, char top)
{
	return _mm_cmpgt_epi8(_mm_add_epi8(x, _mm_set1_epi8((char)(127 - top))),
			      _mm_set1_epi8((char)(126 - top + low)));
}

/* All but letters, digits, dots and dashes. */
static inline unsigned mask_odd(mask_block x)
{
	mask_block letter = mask_in(_mm_or_si128(x, _mm_set1_epi8(0x20)), 'a', 'z');
	mask_block other = mask_in(x, '-', '9'), slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('/'));

	return (unsigned)_mm_movemask_epi8(_mm_andnot_si128(slash, _mm_or_si128(letter, other))) ^
	       0xffffu;
}

static inline unsigned mask_colon(mask_block x)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(':')));
}

#else

typedef struct {
	unsigned char c[16];
} mask_block;

static inline mask_block mask_load(const char *p)
{
	mask_block x;

	memcpy(&x, p, sizeof(x));
	return x;
}

#define MASK_WHERE(c_is_looked_for)                                                                \
	unsigned bits = 0, i, c;                                                                   \
	for (i = 0; i < 16; i++) {                                                                 \
		c = x.c[i];                                                                        \
		bits |= (unsigned)(c_is_looked_for) << i;                                          \
	}                                                                                          \
	return bits

static inline unsigned mask_line_end(mask_block x)
{
	MASK_WHERE(c <= '\r');
}

static inline unsigned mask_odd(mask_block x)
{
	MASK_WHERE(!((c | 0x20) - 'a' < 26 || (c - '-' <= '9' - '-' && c != '/')));
}

static inline unsigned mask_colon(mask_block x)
{
	MASK_WHERE(c == ':');
}

#endif

#define MASK_ALWAYS static inline __attribute__((always_inline))

/* Of 64 bytes. */
MASK_ALWAYS uint64_t mask_whole(const char *p, unsigned (*bits)(mask_block))
{
	return bits(mask_load(p)) | (uint64_t)bits(mask_load(p + 16)) << 16 |
	       (uint64_t)bits(mask_load(p + 32)) << 32 | (uint64_t)bits(mask_load(p + 48)) << 48;
}

/* Of n < 64 bytes; the last block overlaps the one before it. */
MASK_ALWAYS uint64_t mask_part(const char *p, size_t n, unsigned (*bits)(mask_block))
{
	uint64_t mask = ~0ull << n;
	char pad[16] = {0};
	size_t at = 0;

	if (n < 16) {
		memcpy(pad, p, n);
		return mask | bits(mask_load(pad));
	}
	for (; at + 16 <= n; at += 16)
		mask |= (uint64_t)bits(mask_load(p + at)) << at;
	return mask | (uint64_t)bits(mask_load(p + n - 16)) << (n - 16);
}

MASK_ALWAYS uint64_t mask_of(const char *p, size_t n, unsigned (*bits)(mask_block))
{
	return n >= 64 ? mask_whole(p, bits) : mask_part(p, n, bits);
}

#endif
