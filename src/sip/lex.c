#include "sip/lex.h"

const char *lex_escaped(const char *p, const char *end, unsigned classes)
{
	p = lex_run(p, end, classes);
	while (p < end && *p == '%') {
		if (end - p < 3 || !cc_is(p[1], CC_HEX) || !cc_is(p[2], CC_HEX))
			return NULL;
		p = lex_run(p + 3, end, classes);
	}
	return p;
}

/* quoted-string = DQUOTE *(qdtext / quoted-pair) DQUOTE; a quoted-pair may hold anything
 * but CR and LF (RFC 3261 s25.1). */
const char *lex_quoted(const char *p, const char *end)
{
	for (p++;; p += 2) {
		p = lex_find2(p, end, '"', '\\');
		if (p == end)
			return NULL;
		if (*p == '"')
			return p + 1;
		if (end - p < 2 || p[1] == '\r' || p[1] == '\n')
			return NULL;
	}
}

/* An IPv6 address; a ":::" before an embedded IPv4 one is what the ABNF of RFC 3261 made
 * people write, and RFC 5118 s4.10 asks to bear it. */
static bool ipv6_of(struct str s, struct addr *ret)
{
	char fixed[64];
	size_t i;

	if (addr_parse_ip(s, ret))
		return ret->family != 0;
	if (s.n >= sizeof(fixed))
		return false;
	for (i = 0; i + 3 <= s.n; i++) {
		if (memcmp(s.p + i, ":::", 3) != 0)
			continue;
		memcpy(fixed, s.p, i);
		memcpy(fixed + i, s.p + i + 1, s.n - i - 1);
		return addr_parse_ip(str_of(fixed, s.n - 1), ret);
	}
	return false;
}

static const char *ipv6_reference(const char *p, const char *end, struct str *host, struct addr *ip,
				  const char **why)
{
	const char *close = (const char *)memchr(p, ']', (size_t)(end - p));
	struct addr a;

	if (!close || !memchr(p, ':', (size_t)(close - p)) ||
	    !ipv6_of(str_range(p + 1, close), &a)) {
		lex_fail(why, "not an IPv6 address between the brackets");
		return NULL;
	}
	*host = str_range(p + 1, close);
	if (ip)
		*ip = a;
	return close + 1;
}

/* IPv4address, decimal and strict; behind it, or NULL. */
static const char *ipv4_address(const char *p, const char *end, uint8_t ip[4])
{
	const char *start;
	unsigned i, v, d;

	for (i = 0;; i++, p++) {
		for (start = p, v = 0; p < end && (d = (unsigned)*p - '0') <= 9; p++)
			v = v * 10 + d;
		if (p == start || p - start > 3 || v > 255)
			return NULL;
		ip[i] = (uint8_t)v;
		if (i == 3)
			return p < end && cc_is(*p, CC_HOST) ? NULL : p;
		if (p == end || *p != '.')
			return NULL;
	}
}

/* A name whose last label is a number would be taken for an address by resolvers
 * ("127.1"), and the grammar wants a letter there (toplabel). */
static bool good_toplabel(struct str host)
{
	const char *end = host.p + host.n, *p;

	if (end > host.p && end[-1] == '.')
		end--;
	for (p = end; p > host.p && cc_is(p[-1], CC_DIGIT); p--)
		;
	return end > host.p && end[-1] != '.' && !(p < end && p > host.p && p[-1] == '.');
}

const char *lex_host(const char *p, const char *end, struct str *host, struct addr *ip,
		     const char **why)
{
	const char *start = p, *q;
	uint8_t v4[4];

	if (p < end && *p == '[')
		return ipv6_reference(p, end, host, ip, why);
	if (ip && p < end && cc_is(*p, CC_DIGIT) && (q = ipv4_address(p, end, v4))) {
		*host = str_range(start, q);
		ip->family = 4;
		memcpy(ip->ip, v4, sizeof(v4));
		return q;
	}
	p = lex_run(p, end, CC_HOST);
	if (p == start || *start == '.' || *start == '-') {
		lex_fail(why, p == start ? "host is missing" : "host starts with a dot or dash");
		return NULL;
	}
	*host = str_range(start, p);
	if (ip && !cc_is(p[-1], CC_ALPHA) && !good_toplabel(*host)) {
		lex_fail(why, "host is neither a name nor an address");
		return NULL;
	}
	return p;
}

const char *lex_port(const char *p, const char *end, uint16_t *port)
{
	const char *start = p;
	uint32_t v = 0;

	for (; p < end && cc_is(*p, CC_DIGIT); p++) {
		v = v * 10 + (uint32_t)(*p - '0');
		if (v > 0xffff)
			return NULL;
	}
	if (p == start)
		return NULL;
	*port = (uint16_t)v;
	return p;
}

bool lex_visible(struct str s)
{
	const char *p = s.p, *end;

	if (!s.n)
		return false;
	end = p + s.n;
	/* Nearly all of these are of the first two classes, which run fast. */
	for (;; p++) {
		p = lex_run(p, end, CC_WORD | CC_URIC);
		if (p == end || cc_is(*p, CC_CTL | CC_WS))
			return p == end;
	}
}

bool lex_token(struct str s)
{
	return s.n > 0 && lex_run(s.p, s.p + s.n, CC_TOKEN) == s.p + s.n;
}

struct scan lex_scan(struct str value)
{
	value = lex_some(value);
	return scan_over(lex_trim(value.p, value.p + value.n));
}

bool lex_params(struct scan *s, struct str *ret)
{
	struct str params;

	scan_sws(s);
	if (scan_done(s)) {
		*ret = scan_rest(s);
		return true;
	}
	if (!scan_char(s, ';'))
		return false;
	params = scan_rest(s);
	if (!params.n || !sip_params_valid(params))
		return false;
	*ret = params;
	return true;
}

bool lex_token_params(struct str value, struct str *token, struct str *params)
{
	struct scan s = lex_scan(value);
	struct str run, rest;

	if (!scan_run(&s, CC_TOKEN, &run) || !lex_params(&s, &rest))
		return false;
	*token = run;
	*params = rest;
	return true;
}

bool lex_number_params(struct str value, uint32_t *number, struct str *params)
{
	struct scan s = lex_scan(value);
	struct str rest;
	uint32_t n;

	if (!scan_u32(&s, &n) || !lex_params(&s, &rest))
		return false;
	*number = n;
	*params = rest;
	return true;
}

bool lex_call_id(struct str s)
{
	return lex_visible(s);
}

bool lex_angle_uri(struct scan *s, struct str *ret)
{
	struct scan t = *s;
	struct sip_uri uri;
	struct str text;

	scan_sws(&t);
	if (!scan_char(&t, '<'))
		return false;
	text = scan_until(&t, '>');
	if (!scan_char(&t, '>') || !sip_uri_parse(text, &uri, NULL))
		return false;
	*s = t;
	*ret = text;
	return true;
}

bool lex_param_once(struct str params, struct str name, struct str *ret)
{
	struct sip_param param;
	bool found = false;

	*ret = STR("");
	while (sip_param_next(&params, &param)) {
		if (!str_ieq(param.name, name))
			continue;
		if (found || !param.value.n)
			return false;
		found = true;
		*ret = param.value;
	}
	return true;
}
