/* sip/date.h - times: Date (RFC 3261 s20.17), Timestamp (s20.38), Retry-After (s20.33), Expires and
 * Min-Expires (s20.19, s20.23). */
#ifndef TSUWA_SIP_DATE_H
#define TSUWA_SIP_DATE_H

#include "base/buf.h"
#include "base/str.h"

struct sip_timestamp {
	uint64_t sent_us; /* the caller's clock, whatever it counts from */
	bool has_delay;
	uint64_t delay_us;
};

struct sip_retry_after {
	uint32_t after_s;
	bool has_duration;
	uint32_t duration_s; /* how long it will be reachable then */
};

/* Seconds since 1970.  Only GMT, as RFC 3261 asks. */
bool sip_date_parse(struct str value, uint64_t *ret_s);
/* "Sat, 13 Nov 2010 23:29:00 GMT"; years to 9999. */
void sip_date_put(struct buf *b, uint64_t s);
bool sip_timestamp_parse(struct str value, struct sip_timestamp *ret);
bool sip_retry_after_parse(struct str value, struct sip_retry_after *ret);
bool sip_delta_seconds_parse(struct str value, uint32_t *ret_s);

#endif
