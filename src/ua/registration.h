/* ua/registration.h - our binding at the registrar (RFC 3261 s10.2): made, refreshed in time,
 * moved when a NAT shows us under another address, taken away at the end. */
#ifndef TSUWA_UA_REGISTRATION_H
#define TSUWA_UA_REGISTRATION_H

#include "ua/request.h"

struct ua_registration;

struct ua_registration_user {
	/* The answer to each REGISTER: rx NULL with err when there was none.  expires_s: granted to
	 * our contact; 0: it is gone, or not in the answer. */
	void (*on_answer)(void *ctx, const struct sip_rx *rx, int err, uint32_t expires_s);
	void *ctx;
};

/* 0 or -ENOMEM. */
int ua_registration_new(struct ua *u, const struct ua_registration_user *user,
			struct ua_registration **ret);
void ua_registration_free(struct ua_registration **r);

/* Registers for expires_s, and again in time for ever.  0 or -errno. */
int ua_registration_start(struct ua_registration *r, uint32_t expires_s);
/* Takes our contact away (all: every contact of the account); on_answer follows.
 * 0 or -errno. */
int ua_registration_remove(struct ua_registration *r, bool all);
/* No more refreshes; what is under way is forgotten. */
void ua_registration_pause(struct ua_registration *r);
/* Does our contact stand there, as far as we know? */
bool ua_registration_stands(const struct ua_registration *r);
uint64_t ua_registration_took_ms(const struct ua_registration *r);
/* Is this Contact value ours? */
bool ua_registration_is_ours(const struct ua_registration *r, const struct sip_nameaddr *c);

#endif
