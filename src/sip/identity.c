#include "sip/identity.h"
#include "sip/lex.h"

/* PAssertedID-value = name-addr / addr-spec; the URI must be sip, sips or tel   RFC 3325 s9.1 */
bool sip_asserted_parse(struct str value, struct sip_nameaddr *ret)
{
	struct sip_nameaddr n;

	if (!sip_nameaddr_parse(value, &n, NULL) || n.star || n.uri.scheme == SIP_SCHEME_OTHER)
		return false;
	*ret = n;
	return true;
}

static const struct {
	struct str word;
	unsigned bit;
} privacies[] = {
	{STR_INIT("header"), SIP_PRIVACY_HEADER},   {STR_INIT("session"), SIP_PRIVACY_SESSION},
	{STR_INIT("user"), SIP_PRIVACY_USER},       {STR_INIT("none"), SIP_PRIVACY_NONE},
	{STR_INIT("id"), SIP_PRIVACY_ID},           {STR_INIT("critical"), SIP_PRIVACY_CRITICAL},
	{STR_INIT("history"), SIP_PRIVACY_HISTORY},
};

static unsigned privacy_bit(struct str word)
{
	size_t i;

	for (i = 0; i < sizeof(privacies) / sizeof(privacies[0]); i++)
		if (str_ieq(word, privacies[i].word))
			return privacies[i].bit;
	return SIP_PRIVACY_OTHER;
}

/* Privacy-hdr = priv-value *( ";" priv-value ); the comma that many write is borne  RFC 3323 s4.2 */
bool sip_privacy_parse(struct str value, unsigned *ret)
{
	struct scan s = lex_scan(value);
	unsigned bits = 0;
	struct str word;

	do {
		if (!scan_run(&s, CC_TOKEN, &word))
			return false;
		bits |= privacy_bit(word);
	} while (scan_sep(&s, ';') || scan_sep(&s, ','));
	if (!scan_done(&s))
		return false;
	*ret = bits;
	return true;
}

/* signed-identity-digest = 1*( base64-char / "." ): three parts of a JWS (RFC 8225 s8). */
static bool is_passport(struct str s)
{
	unsigned dots = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.')
			dots++;
		else if (!cc_is(s.p[i], CC_ALPHA | CC_DIGIT) && !strchr("-_+/=", s.p[i]))
			return false;
	}
	return s.n > 0 && dots == 2 && s.p[s.n - 1] != '.';
}

/* "info" EQUAL LAQUOT absoluteURI RAQUOT: no generic-param, so it is looked for by itself. */
static bool take_info(struct scan *s, struct sip_identity *id)
{
	struct str name;

	if (!scan_run(s, CC_TOKEN, &name) || !str_ieq(name, STR("info")) || !scan_sep(s, '='))
		return false;
	return lex_angle_uri(s, &id->info);
}

/* Identity = signed-identity-digest SEMI ident-info *( SEMI ident-info-params )  RFC 8224 s4.1 */
bool sip_identity_parse(struct str value, struct sip_identity *ret)
{
	struct scan s = lex_scan(value);
	struct sip_identity id;
	struct str params;

	id.token = scan_until(&s, ';');
	id.token = lex_trim(id.token.p, id.token.p + id.token.n);
	if (!is_passport(id.token) || !scan_sep(&s, ';') || !take_info(&s, &id) ||
	    !lex_params(&s, &params) || !lex_param_once(params, STR("alg"), &id.alg) ||
	    !lex_param_once(params, STR("ppt"), &id.ppt))
		return false;
	*ret = id;
	return true;
}
