#include "sip/warning.h"
#include "sip/lex.h"

/* warning-value = 3DIGIT SP ( hostport / pseudonym ) SP quoted-string        RFC 3261 s20.43 */
bool sip_warning_parse(struct str value, struct sip_warning *ret)
{
	struct scan s = lex_scan(value);
	struct sip_warning w;
	struct str code;

	if (!scan_run(&s, CC_DIGIT, &code) || code.n != 3 || !str_to_u32(code, &w.code) ||
	    !scan_lws(&s))
		return false;
	w.agent = scan_run0(&s, CC_WORD);
	if (!w.agent.n || memchr(w.agent.p, '"', w.agent.n) || !scan_lws(&s) ||
	    !scan_quoted(&s, &w.text) || !scan_done(&s))
		return false;
	*ret = w;
	return true;
}

void sip_warning_put(struct buf *b, const struct sip_warning *w)
{
	size_t i;

	buf_fmt(b, "%03u %.*s \"", w->code, STR_ARG(w->agent));
	for (i = 0; i < w->text.n; i++) {
		char c = w->text.p[i];

		if (c == '"' || c == '\\')
			buf_putc(b, '\\');
		buf_putc(b, cc_is(c, CC_CTL) ? ' ' : c);
	}
	buf_putc(b, '"');
}
