/* app/registrar.h - REGISTER (RFC 3261 s10.3): reads what it asks, lets loc/ change it, and
 * answers when it is durable. */
#ifndef TSUWA_APP_REGISTRAR_H
#define TSUWA_APP_REGISTRAR_H

#include "app/policy.h"
#include "core/core.h"
#include "loc/loc.h"

struct registrar;

/* All borrowed for life; loc_worker is this worker's door. */
int registrar_new(struct app_shared *shared, struct loc *loc, struct loc_worker *door,
		  struct registrar **ret);
void registrar_free(struct registrar **r);
struct core_element registrar_element(struct registrar *r);

/* For core_conf.register_owner: the worker that holds the AoR of To, here when none does.  False: the
 * Request-URI is of no domain of ours. */
bool registrar_owner(const struct app_shared *shared, struct loc *loc, const struct sip_rx *rx,
		     unsigned here, unsigned *ret);

#endif
