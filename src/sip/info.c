#include "sip/info.h"
#include "sip/lex.h"

/* info = LAQUOT absoluteURI RAQUOT *( SEMI ( "purpose" EQUAL token / generic-param ) )
 *                                                                            RFC 3261 s20.9 */
bool sip_info_parse(struct str value, struct sip_info *ret)
{
	struct scan s = lex_scan(value);
	struct sip_info i;

	if (!lex_angle_uri(&s, &i.uri) || !lex_params(&s, &i.params) ||
	    !lex_param_once(i.params, STR("purpose"), &i.purpose))
		return false;
	*ret = i;
	return true;
}

bool sip_call_id_parse(struct str value, struct str *ret)
{
	struct scan s = lex_scan(value);

	if (!lex_call_id(scan_rest(&s)))
		return false;
	*ret = scan_rest(&s);
	return true;
}

/* server-val *( LWS server-val ), server-val = token [ SLASH token ] / comment.  RFC 3261 s20.41 */
bool sip_products_valid(struct str value)
{
	struct scan s = lex_scan(value);

	if (scan_done(&s))
		return false;
	while (!scan_done(&s)) {
		if (scan_peek(&s) == '(' ? !scan_comment(&s) : !scan_run(&s, CC_TOKEN, NULL))
			return false;
		if (scan_sep(&s, '/') && !scan_run(&s, CC_TOKEN, NULL))
			return false;
		scan_sws(&s);
	}
	return true;
}
