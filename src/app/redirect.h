/* app/redirect.h - the redirect server (RFC 3261 s8.3): requests that a route of the operator
 * sends elsewhere, or for the users of a domain that is only redirected, are answered with 3xx. */
#ifndef TSUWA_APP_REDIRECT_H
#define TSUWA_APP_REDIRECT_H

#include "app/policy.h"
#include "core/core.h"
#include "loc/loc.h"

struct redirect {
	struct app_shared *shared; /* borrowed for life, as loc */
	struct loc *loc;
};

/* Borrows r. */
struct core_element redirect_element(struct redirect *r);

#endif
