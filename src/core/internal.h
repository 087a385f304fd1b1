/* core/internal.h - what the files of core/ share, and nobody else sees. */
#ifndef TSUWA_CORE_INTERNAL_H
#define TSUWA_CORE_INTERNAL_H

#include "core/client.h"
#include "core/core.h"

#define CORE_RX_ROOM 8192       /* index and edits of the message at hand */
#define CORE_OUT_BYTES 65536    /* a message that leaves */
#define CORE_UDP_LIMIT 1300     /* RFC 3261 s18.1.1 */

enum core_post_kind { CORE_POST_MESSAGE = 1 };

struct core {
	struct core_conf conf;
	struct io *io;
	struct io_user io_user;
	struct tport *tport;
	struct txn_table txns;
	struct core_counters counters;
	struct list clients;            /* core_client.link */
	struct list parked;             /* messages of streams that wait for a ring */
	struct timer parked_timer;
	uint64_t token_key[2], token_next;
	struct str call_id;             /* of the message at hand; its place and hash */
	uint64_t call_hash;
	struct arena scratch;
	struct sip_rx rx;
	char rx_room[CORE_RX_ROOM];
	char scratch_room[2 * CORE_RX_ROOM];
	char text[CORE_OUT_BYTES];      /* a request without our Via, while client.c works on it */
	char out[CORE_OUT_BYTES];
};

/* handover.c: gives a message to its owner.  True: it went (or is dropped, or waits). */
bool core_hand_over(struct core *c, unsigned owner, const struct flow *flow, struct str bytes);
void core_handover_init(struct core *c);
void core_handover_fini(struct core *c);

/* dispatch.c */
void core_on_message(struct core *c, const struct flow *flow, struct str bytes);
void core_on_handed_over(struct core *c, const struct flow *flow, struct str bytes);

/* answer.c: is it the ACK of what core_reply() said (s8.2.7)?  It is dropped. */
bool core_is_stateless_ack(const struct core *c, const struct sip_rx *rx);
/* answer.c: 400 and the like to what could not be parsed.  False: who sent it can't be told. */
bool core_answer_bad(struct core *c, const struct sip_rx *rx, const struct sip_err *err);

/* client.c */
void core_clients_fini(struct core *c);

/* Sends bytes without a transaction and shows them to who watches when they went. */
int core_emit(struct core *c, const struct flow *flow, struct str bytes);
void core_seen(struct core *c, bool out, const struct flow *flow, struct str bytes);

#endif
