#include "sip/headers.h"
#include "sip/lex.h"
#include "sip/params.h"

bool sip_cseq_parse(struct str value, struct sip_cseq *ret)
{
	const char *p, *end, *start;
	struct sip_cseq c;

	value = lex_some(value);
	start = value.p;
	end = start + value.n;
	p = lex_run(start, end, CC_DIGIT);
	if (!str_to_u32(str_range(start, p), &c.number) || c.number >= 1u << 31)
		return false;
	start = lex_sws(p, end);
	if (start == p)
		return false;
	p = lex_run(start, end, CC_TOKEN);
	if (p == start || p != end)
		return false;
	c.method = str_range(start, p);
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
	return str_to_u32(value, ret);
}

/* type SLASH subtype of a media-type or media-range. */
static bool media_type_parse(struct str value, struct str *type, struct str *subtype,
			     struct str *params)
{
	const char *p, *end, *start;

	value = lex_some(value);
	end = value.p + value.n;
	start = lex_sws(value.p, end);
	p = lex_run(start, end, CC_TOKEN);
	*type = str_range(start, p);
	p = lex_sws(p, end);
	if (p == end || *p != '/')
		return false;
	start = lex_sws(p + 1, end);
	p = lex_run(start, end, CC_TOKEN);
	*subtype = str_range(start, p);
	p = lex_sws(p, end);
	*params = str_range(p, end);
	return type->n && subtype->n && (p == end || *p == ';');
}

bool sip_media_type_is(struct str value, struct str type)
{
	struct str main, sub, params, want_main, want_sub;

	return media_type_parse(value, &main, &sub, &params) &&
	       media_type_parse(type, &want_main, &want_sub, &params) && str_ieq(main, want_main) &&
	       str_ieq(sub, want_sub);
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
	struct str value, main, sub, params, want_main, want_sub, rest;
	bool any = false;

	if (!media_type_parse(type, &want_main, &want_sub, &rest))
		return false;
	if (!sip_has(m, SIP_HDR_ACCEPT))
		return sip_media_type_is(type, STR("application/sdp"));
	while (sip_values_next(&v, &value)) {
		if (!media_type_parse(value, &main, &sub, &params))
			continue;
		if (str_ieq(main, want_main) && str_ieq(sub, want_sub))
			return !is_unwanted(params);
		if (str_eq(sub, STR("*")) && (str_ieq(main, want_main) || str_eq(main, STR("*"))))
			any |= !is_unwanted(params);
	}
	return any;
}
