#include "sip/geolocation.h"
#include "sip/lex.h"

/* locationValue = LAQUOT locationURI RAQUOT *( SEMI geoloc-param )           RFC 6442 s4.1 */
bool sip_geolocation_parse(struct str value, struct sip_geolocation *ret)
{
	struct scan s = lex_scan(value);
	struct sip_geolocation g;

	if (!lex_angle_uri(&s, &g.uri) || !lex_params(&s, &g.params))
		return false;
	*ret = g;
	return true;
}

/* Geolocation-Routing = ( "yes" / "no" / generic-param ); what is neither says no  RFC 6442 s4.2 */
bool sip_geolocation_routing_parse(struct str value, bool *ret)
{
	struct str word, params;

	if (!lex_token_params(value, &word, &params))
		return false;
	*ret = str_ieq(word, STR("yes"));
	return true;
}

/* locationErrorValue = 1*3DIGIT *( SEMI ( "code" EQUAL quoted-string / generic-param ) )
 *                                                                            RFC 6442 s4.3 */
bool sip_geolocation_error_parse(struct str value, struct sip_geolocation_error *ret)
{
	struct sip_geolocation_error e;
	struct str params;

	if (!lex_number_params(value, &e.code, &params) || e.code > 999)
		return false;
	if (!sip_param_get(params, STR("code"), &e.text))
		e.text = STR("");
	*ret = e;
	return true;
}
