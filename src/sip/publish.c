#include "sip/publish.h"
#include "sip/lex.h"

/* SIP-ETag = entity-tag, SIP-If-Match = entity-tag; entity-tag = token       RFC 3903 s11.3 */
bool sip_etag_parse(struct str value, struct str *ret)
{
	struct scan s = lex_scan(value);

	if (!lex_token(scan_rest(&s)))
		return false;
	*ret = scan_rest(&s);
	return true;
}
