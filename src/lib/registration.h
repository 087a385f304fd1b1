/* lib/registration.h - our binding at the registrar (RFC 3261 s10.2): made, refreshed in time,
 * moved when a NAT shows us under another address, taken away at the end. */
#ifndef TSUWA_LIB_REGISTRATION_H
#define TSUWA_LIB_REGISTRATION_H

#include "base/wheel.h"
#include "lib/request.h"

struct lib_registration {
	struct tsuwa_ua *ua;
	struct lib_request request;
	struct timer refresh;
	uint32_t expires_s; /* asked for; 0: to be removed */
	bool all, stands;
	unsigned moved; /* how often a NAT was seen: not for ever */
	struct flow flow; /* the way of the last REGISTER */
	struct str call_id; /* owned: one for all (s10.2) */
	char old_contact[200]; /* taken away with the next REGISTER; empty: none */
};

/* Of a user agent whose core stands.  0 or -ENOMEM. */
int lib_registration_init(struct lib_registration *r, struct tsuwa_ua *u);
/* Harmless on zeros. */
void lib_registration_fini(struct lib_registration *r);

#endif
