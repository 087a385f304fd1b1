/* loc/loc.h - the location service: address-of-record to bindings (RFC 3261 s10), shared by
 * all workers in shards.  Any worker looks up, under the shard's short lock, and any may change an
 * AoR: it holds it from then on until its change is durable, and the others hand it what comes for
 * that AoR meanwhile.  A change is tentative until its record is durable.
 * Knows no messages: the registrar reads REGISTER and asks here. */
#ifndef TSUWA_LOC_LOC_H
#define TSUWA_LOC_LOC_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/io.h"

struct loc;

#define LOC_MAX_CONTACTS 32     /* hard bound of bindings of one AoR in a look-up */

struct loc_binding {
	struct str contact;     /* the Contact URI as it was given, brackets off */
	struct str params;      /* its header parameters but q and expires, as given */
	struct str call_id;
	struct str instance;    /* +sip.instance, quotes off; empty: none */
	struct str path;        /* Path values, comma list; empty: none */
	struct str user_agent;
	uint32_t cseq;
	uint32_t reg_id;        /* RFC 5626; 0: none */
	uint32_t branch;        /* hash of the REGISTER's branch: tells a repetition from a new request */
	uint16_t q1000;
	uint64_t expires_ms;    /* wall clock */
	uint64_t updated_ms;    /* wall clock */
	struct flow flow;       /* the way it registered; transport NONE: call it by its contact */
	bool flow_alive;        /* UDP: always; streams: until closed, never after a restart */
};

/* What a REGISTER asks of one binding. */
struct loc_change {
	struct loc_binding binding;     /* expires_ms 0: remove it */
};

struct loc_conf {
	unsigned workers;
	struct hash_seed seed;  /* a secret */
	unsigned max_contacts;  /* of one AoR: 10 */
};

int loc_new(const struct loc_conf *conf, struct loc **ret);
void loc_free(struct loc **l);

/* A worker's door: its timers and durable records. */
struct loc_worker;
int loc_attach(struct loc *l, struct io *io, struct loc_worker **ret);
void loc_detach(struct loc_worker **w);
/* From now on instead of loc_conf's, also for updates that wait; 1 to LOC_MAX_CONTACTS.  On the owner. */
void loc_set_max_contacts(struct loc_worker *w, unsigned n);

/* ---- reading, from any worker; wall_ms: now.  Bindings that have expired don't show. ---- */

/* Copies the live bindings of an AoR into the arena, highest q first, then newest.
 * n (0: not registered), or -ENOMEM. */
int loc_lookup(struct loc *l, struct str aor, uint64_t wall_ms, struct arena *arena,
	       struct loc_binding **ret);
/* Walks all AoRs (for the operator): locks a shard for a few entries at a time. fn false: stop. */
void loc_walk(struct loc *l, uint64_t wall_ms,
	      bool (*fn)(void *ctx, struct str aor, const struct loc_binding *b, unsigned n), void *ctx);
size_t loc_count(const struct loc *l, size_t *ret_contacts);

/* ---- changing ---- */

/* The worker that holds an AoR, by a change that is not durable yet; here when nobody does. */
unsigned loc_holder(struct loc *l, struct str aor, unsigned here);

struct loc_update;
struct loc_update_user {
	/* The state to come, before it is durable: an answer can be made ready.  Called once before done unless
	 * the update is refused; from inside loc_update() when nothing is in its way.  May be NULL. */
	void (*judged)(void *ctx, const struct loc_binding *bindings, unsigned n);
	/* err 0: durable and visible; -errno: nothing has changed.  Borrowed bindings: the AoR's state now. */
	void (*done)(void *ctx, int err, const struct loc_binding *bindings, unsigned n);
	void *ctx;
};

/* Applies all changes or none (RFC 3261 s10.3 steps 6-8); all: every binding goes ("*").
 * Each binding is found by instance and reg-id, else by its URI (compared by s19.1.4, eq is given).
 * Same Call-ID with a CSeq that is not higher: -EINVAL, all Call-ID and CSeq rules of step 7.
 * -E2BIG: more contacts than allowed.  -EBUSY: another worker holds the AoR.  -ENOMEM.  On 0 done follows; updates of one AoR queue up in
 * order behind one that is not yet durable.  Synchronous errors have no effect and no callback. */
int loc_update(struct loc_worker *w, struct str aor, const struct loc_change *changes, unsigned n,
	       bool all, struct str call_id, uint32_t cseq, const struct loc_update_user *user,
	       struct loc_update **ret);
/* Takes bindings away for the operator (errors also as above), without the rules of a REGISTER: the one with that URI, or all
 * when contact is empty.  -ENOENT: none is there, at once or when its turn comes.  done is given the
 * bindings that went, not those that stay. */
int loc_remove(struct loc_worker *w, struct str aor, struct str contact,
	       const struct loc_update_user *user, struct loc_update **ret);
/* Was it this very request of late that took bindings of the AoR away?  Then a copy of it has been dealt
 * with. */
bool loc_has_removed(const struct loc_worker *w, struct str aor, struct str call_id, uint32_t cseq);
/* Silences the callback. */
void loc_update_detach(struct loc_update **u);

/* A stream is gone: its bindings lose their flow.  On every worker. */
void loc_flow_closed(struct loc_worker *w, const struct flow *flow);

/* ---- start ---- */

/* Takes a record of the store in; stream flows are dead.  False: it can't be read. */
bool loc_load(struct loc *l, struct str aor, uint64_t seq, uint64_t expires_ms, struct str payload);
/* The same for one that comes once, as from store_load(): a million of them take a third less time
 * without looking for an earlier one. */
bool loc_load_once(struct loc *l, struct str aor, uint64_t seq, uint64_t expires_ms,
		   struct str payload);

#endif
