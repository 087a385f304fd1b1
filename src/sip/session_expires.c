#include "sip/session_expires.h"
#include "sip/lex.h"

/* Session-Expires = delta-seconds *( SEMI ( "refresher" EQUAL ( "uas" / "uac" ) / generic-param ) )
 *                                                                            RFC 4028 s4 */
bool sip_session_expires_parse(struct str value, struct sip_session_expires *ret)
{
	struct sip_session_expires s = {.refresher = SIP_REFRESHER_NONE};
	struct str params, who;

	if (!lex_number_params(value, &s.interval_s, &params) ||
	    !lex_param_once(params, STR("refresher"), &who))
		return false;
	if (str_ieq(who, STR("uac")))
		s.refresher = SIP_REFRESHER_UAC;
	else if (str_ieq(who, STR("uas")))
		s.refresher = SIP_REFRESHER_UAS;
	else if (who.n)
		return false;
	*ret = s;
	return true;
}

/* Min-SE = delta-seconds *( SEMI generic-param )                             RFC 4028 s5 */
bool sip_min_se_parse(struct str value, uint32_t *ret_s)
{
	struct str params;

	return lex_number_params(value, ret_s, &params);
}

void sip_session_expires_put(struct buf *b, const struct sip_session_expires *s)
{
	buf_fmt(b, "%u", s->interval_s);
	if (s->refresher != SIP_REFRESHER_NONE)
		buf_fmt(b, ";refresher=%s", s->refresher == SIP_REFRESHER_UAC ? "uac" : "uas");
}
