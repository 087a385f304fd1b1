#include "sip/lexer.h"

struct lexer_window lexer_window_at(const char *p, const char *end)
{
	for (;; p += 64) {
		uint64_t odd = ~mask_of(p, (size_t)(end - p), mask_plain);

		if (odd)
			return (struct lexer_window){p, odd};
	}
}

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

const char *lexer_ipv6(const char *p, const char *end, struct str *host, struct addr *ip)
{
	const char *close = (const char *)memchr(p, ']', (size_t)(end - p));
	struct addr a;

	if (!close || !memchr(p, ':', (size_t)(close - p)) || !ipv6_of(str_range(p + 1, close), &a))
		return NULL;
	*host = str_range(p + 1, close);
	if (ip)
		*ip = a;
	return close + 1;
}

#define DIGIT(c) ((unsigned)(unsigned char)(c) - '0')

/* 1*3DIGIT up to 255, with something behind it; what is behind it, or NULL. */
MASK_ALWAYS const char *octet(const char *p, unsigned *ret)
{
	unsigned a = DIGIT(p[0]), b, c;

	*ret = a;
	if (a > 9)
		return NULL;
	b = DIGIT(p[1]);
	if (b > 9)
		return p + 1;
	*ret = a = a * 10 + b;
	c = DIGIT(p[2]);
	if (c > 9)
		return p + 2;
	*ret = a = a * 10 + c;
	return a <= 255 ? p + 3 : NULL;
}

/* The address at p, with something behind it. */
MASK_ALWAYS const char *four_octets(const char *p, uint32_t *ret)
{
	unsigned a, b, c, d;

	if (!(p = octet(p, &a)) || *p != '.' || !(p = octet(p + 1, &b)) || *p != '.' ||
	    !(p = octet(p + 1, &c)) || *p != '.' || !(p = octet(p + 1, &d)) || cc_is(*p, CC_HOST))
		return NULL;
	*ret = a << 24 | b << 16 | c << 8 | d;
	return p;
}

/* 16 bytes hold the longest address and what is behind it. */
static const char *short_ipv4(const char *p, const char *end, uint32_t *ret)
{
	char room[16] = {0};
	const char *q;

	memcpy(room, p, (size_t)(end - p));
	q = four_octets(room, ret);
	return q ? p + (q - room) : NULL;
}

const char *lexer_ipv4(const char *p, const char *end, uint8_t ip[4])
{
	uint32_t all;

	p = end - p >= 16 ? four_octets(p, &all) : short_ipv4(p, end, &all);
	if (!p)
		return NULL;
	ip[0] = (uint8_t)(all >> 24);
	ip[1] = (uint8_t)(all >> 16);
	ip[2] = (uint8_t)(all >> 8);
	ip[3] = (uint8_t)all;
	return p;
}

bool lexer_good_toplabel(struct str host)
{
	const char *end = host.p + host.n, *p;

	if (end > host.p && end[-1] == '.')
		end--;
	for (p = end; p > host.p && cc_is(p[-1], CC_DIGIT); p--)
		;
	return end > host.p && end[-1] != '.' && !(p < end && p > host.p && p[-1] == '.');
}

bool lex_visible(struct str s)
{
	size_t at;

	for (at = 0; at < s.n; at += 64)
		if (mask_of(s.p + at, s.n - at, mask_blank))
			return false;
	return s.n > 0;
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

bool lex_u32_at(struct scan *s, uint32_t *ret)
{
	const char *p = s->at;

	while (p < s->end && DIGIT(*p) <= 9)
		p++;
	if (!lex_u32(str_range(s->at, p), ret))
		return false;
	s->at = p;
	return true;
}

bool lex_number_params(struct str value, uint32_t *number, struct str *params)
{
	struct scan s = lex_scan(value);
	struct str rest;
	uint32_t n;

	if (!lex_u32_at(&s, &n) || !lex_params(&s, &rest))
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
