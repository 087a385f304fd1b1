/* server/policy.h - from the configuration to what the elements read (app/policy.h) and what peers
 * see of our listeners. */
#ifndef TSUWA_SERVER_POLICY_H
#define TSUWA_SERVER_POLICY_H

#include "app/policy.h"
#include "server/config.h"
#include "tport/tport.h"

/* A listener as peers see it, of a configured one and the address it was bound to; host is owned
 * (str_free()).  0 or -ENOMEM. */
int policy_listener(const struct config_listen *l, const struct addr *bound,
		    struct tport_listener *ret);

/* The listeners' names and addresses become aliases of the first domain unless another has
 * them.  One reference.  0 or -ENOMEM. */
int policy_make(const struct config *c, const struct tport_listener *listeners, unsigned n,
		struct app_policy **ret);

#endif
