#include "sip/headers.h"
#include "sip/content.h"
#include "sip/lex.h"
#include "sip/params.h"

bool sip_cseq_parse(struct str value, struct sip_cseq *ret)
{
	const char *p, *end, *start;
	struct sip_cseq c;

	value = lex_some(value);
	start = value.p;
	end = start + value.n;
	for (p = start; p<end && * p> ' ';)
		p++;
	if (!lex_u32(str_range(start, p), &c.number) || c.number >= 1u << 31)
		return false;
	start = lex_sws(p, end);
	if (start == p)
		return false;
	c.method = str_range(start, end);
	if (sip_method_of(c.method) == SIP_METHOD_OTHER && !lex_token(c.method))
		return false;
	*ret = c;
	return true;
}

bool sip_get_u32(const struct sip_msg *m, enum sip_hdr_id id, uint32_t *ret)
{
	struct str value = sip_get(m, id);
	const char *end, *p;

	if (!value.n)
		return false;
	end = value.p + value.n;
	p = lex_run(value.p, end, CC_DIGIT);
	value = str_range(value.p, p);
	p = lex_sws(p, end);
	if (p < end && *p != ';' && *p != '(')
		return false;
	return lex_u32(value, ret);
}

bool sip_media_type_is(struct str value, struct str type)
{
	struct sip_media_type got, want;

	return sip_media_type_parse(value, &got) && sip_media_type_parse(type, &want) &&
	       str_ieq(got.type, want.type) && str_ieq(got.subtype, want.subtype);
}

/* q=0, 0.0...: listed as unwanted. */
static bool is_unwanted(struct str params)
{
	struct str q;
	size_t i;

	if (!sip_param_get(params, STR("q"), &q) || q.n == 0)
		return false;
	for (i = 0; i < q.n; i++)
		if (q.p[i] != '0' && q.p[i] != '.')
			return false;
	return true;
}

bool sip_accepts(const struct sip_msg *m, struct str type)
{
	struct sip_values v = sip_values(m, SIP_HDR_ACCEPT);
	struct sip_media_type want, t;
	struct str value;
	bool any = false;

	if (!sip_media_type_parse(type, &want))
		return false;
	if (!sip_has(m, SIP_HDR_ACCEPT))
		return sip_media_type_is(type, STR("application/sdp"));
	while (sip_values_next(&v, &value)) {
		if (!sip_media_type_parse(value, &t))
			continue;
		if (str_ieq(t.type, want.type) && str_ieq(t.subtype, want.subtype))
			return !is_unwanted(t.params);
		if (str_eq(t.subtype, STR("*")) &&
		    (str_ieq(t.type, want.type) || str_eq(t.type, STR("*"))))
			any |= !is_unwanted(t.params);
	}
	return any;
}
