#include "sip/refer.h"
#include "sip/lex.h"

/* Refer-To = ( name-addr / addr-spec ) *( SEMI generic-param )               RFC 3515 s2.1.
 * The method stands in the URI (RFC 3261 s19.1.1). */
bool sip_refer_to_parse(struct str value, struct sip_refer_to *ret)
{
	struct sip_refer_to r = {.method = STR("INVITE")};

	if (!sip_nameaddr_parse(value, &r.addr, NULL) || r.addr.star)
		return false;
	if (sip_uri_param(&r.addr.uri, STR("method"), &r.method) && !lex_token(r.method))
		return false;
	*ret = r;
	return true;
}

/* sip-clean-msg-id = LDQUOT dot-atom "@" ( dot-atom / host ) RDQUOT */
static bool is_msg_id(struct str s)
{
	size_t at = str_find(s, '@');

	return at > 0 && at + 1 < s.n && str_find(str_skip(s, at + 1), '@') == s.n - at - 1 &&
	       lex_visible(s);
}

/* Referred-By = referrer-uri *( SEMI ( "cid" EQUAL sip-clean-msg-id / generic-param ) )
 *                                                                            RFC 3892 s3 */
bool sip_referred_by_parse(struct str value, struct sip_referred_by *ret)
{
	struct sip_referred_by r;

	if (!sip_nameaddr_parse(value, &r.addr, NULL) || r.addr.star ||
	    !lex_param_once(r.addr.params, STR("cid"), &r.cid) || (r.cid.n && !is_msg_id(r.cid)))
		return false;
	*ret = r;
	return true;
}

/* Refer-Sub = ( "true" / "false" ) *( SEMI exten )                           RFC 4488 s4 */
bool sip_refer_sub_parse(struct str value, bool *ret)
{
	struct str word, params;
	bool yes;

	if (!lex_token_params(value, &word, &params))
		return false;
	yes = str_ieq(word, STR("true"));
	if (!yes && !str_ieq(word, STR("false")))
		return false;
	*ret = yes;
	return true;
}

static unsigned hex(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static bool put_unescaped(struct str s, struct buf *b)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (s.n - i < 3 || !cc_is(s.p[i + 1], CC_HEX) || !cc_is(s.p[i + 2], CC_HEX))
				return false;
			c = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		}
		if (cc_is(c, CC_CTL))
			return false;
		buf_putc(b, c);
	}
	return !b->failed;
}

bool sip_uri_header(const struct sip_uri *u, struct str name, struct buf *room)
{
	struct str rest = u->headers, value, key;

	while (rest.n) {
		value = str_split(&rest, '&');
		key = str_split(&value, '=');
		if (str_ieq(key, name))
			return put_unescaped(value, room);
	}
	return false;
}
