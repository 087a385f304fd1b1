#include "sip/peek.h"

#include "sip/lex.h"

/* The text of the line at *at, and *at behind its CRLF.  False: the header or the bytes end. */
static bool next_line(const char **at, const char *end, struct str *ret)
{
	const char *p = *at, *lf;

	if (p == end || *p == '\r' || *p == '\n')
		return false;
	lf = memchr(p, '\n', (size_t)(end - p));
	if (!lf || lf[-1] != '\r')
		return false;
	*ret = str_range(p, lf - 1);
	*at = lf + 1;
	return true;
}

/* ( "Call-ID" / "i" ) HCOLON callid                    RFC 3261 s25.1 */
static bool call_id_of(struct str line, struct str *ret)
{
	const char *p = line.p, *end = p + line.n;

	if (ascii_lower(*p) == 'c' && str_istarts(line, STR("Call-ID")))
		p += 7;
	else if (ascii_lower(*p) == 'i')
		p++;
	else
		return false;
	while (p < end && cc_is(*p, CC_WS))
		p++;
	if (p == end || *p != ':')
		return false;
	*ret = lex_trim(p + 1, end);
	return true;
}

bool sip_peek(struct str bytes, struct sip_peek *ret)
{
	const char *at = bytes.p, *end = lex_some(bytes).p + bytes.n;
	struct sip_peek peek;
	struct str line;

	if (!bytes.n || !next_line(&at, end, &line))
		return false;
	peek.method = str_first(line, str_find(line, ' '));
	do {
		if (!next_line(&at, end, &line))
			return false;
	} while (!call_id_of(line, &peek.call_id));
	/* A fold, or a line that a lone CR has ended. */
	if (str_empty(peek.call_id) || (at < end && cc_is(*at, CC_WS)) ||
	    memchr(peek.call_id.p, '\r', peek.call_id.n))
		return false;
	*ret = peek;
	return true;
}
