#include "sip/params.h"
#include "sip/lexer.h"

/* Parentheses are borne in a value that stands alone; in a list they are comments. */
static const char *bare_value(const char *p, const char *end, char comma)
{
	p = lex_run(p, end, CC_VALUE);
	while (p < end && comma != ',' && (*p == '(' || *p == ')'))
		p = lex_run(p + 1, end, CC_VALUE);
	return p;
}

/* [ EQUAL gen-value ] at p; NULL when what stands behind EQUAL is no value. */
static const char *param_value(const char *p, const char *end, char comma, struct sip_param *ret)
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
	p = bare_value(start, end, comma);
	ret->value = str_range(start, p);
	return p > start ? p : NULL;
}

const char *lexer_any_param(const char *p, const char *end, char comma, struct sip_param *ret)
{
	const char *start = lex_sws(p, end);

	p = lex_run(start, end, CC_TOKEN);
	if (p == start)
		return NULL;
	*ret = (struct sip_param){.name = str_range(start, p)};
	p = param_value(p, end, comma, ret);
	if (!p)
		return NULL;
	ret->text = str_range(start, p);
	p = lex_sws(p, end);
	return p == end || *p == ';' || *p == comma ? p : NULL;
}

bool sip_param_next(struct str *rest, struct sip_param *ret)
{
	const struct str all = lex_some(*rest);
	const char *end = all.p + all.n, *p;
	struct lexer l = lexer_over(all.p, end, false);
	struct sip_param param;

	p = lexer_next_param(&l, all.p, &param);
	if (!p) {
		if (lex_sws(all.p, end) == end)
			*rest = str_range(end, end);
		return false;
	}
	*rest = str_range(p, end);
	*ret = param;
	return true;
}

bool sip_param_get(struct str params, struct str name, struct str *ret)
{
	const char *p = lex_some(params).p;
	struct lexer l = lexer_over(p, p + params.n, false);
	struct sip_param param;

	while ((p = lexer_next_param(&l, p, &param))) {
		if (!str_ieq(param.name, name))
			continue;
		*ret = param.has_value ? param.value : STR("");
		return true;
	}
	return false;
}

bool sip_params_valid(struct str params)
{
	const char *p = lex_some(params).p, *at;
	struct lexer l = lexer_over(p, p + params.n, false);
	struct sip_param param;

	while ((at = lexer_next_param(&l, p, &param)))
		p = at;
	return lex_sws(p, l.end) == l.end;
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
