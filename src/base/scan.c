#include "base/scan.h"

/* The classes as sets of characters, in the words of RFC 3261 s25.1. */
#define IS_DIGIT(c) ((c) >= '0' && (c) <= '9')
#define IS_ALPHA(c) (((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z'))
#define IS_ALNUM(c) (IS_DIGIT(c) || IS_ALPHA(c))
#define IS_HEX(c) (IS_DIGIT(c) || ((c) >= 'A' && (c) <= 'F') || ((c) >= 'a' && (c) <= 'f'))
#define IS_MARK(c)                                                                                 \
	((c) == '-' || (c) == '_' || (c) == '.' || (c) == '!' || (c) == '~' || (c) == '*' ||       \
	 (c) == '\'' || (c) == '(' || (c) == ')')
#define IS_UNRESERVED(c) (IS_ALNUM(c) || IS_MARK(c))
#define IS_RESERVED(c)                                                                             \
	((c) == ';' || (c) == '/' || (c) == '?' || (c) == ':' || (c) == '@' || (c) == '&' ||       \
	 (c) == '=' || (c) == '+' || (c) == '$' || (c) == ',')
#define IS_TOKEN(c)                                                                                \
	(IS_ALNUM(c) || (c) == '-' || (c) == '.' || (c) == '!' || (c) == '%' || (c) == '*' ||      \
	 (c) == '_' || (c) == '+' || (c) == '`' || (c) == '\'' || (c) == '~')
#define IS_WORD(c)                                                                                 \
	(IS_TOKEN(c) || (c) == '(' || (c) == ')' || (c) == '<' || (c) == '>' || (c) == ':' ||      \
	 (c) == '\\' || (c) == '"' || (c) == '/' || (c) == '[' || (c) == ']' || (c) == '?' ||      \
	 (c) == '{' || (c) == '}')
#define IS_URI_USER(c)                                                                             \
	(IS_UNRESERVED(c) || (c) == '&' || (c) == '=' || (c) == '+' || (c) == '$' || (c) == ',' || \
	 (c) == ';' || (c) == '?' || (c) == '/')
#define IS_PASSWORD(c)                                                                             \
	(IS_UNRESERVED(c) || (c) == '&' || (c) == '=' || (c) == '+' || (c) == '$' || (c) == ',')
#define IS_URI_PARAM(c)                                                                            \
	(IS_UNRESERVED(c) || (c) == '[' || (c) == ']' || (c) == '/' || (c) == ':' || (c) == '&' || \
	 (c) == '+' || (c) == '$')
#define IS_URI_HEADER(c)                                                                           \
	(IS_UNRESERVED(c) || (c) == '[' || (c) == ']' || (c) == '/' || (c) == '?' || (c) == ':' || \
	 (c) == '+' || (c) == '$')
/* No hostname has an underscore, but many a local network does. */
#define IS_HOST(c) (IS_ALNUM(c) || (c) == '-' || (c) == '.' || (c) == '_')
/* gen-value = token / host / quoted-string.  Taken wider, for what is seen in branches and
 * vendors' parameters ("==" of base64, "user@host", "a/b"). */
#define IS_VALUE(c)                                                                                \
	((IS_TOKEN(c) || IS_URI_PARAM(c) || (c) == '=' || (c) == '@' || (c) == '?' ||              \
	  (c) == '#') &&                                                                           \
	 (c) != '(' && (c) != ')')
#define IS_WS(c) ((c) == ' ' || (c) == '\t')
#define IS_LWS(c) (IS_WS(c) || (c) == '\r' || (c) == '\n')

#define CLASSES(c)                                                                                 \
	((IS_DIGIT(c) ? CC_DIGIT : 0) | (IS_HEX(c) ? CC_HEX : 0) | (IS_ALPHA(c) ? CC_ALPHA : 0) |  \
	 (IS_TOKEN(c) ? CC_TOKEN : 0) | (IS_WORD(c) ? CC_WORD : 0) |                               \
	 (IS_URI_USER(c) ? CC_URI_USER : 0) | (IS_URI_PARAM(c) ? CC_URI_PARAM : 0) |               \
	 (IS_WS(c) ? CC_WS : 0) | (IS_LWS(c) ? CC_LWS : 0) |                                       \
	 (IS_URI_HEADER(c) ? CC_URI_HEADER : 0) | (IS_HOST(c) ? CC_HOST : 0) |                     \
	 ((c) < 32 || (c) == 127 ? CC_CTL : 0) |                                                   \
	 (IS_RESERVED(c) || IS_UNRESERVED(c) || (c) == '%' ? CC_URIC : 0) |                        \
	 ((c) >= 128 ? CC_UTF8 : 0) | (IS_PASSWORD(c) ? CC_PASSWORD : 0) |   \
	 (IS_VALUE(c) ? CC_VALUE : 0))

