/* sip/preferences.h - what a caller prefers and what a contact can (RFC 3841, RFC 3840):
 * Accept-Contact, Reject-Contact, Request-Disposition, and feature tags. */
#ifndef TSUWA_SIP_PREFERENCES_H
#define TSUWA_SIP_PREFERENCES_H

#include "base/str.h"

struct sip_preference {
	struct str params; /* feature tags, "require" and "explicit" among them */
	bool require, explicit_; /* of Accept-Contact */
};

struct sip_feature {
	struct str name; /* "audio", "+sip.instance" */
	struct str value; /* between the quotes; empty: the flag alone, which says TRUE */
	bool is_string; /* "<...>": value is without the angle brackets */
};

/* One value of the list; of Reject-Contact too. */
bool sip_preference_parse(struct str value, struct sip_preference *ret);

enum {
	SIP_DISPOSE_PROXY = 1 << 0,
	SIP_DISPOSE_REDIRECT = 1 << 1,
	SIP_DISPOSE_CANCEL = 1 << 2,
	SIP_DISPOSE_NO_CANCEL = 1 << 3,
	SIP_DISPOSE_FORK = 1 << 4,
	SIP_DISPOSE_NO_FORK = 1 << 5,
	SIP_DISPOSE_RECURSE = 1 << 6,
	SIP_DISPOSE_NO_RECURSE = 1 << 7,
	SIP_DISPOSE_PARALLEL = 1 << 8,
	SIP_DISPOSE_SEQUENTIAL = 1 << 9,
	SIP_DISPOSE_QUEUE = 1 << 10,
	SIP_DISPOSE_NO_QUEUE = 1 << 11,
};
/* One directive of the list, as its bit. */
bool sip_directive_parse(struct str value, unsigned *ret);

/* The next parameter that is a feature tag; others are passed over.  False at the end, or at
 * one that is malformed: then params is not empty. */
bool sip_feature_next(struct str *params, struct sip_feature *ret);

#endif
