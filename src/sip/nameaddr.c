#include "sip/nameaddr.h"
#include "sip/lexer_uri.h"
#include "sip/params.h"

/* *( SEMI generic-param ), white space before and behind it */
MASK_ALWAYS const char *parse_params(struct lexer *l, const char *p, struct sip_nameaddr *n)
{
	const char *end = l->end, *start;
	struct sip_param param;

	n->text.n = (size_t)(p - n->text.p);
	start = p = lexer_sws(l, p, ';');
	n->params = str_range(p, p);
	if (p < end && *p != ';' && *p != l->comma)
		return lexer_fails(l, "character that may not stand behind the URI");
	while (p < end && *p == ';') {
		p = lexer_param(l, p + 1, &param);
		if (!p)
			return lexer_fails(l, "bad or empty parameter");
		n->params.p = lex_sws(start + 1, end);
		n->params.n = (size_t)(param.text.p + param.text.n - n->params.p);
		n->text.n = (size_t)(param.text.p + param.text.n - n->text.p);
		if (!LEX_IS(param.name, "tag"))
			continue;
		if (n->tag.n)
			return lexer_fails(l, "two tags");
		if (!param.value.n)
			return lexer_fails(l, "tag is empty");
		n->tag = param.value;
	}
	return p;
}

/* name-addr = [ display-name ] LAQUOT addr-spec RAQUOT, p at the LAQUOT. */
MASK_ALWAYS const char *parse_angle(struct lexer *l, const char *p, struct sip_nameaddr *n)
{
	const char *end = l->end;

	n->angle = true;
	n->display = lex_trim(n->text.p, p);
	if (++p < end && cc_is(*p, CC_LWS))
		return lexer_fails(l, "white space within the angle brackets");
	p = lexer_uri(l, p, &n->uri);
	if (!p)
		return NULL;
	if (p == end)
		return lexer_fails(l, "angle bracket is not closed");
	if (*p != '>')
		return lexer_fails(l, cc_is(*p, CC_LWS) ? "white space within the angle brackets"
							: "character that may not stand in a URI");
	n->uri_text = n->uri.text;
	return parse_params(l, p + 1, n);
}

/* addr-spec alone: what follows ';' is the header's, and a URI with '?' or ',' must stand in
 * angle brackets (RFC 3261 s20.10). */
static const char *parse_bare(struct lexer *l, const char *p, struct sip_nameaddr *n)
{
	const char *start = p, *end = l->end;
	struct lexer uri;

	if (l->comma == ',') /* where it ends is for the rules of lists to say */
		return NULL;
	while (p < end && *p != ';' && !cc_is(*p, CC_LWS)) {
		if (*p == '?' || *p == ',')
			return lexer_fails(l,
					   "URI with '?' or ',' does not stand in angle brackets");
		p++;
	}
	uri = lexer_over(start, p, false);
	n->uri_text = str_range(start, p);
	if (lexer_uri(&uri, start, &n->uri) != p)
		return lexer_fails(l, uri.why ? uri.why : "character that may not stand in a URI");
	return parse_params(l, p, n);
}

/* "*", which is a Contact's alone; NULL when it is the start of something else. */
MASK_ALWAYS const char *parse_star(struct lexer *l, const char *start, struct sip_nameaddr *n)
{
	const char *p = lex_sws(start + 1, l->end);

	if (p < l->end && (*p != ',' || l->comma != ','))
		return NULL;
	n->star = true;
	n->text.n = 1;
	n->params = str_range(p, p);
	return p;
}

/* What stands before the LAQUOT: tokens or a quoted string; NULL when no LAQUOT follows. */
MASK_ALWAYS const char *behind_name(struct lexer *l, const char *p)
{
	const char *end = l->end;

	if (*p == '"') {
		p = lex_quoted(p, end);
		if (!p)
			return lexer_fails(l, "quoted string is not closed");
		p = lex_sws(p, end);
		return p < end && *p == '<'
			       ? p
			       : lexer_fails(l, "no angle bracket behind the display name");
	}
	p = lexer_run(l, p, CC_TOKEN | CC_LWS | CC_UTF8);
	return p < end && *p == '<' ? p : NULL;
}

MASK_ALWAYS const char *parse_value(struct lexer *l, const char *p, struct sip_nameaddr *ret)
{
	const char *end = l->end, *angle;

	lex_clear(ret, sizeof(*ret));
	ret->text.p = p;
	if (p == end)
		return lexer_fails(l, "address is empty");
	if (*p == '<')
		return parse_angle(l, p, ret);
	if (*p == '*' && (angle = parse_star(l, p, ret)))
		return angle;
	angle = behind_name(l, p);
	if (angle)
		return parse_angle(l, angle, ret);
	if (*p == '"')
		return NULL;
	if (memchr(p, '<', (size_t)(end - p)))
		return lexer_fails(l, "display name that is neither tokens nor quoted");
	return parse_bare(l, p, ret);
}

const char *lex_nameaddr(struct str value, struct sip_nameaddr *ret)
{
	struct str text = lex_some(value);
	struct lexer l;

	text = lex_trim(text.p, text.p + text.n);
	l = lexer_over(text.p, text.p + text.n, false);
	if (!parse_value(&l, text.p, ret))
		return l.why;
	ret->text = text;
	return NULL;
}

bool sip_nameaddr_parse(struct str value, struct sip_nameaddr *ret, const char **why)
{
	struct sip_nameaddr n;
	const char *bad = lex_nameaddr(value, &n);

	if (bad)
		return lex_fail(why, bad);
	lex_copy(ret, &n, sizeof(*ret));
	return true;
}

/* One that can't be read as it stands in the list is cut off by the rules of lists, and told of. */
bool sip_nameaddr_next(struct sip_values *v, struct sip_nameaddr *ret, const char **why)
{
	struct str value;
	struct lexer l;
	const char *p;

	*why = NULL;
	if (!lex_values_ahead(v))
		return false;
	l = lexer_over(v->rest.p, v->rest.p + v->rest.n, true);
	p = parse_value(&l, v->rest.p, ret);
	if (p) {
		v->rest = str_range(p, l.end);
		return true;
	}
	sip_list_next(&v->rest, &value);
	*why = lex_nameaddr(value, ret);
	if (*why)
		*ret = (struct sip_nameaddr){.text = value};
	return true;
}

bool sip_nameaddr_get(const struct sip_msg *m, enum sip_hdr_id id, struct sip_nameaddr *ret,
		      const char **why)
{
	struct sip_values values = sip_values(m, id);
	struct sip_nameaddr n;
	const char *bad;

	if (!sip_has(m, id))
		return lex_fail(why, "header is missing");
	if (id == SIP_HDR_FROM || id == SIP_HDR_TO) /* no lists: a comma is no separator there */
		return sip_nameaddr_parse(sip_get(m, id), ret, why);
	if (!sip_nameaddr_next(&values, &n, &bad))
		return lex_fail(why, "header is missing");
	if (bad)
		return lex_fail(why, bad);
	*ret = n;
	return true;
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
