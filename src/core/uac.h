/* core/uac.h - a user agent's request: core/client, and then what a user agent does with some answers:
 * 401/407 with credentials (RFC 3261 s22, RFC 8760: the first algorithm that we know), 423 with a longer
 * Expires, once each.  The user sees only what is left over. */
#ifndef TSUWA_CORE_UAC_H
#define TSUWA_CORE_UAC_H

#include "core/client.h"
#include "sip/auth.h"

struct core_account {
	struct str user;        /* name for the digest */
	struct str password;
	struct sip_hasher hasher;
};

struct core_uac;

struct core_uac_user {
	void (*on_response)(void *ctx, const struct sip_rx *rx);
	void (*on_end)(void *ctx, int err);
	void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b);
	void *ctx;
};

/* Sends as core_client_new(); a repetition has the CSeq number raised, and tells it by *cseq (which must
 * outlive the request; given with the number that msg carries).  account NULL: challenges are final. */
int core_uac_new(struct core *c, const struct core_send *send, const struct core_account *account,
		 uint32_t *cseq, const struct core_uac_user *user, struct core_uac **ret);
/* Adds the credentials that it went with last; m borrows them for as long as u lives. */
void core_uac_put_credentials(const struct core_uac *u, struct sip_msg *m);
void core_uac_cancel(struct core_uac *u, struct str headers);
struct flow core_uac_flow(const struct core_uac *u);
void core_uac_detach(struct core_uac **u);

#endif
