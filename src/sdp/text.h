/* sdp/text.h - the lines of a description, whatever ends them: CRLF (RFC 8866 s9), or LF or CR
 * alone, as some equipment writes them.  Inside sdp/ only. */
#ifndef TSUWA_SDP_TEXT_H
#define TSUWA_SDP_TEXT_H

#include "sdp/words.h"

struct text_line {
	struct str s;
	bool dirty; /* control characters stand in it, but for tabs */
};

/* A line with other control characters, or one that CR or LF alone ends.  hit: the first. */
static __attribute__((cold, noinline, unused)) const char *text_odd_line(struct words_text in,
									 const char *at,
									 const char *hit,
									 struct text_line *ret)
{
	bool dirty = false;

	for (; hit < in.limit && *hit != '\r' && *hit != '\n'; hit = words_find_ctl(hit + 1, in)) {
		if (*hit == '\0')
			return NULL;
		dirty |= *hit != '\t';
	}
	*ret = (struct text_line){str_range(at, hit), dirty};
	if (hit < in.limit)
		hit += in.limit - hit > 1 && memcmp(hit, "\r\n", 2) == 0 ? 2 : 1;
	return hit;
}

/* The line that starts at `at`, and where the next one starts; NULL: a NUL stands in it. */
static inline const char *text_line_at(struct words_text in, const char *at, struct text_line *ret)
{
	const char *end = words_find_ctl(at, in);

	if (end + 1 >= in.limit || memcmp(end, "\r\n", 2) != 0)
		return text_odd_line(in, at, end, ret);
	*ret = (struct text_line){str_range(at, end), false};
	return end + 2;
}

#endif
