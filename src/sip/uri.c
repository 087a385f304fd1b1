#include "sip/uri.h"
#include "sip/lex.h"

/* Raw '#' is no user character (RFC 3261 s25.1), but half the world dials "*31#". */
static const char *user_run(const char *p, const char *end)
{
	for (;;) {
		p = lex_escaped(p, end, CC_URI_USER);
		if (!p || p == end || *p != '#')
			return p;
		p++;
	}
}

/* userinfo = ( user / telephone-subscriber ) [ ":" password ] "@" */
static const char *parse_userinfo(struct sip_uri *u, const char *p, const char *at)
{
	const char *q = user_run(p, at);

	if (!q)
		return "bad % escape in the user part";
	if (q == p)
		return "user part is empty";
	u->has_user = true;
	u->user = str_range(p, q);
	if (q < at && *q == ':') {
		p = q + 1;
		q = lex_escaped(p, at, CC_PASSWORD);
		if (!q)
			return "bad % escape in the password";
		u->password = str_range(p, q);
	}
	return q == at ? NULL : "character that may not stand in a user part";
}

/* hostport = host [ ":" port ] */
static const char *parse_hostport(struct sip_uri *u, const char **cursor, const char *end)
{
	const char *start = *cursor, *why = NULL;
	const char *p = lex_host(start, end, &u->host, &u->ip, &why);

	if (!p)
		return why;
	if (p < end && *p == ':') {
		p = lex_port(p + 1, end, &u->port);
		if (!p)
			return "port is not a number up to 65535";
		u->has_port = true;
	}
	u->hostport = str_range(start, p);
	*cursor = p;
	return NULL;
}

/* uri-parameters = *( ";" pname [ "=" pvalue ] ); an empty value is borne. */
static const char *parse_params(struct sip_uri *u, const char **cursor, const char *end)
{
	const char *p = *cursor, *start;

	if (p == end || *p != ';')
		return NULL;
	u->params.p = p + 1;
	while (p < end && *p == ';') {
		start = ++p;
		p = lex_escaped(p, end, CC_URI_PARAM);
		if (p == start)
			return "empty URI parameter";
		if (p && p < end && *p == '=')
			p = lex_escaped(p + 1, end, CC_URI_PARAM);
		if (!p)
			return "bad % escape in a URI parameter";
	}
	u->params.n = (size_t)(p - u->params.p);
	*cursor = p;
	return NULL;
}

/* headers = "?" header *( "&" header ), header = hname "=" hvalue */
static const char *parse_headers(struct sip_uri *u, const char **cursor, const char *end)
{
	const char *p = *cursor, *start;

	if (p == end || *p != '?')
		return NULL;
	u->headers.p = p + 1;
	do {
		start = ++p;
		p = lex_escaped(p, end, CC_URI_HEADER);
		if (!p || p == start || p == end || *p != '=')
			return "URI header is not name=value";
		p = lex_escaped(p + 1, end, CC_URI_HEADER);
		if (!p)
			return "bad % escape in a URI header";
	} while (p < end && *p == '&');
	u->headers.n = (size_t)(p - u->headers.p);
	*cursor = p;
	return NULL;
}

/* SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]     RFC 3261 s19.1.1.
 * No '@' may stand unescaped anywhere but behind the userinfo. */
static const char *parse_sip(struct sip_uri *u, const char *p, const char *end)
{
	const char *at = p < end ? (const char *)memchr(p, '@', (size_t)(end - p)) : NULL;
	const char *bad = NULL;

	if (at) {
		bad = parse_userinfo(u, p, at);
		p = at + 1;
	}
	if (!bad)
		bad = parse_hostport(u, &p, end);
	if (!bad)
		bad = parse_params(u, &p, end);
	if (!bad)
		bad = parse_headers(u, &p, end);
	if (!bad && p != end)
		bad = "character that may not stand in a URI";
	return bad;
}

static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')';
}

/* telephone-subscriber = global-number / local-number          RFC 3966 s3.  A local number
 * without phone-context is borne: "tel:911" is what people write. */
static const char *parse_tel(struct sip_uri *u, const char *p, const char *end)
{
	const char *start = p, *bad;
	bool global = p < end && *p == '+';
	unsigned digits = 0;

	for (p += global; p < end && *p != ';'; p++) {
		if (cc_is(*p, CC_DIGIT) ||
		    (!global && (cc_is(*p, CC_HEX) || *p == '*' || *p == '#')))
			digits++;
		else if (!is_separator(*p))
			return "character that may not stand in a telephone number";
	}
	if (!digits)
		return "telephone number has no digits";
	u->user = str_range(start, p);
	u->has_user = true;
	bad = parse_params(u, &p, end);
	return bad || p == end ? bad : "character that may not stand in a tel URI";
}

/* absoluteURI: opaque to us, if only of the characters of RFC 2396 (and the brackets and
 * fragment that later URIs have). */
static const char *parse_other(struct sip_uri *u, const char *p, const char *end)
{
	u->host = str_range(p, end);
	if (p == end)
		return "nothing behind the scheme";
	while (p < end && (cc_is(*p, CC_URIC) || *p == '[' || *p == ']' || *p == '#'))
		p++;
	return p == end ? NULL : "character that may not stand in a URI";
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ); behind its colon, or NULL. */
static const char *parse_scheme(struct str text, enum sip_scheme *ret)
{
	const char *p = text.p, *end = p + text.n;
	struct str name;

	if (text.n > 4 && p[3] == ':' && (p[0] | 0x20) == 's' && (p[1] | 0x20) == 'i' &&
	    (p[2] | 0x20) == 'p') {
		*ret = SIP_SCHEME_SIP;
		return p + 4;
	}
	if (text.n == 0 || !cc_is(*p, CC_ALPHA))
		return NULL;
	while (p < end && (cc_is(*p, CC_ALPHA | CC_DIGIT) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	if (p == end || *p != ':')
		return NULL;
	name = str_range(text.p, p);
	*ret = str_ieq(name, STR("sip"))    ? SIP_SCHEME_SIP
	       : str_ieq(name, STR("sips")) ? SIP_SCHEME_SIPS
	       : str_ieq(name, STR("tel"))  ? SIP_SCHEME_TEL
					    : SIP_SCHEME_OTHER;
	return p + 1;
}

const char *lex_uri(struct str text, struct sip_uri *ret)
{
	const char *p, *end;

	ret->text = text = lex_some(text);
	p = parse_scheme(text, &ret->scheme);
	end = text.p + text.n;
	if (!p)
		return "URI has no scheme";
	if (ret->scheme == SIP_SCHEME_OTHER)
		return parse_other(ret, p, end);
	if (ret->scheme == SIP_SCHEME_TEL)
		return parse_tel(ret, p, end);
	return parse_sip(ret, p, end);
}

bool sip_uri_parse(struct str text, struct sip_uri *ret, const char **why)
{
	struct sip_uri u = {.scheme = SIP_SCHEME_OTHER};
	const char *bad = lex_uri(text, &u);

	if (bad)
		return lex_fail(why, bad);
	*ret = u;
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
