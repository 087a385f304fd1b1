/* sip/lex.h - what the parsers of this folder share: runs of characters, line ends and
 * failing with a reason.  Private to sip/.  Cursors are `const char *` with an end, so
 * that the compiler keeps them in registers. */
#ifndef TSUWA_SIP_LEX_H
#define TSUWA_SIP_LEX_H

#include "base/addr.h"
#include "base/scan.h"

/* Behind the run of characters of the classes. */
static inline const char *lex_run(const char *p, const char *end, unsigned classes)
{
	while (p < end && cc_is(*p, classes))
		p++;
	return p;
}

/* SP, HTAB and the line ends of folds. */
static inline const char *lex_sws(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static inline struct str lex_trim(const char *p, const char *end)
{
	p = lex_sws(p, end);
	while (end > p && cc_is(end[-1], CC_LWS))
		end--;
	return str_range(p, end);
}

/* A run with %HH in it; NULL on a '%' that is no escape. */
const char *lex_escaped(const char *p, const char *end, unsigned classes);

/* Behind the closing quote of a quoted-string that starts at p, or NULL. */
const char *lex_quoted(const char *p, const char *end);

/* host = hostname / IPv4address / IPv6reference, at p.  *host is without brackets; ip may be
 * NULL when the address is of no interest.  NULL: *why tells. */
const char *lex_host(const char *p, const char *end, struct str *host, struct addr *ip,
		     const char **why);

/* port = 1*DIGIT up to 65535, at p; NULL when it is not. */
const char *lex_port(const char *p, const char *end, uint16_t *port);

/* Is every byte printable in a start line: no controls, no SP? */
bool lex_visible(struct str s);
bool lex_token(struct str s);

static inline bool lex_fail(const char **why, const char *text)
{
	if (why)
		*why = text;
	return false;
}

/* Finds line ends: CRLF, or CR or LF alone.  The parser and the framer must see the same
 * lines, else one's header is the other's body.  Both searches go forward only, so the
 * whole walk is linear whatever the mix. */
struct lex_eol {
	const char *end, *cr, *lf;
};

static inline void lex_eol_search_cr(struct lex_eol *f, const char *at)
{
	const char *cr = (const char *)memchr(at, '\r', (size_t)(f->lf - at));

	f->cr = cr ? cr : f->lf;
}

static inline void lex_eol_search_lf(struct lex_eol *f, const char *at)
{
	const char *lf = (const char *)memchr(at, '\n', (size_t)(f->end - at));

	f->lf = lf ? lf : f->end;
}

static inline struct lex_eol lex_eol_over(const char *at, const char *end)
{
	struct lex_eol f = {.end = end};

	lex_eol_search_lf(&f, at);
	lex_eol_search_cr(&f, at);
	return f;
}

/* The first CR or LF at or after `at`, or the end. */
static inline const char *lex_eol_next(struct lex_eol *f, const char *at)
{
	if (f->lf < at)
		lex_eol_search_lf(f, at);
	if (f->cr < at)
		lex_eol_search_cr(f, at);
	return f->cr;
}

/* Behind the line end at e. */
static inline const char *lex_eol_skip(const char *e, const char *end)
{
	return e + (*e == '\r' && e + 1 < end && e[1] == '\n' ? 2 : 1);
}

#endif
