/* sip/outbound.h - what outbound and GRUU put into a Contact, and Flow-Timer (RFC 5626 s11,
 * RFC 5627 s8), and the routes that a registration carries: Path (RFC 3327 s4) and
 * Service-Route (RFC 3608 s5). */
#ifndef TSUWA_SIP_OUTBOUND_H
#define TSUWA_SIP_OUTBOUND_H

#include "sip/nameaddr.h"

struct sip_outbound {
	struct str instance; /* "urn:uuid:...", without brackets; empty: none */
	uint32_t reg_id; /* 0: none */
	struct str pub_gruu, temp_gruu; /* empty: none */
	bool ob; /* the URI asks for the flow it came by */
};

/* Of a Contact that was parsed; false when one of the parameters is malformed. */
bool sip_outbound_parse(const struct sip_nameaddr *contact, struct sip_outbound *ret);
bool sip_flow_timer_parse(struct str value, uint32_t *ret_s);
/* One value of Path, Service-Route, Route or Record-Route: name-addr in angle brackets. */
bool sip_route_parse(struct str value, struct sip_nameaddr *ret);

#endif
