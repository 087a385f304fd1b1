/* app/redirect.h - the redirect server (RFC 3261 s8.3): requests that a route of the operator
 * sends elsewhere are answered with 302. */
#ifndef TSUWA_APP_REDIRECT_H
#define TSUWA_APP_REDIRECT_H

#include "app/policy.h"
#include "core/core.h"

/* Keeps nothing: its context is the shared one, borrowed for life. */
struct core_element redirect_element(struct app_shared *shared);

#endif
