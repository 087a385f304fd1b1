#include "sip/outbound.h"
#include "sip/lex.h"

/* "+sip.instance" EQUAL DQUOTE "<" instance-val ">" DQUOTE                   RFC 5626 s11 */
static bool instance_of(struct str params, struct str *ret)
{
	struct str s;

	if (!lex_param_once(params, STR("+sip.instance"), &s))
		return false;
	if (s.n && (s.n < 3 || s.p[0] != '<' || s.p[s.n - 1] != '>'))
		return false;
	*ret = s.n ? str_of(s.p + 1, s.n - 2) : s;
	return true;
}

/* "reg-id" EQUAL 1*DIGIT, from 1 to 2^31-1                                   RFC 5626 s11 */
static bool reg_id_of(struct str params, uint32_t *ret)
{
	struct str s;

	*ret = 0;
	if (!lex_param_once(params, STR("reg-id"), &s))
		return false;
	return !s.n || (str_to_u32(s, ret) && *ret > 0 && *ret < 1u << 31);
}

/* "pub-gruu" / "temp-gruu" EQUAL DQUOTE SIP-URI DQUOTE                       RFC 5627 s8 */
static bool gruu_of(struct str params, struct str name, struct str *ret)
{
	struct sip_uri uri;

	if (!lex_param_once(params, name, ret))
		return false;
	return !ret->n || (sip_uri_parse(*ret, &uri, NULL) && uri.scheme != SIP_SCHEME_OTHER);
}

bool sip_outbound_parse(const struct sip_nameaddr *contact, struct sip_outbound *ret)
{
	struct sip_outbound o;
	struct str flag;

	if (!instance_of(contact->params, &o.instance) || !reg_id_of(contact->params, &o.reg_id) ||
	    !gruu_of(contact->params, STR("pub-gruu"), &o.pub_gruu) ||
	    !gruu_of(contact->params, STR("temp-gruu"), &o.temp_gruu))
		return false;
	o.ob = sip_uri_param(&contact->uri, STR("ob"), &flag);
	*ret = o;
	return true;
}

/* Flow-Timer = 1*DIGIT                                                       RFC 5626 s11 */
bool sip_flow_timer_parse(struct str value, uint32_t *ret_s)
{
	struct scan s = lex_scan(value);

	return str_to_u32(scan_rest(&s), ret_s);
}

/* path-value = name-addr *( SEMI rr-param )                 RFC 3327 s4, RFC 3608 s5, RFC 3261 s20.34 */
bool sip_route_parse(struct str value, struct sip_nameaddr *ret)
{
	struct sip_nameaddr n;

	if (!sip_nameaddr_parse(value, &n, NULL) || n.star || !n.angle)
		return false;
	*ret = n;
	return true;
}
