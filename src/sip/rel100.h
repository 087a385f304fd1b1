/* sip/rel100.h - RSeq and RAck of reliable provisional responses (RFC 3262 s7). */
#ifndef TSUWA_SIP_REL100_H
#define TSUWA_SIP_REL100_H

#include "sip/headers.h"

struct sip_rack {
	uint32_t rseq; /* of the response that is acknowledged */
	struct sip_cseq cseq; /* of the request that it answered */
};

/* 1 to 2^32-1 */
bool sip_rseq_parse(struct str value, uint32_t *ret);
bool sip_rack_parse(struct str value, struct sip_rack *ret);
void sip_rack_put(struct buf *b, const struct sip_rack *r);

#endif
