#include "sip/auth.h"
#include "sip/lex.h"

/* One auth-param = name EQUAL ( token / quoted-string ) of a comma list. */
struct auth_param {
	struct str name, value;
	bool has_value;
};

static bool skip_scheme(struct str *rest)
{
	const struct str all = lex_some(*rest);
	const char *end = all.p + all.n, *start = lex_sws(all.p, end);
	const char *p = lex_run(start, end, CC_TOKEN);

	if (!str_ieq(str_range(start, p), STR("Digest")) || p == end || !cc_is(*p, CC_LWS))
		return false;
	*rest = str_range(p, end);
	return true;
}

static const char *skip_commas(const char *p, const char *end)
{
	while (p < end && (*p == ',' || cc_is(*p, CC_LWS)))
		p++;
	return p;
}

/* A value that is not quoted goes up to the comma; some write URIs so. */
static const char *bare_value(const char *p, const char *end, struct str *ret)
{
	const char *start = p;

	while (p < end && *p != ',' && *p != '"' && !cc_is(*p, CC_LWS))
		p++;
	*ret = str_range(start, p);
	return p;
}

/* False at the end (rest is empty then) and at what is no parameter. */
static bool param_next(struct str *rest, struct auth_param *ret)
{
	const char *end = rest->p + rest->n, *p = skip_commas(rest->p, end), *start = p;
	struct auth_param param = {.value = STR("")};

	*rest = str_range(p, end);
	p = lex_run(p, end, CC_TOKEN);
	if (p == start)
		return false;
	param.name = str_range(start, p);
	p = lex_sws(p, end);
	if (p < end && *p == '=') {
		param.has_value = true;
		p = lex_sws(p + 1, end);
		if (p < end && *p == '"') {
			start = p + 1;
			p = lex_quoted(p, end);
			if (!p)
				return false;
			param.value = str_range(start, p - 1);
		} else {
			p = bare_value(p, end, &param.value);
		}
		p = lex_sws(p, end);
	}
	if (p < end && *p != ',')
		return false;
	*rest = str_range(p, end);
	*ret = param;
	return true;
}

static enum sip_algorithm algorithm_of(struct str name)
{
	if (str_ieq(name, STR("MD5")))
		return SIP_ALG_MD5;
	return str_ieq(name, STR("SHA-256")) ? SIP_ALG_SHA256 : SIP_ALG_UNKNOWN;
}

struct str sip_algorithm_name(enum sip_algorithm alg)
{
	switch (alg) {
	case SIP_ALG_MD5:
		return STR("MD5");
	case SIP_ALG_SHA256:
		return STR("SHA-256");
	default:
		return STR("");
	}
}

/* Where a name's value goes; each may stand once. */
struct field {
	struct str name;
	struct str *at;
};

/* Stores the value; false when it was there already. */
static bool store(const struct field *fields, size_t n, const struct auth_param *param)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!str_ieq(fields[i].name, param->name))
			continue;
		if (fields[i].at->p)
			return false;
		*fields[i].at = param->value;
		return true;
	}
	return true;
}

static bool qop_has_auth(struct str list)
{
	struct str value;

	while (sip_list_next(&list, &value))
		if (str_ieq(value, STR("auth")))
			return true;
	return false;
}

#define N(a) (sizeof(a) / sizeof((a)[0]))

bool sip_challenge_parse(struct str value, struct sip_challenge *ret)
{
	struct sip_challenge c = {.algorithm = SIP_ALG_MD5};
	struct str algorithm = STR_NONE, stale = STR_NONE, qop = STR_NONE;
	const struct field fields[] = {
		{STR("realm"), &c.realm},
		{STR("nonce"), &c.nonce},
		{STR("opaque"), &c.opaque},
		{STR("domain"), &c.domain},
		{STR("algorithm"), &algorithm},
		{STR("stale"), &stale},
		{STR("qop"), &qop},
	};
	struct auth_param param;
	bool in_qop = false;

	if (!skip_scheme(&value))
		return false;
	while (param_next(&value, &param)) {
		/* qop=auth,auth-int without its quotes. */
		if (!param.has_value) {
			c.qop_auth |= in_qop && str_ieq(param.name, STR("auth"));
			continue;
		}
		in_qop = str_ieq(param.name, STR("qop"));
		if (!store(fields, N(fields), &param))
			return false;
	}
	if (value.n || !c.realm.p || !c.nonce.p)
		return false;
	if (algorithm.p)
		c.algorithm = algorithm_of(algorithm);
	c.stale = str_ieq(stale, STR("true"));
	c.qop_given = qop.p != NULL;
	c.qop_auth |= c.qop_given && qop_has_auth(qop);
	*ret = c;
	return true;
}

