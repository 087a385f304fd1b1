/* txn/txn.h - the table of a worker's transactions and what all four machines share:
 * timers (RFC 3261 s17, table 4; RFC 6026), matching (s17.1.3, s17.2.3), counters.
 * Pure: time and timers come from io, bytes leave through io_send().
 * Knows no dialogs, no routing, no names. */
#ifndef TSUWA_TXN_TXN_H
#define TSUWA_TXN_TXN_H

#include "base/hash.h"
#include "base/io.h"
#include "base/map.h"
#include "sip/rx.h"

struct txn_timers {
	uint32_t t1_ms, t2_ms, t4_ms; /* 500, 4000, 5000 */
	uint32_t d_ms; /* timer D: at least 32000 for UDP */
};

struct txn_counters {
	uint64_t servers, clients; /* created */
	uint64_t retransmits_in, retransmits_out, timeouts, stray_responses;
};

struct txn_table {
	struct io *io;
	struct txn_timers timers;
	struct hash_seed seed;
	struct map servers, clients;
	struct map idents; /* servers again, for s8.2.2.2 and for ACKs without the cookie */
	struct map flows; /* waiting clients, one of each flow: it leads a ring of the rest */
	uint64_t branch_key[2], branch_next;
	size_t max; /* transactions at once; beyond it *_new gives -ENOBUFS */
	bool closing; /* inside txn_table_fini(): nothing new begins */
	/* Sees all that left, retransmissions too; may be NULL. */
	void (*on_send)(void *ctx, const struct flow *flow, struct str bytes);
	void *on_send_ctx;
	struct txn_counters counters;
};

#define TXN_MAX_DEFAULT (512 * 1024)

/* timers NULL: the RFC's.  max is TXN_MAX_DEFAULT until the caller sets another.  0 or -ENOMEM. */
int txn_table_init(struct txn_table *t, struct io *io, const struct txn_timers *timers);
/* Ends every transaction; users are told on_end(-ESHUTDOWN). */
void txn_table_fini(struct txn_table *t);
static inline size_t txn_count(const struct txn_table *t)
{
	return t->servers.n + t->clients.n;
}

/* A fresh branch with the magic cookie, unique across space and time (s8.1.1.7); token
 * characters. */
void txn_put_branch(struct txn_table *t, struct buf *b);

/* A connection died (or an ICMP error came: err -ECONNREFUSED): client transactions that wait
 * on that flow fail with err, server ones on it stay (whoever responds next sees -ENOTCONN). */
void txn_flow_failed(struct txn_table *t, const struct flow *flow, int err);

#endif
