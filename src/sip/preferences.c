#include "sip/preferences.h"
#include "sip/lex.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* base-tags of RFC 3840 s9 */
static const struct str base_tags[] = {
	STR_INIT("audio"),       STR_INIT("automata"),    STR_INIT("class"),
	STR_INIT("duplex"),      STR_INIT("data"),        STR_INIT("control"),
	STR_INIT("mobility"),    STR_INIT("description"), STR_INIT("events"),
	STR_INIT("priority"),    STR_INIT("methods"),     STR_INIT("schemes"),
	STR_INIT("application"), STR_INIT("video"),       STR_INIT("language"),
	STR_INIT("type"),        STR_INIT("isfocus"),     STR_INIT("actor"),
	STR_INIT("text"),        STR_INIT("extensions"),
};

static bool is_feature_name(struct str name)
{
	size_t i;

	if (name.n > 1 && name.p[0] == '+')
		return cc_is(name.p[1], CC_ALPHA);
	for (i = 0; i < N(base_tags); i++)
		if (str_ieq(name, base_tags[i]))
			return true;
	return false;
}

/* numeric = "#" ( ">=" / "<=" / "=" / number ":" ) number */
static bool is_numeric(struct str s)
{
	struct scan c = scan_over(str_skip(s, 1));
	const unsigned number = CC_DIGIT;

	if (!(scan_char(&c, '>') || scan_char(&c, '<') || scan_peek(&c) == '=')) {
		scan_char(&c, '-');
		scan_char(&c, '+');
		if (!scan_run(&c, number, NULL))
			return false;
		if (scan_char(&c, '.') && !scan_run(&c, number, NULL))
			return false;
		if (!scan_char(&c, ':'))
			return false;
	} else if (!scan_char(&c, '=')) {
		return false;
	}
	if (!scan_char(&c, '-'))
		scan_char(&c, '+');
	if (!scan_run(&c, number, NULL))
		return false;
	if (scan_char(&c, '.'))
		scan_run0(&c, number);
	return scan_done(&c);
}

/* tag-value-list = tag-value *( "," tag-value ); tag-value = [ "!" ] ( token-nobang / boolean /
 * numeric )                                                                  RFC 3840 s9 */
static bool is_tag_value_list(struct str list)
{
	struct str value;

	if (str_ends(list, STR(",")))
		return false;
	do {
		value = str_split(&list, ',');
		value = lex_trim(value.p, value.p + value.n);
		if (value.n && value.p[0] == '!')
			value = str_skip(value, 1);
		if (!value.n || (value.p[0] == '#' ? !is_numeric(value) : !lex_token(value)))
			return false;
	} while (list.n);
	return true;
}

/* feature-param = enc-feature-tag [ EQUAL LDQUOT ( tag-value-list / "<" *qdtext ">" ) RDQUOT ];
 * a token without its quotes is borne. */
static bool take_feature(const struct sip_param *param, struct sip_feature *ret)
{
	struct sip_feature f = {.name = param->name, .value = param->value};
	size_t n = param->value.n;

	if (!param->has_value)
		f.value = STR("");
	f.is_string = n >= 2 && f.value.p[0] == '<' && f.value.p[n - 1] == '>';
	if (f.is_string)
		f.value = str_of(f.value.p + 1, n - 2);
	else if (param->has_value && !is_tag_value_list(f.value))
		return false;
	*ret = f;
	return true;
}

bool sip_feature_next(struct str *params, struct sip_feature *ret)
{
	struct sip_param param;
	struct str rest = *params;

	while (sip_param_next(&rest, &param)) {
		if (is_feature_name(param.name)) {
			if (!take_feature(&param, ret))
				return false;
			*params = rest;
			return true;
		}
		*params = rest;
	}
	*params = rest;
	return false;
}

static bool good_features(struct str params)
{
	struct sip_feature f;

	while (sip_feature_next(&params, &f))
		;
	return params.n == 0;
}

/* ac-value = "*" *( SEMI ( feature-param / "require" / "explicit" / generic-param ) )
 *                                                                            RFC 3841 s10 */
bool sip_preference_parse(struct str value, struct sip_preference *ret)
{
	struct scan s = lex_scan(value);
	struct sip_preference p;
	struct str flag;

	if (!scan_char(&s, '*') || !lex_params(&s, &p.params) || !good_features(p.params))
		return false;
	p.require = sip_param_get(p.params, STR("require"), &flag);
	p.explicit_ = sip_param_get(p.params, STR("explicit"), &flag);
	*ret = p;
	return true;
}

static const struct str directives[] = {
	STR_INIT("proxy"),    STR_INIT("redirect"),   STR_INIT("cancel"),  STR_INIT("no-cancel"),
	STR_INIT("fork"),     STR_INIT("no-fork"),    STR_INIT("recurse"), STR_INIT("no-recurse"),
	STR_INIT("parallel"), STR_INIT("sequential"), STR_INIT("queue"),   STR_INIT("no-queue"),
};

/* directive = "proxy" / "redirect" / "cancel" / ...                          RFC 3841 s10 */
bool sip_directive_parse(struct str value, unsigned *ret)
{
	struct scan s = lex_scan(value);
	unsigned i;

	for (i = 0; i < N(directives); i++) {
		if (!str_ieq(scan_rest(&s), directives[i]))
			continue;
		*ret = 1u << i;
		return true;
	}
	return false;
}
