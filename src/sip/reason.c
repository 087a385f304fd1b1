#include "sip/reason.h"
#include "sip/lex.h"

/* reason-value = protocol *( SEMI ( "cause" EQUAL 1*DIGIT / "text" EQUAL quoted-string /
 * generic-param ) )                                                          RFC 3326 s2 */
bool sip_reason_parse(struct str value, struct sip_reason *ret)
{
	struct sip_reason r = {.cause = 0};
	struct str params, cause;

	if (!lex_token_params(value, &r.protocol, &params) ||
	    !lex_param_once(params, STR("cause"), &cause))
		return false;
	r.has_cause = cause.n > 0;
	if (r.has_cause && !str_to_u32(cause, &r.cause))
		return false;
	if (!sip_param_get(params, STR("text"), &r.text))
		r.text = STR("");
	*ret = r;
	return true;
}

void sip_reason_put(struct buf *b, const struct sip_reason *r)
{
	size_t i;

	for (i = 0; i < r->text.n; i++)
		if (r->text.p[i] == '"' || cc_is(r->text.p[i], CC_CTL) ||
		    (r->text.p[i] == '\\' && ++i == r->text.n))
			b->failed = true;
	buf_puts(b, r->protocol);
	if (r->has_cause)
		buf_fmt(b, ";cause=%u", r->cause);
	if (r->text.n)
		buf_fmt(b, ";text=\"%.*s\"", STR_ARG(r->text));
}
