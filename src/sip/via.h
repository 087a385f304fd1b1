/* sip/via.h - Via (RFC 3261 s20.42, rport RFC 3581): parse one value, build ours, and
 * stamp the topmost of a received request. */
#ifndef TSUWA_SIP_VIA_H
#define TSUWA_SIP_VIA_H

#include "base/addr.h"
#include "base/flow.h"
#include "sip/msg.h"

#define SIP_BRANCH_COOKIE STR("z9hG4bK")

struct sip_via {
	struct str text; /* the whole value */
	struct str transport_name;
	enum transport transport; /* NONE: not one of ours */
	struct str host; /* without brackets */
	uint16_t port; /* 0: none */
	struct str sent_by; /* host[:port] as it stands */
	struct str params;
	struct str branch; /* empty: none */
	struct str received, maddr;
	bool has_rport;
	uint16_t rport; /* 0: no value */
	uint16_t ttl;
	bool is_rfc3261; /* the branch starts with the magic cookie */
};

bool sip_via_parse(struct str value, struct sip_via *ret, const char **why);
/* The next of all values (sip_values(m, SIP_HDR_VIA)), decoded; false at the end.  *why is NULL,
 * or tells what is wrong with the value: then ret->text is it, and ret->sent_by is not empty when
 * the fault lies behind it. */
bool sip_via_next(struct sip_values *v, struct sip_via *ret, const char **why);
/* The topmost Via; false when there is none or it is bad. */
bool sip_via_top(const struct sip_msg *m, struct sip_via *ret, const char **why);

/* Server side of RFC 3261 s18.2.1 and RFC 3581 s4: received= where the sent-by differs from
 * the source or rport was asked for, rport=port where asked for; wrong ones given by
 * the peer are replaced. Edits the index of m; nothing changes when nothing is needed. */
bool sip_via_stamp(struct sip_msg *m, const struct addr *source);
/* The same when the topmost has been decoded from m: on true *via speaks of what stands there now
 * (its slices lie in the received value or in the one that replaced it). */
bool sip_via_stamp_known(struct sip_msg *m, struct sip_via *via, const struct addr *source);

#endif
