/* sip/headers.h - the small structured headers: numbers, CSeq, token lists, media types,
 * and the check of all that every request must have (RFC 3261 s8.1.1, s8.2, s16.3). */
#ifndef TSUWA_SIP_HEADERS_H
#define TSUWA_SIP_HEADERS_H

#include "sip/msg.h"
#include "sip/nameaddr.h"
#include "sip/via.h"

struct sip_cseq {
	uint32_t number; /* < 2^31 */
	struct str method;
};

/* CSeq = 1*DIGIT LWS Method                RFC 3261 s20.16 */
bool sip_cseq_parse(struct str value, struct sip_cseq *ret);

/* A header that is one number (Expires, Max-Forwards, Min-Expires, Content-Length,
 * RSeq...; parameters or a comment behind it, as in Retry-After, are skipped).
 * False when it is absent or bad. */
bool sip_get_u32(const struct sip_msg *m, enum sip_hdr_id id, uint32_t *ret);

/* "application/sdp;charset=x" against type "application/sdp", without case. */
bool sip_media_type_is(struct str value, struct str type);
/* Does the Accept of m (absent: application/sdp for INVITE, else only what it lists)
 * take this type?  Wildcards count (RFC 3261 s20.1). */
bool sip_accepts(const struct sip_msg *m, struct str type);

/* What every element asks of a message, decoded once. */
struct sip_head {
	struct sip_via via; /* topmost */
	struct sip_nameaddr from, to;
	struct str call_id;
	struct sip_cseq cseq;
	uint32_t max_forwards; /* 70 when absent */
	bool has_max_forwards;
};

/* Decodes the head and checks: mandatory fields there once and well formed (a topmost
 * RFC 2543 request may lack tag, branch, Max-Forwards), no field twice that may stand
 * once, CSeq's method the start line's, numbers in range, all Via/Contact/Route/
 * Record-Route values well formed, Require and Proxy-Require of a request lists of tokens, the
 * Request-URI of a legal form (scheme unknown: not its
 * business).  On false *ret holds what could be decoded (empty slices for the rest) so that an answer
 * can be sent: err->status 400 mostly, 0 when nothing can be answered. */
bool sip_check(const struct sip_msg *m, struct sip_head *ret, struct sip_err *err);

#endif
