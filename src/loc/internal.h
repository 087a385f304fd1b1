/* loc/internal.h - the tables' shapes, shared by the files of loc/. */
#ifndef TSUWA_LOC_INTERNAL_H
#define TSUWA_LOC_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "loc/loc.h"

/* One binding in one block; texts stand behind it, in this order. */
struct entry {
	struct map_node by_flow;        /* streams that live, in shard.flows */
	uint64_t expires_ms, updated_ms;
	struct flow flow;
	uint32_t cseq, reg_id, branch;
	uint16_t q1000;
	bool flow_alive, indexed;
	uint16_t contact_n, params_n, call_id_n, instance_n, path_n, agent_n;
	char text[];
};

struct aor {
	struct map_node node;
	struct loc_update *pending;     /* the change under way: the AoR is its worker's until it ends */
	struct list waiting;            /* loc_update.link of the same worker, behind it */
	struct entry **entries;         /* owned */
	uint16_t n;
	uint16_t key_n;
	char key[];
};

struct shard {
	pthread_mutex_t lock;
	struct map aors, flows;
	size_t contacts;
	uint64_t seq;                   /* of the last record */
	struct map retired;             /* see retired.c */
	struct list retired_by_age;
	char pad[64];                   /* the next one's lock stands on a line of its own */
};

#define SHARDS_A_WORKER 16              /* so many that two workers rarely meet in one */

struct loc {
	struct loc_conf conf;
	struct shard *shards;
	unsigned n_shards;
};

struct loc_worker {
	struct loc *loc;
	struct io *io;
	struct shard *shards;           /* those that it sweeps */
	struct timer sweep;
	size_t sweep_at;                /* slot to look at next */
	struct list updates;            /* loc_update.of_worker: under way or waiting */
	unsigned max_contacts;
};

struct entry *entry_new(const struct loc_binding *b);
void entry_view(const struct entry *e, struct loc_binding *ret);
bool entry_copy(const struct entry *e, struct arena *a, struct loc_binding *ret);
uint64_t entry_flow_hash(const struct loc *l, const struct flow *f);
void entry_index(struct loc *l, struct shard *s, struct entry *e);
void entry_unindex(struct shard *s, struct entry *e);
void entry_free(struct shard *s, struct entry *e);

static inline struct str aor_key(const struct aor *a)
{
	return str_of(a->key, a->key_n);
}

struct shard *loc_shard_of(const struct loc *l, struct str key, uint64_t *ret_hash);
struct aor *aor_find(const struct shard *s, uint64_t hash, struct str key);
struct aor *aor_add(struct shard *s, uint64_t hash, struct str key);
/* With its entries. */
void aor_free(struct shard *s, struct aor *a);
/* Higher than any before, also of an earlier life of this shard. */
uint64_t shard_next_seq(struct shard *s, uint64_t wall_ms);

/* retired.c: what is below cseq of this Call-ID comes too late, for 32 s.  Under the shard's lock. */
int retired_init(struct shard *s);
void retired_fini(struct shard *s);
void retired_note(struct loc_worker *w, struct shard *s, struct str aor, struct str call_id,
		  uint32_t cseq);
bool retired_is_late(const struct loc_worker *w, const struct shard *s, struct str aor,
		     struct str call_id, uint32_t cseq);

/* update.c: ends all of a worker's. */
void loc_updates_end(struct loc_worker *w, int err);

/* codec.c: the state of an AoR as the payload of its record. */
void loc_encode(struct buf *b, struct entry *const *entries, unsigned n);
/* Reads the next binding off; false when there is none or it is damaged. */
bool loc_decode_start(struct str *payload, unsigned *ret_n);
bool loc_decode_next(struct str *payload, struct loc_binding *ret);

#endif
