/* What a binding that went leaves behind for 64*T1: its Call-ID and CSeq, so that a copy of an older
 * REGISTER that the network delivers late does not bring it back (RFC 3261 s10.3 step 7 has nothing
 * left to compare with, and the registrar keeps no transactions). */
#include "base/alloc.h"
#include "loc/internal.h"

#define RETIRED_MS 32000
#define RETIRED_MAX 10000 /* of a shard; the oldest give way */

struct retired {
	struct map_node node; /* by AoR and Call-ID */
	struct list link; /* by age */
	uint64_t until_ms;
	uint32_t cseq; /* what is below comes too late */
};

int retired_init(struct shard *s)
{
	list_init(&s->retired_by_age);
	return map_init(&s->retired, 16);
}

static void drop(struct shard *s, struct retired *r)
{
	map_remove(&s->retired, &r->node);
	list_unlink(&r->link);
	xfree(r);
}

void retired_fini(struct shard *s)
{
	LIST_EACH (n, &s->retired_by_age)
		drop(s, container_of(n, struct retired, link));
	map_fini(&s->retired);
}

static uint64_t hash_of(const struct loc_worker *w, struct str aor, struct str call_id)
{
	return hash_mix(hash_str(&w->loc->conf.seed, aor), hash_str(&w->loc->conf.seed, call_id));
}

static bool is_hash(const struct map_node *n, const void *key)
{
	return n->hash == *(const uint64_t *)key;
}

static void forget_old(struct shard *s, uint64_t now_ms)
{
	while (!list_empty(&s->retired_by_age)) {
		struct retired *r = container_of(s->retired_by_age.next, struct retired, link);

		if (s->retired.n < RETIRED_MAX && r->until_ms > now_ms)
			return;
		drop(s, r);
	}
}

void retired_note(struct loc_worker *w, struct shard *s, struct str aor, struct str call_id,
		  uint32_t cseq)
{
	uint64_t hash = hash_of(w, aor, call_id);
	struct map_node *n;
	struct retired *r;

	forget_old(s, w->io->now_ms);
	n = map_find(&s->retired, hash, is_hash, &hash);
	if (n) {
		r = container_of(n, struct retired, node);
		r->cseq = cseq > r->cseq ? cseq : r->cseq;
		r->until_ms = w->io->now_ms + RETIRED_MS;
		list_unlink(&r->link);
		list_append(&s->retired_by_age, &r->link);
		return;
	}
	r = xzalloc(sizeof(*r));
	if (!r)
		return;
	r->cseq = cseq;
	r->until_ms = w->io->now_ms + RETIRED_MS;
	list_init(&r->link);
	list_append(&s->retired_by_age, &r->link);
	map_add(&s->retired, &r->node, hash);
}

static const struct retired *find(const struct loc_worker *w, const struct shard *s, struct str aor,
				  struct str call_id)
{
	uint64_t hash;
	struct map_node *n;

	if (s->retired.n == 0)
		return NULL;
	hash = hash_of(w, aor, call_id);
	n = map_find(&s->retired, hash, is_hash, &hash);
	if (!n || container_of(n, struct retired, node)->until_ms <= w->io->now_ms)
		return NULL;
	return container_of(n, struct retired, node);
}

bool retired_is_late(const struct loc_worker *w, const struct shard *s, struct str aor,
		     struct str call_id, uint32_t cseq)
{
	const struct retired *r = find(w, s, aor, call_id);

	return r && cseq < r->cseq;
}

bool loc_has_removed(const struct loc_worker *w, struct str aor, struct str call_id, uint32_t cseq)
{
	uint64_t hash;
	struct shard *s = loc_shard_of(w->loc, aor, &hash);
	const struct retired *r;
	bool removed;

	pthread_mutex_lock(&s->lock);
	r = find(w, s, aor, call_id);
	removed = r && cseq == r->cseq;
	pthread_mutex_unlock(&s->lock);
	return removed;
}
