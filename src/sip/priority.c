#include "sip/priority.h"
#include "sip/lex.h"

/* r-value = namespace "." r-priority, both token-nodot                       RFC 4412 s3.1 */
bool sip_resource_priority_parse(struct str value, struct sip_resource_priority *ret)
{
	struct scan s = lex_scan(value);
	struct sip_resource_priority r = {.priority = scan_rest(&s)};

	r.name_space = str_split(&r.priority, '.');
	if (!lex_token(r.name_space) || !lex_token(r.priority) ||
	    str_find(r.priority, '.') < r.priority.n)
		return false;
	*ret = r;
	return true;
}

/* priority-value = "emergency" / "urgent" / "normal" / "non-urgent" / token  RFC 3261 s20.26 */
bool sip_priority_parse(struct str value, enum sip_priority *ret)
{
	static const struct str words[] = {
		[SIP_EMERGENCY] = STR_INIT("emergency"),
		[SIP_URGENT] = STR_INIT("urgent"),
		[SIP_NORMAL] = STR_INIT("normal"),
		[SIP_NON_URGENT] = STR_INIT("non-urgent"),
	};
	struct scan s = lex_scan(value);
	int i;

	if (!lex_token(scan_rest(&s)))
		return false;
	*ret = SIP_PRIORITY_OTHER;
	for (i = SIP_EMERGENCY; i <= SIP_NON_URGENT; i++)
		if (str_ieq(scan_rest(&s), words[i]))
			*ret = (enum sip_priority)i;
	return true;
}
