/* txn/internal.h - what the files of txn/ share: the two structs, their keys, and the steps that
 * the machines have in common.  Not for other folders. */
#ifndef TSUWA_TXN_INTERNAL_H
#define TSUWA_TXN_INTERNAL_H

#include "txn/client.h"
#include "txn/server.h"

enum txn_state {
	TXN_TRYING, /* Calling of INVITE clients; Trying */
	TXN_PROCEEDING,
	TXN_ACCEPTED, /* RFC 6026 */
	TXN_COMPLETED,
	TXN_CONFIRMED,
	TXN_ENDED, /* unlinked; only its on_end is still to return */
};

/* What names a server transaction (s17.2.3).  With the cookie: branch, sent-by and method;
 * without: nearly all of the head.  Call-ID, From tag and CSeq also serve s8.2.2.2. */
struct txn_id {
	struct str branch; /* legacy: the whole top Via */
	struct str host; /* sent-by; legacy: empty */
	struct str method_name; /* of SIP_METHOD_OTHER, else empty */
	struct str call_id, from_tag;
	struct str to_tag, uri; /* legacy */
	uint32_t cseq;
	uint16_t port;
	uint8_t method; /* of an ACK: SIP_INVITE */
	bool legacy; /* no branch with the cookie (RFC 2543) */
	bool is_ack; /* of a query: to_tag is that of our response */
	bool in_dialog; /* the request has a To tag */
};

/* What the idents table knows a server transaction for. */
enum txn_ident { TXN_IDENT_NONE, TXN_IDENT_MERGE, TXN_IDENT_ACK };

struct txn_server {
	struct map_node by_key; /* in table->servers */
	struct map_node by_ident; /* in table->idents, unless ident is NONE */
	struct txn_table *table;
	struct sip_rx *req; /* owned; NULL once the final response was sent */
	struct txn_server_user user;
	struct timer retransmit; /* G; before any response: until 100 is due */
	struct timer end; /* H, I, J, L */
	struct flow flow; /* of the last response */
	struct str response; /* owned; the last one, where it may be sent again */
	struct str response_tag; /* in response: To tag, of legacy INVITEs */
	uint64_t born_ms;
	struct txn_id id; /* in text */
	uint32_t retransmit_ms;
	uint16_t status;
	uint8_t state, ident;
	bool reliable; /* the request came by a stream */
	char text[];
};

struct txn_client {
	struct map_node by_key; /* in table->clients */
	struct map_node by_flow; /* in table->flows, when it leads */
	struct list ring; /* of those that wait on the same flow */
	struct txn_table *table;
	struct txn_client_user user;
	struct timer retransmit; /* A, E */
	struct timer end; /* B, D, F, K, M, and the wait after a CANCEL */
	struct timer c; /* C */
	struct flow flow;
	struct str bytes; /* owned; the request while it may be needed, later the ACK */
	struct str cancel_headers; /* owned; of a CANCEL that waits */
	struct str branch, method_name; /* in text */
	uint32_t retransmit_ms;
	uint8_t method, state;
	bool reliable, waiting, leads;
	bool cancel_wanted, cancel_sent;
	char text[];
};

/* match.c */
void txn_id_of(const struct sip_rx *rx, struct txn_id *ret);
size_t txn_id_bytes(const struct txn_id *id);
/* Copies the texts of from into room (txn_id_bytes long). */
void txn_id_copy(const struct txn_id *from, char *room, struct txn_id *ret);
void txn_server_list(struct txn_server *t);
void txn_server_unlist(struct txn_server *t);
/* A non-2xx final response of a legacy INVITE was sent: ACKs are found by its To tag. */
void txn_server_list_ack(struct txn_server *t);
void txn_client_list(struct txn_client *t);
void txn_client_unlist(struct txn_client *t);

/* table.c */
void txn_wait_add(struct txn_client *t); /* the client waits on its flow */
void txn_wait_remove(struct txn_client *t); /* harmless when it does not */
/* io_send(), shown to who watches when it went. */
int txn_send(struct txn_table *table, const struct flow *flow, struct str bytes);
static inline uint64_t txn_64_t1(const struct txn_table *table)
{
	return 64ull * table->timers.t1_ms;
}

/* server.c: the common steps, and the non-INVITE machine in plain_server.c, the INVITE one in
 * invite_server.c */
int txn_server_send(struct txn_server *t, const struct flow *flow, unsigned status,
		    struct str bytes, bool keep);
void txn_server_resend(struct txn_server *t);
/* The user has said nothing yet: 100 for him. */
void txn_server_say_trying(struct txn_server *t);
void txn_server_drop_request(struct txn_server *t);
void txn_server_drop_response(struct txn_server *t);
void txn_server_end(struct txn_server *t, int err);

void invite_server_init(struct txn_server *t);
int invite_server_respond(struct txn_server *t, const struct flow *flow, unsigned status,
			  struct str bytes);
bool invite_server_receive(struct txn_server *t, const struct sip_rx *rx);
void invite_server_abandon(struct txn_server *t);

void plain_server_init(struct txn_server *t);
int plain_server_respond(struct txn_server *t, const struct flow *flow, unsigned status,
			 struct str bytes);
void plain_server_receive(struct txn_server *t);
void plain_server_abandon(struct txn_server *t);

/* client.c: the common steps; plain_client.c, invite_client.c */
int txn_client_create(struct txn_table *table, const struct flow *flow, struct str request,
		      enum sip_method method, struct str method_name, struct str branch,
		      const struct txn_client_user *user, struct txn_client **ret);
void txn_client_resend(struct txn_client *t);
void txn_client_deliver(struct txn_client *t, const struct sip_rx *rx);
/* A final response came: nothing of the request is sent any more. */
void txn_client_settle(struct txn_client *t, enum txn_state state, uint64_t end_ms);
void txn_client_end(struct txn_client *t, int err);

void invite_client_init(struct txn_client *t);
void invite_client_receive(struct txn_client *t, const struct sip_rx *rx);
void plain_client_init(struct txn_client *t);
void plain_client_receive(struct txn_client *t, const struct sip_rx *rx);

/* derive.c */
/* ACK of a non-2xx, To as the response has it; CANCEL with extra lines.  invite: as it was sent; b is the
 * caller's. */
void txn_put_ack(struct str invite, struct str to, struct buf *b);
void txn_put_cancel(struct str invite, struct str headers, struct buf *b);

#endif
