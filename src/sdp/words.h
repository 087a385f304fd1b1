/* sdp/words.h - a cursor over the blank-separated words of a line.  It looks at eight
 * bytes at a time, as far as `limit`, the end of the text around the line: what stands
 * behind the line may be looked at, but is never taken. */
#ifndef TSUWA_SDP_WORDS_H
#define TSUWA_SDP_WORDS_H

#include "base/str.h"

struct words {
	const char *at, *end;
	const char *limit;
};

#define WORDS_ONES 0x0101010101010101ull
#define WORDS_TOPS 0x8080808080808080ull

/* A bit in each byte of v that is below `below`; the lowest is exact, others may be
 * set by its borrow. */
static inline uint64_t words_below(uint64_t v, unsigned below)
{
	return (v - below * WORDS_ONES) & ~v & WORDS_TOPS;
}

/* The first byte below `below`, or c (below: 0) - or end. */
static inline const char *words_find(const char *at, const char *end, const char *limit,
				     unsigned below, char c)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	for (uint64_t v, hit; limit - at >= 8 && at < end; at += 8) {
		memcpy(&v, at, 8);
		hit = below ? words_below(v, below)
			    : words_below(v ^ (unsigned char)c * WORDS_ONES, 1);
		if (hit) {
			at += __builtin_ctzll(hit) / 8;
			return at < end ? at : end;
		}
	}
#endif
	for (; at < end; at++)
		if (below ? (unsigned char)*at < below : *at == c)
			return at;
	return end;
}

/* The first control character, or end. */
static inline const char *words_find_ctl(const char *at, const char *end)
{
	return words_find(at, end, end, 0x20, 0);
}

static inline struct words words_over(struct str line, const char *limit)
{
	return (struct words){line.p, line.p + line.n, limit};
}

static inline void words_skip_blanks(struct words *w)
{
	while (w->at < w->end && (unsigned char)*w->at <= ' ')
		w->at++;
}

/* The next word, empty at the end. */
static inline struct str words_next(struct words *w)
{
	const char *from;

	words_skip_blanks(w);
	from = w->at;
	w->at = words_find(from, w->end, w->limit, 0x21, 0);
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

/* 1*DIGIT up to max; leaves the cursor alone when none or too much stands there. */
static inline bool words_number(struct words *w, uint32_t max, uint32_t *ret)
{
	const char *at = w->at;
	uint64_t v = 0;

	for (; at < w->end && *at >= '0' && *at <= '9' && v <= max; at++)
		v = v * 10 + (uint64_t)(*at - '0');
	if (at == w->at || v > max)
		return false;
	w->at = at;
	*ret = (uint32_t)v;
	return true;
}

static inline bool words_char(struct words *w, char c)
{
	if (w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

/* Whether a word ends here. */
static inline bool words_at_gap(const struct words *w)
{
	return w->at == w->end || (unsigned char)*w->at <= ' ';
}

#endif
