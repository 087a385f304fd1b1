/* sip/mask.h - up to 64 bytes at once, as a word with a bit for each byte that a scanner must
 * look at.  All of the grammar stands in the scanners: a mask only tells where nothing is to be
 * seen.  Nothing behind the n bytes given is read.  Private to sip/. */
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

/* n < 16 bytes at p with zeros behind them; none past them is read. */
static inline mask_block mask_load_part(const char *p, size_t n)
{
	uint64_t low = 0, high = 0;
	uint32_t a, b;

	if (n >= 8) {
		memcpy(&low, p, 8);
		memcpy(&high, p + n - 8, 8);
		high = high >> 8 * (15 - n) >> 8;
	} else if (n >= 4) {
		memcpy(&a, p, 4);
		memcpy(&b, p + n - 4, 4);
		low = a | (uint64_t)b << 8 * (n - 4);
	} else if (n) {
		low = (uint64_t)(unsigned char)p[0] |
		      (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2) |
		      (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
	}
	return _mm_set_epi64x((long long)high, (long long)low);
}

/* CR and LF, and the controls below them, which are rare enough. */
static inline unsigned mask_line_end(mask_block x)
{
	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_subs_epu8(x, _mm_set1_epi8('\r')), _mm_setzero_si128()));
}

/* SP, all controls and DEL. */
static inline unsigned mask_blank(mask_block x)
{
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(
		_mm_cmpeq_epi8(_mm_subs_epu8(x, _mm_set1_epi8(' ')), _mm_setzero_si128()),
		_mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f))));
}

/* low..127 - top up to 127 as a signed byte: one comparison tells what is in the range. */
static inline mask_block mask_in(mask_block x, char low, char top)
{
	return _mm_cmpgt_epi8(_mm_add_epi8(x, _mm_set1_epi8((char)(127 - top))),
			      _mm_set1_epi8((char)(126 - top + low)));
}

/* Letters, digits, dots and dashes. */
static inline unsigned mask_plain(mask_block x)
{
	mask_block letter = mask_in(_mm_or_si128(x, _mm_set1_epi8(0x20)), 'a', 'z');
	mask_block other = mask_in(x, '-', '9'), slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('/'));

	return (unsigned)_mm_movemask_epi8(_mm_andnot_si128(slash, _mm_or_si128(letter, other)));
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

static inline mask_block mask_load_part(const char *p, size_t n)
{
	mask_block x = {{0}};

	memcpy(&x, p, n);
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

static inline unsigned mask_blank(mask_block x)
{
	MASK_WHERE(c <= ' ' || c == 0x7f);
}

static inline unsigned mask_plain(mask_block x)
{
	MASK_WHERE((c | 0x20) - 'a' < 26 || (c - '-' <= '9' - '-' && c != '/'));
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

/* Of 16 to 63; the last block overlaps the one before it. */
MASK_ALWAYS uint64_t mask_part(const char *p, size_t n, unsigned (*bits)(mask_block))
{
	uint64_t mask = bits(mask_load(p));

	if (n >= 32)
		mask |= (uint64_t)bits(mask_load(p + 16)) << 16;
	if (n >= 48)
		mask |= (uint64_t)bits(mask_load(p + 32)) << 32;
	return mask | (uint64_t)bits(mask_load(p + n - 16)) << (n - 16);
}

/* Of the first n bytes, 64 at most; no bit stands for those behind them. */
MASK_ALWAYS uint64_t mask_of(const char *p, size_t n, unsigned (*bits)(mask_block))
{
	if (n >= 64)
		return mask_whole(p, bits);
	if (n >= 16)
		return mask_part(p, n, bits);
	return bits(mask_load_part(p, n)) & ~(~0u << n);
}

/* The bits behind the first n. */
MASK_ALWAYS uint64_t mask_behind(size_t n)
{
	return n < 64 ? ~0ull << n : 0;
}

#endif
