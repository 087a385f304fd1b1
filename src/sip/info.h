/* sip/info.h - header fields that point elsewhere or describe who speaks: Alert-Info, Call-Info,
 * Error-Info (RFC 3261 s20.4, s20.9, s20.18), In-Reply-To (s20.21), Server and User-Agent
 * (s20.35, s20.41). */
#ifndef TSUWA_SIP_INFO_H
#define TSUWA_SIP_INFO_H

#include "base/str.h"

struct sip_info {
	struct str uri;
	struct str purpose; /* of Call-Info; empty: none */
	struct str params;
};

/* One value of the list. */
bool sip_info_parse(struct str value, struct sip_info *ret);
/* One value of In-Reply-To, or Call-ID. */
bool sip_call_id_parse(struct str value, struct str *ret);
/* Products and comments. */
bool sip_products_valid(struct str value);

#endif
