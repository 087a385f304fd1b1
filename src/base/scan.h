/* base/scan.h - a cursor over text: match and advance, or leave the cursor and
 * the output alone.  Never reads past the end, never allocates.
 * Character classes are those of RFC 3261 s25.1 (and so serve RFC 8866). */
#ifndef TSUWA_BASE_SCAN_H
#define TSUWA_BASE_SCAN_H

#include "base/str.h"

struct scan {
	const char *at, *end;
};

enum {
	CC_DIGIT = 1 << 0,
	CC_HEX = 1 << 1,
	CC_ALPHA = 1 << 2,
	CC_TOKEN = 1 << 3,      /* token */
	CC_WORD = 1 << 4,       /* word */
	CC_URI_USER = 1 << 5,   /* unreserved / user-unreserved */
	CC_URI_PARAM = 1 << 6,  /* param-unreserved / unreserved */
	CC_WS = 1 << 7,         /* SP HTAB */
	CC_LWS = 1 << 8,        /* SP HTAB CR LF */
	CC_URI_HEADER = 1 << 9, /* hnv-unreserved / unreserved */
	CC_HOST = 1 << 10,      /* ALPHA DIGIT - . _ */
	CC_CTL = 1 << 11,       /* 0-31, 127 */
	CC_URIC = 1 << 12,      /* reserved / unreserved / % (absolute URIs) */
	CC_UTF8 = 1 << 13,      /* bytes from 0x80 */
	CC_PASSWORD = 1 << 14,  /* unreserved / & = + $ , */
	CC_VALUE = 1 << 15,     /* token / param-unreserved / unreserved / = @ ? # but ( ) */
};

extern const uint16_t cc_table[256];

static inline bool cc_is(char c, unsigned classes)
{
	return (cc_table[(unsigned char)c] & classes) != 0;
}

static inline struct scan scan_over(struct str s)
{
	return (struct scan){ s.p, s.n ? s.p + s.n : s.p }; /* p may be NULL */
}

static inline bool scan_done(const struct scan *s)
{
	return s->at == s->end;
}

static inline struct str scan_rest(const struct scan *s)
{
	return str_range(s->at, s->end);
}

/* The character at hand, 0 at the end. */
static inline char scan_peek(const struct scan *s)
{
	return s->at < s->end ? *s->at : '\0';
}

static inline bool scan_char(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* One or more characters of the classes. */
bool scan_run(struct scan *s, unsigned classes, struct str *ret);
/* Zero or more. */
struct str scan_run0(struct scan *s, unsigned classes);
/* Up to (not with) the first of c, or the end. */
struct str scan_until(struct scan *s, char c);
/* The word, compared without case, and nothing of a token behind it. */
bool scan_word(struct scan *s, struct str word);
/* 1*DIGIT that fits. */
bool scan_u32(struct scan *s, uint32_t *ret);
bool scan_u64(struct scan *s, uint64_t *ret);

/* LWS = [*WSP CRLF] 1*WSP; lone CR or LF that is followed by WSP counts too. */
bool scan_lws(struct scan *s);          /* at least one */
void scan_sws(struct scan *s);          /* [LWS] */
/* SWS c SWS, as COMMA, SEMI, SLASH, EQUAL, COLON; nothing is consumed if c is not there. */
bool scan_sep(struct scan *s, char c);

/* quoted-string = SWS DQUOTE *(qdtext / quoted-pair) DQUOTE; ret is what stands
 * between the quotes, escapes and all. */
bool scan_quoted(struct scan *s, struct str *ret);
/* comment = LPAREN *(ctext / quoted-pair / comment) RPAREN, nested to 16. */
bool scan_comment(struct scan *s);

#endif
