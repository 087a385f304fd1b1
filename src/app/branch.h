/* app/branch.h - the branch of what is sent on without a transaction (RFC 3261 s16.11): the same for each
 * copy of a request, its ACK and its CANCEL; it names the flow that the request came by, under a MAC, so
 * that answers find back. */
#ifndef TSUWA_APP_BRANCH_H
#define TSUWA_APP_BRANCH_H

#include "app/policy.h"
#include "sip/rx.h"

#define BRANCH_MAX 128

/* Into at least BRANCH_MAX bytes. */
void branch_put(struct buf *b, const struct app_shared *shared, const struct sip_rx *rx);
/* Does the topmost Via of this response hold such a branch of ours, for the Via below it?  Then the way
 * back. */
bool branch_way_back(const struct app_shared *shared, const struct sip_rx *rx, struct flow *ret);

#endif
