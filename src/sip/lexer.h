/* sip/lexer.h - what walks the long values (addresses, Via): runs of letters, digits, dots and
 * dashes are jumped over by masks of 64 bytes, and grammar is asked for only where something
 * else stands.  All inline, so that a whole value is read by one function with its cursor in
 * registers; what is rare is a call.  Private to sip/. */
#ifndef TSUWA_SIP_LEXER_H
#define TSUWA_SIP_LEXER_H

#include "sip/lex.h"

/* 64 bytes of a value, with a bit for each that is no letter, digit, dot or dash. */
struct lexer_window {
	const char *at;
	uint64_t odd;
};

struct lexer {
	struct lexer_window w;
	const char *end;
	const char *why; /* set by who fails */
	char comma; /* what ends a value of a list; ';' when the value stands alone */
};

/* The window from p on that has an odd byte: the end of the value counts as one. */
struct lexer_window lexer_window_at(const char *p, const char *end);

MASK_ALWAYS struct lexer lexer_over(const char *p, const char *end, bool list)
{
	return (struct lexer){.w = lexer_window_at(p, end), .end = end, .comma = list ? ',' : ';'};
}

MASK_ALWAYS const char *lexer_fails(struct lexer *l, const char *why)
{
	l->why = why;
	return NULL;
}

/* The first odd byte at or after p, or the end. */
MASK_ALWAYS const char *lexer_odd(struct lexer *l, const char *p)
{
	size_t skip = (size_t)(p - l->w.at);
	uint64_t odd = skip < 64 ? l->w.odd >> skip : 0;

	if (__builtin_expect(!odd, 0)) {
		l->w = lexer_window_at(p, l->end);
		p = l->w.at;
		odd = l->w.odd;
	}
	return p + (unsigned)__builtin_ctzll(odd);
}

/* Behind the run of characters of the classes, which all hold the letters, digits, dots and
 * dashes. */
MASK_ALWAYS const char *lexer_run(struct lexer *l, const char *p, unsigned classes)
{
	for (;; p++) {
		p = lexer_odd(l, p);
		if (p == l->end || !cc_is(*p, classes))
			return p;
	}
}

/* The same where `stop`, none of the classes, is what most runs end at. */
MASK_ALWAYS const char *lexer_run_to(struct lexer *l, const char *p, char stop, unsigned classes)
{
	for (;; p++) {
		p = lexer_odd(l, p);
		if (p == l->end || *p == stop || !cc_is(*p, classes))
			return p;
	}
}

/* White space where c is what nearly always follows. */
MASK_ALWAYS const char *lexer_sws(const struct lexer *l, const char *p, char c)
{
	return p == l->end || *p == c ? p : lex_sws(p, l->end);
}

/* A run with %HH in it; NULL on a '%' that is no escape. */
MASK_ALWAYS const char *lexer_escaped(struct lexer *l, const char *p, unsigned classes)
{
	p = lexer_run(l, p, classes);
	return p < l->end && *p == '%' ? lex_escaped(p, l->end, classes) : p;
}

/* ---- parameters ---- */

/* Any parameter at p; what is behind it, or NULL. */
const char *lexer_any_param(const char *p, const char *end, char comma, struct sip_param *ret);

/* The parameter at p (no SEMI before it): what is behind it, a SEMI or the end of the value, or
 * NULL.  White space behind it is passed over. */
MASK_ALWAYS const char *lexer_param(struct lexer *l, const char *p, struct sip_param *ret)
{
	const char *q = lexer_run_to(l, p, '=', CC_TOKEN), *end = l->end, *behind = q;
	struct sip_param any;

	*ret = (struct sip_param){.name = str_range(p, q)};
	if (q < end && *q == '=') {
		behind = lexer_run_to(l, q + 1, ';', CC_VALUE);
		ret->value = str_range(q + 1, behind);
		ret->has_value = true;
	}
	if ((behind == end || *behind == ';') && q > p && behind != q + 1) {
		ret->text = str_range(p, behind);
		return behind;
	}
	if (q > p && end - q > 2 && q[0] == '=' && q[1] == '"') {
		behind = lex_quoted(q + 1, end);
		if (behind && (behind == end || *behind == ';')) {
			ret->value = str_range(q + 2, behind - 1);
			ret->text = str_range(p, behind);
			ret->quoted = true;
			return behind;
		}
	}
	behind = lexer_any_param(p, end, l->comma, &any);
	*ret = any;
	return behind;
}

