/* sip/identity.h - who calls, as the network says it, and what it may tell: P-Asserted-Identity
 * and P-Preferred-Identity (RFC 3325 s9), Privacy (RFC 3323 s4.2), Identity (RFC 8224 s4.1). */
#ifndef TSUWA_SIP_IDENTITY_H
#define TSUWA_SIP_IDENTITY_H

#include "sip/nameaddr.h"

enum {
	SIP_PRIVACY_HEADER = 1 << 0,
	SIP_PRIVACY_SESSION = 1 << 1,
	SIP_PRIVACY_USER = 1 << 2,
	SIP_PRIVACY_NONE = 1 << 3,
	SIP_PRIVACY_CRITICAL = 1 << 4,
	SIP_PRIVACY_ID = 1 << 5, /* RFC 3325 s9.3 */
	SIP_PRIVACY_HISTORY = 1 << 6, /* RFC 7044 s10.1 */
	SIP_PRIVACY_OTHER = 1 << 7,
};

struct sip_identity {
	struct str token; /* header.payload.signature of RFC 8225, the first two maybe empty */
	struct str info; /* where the certificate is */
	struct str alg, ppt; /* empty: not given */
};

/* One value: a sip:, sips: or tel: URI. */
bool sip_asserted_parse(struct str value, struct sip_nameaddr *ret);
/* Gives SIP_PRIVACY_... bits. */
bool sip_privacy_parse(struct str value, unsigned *ret);
bool sip_identity_parse(struct str value, struct sip_identity *ret);

#endif
