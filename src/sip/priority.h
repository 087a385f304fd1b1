/* sip/priority.h - Resource-Priority and Accept-Resource-Priority (RFC 4412 s3), and Priority
 * (RFC 3261 s20.26). */
#ifndef TSUWA_SIP_PRIORITY_H
#define TSUWA_SIP_PRIORITY_H

#include "base/str.h"

struct sip_resource_priority {
	struct str name_space, priority; /* "ets", "0" */
};

/* One value of the list. */
bool sip_resource_priority_parse(struct str value, struct sip_resource_priority *ret);

enum sip_priority { SIP_PRIORITY_OTHER, SIP_EMERGENCY, SIP_URGENT, SIP_NORMAL, SIP_NON_URGENT };

bool sip_priority_parse(struct str value, enum sip_priority *ret);

#endif
