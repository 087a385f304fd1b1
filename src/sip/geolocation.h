/* sip/geolocation.h - Geolocation, Geolocation-Routing, Geolocation-Error (RFC 6442 s4). */
#ifndef TSUWA_SIP_GEOLOCATION_H
#define TSUWA_SIP_GEOLOCATION_H

#include "base/str.h"

struct sip_geolocation {
	struct str uri; /* "cid:..." names a part of the body */
	struct str params;
};

struct sip_geolocation_error {
	uint32_t code; /* 100 to 999 where RFC 6442 defines it */
	struct str text; /* of code=, between the quotes */
};

/* One value of the list. */
bool sip_geolocation_parse(struct str value, struct sip_geolocation *ret);
/* *ret: may the location be used for routing? */
bool sip_geolocation_routing_parse(struct str value, bool *ret);
bool sip_geolocation_error_parse(struct str value, struct sip_geolocation_error *ret);

#endif