/* nc-value = 8LHEX */
static bool is_nonce_count(struct str s)
{
	return s.n == 8 && lex_run(s.p, s.p + s.n, CC_HEX) == s.p + s.n;
}

bool sip_credentials_parse(struct str value, struct sip_credentials *ret)
{
	struct sip_credentials c = {.algorithm = SIP_ALG_MD5};
	struct str algorithm = STR_NONE;
	const struct field fields[] = {
		{STR("username"), &c.username}, {STR("realm"), &c.realm},
		{STR("nonce"), &c.nonce},       {STR("uri"), &c.uri},
		{STR("response"), &c.response}, {STR("opaque"), &c.opaque},
		{STR("cnonce"), &c.cnonce},     {STR("nc"), &c.nc},
		{STR("qop"), &c.qop},           {STR("algorithm"), &algorithm},
	};
	struct auth_param param;

	if (!skip_scheme(&value))
		return false;
	while (param_next(&value, &param))
		if (!param.has_value || !store(fields, N(fields), &param))
			return false;
	if (value.n || !c.username.p || !c.realm.p || !c.nonce.p || !c.uri.p || !c.response.p)
		return false;
	if (c.qop.n && (!c.cnonce.n || !is_nonce_count(c.nc)))
		return false;
	if (algorithm.p)
		c.algorithm = algorithm_of(algorithm);
	*ret = c;
	return true;
}

/* Authentication-Info = ainfo *( COMMA ainfo )                               RFC 3261 s20.6 */
bool sip_auth_info_parse(struct str value, struct sip_auth_info *ret)
{
	struct sip_auth_info a = {.nc = STR_NONE};
	const struct field fields[] = {
		{STR("nextnonce"), &a.nextnonce},
		{STR("qop"), &a.qop},
		{STR("rspauth"), &a.rspauth},
		{STR("cnonce"), &a.cnonce},
		{STR("nc"), &a.nc},
	};
	struct auth_param param;
	size_t i, known = 0;

	value = lex_some(value);
	while (param_next(&value, &param))
		if (!param.has_value || !store(fields, N(fields), &param))
			return false;
	for (i = 0; i < N(fields); i++)
		known += fields[i].at->p != NULL;
	if (value.n || !known || (a.nc.p && !is_nonce_count(a.nc)))
		return false;
	*ret = a;
	return true;
}

/* Is every one of the names there, once, with a value?  The static text of the first fault. */
struct needed {
	struct str name;
	const char *missing;
};

static const char *fault_of(struct str params, const struct needed *needed, size_t n)
{
	struct auth_param param;
	unsigned seen = 0;
	size_t i;

	while (param_next(&params, &param)) {
		for (i = 0; i < n; i++) {
			if (!str_ieq(param.name, needed[i].name))
				continue;
			if (seen >> i & 1)
				return "a parameter stands twice";
			seen |= 1u << i;
		}
	}
	if (params.n)
		return "a parameter is not name=value, or its quotes are not closed";
	for (i = 0; i < n; i++)
		if (!(seen >> i & 1))
			return needed[i].missing;
	return NULL;
}

/* Another scheme: auth-scheme LWS and something behind it. */
static const char *other_scheme_fault(struct str value)
{
	struct scan s = lex_scan(value);

	if (!scan_run(&s, CC_TOKEN, NULL))
		return "no authentication scheme";
	return scan_lws(&s) ? NULL : "nothing behind the authentication scheme";
}

const char *sip_challenge_fault(struct str value)
{
	static const struct needed needed[] = {
		{STR_INIT("realm"), "Digest without realm"},
		{STR_INIT("nonce"), "Digest without nonce"},
	};
	struct sip_challenge c;
	struct str params = value;
	const char *fault;

	if (sip_challenge_parse(value, &c))
		return NULL;
	if (!skip_scheme(&params))
		return other_scheme_fault(value);
	fault = fault_of(params, needed, N(needed));
	return fault ? fault : "Digest challenge is malformed";
}

