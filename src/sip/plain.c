#include "sip/plain.h"
#include "sip/lex.h"

/* Each of these gives what is behind the piece at p, or NULL when it is not plain. */

/* [ ":" port ], from 1 to 65535 */
static const char *plain_port(const char *p, const char *end)
{
	uint16_t port;

	if (p == end || *p != ':')
		return p;
	p = lex_port(p + 1, end, &port);
	return p && port ? p : NULL;
}

/* hostname that ends with a letter, or IPv4address, p..q being all that can be it. */
static bool plain_host(const char *p, const char *q)
{
	struct str host;
	struct addr ip;

	if (q == p || *p == '.' || *p == '-')
		return false;
	return cc_is(q[-1], CC_ALPHA) || lex_host(p, q, &host, &ip, NULL) == q;
}

/* One or more characters of the classes. */
static const char *plain_value(const char *start, const char *end, unsigned classes)
{
	const char *p = lex_run(lex_plain(start, end), end, classes);

	return p > start ? p : NULL;
}

/* *( ";" pname [ "=" pvalue ] ) */
static const char *plain_uri_params(const char *p, const char *end)
{
	const char *start;

	while (p && p < end && *p == ';') {
		start = p + 1;
		p = lex_run(start, end, CC_URI_PARAM);
		if (p == start)
			return NULL;
		if (p < end && *p == '=')
			p = plain_value(p + 1, end, CC_URI_PARAM);
	}
	return p;
}

/* "sip:" [ user "@" ] host [ ":" port ] uri-parameters */
static const char *plain_sip(const char *p, const char *end)
{
	const char *q;

	if (end - p < 5 || p[3] != ':' || !lex_is(str_of(p, 3), "sip", 3))
		return NULL;
	p += 4;
	q = lex_plain(p, end);
	if (q < end && (*q == '+' || *q == '_' || *q == '@')) {
		q = lex_run(q, end, CC_URI_USER);
		if (q == p || q == end || *q != '@')
			return NULL;
		p = q + 1;
		q = lex_plain(p, end);
	}
	if (!plain_host(p, q))
		return NULL;
	return plain_uri_params(plain_port(q, end), end);
}

bool plain_uri(struct str text)
{
	return text.n && plain_sip(text.p, text.p + text.n) == text.p + text.n;
}

/* *( ";" name [ "=" ( token / quoted-string ) ] ); none is a tag, which may stand once only. */
static const char *plain_params(const char *p, const char *end)
{
	const char *start;

	while (p && p < end && *p == ';') {
		start = p + 1;
		p = lex_run(start, end, CC_TOKEN);
		if (p == start || LEX_IS(str_range(start, p), "tag"))
			return NULL;
		if (p == end || *p != '=')
			continue;
		p = p + 1 < end && p[1] == '"' ? lex_quoted(p + 1, end)
					       : plain_value(p + 1, end, CC_TOKEN);
	}
	return p;
}

/* [ *( token SP ) / quoted-string SP ] "<" addr-spec ">" params */
static const char *plain_address(const char *p, const char *end)
{
	if (*p == '"') {
		p = lex_quoted(p, end);
		if (p && p < end && *p == ' ')
			p++;
	} else if (*p != '<') {
		p = lex_run(p, end, CC_TOKEN | CC_WS);
	}
	if (!p || p == end || *p != '<')
		return NULL;
	p = plain_sip(p + 1, end);
	return p && p < end && *p == '>' ? plain_params(p + 1, end) : NULL;
}

/* A Via parameter; with one branch, and no rule for a value but rport's. */
static bool plain_via_param(struct str name, struct str value, bool *branch)
{
	uint16_t port;

	if (LEX_IS(name, "branch")) {
		if (*branch)
			return false;
		*branch = true;
	} else if (LEX_IS(name, "rport")) {
		return !value.n || lex_port(value.p, value.p + value.n, &port) == value.p + value.n;
	}
	return !LEX_IS(name, "ttl");
}

/* *( ";" name [ "=" token ] ) */
static const char *plain_via_params(const char *p, const char *end)
{
	struct str name, value;
	bool branch = false;

	while (p && p < end && *p == ';') {
		name.p = p + 1;
		p = lex_run(name.p, end, CC_TOKEN);
		name.n = (size_t)(p - name.p);
		value = STR("");
		if (p < end && *p == '=') {
			value.p = p + 1;
			p = plain_value(value.p, end, CC_TOKEN);
			if (!p)
				return NULL;
			value.n = (size_t)(p - value.p);
		}
		if (!name.n || !plain_via_param(name, value, &branch))
			return NULL;
	}
	return p;
}

/* "SIP/2.0/" transport SP host [ ":" port ] via-params */
static const char *plain_via(const char *p, const char *end)
{
	const char *start = p + 8;

	if (end - p <= 8 || memcmp(p, "SIP/2.0/", 8) != 0)
		return NULL;
	p = lex_run(start, end, CC_TOKEN);
	if (p == start || p == end || *p != ' ')
		return NULL;
	start = p + 1;
	p = lex_plain(start, end);
	if (p == start || *start == '.' || *start == '-')
		return NULL;
	return plain_via_params(plain_port(p, end), end);
}

static inline struct str skip_plain(struct str list,
				    const char *(*plain)(const char *p, const char *end))
{
	const char *p = list.p, *end = p + list.n, *q;

	for (;;) {
		while (p < end && (*p == ',' || cc_is(*p, CC_LWS)))
			p++;
		q = p < end ? plain(p, end) : NULL;
		if (!q)
			break;
		q = lex_sws(q, end);
		if (q < end && *q != ',')
			break;
		p = q;
	}
	return str_range(p, end);
}

struct str plain_vias(struct str list)
{
	return skip_plain(list, plain_via);
}

struct str plain_addresses(struct str list)
{
	return skip_plain(list, plain_address);
}
