#include "sip/nameaddr.h"
#include "sip/lex.h"
#include "sip/params.h"

static const char *set_params(struct sip_nameaddr *n, const char *p, const char *end)
{
	struct sip_param param;

	p = lex_sws(p, end);
	if (p == end) {
		n->params = str_range(end, end);
		return NULL;
	}
	if (*p != ';')
		return "character that may not stand behind the URI";
	n->params = lex_trim(p + 1, end);
	while (p < end) {
		p = lex_param(p + 1, end, &param);
		if (!p)
			return "bad or empty parameter";
		if (!LEX_IS(param.name, "tag"))
			continue;
		if (n->tag.n)
			return "two tags";
		if (!param.value.n)
			return "tag is empty";
		n->tag = param.value;
	}
	return NULL;
}

/* name-addr = [ display-name ] LAQUOT addr-spec RAQUOT, p at the LAQUOT. */
static const char *parse_angle(struct sip_nameaddr *n, const char *p, const char *end)
{
	const char *close = (const char *)memchr(p, '>', (size_t)(end - p)), *bad;

	if (!close)
		return "angle bracket is not closed";
	n->angle = true;
	n->display = lex_trim(n->text.p, p);
	n->uri_text = str_range(p + 1, close);
	if (n->uri_text.n && (cc_is(p[1], CC_LWS) || cc_is(close[-1], CC_LWS)))
		return "white space within the angle brackets";
	bad = lex_uri(n->uri_text, &n->uri);
	if (bad)
		return bad;
	return set_params(n, close + 1, end);
}

/* addr-spec alone: what follows ';' is the header's, and a URI with '?' or ',' must stand in
 * angle brackets (RFC 3261 s20.10). */
static const char *parse_bare(struct sip_nameaddr *n, const char *p, const char *end)
{
	const char *start = p, *bad;

	while (p < end && *p != ';' && !cc_is(*p, CC_LWS)) {
		if (*p == '?' || *p == ',')
			return "URI with '?' or ',' does not stand in angle brackets";
		p++;
	}
	n->uri_text = str_range(start, p);
	bad = lex_uri(n->uri_text, &n->uri);
	if (bad)
		return bad;
	return set_params(n, p, end);
}

/* The LAQUOT behind a display name of tokens, or NULL when there is none. */
static const char *behind_tokens(const char *p, const char *end)
{
	p = lex_run(p, end, CC_TOKEN | CC_LWS | CC_UTF8);
	return p < end && *p == '<' ? p : NULL;
}

static const char *parse_value(struct sip_nameaddr *n)
{
	const char *p = n->text.p, *end = p + n->text.n, *angle;

	if (p == end)
		return "address is empty";
	if (n->text.n == 1 && *p == '*') {
		n->star = true;
		n->params = str_range(end, end);
		return NULL;
	}
	if (*p == '"') {
		p = lex_quoted(p, end);
		if (!p)
			return "quoted string is not closed";
		p = lex_sws(p, end);
		return p < end && *p == '<' ? parse_angle(n, p, end)
					    : "no angle bracket behind the display name";
	}
	angle = behind_tokens(p, end);
	if (angle)
		return parse_angle(n, angle, end);
	if (memchr(p, '<', n->text.n))
		return "display name that is neither tokens nor quoted";
	return parse_bare(n, p, end);
}

const char *lex_nameaddr(struct str value, struct sip_nameaddr *ret)
{
	memset(ret, 0, sizeof(*ret));
	value = lex_some(value);
	ret->text = lex_trim(value.p, value.p + value.n);
	return parse_value(ret);
}

bool sip_nameaddr_parse(struct str value, struct sip_nameaddr *ret, const char **why)
{
	struct sip_nameaddr n;
	const char *bad = lex_nameaddr(value, &n);

	if (bad)
		return lex_fail(why, bad);
	*ret = n;
	return true;
}

bool sip_nameaddr_get(const struct sip_msg *m, enum sip_hdr_id id, struct sip_nameaddr *ret,
		      const char **why)
{
	struct sip_values values = sip_values(m, id);
	struct str value;

	if (id == SIP_HDR_FROM || id == SIP_HDR_TO)
		value = sip_get(m, id); /* no lists: a comma is not a separator there */
	else if (!sip_values_next(&values, &value))
		value = STR_NONE;
	if (!value.p)
		return lex_fail(why, "header is missing");
	return sip_nameaddr_parse(value, ret, why);
}

/* The header's parameters of a value, be its address good or bad. */
static struct str params_of(struct str value)
{
	const char *p = lex_sws(value.p, value.p + value.n), *end = value.p + value.n, *q;

	if (p < end && *p == '"') {
		q = lex_quoted(p, end);
		p = q ? q : end;
	}
	q = (const char *)memchr(p, '<', (size_t)(end - p));
	if (q)
		q = (const char *)memchr(q, '>', (size_t)(end - q));
	if (q)
		p = q;
	q = p < end ? (const char *)memchr(p, ';', (size_t)(end - p)) : NULL;
	return q ? str_range(q, end) : str_range(end, end);
}

struct str sip_tag(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct str value = sip_get(m, id), tag;

	if (value.n && sip_param_get(params_of(value), STR("tag"), &tag))
		return tag;
	return STR("");
}

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) */
static bool parse_q(struct str s, uint32_t *ret_q1000)
{
	uint32_t q, scale = 100;
	size_t i;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1'))
		return false;
	if (s.n > 1 && s.p[1] != '.')
		return false;
	q = s.p[0] == '1' ? 1000 : 0;
	for (i = 2; i < s.n; i++, scale /= 10) {
		if (!cc_is(s.p[i], CC_DIGIT))
			return false;
		q += (uint32_t)(s.p[i] - '0') * scale;
	}
	if (q > 1000)
		return false;
	*ret_q1000 = q;
	return true;
}

bool sip_contact_q(const struct sip_nameaddr *c, uint32_t *ret_q1000)
{
	struct str q;

	if (sip_param_get(c->params, STR("q"), &q))
		return parse_q(q, ret_q1000);
	*ret_q1000 = 1000;
	return true;
}

uint32_t sip_contact_expires(const struct sip_nameaddr *c, uint32_t dflt)
{
	struct str value;
	uint32_t n;

	if (!sip_param_get(c->params, STR("expires"), &value))
		return dflt;
	if (str_to_u32(value, &n))
		return n;
	if (value.n && lex_run(value.p, value.p + value.n, CC_DIGIT) == value.p + value.n)
		return UINT32_MAX;
	return 3600;
}
