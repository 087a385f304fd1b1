/* sip/lex.h - what the parsers of this folder share: runs of characters, line ends and
 * failing with a reason.  Private to sip/.  Cursors are `const char *` with an end, so
 * that the compiler keeps them in registers. */
#ifndef TSUWA_SIP_LEX_H
#define TSUWA_SIP_LEX_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/addr.h"
#include "base/scan.h"
#include "sip/nameaddr.h"
#include "sip/params.h"
#include "sip/via.h"

/* Behind the run of characters of the classes; four at a time, for most time goes here. */
static inline const char *lex_run(const char *p, const char *end, unsigned classes)
{
	while (end - p >= 4) {
		if (!cc_is(p[0], classes))
			return p;
		if (!cc_is(p[1], classes))
			return p + 1;
		if (!cc_is(p[2], classes))
			return p + 2;
		if (!cc_is(p[3], classes))
			return p + 3;
		p += 4;
	}
	while (p < end && cc_is(*p, classes))
		p++;
	return p;
}

/* SP, HTAB and the line ends of folds. */
static inline const char *lex_sws(const char *p, const char *end)
{
	while (p < end && cc_is(*p, CC_LWS))
		p++;
	return p;
}

/* A slice that may be walked: STR_NONE has no pointer to add to. */
static inline struct str lex_some(struct str s)
{
	return s.p ? s : STR("");
}

static inline struct str lex_trim(const char *p, const char *end)
{
	while (p < end && cc_is(*p, CC_LWS))
		p++;
	while (end > p && cc_is(end[-1], CC_LWS))
		end--;
	return str_range(p, end);
}

/* A run with %HH in it; NULL on a '%' that is no escape. */
const char *lex_escaped(const char *p, const char *end, unsigned classes);

/* Behind the closing quote of a quoted-string that starts at p, or NULL. */
const char *lex_quoted(const char *p, const char *end);

/* host = hostname / IPv4address / IPv6reference, at p.  *host is without brackets; ip may be
 * NULL when the address is of no interest.  NULL: *why tells. */
const char *lex_host(const char *p, const char *end, struct str *host, struct addr *ip,
		     const char **why);

/* port = 1*DIGIT up to 65535, at p; NULL when it is not. */
const char *lex_port(const char *p, const char *end, uint16_t *port);

/* Is every byte printable in a start line: no controls, no SP? */
bool lex_visible(struct str s);
bool lex_token(struct str s);

/* Is s the word, given in lower case, of 3 to 8 letters? */
static inline bool lex_is(struct str s, const char *low, size_t n)
{
	uint32_t a, b, x, y;

	if (s.n != n)
		return false;
	if (n == 3)
		return (s.p[0] | 0x20) == low[0] && (s.p[1] | 0x20) == low[1] &&
		       (s.p[2] | 0x20) == low[2];
	memcpy(&a, s.p, 4);
	memcpy(&b, s.p + n - 4, 4);
	memcpy(&x, low, 4);
	memcpy(&y, low + n - 4, 4);
	return (a | 0x20202020u) == x && (b | 0x20202020u) == y;
}

#define LEX_IS(s, word) lex_is((s), word, sizeof(word) - 1)

/* The parameter at p (no SEMI before it): what is behind it, a SEMI or the end, or NULL. */
const char *lex_param(const char *p, const char *end, struct sip_param *ret);

/* As their namesakes, but into *ret directly, which is zeroed and of no use after a failure:
 * why it failed, or NULL. */
const char *lex_uri(struct str text, struct sip_uri *ret);
const char *lex_nameaddr(struct str value, struct sip_nameaddr *ret);
const char *lex_via(struct str value, struct sip_via *ret);

static inline bool lex_fail(const char **why, const char *text)
{
	if (why)
		*why = text;
	return false;
}

/* The first a or b at or after p, or the end.  Header lines are short, so a call of memchr()
 * for each costs more than it finds. */
static inline const char *lex_find2(const char *p, const char *end, char a, char b)
{
#ifdef __SSE2__
	const __m128i all_a = _mm_set1_epi8(a), all_b = _mm_set1_epi8(b);

	for (const char *last = end - 16; p <= last; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i hits =
			a == b ? _mm_cmpeq_epi8(x, all_a)
			       : _mm_or_si128(_mm_cmpeq_epi8(x, all_a), _mm_cmpeq_epi8(x, all_b));
		unsigned mask = (unsigned)_mm_movemask_epi8(hits);

		if (mask)
			return p + __builtin_ctz(mask);
	}
#endif
	while (p < end && *p != a && *p != b)
		p++;
	return p;
}

/* The first of the four characters at or after p, or the end. */
static inline const char *lex_find4(const char *p, const char *end, const char set[4])
{
#ifdef __SSE2__
	const __m128i a = _mm_set1_epi8(set[0]), b = _mm_set1_epi8(set[1]),
		      c = _mm_set1_epi8(set[2]), d = _mm_set1_epi8(set[3]);

	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i ab = _mm_or_si128(_mm_cmpeq_epi8(x, a), _mm_cmpeq_epi8(x, b));
		__m128i cd = _mm_or_si128(_mm_cmpeq_epi8(x, c), _mm_cmpeq_epi8(x, d));
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(ab, cd));

		if (mask)
			return p + __builtin_ctz(mask);
		p += 16;
	}
#endif
	while (p < end && *p != set[0] && *p != set[1] && *p != set[2] && *p != set[3])
		p++;
	return p;
}

/* The first line end at or after p, or the end: CRLF, or CR or LF alone.  The parser and the
 * framer must see the same lines, else one's header is the other's body. */
static inline const char *lex_eol(const char *p, const char *end)
{
	return lex_find2(p, end, '\r', '\n');
}

/* Behind the line end at e. */
static inline const char *lex_eol_skip(const char *e, const char *end)
{
	return e + (*e == '\r' && e + 1 < end && e[1] == '\n' ? 2 : 1);
}

#endif
