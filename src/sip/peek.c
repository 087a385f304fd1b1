#include "sip/peek.h"

#include "sip/lex.h"

/* ( "Call-ID" / "i" ) HCOLON callid, on one line that another follows      RFC 3261 s25.1 */
static bool call_id_at(const char *p, const char *end, struct str *ret)
{
	const char *cr;

	if (ascii_lower(*p) == 'i')
		p++;
	else if (str_istarts(str_range(p, end), STR("Call-ID")))
		p += 7;
	else
		return false;
	while (p < end && cc_is(*p, CC_WS))
		p++;
	if (p == end || *p != ':')
		return false;
	cr = memchr(p, '\r', (size_t)(end - p));
	if (!cr || end - cr < 3 || cr[1] != '\n' || cc_is(cr[2], CC_WS))
		return false;
	*ret = lex_trim(p + 1, cr);
	return !str_empty(*ret);
}

static bool find_call_id(const char *at, const char *end, struct str *ret)
{
	for (; at < end; at += 64) {
		uint64_t ends = mask_of(at, (size_t)(end - at), mask_line_end);

		for (; ends; ends &= ends - 1) {
			const char *p = at + __builtin_ctzll(ends);

			if (*p++ != '\n' || p == end)
				continue;
			if (*p == '\r' || *p == '\n')
				return false;
			if ((ascii_lower(*p) == 'c' || ascii_lower(*p) == 'i') &&
			    call_id_at(p, end, ret))
				return true;
		}
	}
	return false;
}

bool sip_peek(struct str bytes, struct sip_peek *ret)
{
	struct sip_peek peek = {.method = str_first(bytes, str_find(bytes, ' '))};

	/* Line ends may stand before a message. */
	if (!bytes.n || *bytes.p <= ' ' || !find_call_id(bytes.p, bytes.p + bytes.n, &peek.call_id))
		return false;
	*ret = peek;
	return true;
}
