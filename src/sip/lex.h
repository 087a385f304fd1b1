/* sip/lex.h - what the parsers of this folder share: runs of characters, line ends and
 * failing with a reason.  Private to sip/.  Cursors are `const char *` with an end, so
 * that the compiler keeps them in registers. */
#ifndef TSUWA_SIP_LEX_H
#define TSUWA_SIP_LEX_H

#include "base/addr.h"
#include "base/scan.h"
#include "sip/mask.h"
#include "sip/nameaddr.h"
#include "sip/params.h"
#include "sip/via.h"

/* Behind the run of characters of the classes; four at a time, for most runs are short. */
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

/* Is every byte printable in a start line: no controls, no SP? */
bool lex_visible(struct str s);
bool lex_token(struct str s);

/* str_to_u32(), at once for what can't overflow. */
static inline bool lex_u32(struct str s, uint32_t *ret)
{
	uint32_t v = 0, digit;
	size_t i;

	if (s.n - 1 >= 9)
		return str_to_u32(s, ret);
	for (i = 0; i < s.n; i++) {
		digit = (uint32_t)(unsigned char)s.p[i] - '0';
		if (digit > 9)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return true;
}

/* Do the n <= 16 bytes match?  In pieces that overlap where they must. */
static inline bool lex_same(const char *a, const char *b, size_t n)
{
	if (n >= 8)
		return memcmp(a, b, 8) == 0 && memcmp(a + n - 8, b + n - 8, 8) == 0;
	if (n >= 4)
		return memcmp(a, b, 4) == 0 && memcmp(a + n - 4, b + n - 4, 4) == 0;
	return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

/* Is s the word, given in lower case, of 3 to 16 letters? */
static inline bool lex_is(struct str s, const char *low, size_t n)
{
	uint64_t c, d, v, w;
	uint32_t a, b, x, y;

	if (s.n != n)
		return false;
	if (n == 3)
		return (s.p[0] | 0x20) == low[0] && (s.p[1] | 0x20) == low[1] &&
		       (s.p[2] | 0x20) == low[2];
	if (n > 8) {
		memcpy(&c, s.p, 8);
		memcpy(&d, s.p + n - 8, 8);
		memcpy(&v, low, 8);
		memcpy(&w, low + n - 8, 8);
		return (c | 0x2020202020202020u) == v && (d | 0x2020202020202020u) == w;
	}
	memcpy(&a, s.p, 4);
	memcpy(&b, s.p + n - 4, 4);
	memcpy(&x, low, 4);
	memcpy(&y, low + n - 4, 4);
	return (a | 0x20202020u) == x && (b | 0x20202020u) == y;
}

#define LEX_IS(s, word) lex_is((s), word, sizeof(word) - 1)

/* A cursor over a value without the white space around it. */
struct scan lex_scan(struct str value);
/* *( SEMI generic-param ) up to the end; *ret is without the first SEMI, empty when none are there. */
bool lex_params(struct scan *s, struct str *ret);
/* token *( SEMI generic-param ) and nothing else. */
bool lex_token_params(struct str value, struct str *token, struct str *params);
/* 1*DIGIT that fits, at the cursor. */
bool lex_u32_at(struct scan *s, uint32_t *ret);
/* 1*DIGIT *( SEMI generic-param ) and nothing else. */
bool lex_number_params(struct str value, uint32_t *number, struct str *params);
/* callid = word [ "@" word ]; what is wider than word but visible is borne. */
bool lex_call_id(struct str s);
/* LAQUOT absoluteURI RAQUOT, at the cursor. */
bool lex_angle_uri(struct scan *s, struct str *ret);
/* The value of a parameter that is there once; true with an empty *ret when it is absent. */
bool lex_param_once(struct str params, struct str name, struct str *ret);

/* Moves to where the next value begins, in this field or one behind it; false at the end. */
bool lex_values_ahead(struct sip_values *v);

/* memset() to zero and memcpy() of a struct by wide moves: `rep stos` and `rep movs`, which gcc
 * makes of more than some 100 bytes, take longer to start than these to end. */
MASK_ALWAYS void lex_clear(void *to, size_t n)
{
	char *p = (char *)to;

	for (; n >= 64; n -= 64, p += 64)
		memset(p, 0, 64);
	memset(p, 0, n);
}

MASK_ALWAYS void lex_copy(void *to, const void *from, size_t n)
{
	const char *q = (const char *)from;
	char *p = (char *)to;

	for (; n >= 64; n -= 64, p += 64, q += 64)
		memcpy(p, q, 64);
	memcpy(p, q, n);
}

/* As their namesakes, but into *ret directly, which is zeroed and of no use after a failure:
 * why it failed, or NULL. */
const char *lex_nameaddr(struct str value, struct sip_nameaddr *ret);
const char *lex_via(struct str value, struct sip_via *ret);

static inline bool lex_fail(const char **why, const char *text)
{
	if (why)
		*why = text;
	return false;
}

#ifdef __SSE2__
static inline unsigned lex_hits2(__m128i x, char a, char b)
{
	__m128i hits = _mm_cmpeq_epi8(x, _mm_set1_epi8(a));

	if (a != b)
		hits = _mm_or_si128(hits, _mm_cmpeq_epi8(x, _mm_set1_epi8(b)));
	return (unsigned)_mm_movemask_epi8(hits);
}

static inline unsigned lex_hits4(__m128i x, const char set[4])
{
	__m128i ab = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(set[0])),
				  _mm_cmpeq_epi8(x, _mm_set1_epi8(set[1])));
	__m128i cd = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(set[2])),
				  _mm_cmpeq_epi8(x, _mm_set1_epi8(set[3])));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(ab, cd));
}
#endif

/* The first a or b, no NUL, at or after p, or the end.  Header lines are short, so a call of
 * memchr() for each costs more than it finds. */
static inline const char *lex_find2(const char *p, const char *end, char a, char b)
{
#ifdef __SSE2__
	unsigned hits;

	for (; end - p >= 16; p += 16) {
		hits = lex_hits2(mask_load(p), a, b);
		if (hits)
			return p + __builtin_ctz(hits);
	}
	hits = lex_hits2(mask_load_part(p, (size_t)(end - p)), a, b);
	return hits ? p + __builtin_ctz(hits) : end;
#else
	while (p < end && *p != a && *p != b)
		p++;
	return p;
#endif
}

/* The first of the four characters, no NUL, at or after p, or the end. */
static inline const char *lex_find4(const char *p, const char *end, const char set[4])
{
#ifdef __SSE2__
	unsigned hits;

	for (; end - p >= 16; p += 16) {
		hits = lex_hits4(mask_load(p), set);
		if (hits)
			return p + __builtin_ctz(hits);
	}
	hits = lex_hits4(mask_load_part(p, (size_t)(end - p)), set);
	return hits ? p + __builtin_ctz(hits) : end;
#else
	while (p < end && *p != set[0] && *p != set[1] && *p != set[2] && *p != set[3])
		p++;
	return p;
#endif
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