/* SEMI name [ EQUAL value ]; the first of a list may lack its SEMI.  NULL when there is none: at
 * the end, and before what is no parameter. */
MASK_ALWAYS const char *lexer_next_param(struct lexer *l, const char *p, struct sip_param *ret)
{
	p = lex_sws(p, l->end);
	if (p == l->end)
		return NULL;
	return lexer_param(l, p + (*p == ';'), ret);
}

/* ---- hosts ---- */

/* IPv6reference at p. */
const char *lexer_ipv6(const char *p, const char *end, struct str *host, struct addr *ip);
/* IPv4address at p, decimal and strict; behind it, or NULL. */
const char *lexer_ipv4(const char *p, const char *end, uint8_t ip[4]);
/* Whether the name's last label is no number: resolvers would take it for an address ("127.1"),
 * and the grammar wants a letter there (toplabel). */
bool lexer_good_toplabel(struct str host);

/* host = hostname / IPv4address / IPv6reference, at p.  *host is without brackets; ip may be
 * NULL when the address is of no interest. */
MASK_ALWAYS const char *lexer_host(struct lexer *l, const char *p, struct str *host,
				   struct addr *ip)
{
	const char *start = p, *q = NULL;

	if (p < l->end && *p == '[') {
		p = lexer_ipv6(p, l->end, host, ip);
		return p ? p : lexer_fails(l, "not an IPv6 address between the brackets");
	}
	if (ip && p < l->end && cc_is(*p, CC_DIGIT))
		q = lexer_ipv4(p, l->end, ip->ip);
	p = q ? q : lexer_run(l, p, CC_HOST);
	if (q)
		ip->family = 4;
	if (p == start || *start == '.' || *start == '-')
		return lexer_fails(l, p == start ? "host is missing"
						 : "host starts with a dot or dash");
	*host = str_range(start, p);
	if (ip && !q && !cc_is(p[-1], CC_ALPHA) && !lexer_good_toplabel(*host))
		return lexer_fails(l, "host is neither a name nor an address");
	return p;
}

/* port = 1*DIGIT up to 65535; NULL when it is not. */
MASK_ALWAYS const char *lexer_port(const char *p, const char *end, uint16_t *port)
{
	const char *start = p;
	uint32_t v = 0, digit, exact;

	for (; p < end && (digit = (uint32_t)(unsigned char)*p - '0') <= 9; p++)
		v = v * 10 + digit;
	if (p - start > 5) /* with zeros in front, or too large */
		v = lex_u32(str_range(start, p), &exact) ? exact : UINT32_MAX;
	if (p == start || v > 0xffff)
		return NULL;
	*port = (uint16_t)v;
	return p;
}

/* ---- lists ---- */

/* The end of any value of a list that begins at or before p: a comma or the end, with the
 * trailing white space in it. */
const char *lexer_comma(const char *p, const char *end);

/* The next value of a comma list from *p on, which moves behind it; false at the end. */
MASK_ALWAYS bool lexer_value(struct lexer *l, const char **p, struct str *ret)
{
	const char *start = *p, *end = l->end, *q;

	if (end - start > 2 && memcmp(start, ", ", 2) == 0)
		start += 2;
	while (start < end && !cc_is(*start, CC_TOKEN) && (*start == ',' || cc_is(*start, CC_LWS)))
		start++;
	if (start == end)
		return false;
	q = lexer_run_to(l, start, ',', CC_TOKEN); /* most are tokens */
	*ret = str_range(start, q);
	if (q < end && *q != ',') {
		q = lexer_comma(q, end);
		*ret = lex_trim(start, q);
	}
	*p = q;
	return true;
}

#endif
