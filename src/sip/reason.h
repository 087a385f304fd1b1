/* sip/reason.h - Reason (RFC 3326 s2): why a request or response was sent. */
#ifndef TSUWA_SIP_REASON_H
#define TSUWA_SIP_REASON_H

#include "base/buf.h"
#include "base/str.h"

struct sip_reason {
	struct str protocol; /* "SIP", "Q.850" */
	bool has_cause;
	uint32_t cause;
	struct str text; /* between the quotes */
};

/* One value of the list. */
bool sip_reason_parse(struct str value, struct sip_reason *ret);
/* "SIP;cause=200;text=\"Call completed elsewhere\""; b fails on a text that would end its quotes. */
void sip_reason_put(struct buf *b, const struct sip_reason *r);

#endif
