/* txn/server.h - server transactions: INVITE with Accepted (RFC 3261 s17.2.1, RFC 6026 s7.1)
 * and non-INVITE (s17.2.2, RFC 4320).  A txn_server owns its request until the final
 * response is sent, and lives in its table until its last timer fires; users borrow it.
 * Says 100 by itself when its user is silent for too long (s17.2.1, RFC 4320 s4.1). */
#ifndef TSUWA_TXN_SERVER_H
#define TSUWA_TXN_SERVER_H

#include "txn/txn.h"

struct txn_server;

struct txn_server_user {
	/* INVITE: a CANCEL matched, and no final response was sent yet. */
	void (*on_cancel)(void *ctx, const struct sip_rx *cancel);
	/* INVITE, non-2xx: the ACK came.  May be NULL. */
	void (*on_ack)(void *ctx, const struct sip_rx *ack);
	/* Called once, always last: 0, -ETIMEDOUT (timer H: no ACK; non-INVITE: no final response
	 * was given while the client could still take one), -ESHUTDOWN.  Never from inside a
	 * function of this header. */
	void (*on_end)(void *ctx, int err);
	void *ctx;
};

/* Takes req (from sip_rx_keep), also on failure.  user may be NULL (nobody cares: then
 * borrow the transaction only until the current event is over).
 * Not for ACK.  0, -ENOMEM, -ENOBUFS (the table is full). */
int txn_server_new(struct txn_table *table, struct sip_rx *req, const struct txn_server_user *user,
		   struct txn_server **ret);

/* The transaction that a request (retransmission, or ACK of a non-2xx) belongs to, by s17.2.3
 * with the rules for branches without the cookie; NULL when there is none. */
struct txn_server *txn_server_match(struct txn_table *table, const struct sip_rx *rx);
/* The INVITE transaction that a CANCEL is for (s9.2), or NULL. */
struct txn_server *txn_server_match_cancel(struct txn_table *table, const struct sip_rx *cancel);
/* For RFC 3261 s8.2.2.2 (merged requests): same From tag, Call-ID and CSeq, other branch. */
bool txn_server_is_merged(struct txn_table *table, const struct sip_rx *rx);

/* A matched request: retransmits the last response, or takes the ACK.  False: an
 * ACK that is the user's business (after a 2xx). */
bool txn_server_receive(struct txn_server *t, const struct sip_rx *rx);
/* Passes a matched CANCEL to the user, when there is something to cancel. */
void txn_server_cancelled(struct txn_server *t, const struct sip_rx *cancel);

/* Sends a printed response and keeps it for retransmissions where the transport needs it.
 * Provisionals after a final one are dropped; several 2xx of INVITE pass (Accepted).  1xx to
 * non-INVITE are sent only as RFC 4320 s4.1 allows, and a 408 to non-INVITE ends the wait but
 * is never sent (s4.2): both give 0.  flow: where to (by RFC 3261 s18.2.2, decided by the
 * caller once); NULL: as the last one, at first the way that the request came. 0, -errno of the
 * send (the transaction goes on), -EALREADY (a final one was sent). */
int txn_server_respond(struct txn_server *t, const struct flow *flow, unsigned status,
		       struct str bytes);

/* The request; NULL once the final response was sent. */
const struct sip_rx *txn_server_request(const struct txn_server *t);
bool txn_server_is_final(const struct txn_server *t); /* a final response was sent */
unsigned txn_server_status(const struct txn_server *t); /* last sent, 0: none */

/* Where responses go until txn_server_respond() names a flow (s18.2.2); at first the way that the
 * request came. */
void txn_server_way(struct txn_server *t, const struct flow *flow);

/* RFC 4320 s4.1: a non-INVITE that was not answered after so many ms gets a 100 (and on
 * unreliable transports not before). */
uint32_t txn_server_trying_ms(const struct txn_table *table);

/* Forgets the user and sets *t to NULL; no callback runs after this.  The transaction itself
 * goes on until its timers end; without a final response it only absorbs retransmissions for
 * 64*T1. */
void txn_server_detach(struct txn_server **t);

#endif
