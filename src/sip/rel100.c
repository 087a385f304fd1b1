#include "sip/rel100.h"
#include "sip/lex.h"

/* RSeq = response-num, 1*DIGIT; it starts at 1 or above                      RFC 3262 s3, s7.1 */
bool sip_rseq_parse(struct str value, uint32_t *ret)
{
	struct scan s = lex_scan(value);
	uint32_t n;

	if (!scan_u32(&s, &n) || !scan_done(&s) || n == 0)
		return false;
	*ret = n;
	return true;
}

/* RAck = response-num LWS CSeq-num LWS Method                                RFC 3262 s7.2 */
bool sip_rack_parse(struct str value, struct sip_rack *ret)
{
	struct scan s = lex_scan(value);
	struct sip_rack r;

	if (!scan_u32(&s, &r.rseq) || !scan_lws(&s) || r.rseq == 0 ||
	    !sip_cseq_parse(scan_rest(&s), &r.cseq))
		return false;
	*ret = r;
	return true;
}

void sip_rack_put(struct buf *b, const struct sip_rack *r)
{
	buf_fmt(b, "%u %u %.*s", r->rseq, r->cseq.number, STR_ARG(r->cseq.method));
}
