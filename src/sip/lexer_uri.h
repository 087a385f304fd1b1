/* sip/lexer_uri.h - the grammar of SIP URIs (RFC 3261 s25.1) over a lexer, for who reads one within
 * a longer value: it is read up to where it ends, and what may follow is for the caller to say.
 * Private to sip/. */
#ifndef TSUWA_SIP_LEXER_URI_H
#define TSUWA_SIP_LEXER_URI_H

#include "sip/lexer.h"
#include "sip/uri.h"

/* Raw '#' is no user character (RFC 3261 s25.1), but half the world dials "*31#". */
MASK_ALWAYS const char *lexer_user(struct lexer *l, const char *p)
{
	for (;;) {
		p = lexer_escaped(l, p, CC_URI_USER);
		if (!p || p == l->end || *p != '#')
			return p;
		p++;
	}
}

/* userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"; gives what is behind it. */
MASK_ALWAYS const char *lexer_userinfo(struct lexer *l, const char *p, const char *at,
				       struct sip_uri *u)
{
	const char *q = lexer_user(l, p);

	if (!q)
		return lexer_fails(l, "bad % escape in the user part");
	if (q == p)
		return lexer_fails(l, "user part is empty");
	u->has_user = true;
	u->user = str_range(p, q);
	if (*q == ':') {
		p = q + 1;
		q = lexer_escaped(l, p, CC_PASSWORD);
		if (!q)
			return lexer_fails(l, "bad % escape in the password");
		u->password = str_range(p, q);
	}
	return q == at ? at + 1 : lexer_fails(l, "character that may not stand in a user part");
}

/* hostport = host [ ":" port ] */
MASK_ALWAYS const char *lexer_hostport(struct lexer *l, const char *p, struct sip_uri *u)
{
	const char *start = p;

	p = lexer_host(l, start, &u->host, &u->ip);
	if (!p)
		return NULL;
	if (p < l->end && *p == ':') {
		p = lexer_port(p + 1, l->end, &u->port);
		if (!p)
			return lexer_fails(l, "port is not a number up to 65535");
		u->has_port = true;
	}
	u->hostport = str_range(start, p);
	return p;
}

/* uri-parameters = *( ";" pname [ "=" pvalue ] ), p at the first; an empty value is borne. */
MASK_ALWAYS const char *lexer_uri_params(struct lexer *l, const char *p, struct sip_uri *u)
{
	const char *end = l->end, *start;

	u->params.p = p + 1;
	do {
		start = ++p;
		p = lexer_escaped(l, p, CC_URI_PARAM);
		if (p == start)
			return lexer_fails(l, "empty URI parameter");
		if (p && p < end && *p == '=')
			p = lexer_escaped(l, p + 1, CC_URI_PARAM);
		if (!p)
			return lexer_fails(l, "bad % escape in a URI parameter");
	} while (p < end && *p == ';');
	u->params.n = (size_t)(p - u->params.p);
	return p;
}

/* headers = "?" header *( "&" header ), header = hname "=" hvalue; p at the first. */
MASK_ALWAYS const char *lexer_uri_headers(struct lexer *l, const char *p, struct sip_uri *u)
{
	const char *end = l->end, *start;

	u->headers.p = p + 1;
	do {
		start = ++p;
		p = lexer_escaped(l, p, CC_URI_HEADER);
		if (!p || p == start || p == end || *p != '=')
			return lexer_fails(l, "URI header is not name=value");
		p = lexer_escaped(l, p + 1, CC_URI_HEADER);
		if (!p)
			return lexer_fails(l, "bad % escape in a URI header");
	} while (p < end && *p == '&');
	u->headers.n = (size_t)(p - u->headers.p);
	return p;
}

/* SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]     RFC 3261 s19.1.1.
 * No '@' may stand unescaped anywhere but behind the userinfo; no '>' belongs to a URI. */
MASK_ALWAYS const char *lexer_behind_user(struct lexer *l, const char *p, struct sip_uri *u)
{
	p = lexer_hostport(l, p, u);
	if (p && p < l->end && *p == ';')
		p = lexer_uri_params(l, p, u);
	if (p && p < l->end && *p == '?')
		p = lexer_uri_headers(l, p, u);
	return p;
}

MASK_ALWAYS const char *lexer_sip_uri(struct lexer *l, const char *p, struct sip_uri *u)
{
	const char *end = l->end, *at = lexer_odd(l, p);

	if (at < end && *at != '@' && *at != '>')
		at = lex_find2(at, end, '@', '>');
	if (at < end && *at == '@')
		p = lexer_userinfo(l, p, at, u);
	return p ? lexer_behind_user(l, p, u) : NULL;
}

/* Any URI at p; what is behind it, or NULL: *why tells. */
const char *lexer_any_uri(const char *p, const char *end, struct sip_uri *ret, const char **why);

/* The URI at p into *ret, which is zeroed and of no use after a failure.  What is behind it, or
 * NULL. */
MASK_ALWAYS const char *lexer_uri(struct lexer *l, const char *start, struct sip_uri *ret)
{
	const char *p = start, *why;

	if (l->end - p > 4 && p[3] == ':' && LEX_IS(str_of(p, 3), "sip")) {
		ret->scheme = SIP_SCHEME_SIP;
		p = lexer_sip_uri(l, p + 4, ret);
	} else {
		p = lexer_any_uri(p, l->end, ret, &why);
		if (!p)
			l->why = why;
	}
	if (p)
		ret->text = str_range(start, p);
	return p;
}

#endif
