#include "sip/history.h"
#include "sip/lex.h"

/* index-val = number *( "." number ), number without leading zeros           RFC 7044 s5 */
static bool is_index(struct str s)
{
	struct str number;

	if (str_ends(s, STR(".")))
		return false;
	do {
		number = str_split(&s, '.');
		if (!number.n || (number.n > 1 && number.p[0] == '0') ||
		    lex_run(number.p, number.p + number.n, CC_DIGIT) != number.p + number.n)
			return false;
	} while (s.n);
	return true;
}

static bool take_index(struct str params, struct str name, struct str *ret)
{
	if (!lex_param_once(params, name, ret))
		return false;
	return !ret->n || is_index(*ret);
}

/* hi-target-param = ( "rc" / "mp" / "np" ) EQUAL index-val; one of them at most. */
static bool take_how(struct sip_history_info *h)
{
	static const struct str names[] = {STR_INIT("rc"), STR_INIT("mp"), STR_INIT("np")};
	struct str index;
	int i;

	for (i = 0; i < 3; i++) {
		if (!take_index(h->addr.params, names[i], &index))
			return false;
		if (!index.n)
			continue;
		if (h->how != SIP_HISTORY_PLAIN)
			return false;
		h->how = (enum sip_history_how)(SIP_HISTORY_RC + i);
		h->from = index;
	}
	return true;
}

/* hi-entry = name-addr *( SEMI ( hi-index / hi-target-param / hi-extension ) )  RFC 7044 s5 */
bool sip_history_info_parse(struct str value, struct sip_history_info *ret)
{
	struct sip_history_info h = {.how = SIP_HISTORY_PLAIN, .from = STR("")};

	if (!sip_nameaddr_parse(value, &h.addr, NULL) || !h.addr.angle ||
	    !take_index(h.addr.params, STR("index"), &h.index) || !h.index.n || !take_how(&h))
		return false;
	*ret = h;
	return true;
}

/* diversion-params = name-addr *( ";" ( "reason" / "counter" / ... "=" ) )    RFC 5806 s4 */
bool sip_diversion_parse(struct str value, struct sip_diversion *ret)
{
	struct sip_diversion d = {.counter = 1};
	struct str counter;

	if (!sip_nameaddr_parse(value, &d.addr, NULL) || d.addr.star ||
	    !lex_param_once(d.addr.params, STR("reason"), &d.reason) ||
	    !lex_param_once(d.addr.params, STR("counter"), &counter) ||
	    (counter.n && !str_to_u32(counter, &d.counter)))
		return false;
	*ret = d;
	return true;
}
