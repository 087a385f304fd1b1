/* sip/history.h - where a request was before: History-Info (RFC 7044 s5) and Diversion
 * (RFC 5806 s4). */
#ifndef TSUWA_SIP_HISTORY_H
#define TSUWA_SIP_HISTORY_H

#include "sip/nameaddr.h"

enum sip_history_how { SIP_HISTORY_PLAIN, SIP_HISTORY_RC, SIP_HISTORY_MP, SIP_HISTORY_NP };

struct sip_history_info {
	struct sip_nameaddr addr; /* angle brackets are a must */
	struct str index; /* "1.2"; must be there */
	enum sip_history_how how;
	struct str from; /* the index it came from, with how */
};

struct sip_diversion {
	struct sip_nameaddr addr;
	struct str reason; /* "no-answer"; empty: none */
	uint32_t counter; /* 1 when it is not given */
};

/* One value of the list each. */
bool sip_history_info_parse(struct str value, struct sip_history_info *ret);
bool sip_diversion_parse(struct str value, struct sip_diversion *ret);

#endif
