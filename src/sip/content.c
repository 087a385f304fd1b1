#include "sip/content.h"
#include "sip/lex.h"

/* m-type SLASH m-subtype *( SEMI m-parameter )                               RFC 3261 s20.15 */
bool sip_media_type_parse(struct str value, struct sip_media_type *ret)
{
	const char *p, *end, *start;
	struct sip_media_type t;

	value = lex_some(value);
	end = value.p + value.n;
	start = lex_sws(value.p, end);
	p = lex_run(start, end, CC_TOKEN);
	t.type = str_range(start, p);
	p = lex_sws(p, end);
	if (p == end || *p != '/')
		return false;
	start = lex_sws(p + 1, end);
	p = lex_run(start, end, CC_TOKEN);
	t.subtype = str_range(start, p);
	p = lex_sws(p, end);
	t.params = str_range(p, end);
	if (!t.type.n || !t.subtype.n || (p < end && *p != ';'))
		return false;
	*ret = t;
	return true;
}

/* Content-Disposition = disp-type *( SEMI ( "handling" EQUAL ( "optional" / "required" / token ) /
 * generic-param ) )                                                          RFC 3261 s20.11 */
bool sip_disposition_type_parse(struct str value, struct sip_disposition *ret)
{
	struct sip_disposition d;
	struct str handling;

	if (!lex_token_params(value, &d.type, &d.params) ||
	    !lex_param_once(d.params, STR("handling"), &handling))
		return false;
	d.optional = str_ieq(handling, STR("optional"));
	*ret = d;
	return true;
}

/* language-range = ( 1*8ALPHA *( "-" 1*8ALPHA ) ) / "*"; RFC 5646 has digits in them too. */
bool sip_language_parse(struct str value, struct str *ret)
{
	struct scan s = lex_scan(value);
	struct str text = scan_rest(&s), run;

	if (scan_char(&s, '*')) {
		*ret = text;
		return scan_done(&s);
	}
	do {
		if (!scan_run(&s, CC_ALPHA | CC_DIGIT, &run) || run.n > 8)
			return false;
	} while (scan_char(&s, '-'));
	if (!scan_done(&s))
		return false;
	*ret = text;
	return true;
}

static bool q_of(struct str params, uint32_t *ret)
{
	const struct sip_nameaddr contact = {.params = params};

	return sip_contact_q(&contact, ret);
}

/* codings [ SEMI accept-param ], language-range [ SEMI accept-param ]        RFC 3261 s20.2, s20.3 */
bool sip_accept_word_parse(struct str value, struct str *ret, uint32_t *ret_q1000)
{
	struct str word, params;
	uint32_t q;

	if (!lex_token_params(value, &word, &params) || !q_of(params, &q))
		return false;
	*ret = word;
	*ret_q1000 = q;
	return true;
}

/* MIME-Version = 1*DIGIT "." 1*DIGIT                                         RFC 3261 s20.24 */
bool sip_mime_version_parse(struct str value)
{
	struct scan s = lex_scan(value);

	return scan_run(&s, CC_DIGIT, NULL) && scan_char(&s, '.') && scan_run(&s, CC_DIGIT, NULL) &&
	       scan_done(&s);
}