const char *sip_credentials_fault(struct str value)
{
	static const struct needed needed[] = {
		{STR_INIT("username"), "Digest without username"},
		{STR_INIT("realm"), "Digest without realm"},
		{STR_INIT("nonce"), "Digest without nonce"},
		{STR_INIT("uri"), "Digest without uri"},
		{STR_INIT("response"), "Digest without response"},
	};
	struct sip_credentials c;
	struct str params = value;
	const char *fault;

	if (sip_credentials_parse(value, &c))
		return NULL;
	if (!skip_scheme(&params))
		return other_scheme_fault(value);
	fault = fault_of(params, needed, N(needed));
	return fault ? fault : "Digest with qop, but without cnonce or an nc of eight hex digits";
}

/* ---- the response's calculation: RFC 7616 s3.4 ---- */

#define COLON STR(":")

void sip_digest_ha1(const struct sip_hasher *h, enum sip_algorithm alg, struct str user,
		    struct str realm, struct str password, char ret[SIP_DIGEST_HEX_MAX])
{
	const struct str parts[] = {user, COLON, realm, COLON, password};

	h->hash(h->ctx, alg, parts, N(parts), ret);
}

void sip_digest_response(const struct sip_hasher *h, const struct sip_credentials *c,
			 struct str ha1_hex, struct str method, char ret[SIP_DIGEST_HEX_MAX])
{
	const struct str a2[] = {method, COLON, c->uri};
	char ha2[SIP_DIGEST_HEX_MAX] = "";
	struct str ha2_hex;

	h->hash(h->ctx, c->algorithm, a2, N(a2), ha2);
	ha2_hex = str_c(ha2);
	if (c->qop.n) {
		const struct str parts[] = {ha1_hex,   COLON, c->nonce, COLON, c->nc,  COLON,
					    c->cnonce, COLON, c->qop,   COLON, ha2_hex};

		h->hash(h->ctx, c->algorithm, parts, N(parts), ret);
	} else {
		const struct str parts[] = {ha1_hex, COLON, c->nonce, COLON, ha2_hex};

		h->hash(h->ctx, c->algorithm, parts, N(parts), ret);
	}
}

/* ---- writing ---- */

/* name="value"; a value that would end its quotes, or the line, is refused. */
static void put_quoted(struct buf *b, struct str name, struct str value)
{
	size_t i;

	for (i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' && i + 1 < value.n && value.p[i + 1] != '\r' &&
		    value.p[i + 1] != '\n') {
			i++;
			continue;
		}
		if (value.p[i] == '"' || value.p[i] == '\\' || value.p[i] == '\r' ||
		    value.p[i] == '\n') {
			b->failed = true;
			return;
		}
	}
	buf_puts(b, name);
	buf_puts(b, STR("=\""));
	buf_puts(b, value);
	buf_putc(b, '"');
}

static void put_bare(struct buf *b, struct str name, struct str value)
{
	if (!lex_token(value)) {
		b->failed = true;
		return;
	}
	buf_puts(b, name);
	buf_putc(b, '=');
	buf_puts(b, value);
}

void sip_challenge_put(struct buf *b, const struct sip_challenge *c)
{
	buf_puts(b, STR("Digest "));
	put_quoted(b, STR("realm"), c->realm);
	put_quoted(b, STR(", nonce"), c->nonce);
	if (c->opaque.n)
		put_quoted(b, STR(", opaque"), c->opaque);
	if (c->domain.n)
		put_quoted(b, STR(", domain"), c->domain);
	if (c->qop_auth)
		buf_puts(b, STR(", qop=\"auth\""));
	if (c->algorithm != SIP_ALG_UNKNOWN)
		put_bare(b, STR(", algorithm"), sip_algorithm_name(c->algorithm));
	if (c->stale)
		buf_puts(b, STR(", stale=true"));
}

void sip_credentials_put(struct buf *b, const struct sip_credentials *c)
{
	buf_puts(b, STR("Digest "));
	put_quoted(b, STR("username"), c->username);
	put_quoted(b, STR(", realm"), c->realm);
	put_quoted(b, STR(", nonce"), c->nonce);
	put_quoted(b, STR(", uri"), c->uri);
	put_quoted(b, STR(", response"), c->response);
	if (c->algorithm != SIP_ALG_UNKNOWN)
		put_bare(b, STR(", algorithm"), sip_algorithm_name(c->algorithm));
	if (c->opaque.p)
		put_quoted(b, STR(", opaque"), c->opaque);
	if (c->qop.n) {
		put_bare(b, STR(", qop"), c->qop);
		put_bare(b, STR(", nc"), c->nc);
		put_quoted(b, STR(", cnonce"), c->cnonce);
	}
}
