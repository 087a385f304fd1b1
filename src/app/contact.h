/* app/contact.h - what the registrar, the proxy and the redirect server have in common about
 * the devices of a user: how one is written into a Contact, and the answer when there is none. */
#ifndef TSUWA_APP_CONTACT_H
#define TSUWA_APP_CONTACT_H

#include "app/policy.h"
#include "core/core.h"
#include "loc/loc.h"

/* Room that contact_put() needs at most. */
static inline size_t contact_size(const struct loc_binding *b)
{
	return b->contact.n + b->params.n + 64;
}

/* A Contact value: the URI, q unless it is 1, the seconds that are left, and what else it
 * registered with (RFC 3261 s10.3 step 8). */
void contact_put(struct buf *b, const struct loc_binding *v, uint64_t wall_ms);

/* The status for a user of ours without devices: 480, or 404 when there is no such user. */
unsigned contact_absent(const struct app_shared *shared, const struct core_request *req);

#endif
