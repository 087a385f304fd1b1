#include "sip/params.h"
#include "sip/lex.h"

/* gen-value = token / host / quoted-string.  Taken wider, for what is seen in branches and
 * vendors' parameters ("==" of base64, "user@host", "a/b"): all that ends no parameter. */
static const char *unquoted_value(const char *p, const char *end)
{
	for (;;) {
		p = lex_run(p, end, CC_TOKEN | CC_URI_PARAM);
		if (p == end || (*p != '=' && *p != '@' && *p != '?' && *p != '#'))
			return p;
		p++;
	}
}

/* [ EQUAL gen-value ] at p; NULL when what stands behind EQUAL is no value. */
static const char *param_value(const char *p, const char *end, struct sip_param *ret)
{
	const char *q = lex_sws(p, end), *start;

	if (q == end || *q != '=')
		return p;
	start = lex_sws(q + 1, end);
	ret->has_value = true;
	if (start < end && *start == '"') {
		p = lex_quoted(start, end);
		if (!p)
			return NULL;
		ret->quoted = true;
		ret->value = str_range(start + 1, p - 1);
		return p;
	}
	p = unquoted_value(start, end);
	ret->value = str_range(start, p);
	return p > start ? p : NULL;
}

const char *lex_param(const char *p, const char *end, struct sip_param *ret)
{
	const char *start = p = lex_sws(p, end);

	p = lex_run(p, end, CC_TOKEN);
	if (p == start)
		return NULL;
	*ret = (struct sip_param){.name = str_range(start, p)};
	if (p < end && *p != ';') {
		p = param_value(p, end, ret);
		if (!p)
			return NULL;
	}
	ret->text = str_range(start, p);
	if (p == end || *p == ';')
		return p;
	p = lex_sws(p, end);
	return p == end || *p == ';' ? p : NULL;
}

/* SEMI name [ EQUAL value ]; the first of a list may lack its SEMI. */
bool sip_param_next(struct str *rest, struct sip_param *ret)
{
	const struct str all = lex_some(*rest);
	const char *end = all.p + all.n, *p = lex_sws(all.p, end);
	struct sip_param param;

	if (p == end) {
		*rest = str_range(end, end);
		return false;
	}
	p = lex_param(*p == ';' ? p + 1 : p, end, &param);
	if (!p)
		return false;
	*rest = str_range(p, end);
	*ret = param;
	return true;
}

bool sip_param_get(struct str params, struct str name, struct str *ret)
{
	struct sip_param param;

	while (sip_param_next(&params, &param)) {
		if (!str_ieq(param.name, name))
			continue;
		*ret = param.has_value ? param.value : STR("");
		return true;
	}
	return false;
}

bool sip_params_valid(struct str params)
{
	struct sip_param param;

	while (sip_param_next(&params, &param))
		;
	return params.n == 0;
}

struct str sip_unquote(struct str s, char *room)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		room[n++] = s.p[i];
	}
	return str_of(room, n);
}
