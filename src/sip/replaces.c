#include "sip/replaces.h"
#include "sip/lex.h"

/* callid *( SEMI param ) with exactly one of each tag; that they are tokens is of no use to
 * anybody who only compares them. */
static bool parse_dialog(struct str value, struct str to_name, struct str from_name,
			 struct sip_replaces *ret)
{
	struct scan s = lex_scan(value);
	struct sip_replaces r;
	struct str params, flag;

	r.call_id = scan_until(&s, ';');
	r.call_id = lex_trim(r.call_id.p, r.call_id.p + r.call_id.n);
	if (!lex_call_id(r.call_id) || !lex_params(&s, &params) ||
	    !lex_param_once(params, to_name, &r.to_tag) ||
	    !lex_param_once(params, from_name, &r.from_tag) || !r.to_tag.n || !r.from_tag.n)
		return false;
	r.early_only = sip_param_get(params, STR("early-only"), &flag);
	*ret = r;
	return true;
}

/* Replaces = callid *( SEMI ( to-tag / from-tag / "early-only" / generic-param ) )
 *                                                                            RFC 3891 s6.1 */
bool sip_replaces_parse(struct str value, struct sip_replaces *ret)
{
	return parse_dialog(value, STR("to-tag"), STR("from-tag"), ret);
}

/* Join = callid *( SEMI ( to-tag / from-tag / generic-param ) )              RFC 3911 s7.1 */
bool sip_join_parse(struct str value, struct sip_replaces *ret)
{
	return parse_dialog(value, STR("to-tag"), STR("from-tag"), ret);
}

/* Target-Dialog = callid *( SEMI ( remote-tag / local-tag / generic-param ) )  RFC 4538 s7 */
bool sip_target_dialog_parse(struct str value, struct sip_replaces *ret)
{
	return parse_dialog(value, STR("remote-tag"), STR("local-tag"), ret);
}

void sip_replaces_put(struct buf *b, const struct sip_replaces *r)
{
	buf_fmt(b, "%.*s;to-tag=%.*s;from-tag=%.*s%s", STR_ARG(r->call_id), STR_ARG(r->to_tag),
		STR_ARG(r->from_tag), r->early_only ? ";early-only" : "");
}
