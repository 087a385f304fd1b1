#include "sip/uri.h"
#include "sip/lexer_uri.h"

static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')';
}

/* telephone-subscriber = global-number / local-number          RFC 3966 s3.  A local number
 * without phone-context is borne: "tel:911" is what people write. */
static const char *parse_tel(struct lexer *l, const char *p, struct sip_uri *u)
{
	const char *start = p, *end = l->end;
	bool global = p < end && *p == '+';
	unsigned digits = 0;

	for (p += global; p < end && *p != ';' && *p != '>'; p++) {
		if (cc_is(*p, CC_DIGIT) ||
		    (!global && (cc_is(*p, CC_HEX) || *p == '*' || *p == '#')))
			digits++;
		else if (!is_separator(*p))
			return lexer_fails(l, "character that may not stand in a telephone number");
	}
	if (!digits)
		return lexer_fails(l, "telephone number has no digits");
	u->user = str_range(start, p);
	u->has_user = true;
	return p < end && *p == ';' ? lexer_uri_params(l, p, u) : p;
}

/* absoluteURI: opaque to us, if only of the characters of RFC 2396 (and the brackets and
 * fragment that later URIs have). */
static const char *parse_other(struct lexer *l, const char *p, struct sip_uri *u)
{
	const char *start = p, *end = l->end;

	while (p < end && (cc_is(*p, CC_URIC) || *p == '[' || *p == ']' || *p == '#'))
		p++;
	u->host = str_range(start, p);
	if (p > start)
		return p;
	return lexer_fails(l, p == end ? "nothing behind the scheme"
				       : "character that may not stand in a URI");
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ); behind its colon, or NULL. */
static const char *parse_scheme(const char *start, const char *end, enum sip_scheme *ret)
{
	const char *p = start;
	struct str name;

	if (p == end || !cc_is(*p, CC_ALPHA))
		return NULL;
	while (p < end && (cc_is(*p, CC_ALPHA | CC_DIGIT) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	if (p == end || *p != ':')
		return NULL;
	name = str_range(start, p);
	*ret = str_ieq(name, STR("sip"))    ? SIP_SCHEME_SIP
	       : str_ieq(name, STR("sips")) ? SIP_SCHEME_SIPS
	       : str_ieq(name, STR("tel"))  ? SIP_SCHEME_TEL
					    : SIP_SCHEME_OTHER;
	return p + 1;
}

const char *lexer_any_uri(const char *start, const char *end, struct sip_uri *ret, const char **why)
{
	struct lexer l = lexer_over(start, end, false);
	const char *p = parse_scheme(start, end, &ret->scheme);

	if (!p)
		lexer_fails(&l, "URI has no scheme");
	else if (ret->scheme == SIP_SCHEME_OTHER)
		p = parse_other(&l, p, ret);
	else if (ret->scheme == SIP_SCHEME_TEL)
		p = parse_tel(&l, p, ret);
	else
		p = lexer_sip_uri(&l, p, ret);
	*why = l.why;
	return p;
}

bool sip_uri_parse(struct str text, struct sip_uri *ret, const char **why)
{
	const char *start = lex_some(text).p, *p;
	struct lexer l = lexer_over(start, start + text.n, false);
	struct sip_uri u;

	lex_clear(&u, sizeof(u));
	p = lexer_uri(&l, start, &u);
	if (p && p != l.end)
		p = lexer_fails(&l, "character that may not stand in a URI");
	if (!p)
		return lex_fail(why, l.why);
	lex_copy(ret, &u, sizeof(*ret));
	return true;
}

bool sip_uri_param(const struct sip_uri *u, struct str name, struct str *ret)
{
	struct str rest = u->params, value, key;

	while (rest.n > 0) {
		value = str_split(&rest, ';');
		key = str_split(&value, '=');
		if (!str_ieq(key, name))
			continue;
		*ret = value.p ? value : STR("");
		return true;
	}
	return false;
}

enum transport sip_uri_transport(const struct sip_uri *u, bool *unknown)
{
	struct str name;
	enum transport t = TRANSPORT_NONE;
	bool given = sip_uri_param(u, STR("transport"), &name);

	if (given)
		t = transport_of(name);
	if (unknown)
		*unknown = given && t == TRANSPORT_NONE;
	return t;
}

static unsigned hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

/* %HH at i of a checked text. */
static unsigned char escape_at(struct str s, size_t i)
{
	return (unsigned char)(hex_value(s.p[i + 1]) << 4 | hex_value(s.p[i + 2]));
}

static bool is_escape(struct str s, size_t i)
{
	return s.p[i] == '%' && i + 2 < s.n && cc_is(s.p[i + 1], CC_HEX) &&
	       cc_is(s.p[i + 2], CC_HEX);
}

static void put_escape(struct buf *b, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_putc(b, '%');
	buf_putc(b, digits[c >> 4]);
	buf_putc(b, digits[c & 15]);
}

/* RFC 3986 s2.3 and RFC 3261's marks: those whose escape means the same. */
static bool is_unreserved(unsigned char c)
{
	return cc_is((char)c, CC_URI_USER) && cc_is((char)c, CC_URIC) && !strchr("&=+$,;?/", c);
}

/* An escaped reserved character is another than the bare one (RFC 3261 s19.1.4), so it
 * stays escaped; so does what may not stand bare. */
static void put_canonical_user(struct str user, struct buf *b)
{
	size_t i;

	for (i = 0; i < user.n; i++) {
		unsigned char c = (unsigned char)user.p[i];
		bool escaped = is_escape(user, i);

		if (escaped) {
			c = escape_at(user, i);
			i += 2;
		}
		if (c == 0 || (escaped ? !is_unreserved(c) : !cc_is((char)c, CC_URI_USER)))
			put_escape(b, c);
		else
			buf_putc(b, (char)c);
	}
}

static void put_lower_host(struct str host, struct buf *b)
{
	size_t i;

	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	for (i = 0; i < host.n; i++)
		buf_putc(b, ascii_lower(host.p[i]));
}

static void put_canonical_number(struct str number, struct buf *b)
{
	size_t i;

	for (i = 0; i < number.n; i++)
		if (!is_separator(number.p[i]))
			buf_putc(b, ascii_lower(number.p[i]));
}

bool sip_uri_aor(const struct sip_uri *u, struct buf *b)
{
	if (u->scheme == SIP_SCHEME_OTHER)
		return false;
	if (u->scheme == SIP_SCHEME_TEL) {
		put_canonical_number(u->user, b);
		return !b->failed;
	}
	if (u->has_user) {
		put_canonical_user(u->user, b);
		buf_putc(b, '@');
	}
	if (u->ip.family)
		addr_put_ip(b, &u->ip);
	else
		put_lower_host(u->host, b);
	return !b->failed;
}

void sip_uri_put_user(const struct sip_uri *u, struct buf *b)
{
	size_t i;
	unsigned char c;

	for (i = 0; i < u->user.n; i++) {
		if (!is_escape(u->user, i)) {
			buf_putc(b, u->user.p[i]);
			continue;
		}
		c = escape_at(u->user, i);
		if (cc_is((char)c, CC_CTL))
			put_escape(b, c);
		else
			buf_putc(b, (char)c);
		i += 2;
	}
}

void sip_put_escaped_user(struct buf *b, struct str user)
{
	size_t i;

	for (i = 0; i < user.n; i++) {
		if (cc_is(user.p[i], CC_URI_USER))
			buf_putc(b, user.p[i]);
		else
			put_escape(b, (unsigned char)user.p[i]);
	}
}
