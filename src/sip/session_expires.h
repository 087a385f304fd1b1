/* sip/session_expires.h - Session-Expires and Min-SE (RFC 4028 s4, s5). */
#ifndef TSUWA_SIP_SESSION_EXPIRES_H
#define TSUWA_SIP_SESSION_EXPIRES_H

#include "base/buf.h"
#include "base/str.h"

enum sip_refresher { SIP_REFRESHER_NONE, SIP_REFRESHER_UAC, SIP_REFRESHER_UAS };

struct sip_session_expires {
	uint32_t interval_s;
	enum sip_refresher refresher;
};

bool sip_session_expires_parse(struct str value, struct sip_session_expires *ret);
bool sip_min_se_parse(struct str value, uint32_t *ret_s);
/* "1800;refresher=uac" */
void sip_session_expires_put(struct buf *b, const struct sip_session_expires *s);

#endif
