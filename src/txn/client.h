/* txn/client.h - client transactions: INVITE with Accepted (RFC 3261 s17.1.1, RFC 6026 s7.2)
 * and non-INVITE (s17.1.2).  Keeps the printed request only while it may be sent
 * again (an INVITE until its final response); makes the ACK of a non-2xx and the CANCEL (s9.1) by itself. */
#ifndef TSUWA_TXN_CLIENT_H
#define TSUWA_TXN_CLIENT_H

#include "txn/txn.h"

struct txn_client;

struct txn_client_user {
	/* Every provisional, the final, and further 2xx of an INVITE (s13.2.2.4).  The
	 * user may detach inside. */
	void (*on_response)(void *ctx, const struct sip_rx *rx);
	/* Called once, always last, never from inside a function of this header: 0 (a final
	 * response came and the timers ran out), -ETIMEDOUT (timer B or F; or a cancelled
	 * INVITE that got no final response in 64*T1), -ENOTCONN, -ECONNREFUSED, -ESHUTDOWN. */
	void (*on_end)(void *ctx, int err);
	void *ctx;
};

/* request: printed, our Via on top with this branch; copied.  flow: where to send it.
 * The first send happens here.  Not for ACK.  0, -ENOMEM, -ENOBUFS, or -errno of the first send
 * (then nothing was created and no callback will run). */
int txn_client_new(struct txn_table *table, const struct flow *flow, struct str request,
		   enum sip_method method, struct str method_name, struct str branch,
		   const struct txn_client_user *user, struct txn_client **ret);

/* The transaction that a response belongs to (s17.1.3), or NULL. */
struct txn_client *txn_client_match(struct txn_table *table, const struct sip_rx *rx);
void txn_client_receive(struct txn_client *t, const struct sip_rx *rx);

/* INVITE: sends CANCEL as soon as a provisional response has come, as a transaction of its own;
 * headers (may be empty) are whole extra lines, a Reason say.  Harmless after a final response. */
void txn_client_cancel(struct txn_client *t, struct str headers);
/* Gives the INVITE up when no final response comes within ms (timer C; 0: never). Reset by the
 * user on each provisional response (s16.6 step 11).  After a provisional response a CANCEL is
 * sent, and what comes of it is the answer (a 487, or on_end(-ETIMEDOUT) after 64*T1); before
 * one, on_end(-ETIMEDOUT) comes at once (s16.8) and the CANCEL waits in the background. */
void txn_client_timer_c(struct txn_client *t, uint32_t ms);

const struct flow *txn_client_flow(const struct txn_client *t);
bool txn_client_is_final(const struct txn_client *t);

/* Forgets the user and sets *t to NULL; no callback runs after this.  The transaction goes on
 * until its timers end; an INVITE that is ringing is forgotten after 64*T1 (cancel it first). */
void txn_client_detach(struct txn_client **t);

#endif
