/* sip/publish.h - SIP-ETag and SIP-If-Match (RFC 3903 s11.3): one token each. */
#ifndef TSUWA_SIP_PUBLISH_H
#define TSUWA_SIP_PUBLISH_H

#include "base/str.h"

bool sip_etag_parse(struct str value, struct str *ret);

#endif
