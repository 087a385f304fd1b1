#include "sip/session_expires.h"
#include "sip/lexer.h"

/* Session-Expires = delta-seconds *( SEMI ( "refresher" EQUAL ( "uas" / "uac" ) / generic-param ) )
 *                                                                            RFC 4028 s4 */
static bool take_refresher(struct str who, enum sip_refresher *ret)
{
	if (*ret != SIP_REFRESHER_NONE)
		return false;
	if (LEX_IS(who, "uac"))
		*ret = SIP_REFRESHER_UAC;
	else if (LEX_IS(who, "uas"))
		*ret = SIP_REFRESHER_UAS;
	return *ret != SIP_REFRESHER_NONE;
}

bool sip_session_expires_parse(struct str value, struct sip_session_expires *ret)
{
	struct sip_session_expires s = {.refresher = SIP_REFRESHER_NONE};
	struct scan at = lex_scan(value);
	struct sip_param param;
	struct lexer l;
	const char *p, *next;

	if (!lex_u32_at(&at, &s.interval_s))
		return false;
	scan_sws(&at);
	p = at.at;
	if (p < at.end && (*p++ != ';' || p == at.end))
		return false;
	l = lexer_over(p, at.end, false);
	for (; (next = lexer_next_param(&l, p, &param)); p = next)
		if (LEX_IS(param.name, "refresher") && !take_refresher(param.value, &s.refresher))
			return false;
	if (lex_sws(p, l.end) < l.end)
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
