/* app/guard.h - the first element: is the request sane, whose is it, who sends it (RFC 3261
 * s8.2, s16.3, s16.4, s22; RFC 8760).  Answers what must be refused, fills core_request for
 * the rest; never takes a request that it lets pass. */
#ifndef TSUWA_APP_GUARD_H
#define TSUWA_APP_GUARD_H

#include "app/policy.h"
#include "core/core.h"

struct guard;

/* shared is borrowed for life.  0 or -ENOMEM. */
int guard_new(struct app_shared *shared, struct guard **ret);
void guard_free(struct guard **g);
struct core_element guard_element(struct guard *g);

struct guard_counters {
	uint64_t challenged, accepted, wrong_password, unknown_user, stale, forbidden, refused, ignored;
};
const struct guard_counters *guard_counters(const struct guard *g);

#endif
