/* sdp/words.h - a cursor over the blank-separated words of a line's rest.  It looks at
 * many bytes at a time, as far as the end of the text around the line: what stands behind the
 * line may be looked at, but is never taken. */
#ifndef TSUWA_SDP_WORDS_H
#define TSUWA_SDP_WORDS_H

#include "base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A text as it may be looked at: WORDS_STEP bytes at once from each place before `wide`, and from
 * `tail`, the last from which so many stand there (NULL: nowhere). */
struct words_text {
	const char *wide, *limit, *tail;
};

struct words {
	const char *at, *end;
	struct words_text in;
};

#define WORDS_ONES 0x0101010101010101ull
#define WORDS_TOPS 0x8080808080808080ull

#define WORDS_DEL 127

#ifdef __SSE2__
#define WORDS_STEP 16

/* A bit for each byte that is c. */
static inline unsigned words_hit_char(const char *at, char c)
{
	__m128i v = _mm_loadu_si128((const __m128i *)at);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

/* A bit for each byte that is at most `most`. */
static inline unsigned words_hit_low(const char *at, char most)
{
	__m128i v = _mm_loadu_si128((const __m128i *)at);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(most)), v));
}

static inline unsigned words_first(unsigned hits)
{
	return (unsigned)__builtin_ctz(hits);
}
#elif __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WORDS_STEP 8

/* The top bit of each byte that is at most `most`.  The lowest is exact, those above
 * may be set by its borrow. */
static inline uint64_t words_low_bits(uint64_t v, char most)
{
	return (v - ((uint64_t)most + 1) * WORDS_ONES) & ~v & WORDS_TOPS;
}

static inline uint64_t words_hit_low(const char *at, char most)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return words_low_bits(v, most);
}

static inline uint64_t words_hit_char(const char *at, char c)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return words_low_bits(v ^ (unsigned char)c * WORDS_ONES, 0);
}

static inline unsigned words_first(uint64_t hits)
{
	return (unsigned)__builtin_ctzll(hits) / 8;
}
#endif

static inline struct words_text words_text_of(struct str s)
{
	struct words_text t = {s.p, s.p + s.n, NULL};

#ifdef WORDS_STEP
	if (s.n >= WORDS_STEP) {
		t.tail = t.limit - WORDS_STEP;
		t.wide = t.tail + 1;
	}
#endif
	return t;
}

/* The first blank or control character, or limit.  A line ends with one or with the
 * text, so that the end of the line is not looked for. */
static inline const char *words_find_gap(const char *at, struct words_text t)
{
#ifdef WORDS_STEP
	for (; at < t.wide; at += WORDS_STEP)
		if (words_hit_low(at, ' '))
			return at + words_first(words_hit_low(at, ' '));
#endif
	while (at < t.limit && (unsigned char)*at > ' ')
		at++;
	return at;
}

/* The same, or the first '/'. */
static inline const char *words_find_part(const char *at, struct words_text t)
{
#ifdef WORDS_STEP
	for (; at < t.wide; at += WORDS_STEP)
		if (words_hit_low(at, ' ') | words_hit_char(at, '/'))
			return at + words_first(words_hit_low(at, ' ') | words_hit_char(at, '/'));
#endif
	while (at < t.limit && (unsigned char)*at > ' ' && *at != '/')
		at++;
	return at;
}

/* The first control character, DEL too, or limit. */
static inline const char *words_find_ctl(const char *at, struct words_text t)
{
#ifdef WORDS_STEP
	for (; at < t.wide; at += WORDS_STEP)
		if (words_hit_low(at, 0x1f) | words_hit_char(at, WORDS_DEL))
			return at +
			       words_first(words_hit_low(at, 0x1f) | words_hit_char(at, WORDS_DEL));
#endif
#ifdef __SSE2__ /* the bits of others are not exact above the first */
	if (t.tail) {
		unsigned hits = words_hit_low(t.tail, 0x1f) | words_hit_char(t.tail, WORDS_DEL);

		hits >>= at - t.tail;
		return hits ? at + words_first(hits) : t.limit;
	}
#endif
	/* Below its limit a text has bytes.  NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	while (at < t.limit && (unsigned char)*at > 0x1f && *at != WORDS_DEL)
		at++;
	return at;
}

/* The first c before end, or end. */
static inline const char *words_find_char(const char *at, const char *end, struct words_text t,
					  char c)
{
#ifdef WORDS_STEP
	for (; at < t.wide && at < end; at += WORDS_STEP) {
		if (words_hit_char(at, c)) {
			at += words_first(words_hit_char(at, c));
			return at < end ? at : end;
		}
	}
#endif
#ifdef __SSE2__
	if (t.tail && at < end) {
		unsigned hits = words_hit_char(t.tail, c) >> (at - t.tail);

		at = hits ? at + words_first(hits) : end;
		return at < end ? at : end;
	}
#endif
	while (at < end && *at != c)
		at++;
	return at < end ? at : end;
}

static inline struct words words_over(struct str line, struct words_text t)
{
	return (struct words){line.p, line.p + line.n, t};
}

static inline void words_skip_blanks(struct words *w)
{
	const char *at = w->at;

	while (at < w->end && (unsigned char)*at <= ' ')
		at++;
	w->at = at;
}

/* The next word, empty at the end. */
static inline struct str words_next(struct words *w)
{
	const char *from;

	words_skip_blanks(w);
	from = w->at;
	w->at = words_find_gap(from, w->in);
	return str_range(from, w->at);
}

/* What is left, without blanks at its ends. */
static inline struct str words_rest(struct words *w)
{
	const char *end = w->end;

	words_skip_blanks(w);
	while (end > w->at && (unsigned char)end[-1] <= ' ')
		end--;
	return str_range(w->at, end);
}

#define WORDS_NUMBER_MAX ((uint64_t)1 << 59)

/* 1*DIGIT up to max (at most WORDS_NUMBER_MAX); leaves the cursor alone when none or too much
 * stands there. */
static inline bool words_long(struct words *w, uint64_t max, uint64_t *ret)
{
	const char *at = w->at, *end = w->end;
	uint64_t v = 0;

	for (unsigned digit; at < end; at++) {
		digit = (unsigned)(unsigned char)*at - '0';
		if (digit > 9)
			break;
		v = v * 10 + digit;
		if (v > max)
			return false;
	}
	if (at == w->at)
		return false;
	w->at = at;
	*ret = v;
	return true;
}

static inline bool words_number(struct words *w, uint32_t max, uint32_t *ret)
{
	uint64_t v;

	if (!words_long(w, max, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* Whether a word ends here. */
static inline bool words_at_gap(const struct words *w)
{
	return w->at == w->end || (unsigned char)*w->at <= ' ';
}

static inline bool words_char(struct words *w, char c)
{
	if (w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

#endif
