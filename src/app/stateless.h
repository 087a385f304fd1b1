/* app/stateless.h - stateless forwarding (RFC 3261 s16.11) for routes that ask for it: the branch is made
 * from what retransmissions, ACK and CANCEL have in common, and carries the way back. */
#ifndef TSUWA_APP_STATELESS_H
#define TSUWA_APP_STATELESS_H

#include "app/policy.h"
#include "core/core.h"

/* Keeps nothing: its context is the shared one, borrowed for life. */
struct core_element stateless_element(struct app_shared *shared);

#endif
