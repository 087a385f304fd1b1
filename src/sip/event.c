#include "sip/event.h"
#include "sip/lex.h"

/* event-type = event-package *( "." event-template ), both token-nodot         RFC 6665 s8.4 */
static bool is_event_type(struct str s)
{
	bool after_dot = true;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.') {
			if (after_dot)
				return false;
			after_dot = true;
		} else if (!cc_is(s.p[i], CC_TOKEN)) {
			return false;
		} else {
			after_dot = false;
		}
	}
	return !after_dot;
}

bool sip_event_type_parse(struct str value, struct str *ret)
{
	struct scan s = lex_scan(value);

	if (!is_event_type(scan_rest(&s)))
		return false;
	*ret = scan_rest(&s);
	return true;
}

/* Event = event-type *( SEMI ( "id" EQUAL token / generic-param ) )           RFC 6665 s8.4 */
bool sip_event_parse(struct str value, struct sip_event *ret)
{
	struct sip_event e;

	if (!lex_token_params(value, &e.type, &e.params) || !is_event_type(e.type) ||
	    !lex_param_once(e.params, STR("id"), &e.id))
		return false;
	e.package = str_first(e.type, str_find(e.type, '.'));
	*ret = e;
	return true;
}

bool sip_event_equal(const struct sip_event *a, const struct sip_event *b)
{
	return str_eq(a->type, b->type) && str_eq(a->id, b->id);
}

void sip_event_put(struct buf *b, const struct sip_event *e)
{
	buf_puts(b, e->type);
	if (e->id.n)
		buf_fmt(b, ";id=%.*s", STR_ARG(e->id));
}

static const struct str states[] = {
	[SIP_ACTIVE] = STR_INIT("active"),
	[SIP_PENDING] = STR_INIT("pending"),
	[SIP_TERMINATED] = STR_INIT("terminated"),
};

static enum sip_substate state_of(struct str name)
{
	int i;

	for (i = SIP_ACTIVE; i <= SIP_TERMINATED; i++)
		if (str_ieq(name, states[i]))
			return (enum sip_substate)i;
	return SIP_SUBSTATE_OTHER;
}

static bool seconds_param(struct str params, struct str name, bool *has, uint32_t *ret)
{
	struct str value;

	if (!lex_param_once(params, name, &value))
		return false;
	*has = value.n > 0;
	return !value.n || str_to_u32(value, ret);
}

/* Subscription-State = substate-value *( SEMI subexp-params )                 RFC 6665 s8.4 */
bool sip_subscription_state_parse(struct str value, struct sip_subscription_state *ret)
{
	struct sip_subscription_state s = {.reason = STR("")};

	if (!lex_token_params(value, &s.name, &s.params) ||
	    !lex_param_once(s.params, STR("reason"), &s.reason) ||
	    !seconds_param(s.params, STR("expires"), &s.has_expires, &s.expires_s) ||
	    !seconds_param(s.params, STR("retry-after"), &s.has_retry_after, &s.retry_after_s))
		return false;
	s.state = state_of(s.name);
	*ret = s;
	return true;
}

void sip_subscription_state_put(struct buf *b, const struct sip_subscription_state *s)
{
	buf_puts(b, s->state == SIP_SUBSTATE_OTHER ? s->name : states[s->state]);
	if (s->reason.n)
		buf_fmt(b, ";reason=%.*s", STR_ARG(s->reason));
	if (s->has_expires)
		buf_fmt(b, ";expires=%u", s->expires_s);
	if (s->has_retry_after)
		buf_fmt(b, ";retry-after=%u", s->retry_after_s);
}