#define ROW4(c) CLASSES(c), CLASSES((c) + 1), CLASSES((c) + 2), CLASSES((c) + 3)
#define ROW16(c) ROW4(c), ROW4((c) + 4), ROW4((c) + 8), ROW4((c) + 12)
#define ROW64(c) ROW16(c), ROW16((c) + 16), ROW16((c) + 32), ROW16((c) + 48)

const uint16_t cc_table[256] = {ROW64(0), ROW64(64), ROW64(128), ROW64(192)};

static const char *skip(const struct scan *s, unsigned classes)
{
	const char *p = s->at;

	while (p < s->end && cc_is(*p, classes))
		p++;
	return p;
}

bool scan_run(struct scan *s, unsigned classes, struct str *ret)
{
	const char *p = skip(s, classes);

	if (p == s->at)
		return false;
	if (ret)
		*ret = str_range(s->at, p);
	s->at = p;
	return true;
}

struct str scan_run0(struct scan *s, unsigned classes)
{
	const char *p = skip(s, classes);
	struct str run = str_range(s->at, p);

	s->at = p;
	return run;
}

struct str scan_until(struct scan *s, char c)
{
	struct str rest = scan_rest(s);
	struct str run = str_first(rest, str_find(rest, c));

	s->at = run.p + run.n;
	return run;
}

bool scan_word(struct scan *s, struct str word)
{
	struct str rest = scan_rest(s);

	if (!str_istarts(rest, word))
		return false;
	if (rest.n > word.n && cc_is(rest.p[word.n], CC_TOKEN))
		return false;
	s->at += word.n;
	return true;
}

bool scan_u64(struct scan *s, uint64_t *ret)
{
	const char *p = skip(s, CC_DIGIT);

	if (!str_to_u64(str_range(s->at, p), ret))
		return false;
	s->at = p;
	return true;
}

bool scan_u32(struct scan *s, uint32_t *ret)
{
	const char *p = skip(s, CC_DIGIT);

	if (!str_to_u32(str_range(s->at, p), ret))
		return false;
	s->at = p;
	return true;
}

/* A line end that white space follows: where that begins, else p. */
static const char *skip_fold(const char *p, const char *end)
{
	const char *q = p;

	if (q < end && *q == '\r')
		q++;
	if (q < end && *q == '\n')
		q++;
	return q > p && q < end && cc_is(*q, CC_WS) ? q : p;
}

bool scan_lws(struct scan *s)
{
	const char *from = s->at, *p = from, *q;

	for (;;) {
		while (p < s->end && cc_is(*p, CC_WS))
			p++;
		q = skip_fold(p, s->end);
		if (q == p)
			break;
		p = q;
	}
	s->at = p;
	return p > from;
}

void scan_sws(struct scan *s)
{
	if (s->at < s->end && cc_is(*s->at, CC_LWS))
		scan_lws(s);
}

bool scan_sep(struct scan *s, char c)
{
	struct scan t = *s;

	scan_sws(&t);
	if (!scan_char(&t, c))
		return false;
	scan_sws(&t);
	*s = t;
	return true;
}

/* quoted-pair = "\" (%x00-09 / %x0B-0C / %x0E-7F); bytes of UTF-8 are let pass. */
static bool quoted_pair(struct scan *s)
{
	if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] == '\r' || s->at[1] == '\n')
		return false;
	s->at += 2;
	return true;
}

/* qdtext = LWS / %x21 / %x23-5B / %x5D-7E / UTF8-NONASCII; the caller has looked
 * for the quote and the backslash.  So for ctext and its parentheses. */
static bool text_char(struct scan *s)
{
	if (cc_is(*s->at, CC_LWS))
		return scan_lws(s);
	if (cc_is(*s->at, CC_CTL))
		return false;
	s->at++;
	return true;
}

bool scan_quoted(struct scan *s, struct str *ret)
{
	struct scan t = *s;
	const char *from;

	scan_sws(&t);
	if (!scan_char(&t, '"'))
		return false;
	from = t.at;
	while (scan_peek(&t) != '"')
		if (scan_done(&t) || !(*t.at == '\\' ? quoted_pair(&t) : text_char(&t)))
			return false;
	if (ret)
		*ret = str_range(from, t.at);
	t.at++;
	*s = t;
	return true;
}

bool scan_comment(struct scan *s)
{
	struct scan t = *s;
	unsigned depth = 0;

	scan_sws(&t);
	if (scan_peek(&t) != '(')
		return false;
	do {
		if (scan_done(&t))
			return false;
		if (scan_char(&t, '(')) {
			if (++depth > 16)
				return false;
		} else if (scan_char(&t, ')')) {
			depth--;
		} else if (!(*t.at == '\\' ? quoted_pair(&t) : text_char(&t))) {
			return false;
		}
	} while (depth);
	scan_sws(&t);
	*s = t;
	return true;
}
