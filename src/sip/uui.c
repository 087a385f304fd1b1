#include "sip/uui.h"
#include "sip/lex.h"

static bool is_hex(struct str s)
{
	return s.n % 2 == 0 && lex_run(s.p, s.p + s.n, CC_HEX) == s.p + s.n;
}

/* uui-value = ( token / quoted-string ) *( SEMI ( "purpose" / "content" / "encoding" EQUAL token /
 * generic-param ) )                                                          RFC 7433 s4.1 */
bool sip_uui_parse(struct str value, struct sip_uui *ret)
{
	struct scan s = lex_scan(value);
	struct sip_uui u;
	struct str params;

	if (!scan_quoted(&s, &u.data) && !scan_run(&s, CC_TOKEN, &u.data))
		return false;
	if (!lex_params(&s, &params) || !lex_param_once(params, STR("purpose"), &u.purpose) ||
	    !lex_param_once(params, STR("content"), &u.content) ||
	    !lex_param_once(params, STR("encoding"), &u.encoding))
		return false;
	u.hex = str_ieq(u.encoding, STR("hex"));
	if (u.hex && !is_hex(u.data))
		return false;
	*ret = u;
	return true;
}
