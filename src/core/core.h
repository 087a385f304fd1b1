/* core/core.h - one worker: joins flows, transactions and the elements above (DESIGN: the way
 * of a message).  Parses, finds the owner, matches transactions, asks the elements in
 * their order; sends what they decide.  Pure; knows no method's meaning but CANCEL's and ACK's. */
#ifndef TSUWA_CORE_CORE_H
#define TSUWA_CORE_CORE_H

#include "core/request.h"
#include "tport/tport.h"
#include "txn/server.h"

struct core;

/* An element: what it does with a request is its own; the first that takes it ends the walk. */
struct core_element {
	const char *name;
	/* Where an OPTIONS or REGISTER came in, before it is handed to its owner: answers what needs
	 * no state.  May be NULL.  True: taken. */
	bool (*early)(void *ctx, struct core_request *req);
	/* On the owner, when no transaction matched.  Also for ACK.  True: taken. */
	bool (*request)(void *ctx, struct core_request *req);
	/* On the owner: a response that no transaction knows.  May be NULL.  True: taken. */
	bool (*response)(void *ctx, struct core *core, const struct sip_rx *rx);
	/* A connection died, on every worker.  May be NULL. */
	void (*flow_closed)(void *ctx, const struct flow *flow);
	void *ctx;
};

struct core_counters {
	/* requests, responses: that were dealt with here. */
	uint64_t requests, responses, bad_messages, dropped, handed_over, ring_full, stray_responses;
	uint64_t sent_status[7];        /* by class: [2] is 2xx */
};

struct core_conf {
	struct io *io;
	const struct tport_listener *listeners; /* borrowed for life */
	unsigned n_listeners;
	const struct core_element *elements;    /* borrowed for life, asked in this order */
	unsigned n_elements;
	struct str product;             /* "Tsuwa/0.1": Server and User-Agent */
	struct hash_seed owner_seed;    /* the same for all workers */
	/* Which worker a REGISTER to us is for, by who holds its AoR.  False: it is not for us, and its
	 * Call-ID says.  NULL: none is. */
	bool (*register_owner)(void *ctx, const struct sip_rx *rx, unsigned here, unsigned *ret);
	void *register_ctx;
	const struct txn_timers *timers; /* NULL: the RFC's */
	uint32_t slow_sender_ms;
	/* Sees every message once: where it came in, and when it left, retransmissions too (log of
	 * bytes, trace).  May be NULL. */
	void (*on_bytes)(void *ctx, bool out, const struct flow *flow, struct str bytes);
	void *on_bytes_ctx;
};

/* Sets io->user.  0 or -ENOMEM. */
int core_new(const struct core_conf *conf, struct core **ret);
/* Ends transactions (users are told), forgets streams. */
void core_free(struct core **c);

struct io *core_io(struct core *c);
struct tport *core_tport(struct core *c);
struct txn_table *core_txns(struct core *c);
const struct core_counters *core_counters(const struct core *c);
struct str core_product(const struct core *c);

/* Which worker owns a message: of a REGISTER to us who holds the AoR, or this one; of others the
 * Call-ID's hash says. */
unsigned core_owner(const struct core *c, const struct sip_rx *rx);
/* The hash of a Call-ID, the same on all workers; of the message at hand it is known. */
uint64_t core_call_hash(const struct core *c, struct str call_id);
unsigned core_call_owner(const struct core *c, struct str call_id);
/* A fresh token / a Call-ID that hashes to this worker. */
void core_put_token(struct core *c, struct buf *b);
void core_put_call_id(struct core *c, struct buf *b);

/* ---- answering ---- */

/* Answers without a transaction (s8.2.7): To tag made from the request, so that a retransmission
 * gets the same; no answer to ACK.  extra: header fields to add, may be NULL (id, value pairs
 * ended by SIP_HDR_OTHER with an empty value). */
struct core_field {
	enum sip_hdr_id id;
	struct str value;
};
void core_reply(struct core *c, const struct sip_rx *rx, unsigned status, struct str reason,
		const struct core_field *extra, unsigned n_extra);

/* An answer that is made now and leaves later, when what it says is true: printed (Server is
 * added), with the way that it will take.  For requests that need no transaction because they may be
 * dealt with twice.  bytes are the worker's room: copy them at once. */
struct core_way {
	struct flow flow;
	struct addr other;              /* for streams that have died; family 0: none */
	uint8_t other_transport;
};
bool core_print(struct core *c, struct sip_msg *response, struct str *ret);
/* The To tag of such an answer: the same for the same request (s8.2.7). */
void core_put_tag(const struct core *c, const struct sip_rx *rx, struct buf *b);
void core_way_of(const struct sip_rx *rx, struct core_way *ret);
void core_send_way(struct core *c, const struct core_way *way, unsigned status, struct str bytes);

/* Makes a server transaction of a request (copies it).  Sends nothing yet.
 * user may be NULL.  0 or -errno; on failure 503 was answered. */
int core_accept(struct core *c, const struct sip_rx *rx, const struct txn_server_user *user,
		struct txn_server **ret);
/* Prints a response and sends it by the transaction, on the way by s18.2.2, over a new connection where
 * the old one died.  Adds Server.  0 or -errno. */
int core_respond(struct core *c, struct txn_server *t, struct sip_msg *response);
/* Sends another's response on, with nothing added. */
int core_relay(struct core *c, struct txn_server *t, const struct sip_msg *response);
/* Sends a response on without a transaction (s16.11), on a flow that is known. */
void core_pass(struct core *c, const struct flow *flow, const struct sip_msg *response);
/* As core_respond, made from the request: status, reason (may be empty), To tag (may be empty). */
int core_respond_status(struct core *c, struct txn_server *t, unsigned status, struct str reason,
			struct str to_tag, const struct core_field *extra, unsigned n_extra);
/* core_accept and core_respond_status in one, nobody to be told after: for a final answer
 * that retransmissions should get again. */
void core_answer(struct core *c, const struct sip_rx *rx, unsigned status, struct str reason,
		 const struct core_field *extra, unsigned n_extra);

/* Gives a request to another worker, as it came. */
void core_give(struct core *c, unsigned worker, const struct sip_rx *rx);

/* The worker's scratch: an arena that is reset when the message at hand has been dealt with,
 * and at the end of a batch. */
struct arena *core_scratch(struct core *c);

#endif
