#include "loc/loc.h"

#include <errno.h>

#include "base/alloc.h"
#include "loc/internal.h"

#define SHARD_SLOTS 64
#define SWEEP_MS 1000
#define SWEEP_LOG_BYTES (64 * 1024)
#define SWEEP_PART 64           /* a shard is swept in so many rounds */

struct shard *loc_shard_of(const struct loc *l, struct str key, uint64_t *ret_hash)
{
	uint64_t h = hash_str(&l->conf.seed, key);

	/* The table takes the low bits: the shard must not. */
	*ret_hash = h ^ h >> 32;
	return &l->shards[h % l->n_shards];
}

static bool aor_is(const struct map_node *node, const void *key)
{
	return str_eq(aor_key(container_of(node, struct aor, node)), *(const struct str *)key);
}

struct aor *aor_find(const struct shard *s, uint64_t hash, struct str key)
{
	struct map_node *n = map_find(&s->aors, hash, aor_is, &key);

	return n ? container_of(n, struct aor, node) : NULL;
}

struct aor *aor_add(struct shard *s, uint64_t hash, struct str key)
{
	struct aor *a = key.n <= UINT16_MAX ? xzalloc(sizeof(*a) + key.n) : NULL;

	if (!a)
		return NULL;
	list_init(&a->waiting);
	a->key_n = (uint16_t)key.n;
	memcpy(a->key, key.p, key.n);
	map_add(&s->aors, &a->node, hash);
	return a;
}

void aor_free(struct shard *s, struct aor *a)
{
	map_remove(&s->aors, &a->node);
	s->contacts -= a->n;
	for (unsigned i = 0; i < a->n; i++)
		entry_free(s, a->entries[i]);
	xfree(a->entries);
	xfree(a);
}

uint64_t shard_next_seq(struct shard *s, uint64_t wall_ms)
{
	uint64_t floor = wall_ms << 12;

	s->seq = s->seq + 1 > floor ? s->seq + 1 : floor;
	return s->seq;
}

/* ---- life ---- */

static int shard_init(struct shard *s)
{
	int err = map_init(&s->aors, SHARD_SLOTS);

	if (err)
		return err;
	err = map_init(&s->flows, SHARD_SLOTS);
	if (!err) {
		err = retired_init(s);
		if (err)
			map_fini(&s->flows);
	}
	if (err) {
		map_fini(&s->aors);
		return err;
	}
	pthread_mutex_init(&s->lock, NULL);
	return 0;
}

static void shard_fini(struct shard *s)
{
	/* Slot by slot: to look for the first anew each time takes minutes with a million. */
	for (size_t i = 0; i <= s->aors.mask; i++) {
		while (s->aors.slots[i])
			aor_free(s, container_of(s->aors.slots[i], struct aor, node));
	}
	retired_fini(s);
	map_fini(&s->aors);
	map_fini(&s->flows);
	pthread_mutex_destroy(&s->lock);
}

int loc_new(const struct loc_conf *conf, struct loc **ret)
{
	struct loc *l = xzalloc(sizeof(*l));
	unsigned i = 0;
	int err = -ENOMEM;

	if (!l)
		return err;
	l->conf = *conf;
	if (l->conf.max_contacts == 0 || l->conf.max_contacts > LOC_MAX_CONTACTS)
		l->conf.max_contacts = LOC_MAX_CONTACTS;
	l->n_shards = conf->workers * SHARDS_A_WORKER;
	l->shards = xcalloc(l->n_shards, sizeof(*l->shards));
	if (l->shards)
		for (err = 0; i < l->n_shards && !err; i += !err)
			err = shard_init(&l->shards[i]);
	if (err) {
		while (i > 0)
			shard_fini(&l->shards[--i]);
		xfree(l->shards);
		xfree(l);
		return err;
	}
	*ret = l;
	return 0;
}

void loc_free(struct loc **pl)
{
	struct loc *l = *pl;

	if (!l)
		return;
	for (unsigned i = 0; i < l->n_shards; i++)
		shard_fini(&l->shards[i]);
	xfree(l->shards);
	xfree(l);
	*pl = NULL;
}

/* ---- look-up ---- */

/* Highest q first, then newest: insertion into a short list. */
static void put_sorted(struct loc_binding *list, unsigned n, const struct loc_binding *b)
{
	unsigned i = n;

	while (i > 0 && (list[i - 1].q1000 < b->q1000 || (list[i - 1].q1000 == b->q1000 &&
							  list[i - 1].updated_ms < b->updated_ms))) {
		list[i] = list[i - 1];
		i--;
	}
	list[i] = *b;
}

static int copy_live(const struct aor *a, uint64_t wall_ms, struct arena *arena,
		     struct loc_binding **ret)
{
	struct loc_binding *list = arena_alloc(arena, sizeof(*list) * (a->n + 1u));
	int n = 0;

	if (!list)
		return -ENOMEM;
	for (unsigned i = 0; i < a->n; i++) {
		struct loc_binding b;

		if (a->entries[i]->expires_ms <= wall_ms)
			continue;
		if (!entry_copy(a->entries[i], arena, &b))
			return -ENOMEM;
		put_sorted(list, (unsigned)n++, &b);
	}
	*ret = list;
	return n;
}

int loc_lookup(struct loc *l, struct str key, uint64_t wall_ms, struct arena *arena,
	       struct loc_binding **ret)
{
	uint64_t hash;
	struct shard *s = loc_shard_of(l, key, &hash);
	struct aor *a;
	int n = 0;

	pthread_mutex_lock(&s->lock);
	a = aor_find(s, hash, key);
	if (a)
		n = copy_live(a, wall_ms, arena, ret);
	pthread_mutex_unlock(&s->lock);
	return n;
}

size_t loc_count(const struct loc *l, size_t *ret_contacts)
{
	size_t aors = 0, contacts = 0;

	for (unsigned i = 0; i < l->n_shards; i++) {
		struct shard *s = &l->shards[i];

		pthread_mutex_lock(&s->lock);
		aors += s->aors.n;
		contacts += s->contacts;
		pthread_mutex_unlock(&s->lock);
	}
	if (ret_contacts)
		*ret_contacts = contacts;
	return aors;
}

/* ---- a walk for the operator: a few slots under the lock, told outside of it ---- */

#define WALK_SLOTS 64

struct walked {
	struct walked *next;
	struct str key;
	struct loc_binding *b;
	unsigned n;
};

static struct walked *walk_slots(struct shard *s, size_t from, uint64_t wall_ms, struct arena *a)
{
	struct walked *all = NULL;

	for (size_t i = from; i < from + WALK_SLOTS && i <= s->aors.mask; i++) {
		for (struct map_node *n = s->aors.slots[i]; n; n = n->next) {
			struct aor *aor = container_of(n, struct aor, node);
			struct walked *w = arena_alloc(a, sizeof(*w));
			int got = w ? copy_live(aor, wall_ms, a, &w->b) : -ENOMEM;

			if (got <= 0)
				continue;
			w->n = (unsigned)got;
			w->key = arena_str(a, aor_key(aor));
			w->next = all;
			all = w;
		}
	}
	return all;
}

static bool walk_shard(struct shard *s, uint64_t wall_ms,
		       bool (*fn)(void *ctx, struct str aor, const struct loc_binding *b, unsigned n),
		       void *ctx)
{
	bool on = true, more = true;

	for (size_t from = 0; on && more; from += WALK_SLOTS) {
		struct arena a;

		arena_init(&a, NULL, 0, (size_t)64 << 20);
		pthread_mutex_lock(&s->lock);
		struct walked *w = walk_slots(s, from, wall_ms, &a);
		more = from + WALK_SLOTS <= s->aors.mask;
		pthread_mutex_unlock(&s->lock);
		for (; w && on; w = w->next)
			on = fn(ctx, w->key, w->b, w->n);
		arena_fini(&a);
	}
	return on;
}

void loc_walk(struct loc *l, uint64_t wall_ms,
	      bool (*fn)(void *ctx, struct str aor, const struct loc_binding *b, unsigned n), void *ctx)
{
	for (unsigned i = 0; i < l->n_shards; i++) {
		if (!walk_shard(&l->shards[i], wall_ms, fn, ctx))
			return;
	}
}

/* ---- a worker's door: expired bindings are swept slot by slot ---- */

/* What the log says when the shard is free again: a line for each, as many as fit. */
static void note_expired(struct buf *lines, const struct aor *a, const struct entry *e)
{
	struct loc_binding b;

	entry_view(e, &b);
	buf_fmt(lines, "aor=%.*s contact=%.*s call-id=%.*s\n", STR_ARG(aor_key(a)),
		STR_ARG(b.contact), STR_ARG(b.call_id));
}

static void log_expired(const struct log *log, struct str lines)
{
	while (!str_empty(lines)) {
		struct str line = str_split(&lines, '\n');

		log_info(log, "registration expired %.*s", STR_ARG(line));
	}
}

static void sweep_aor(struct shard *s, struct aor *a, uint64_t wall_ms, struct buf *lines)
{
	unsigned kept = 0;

	if (a->pending || !list_empty(&a->waiting))
		return;
	for (unsigned i = 0; i < a->n; i++) {
		if (a->entries[i]->expires_ms > wall_ms) {
			a->entries[kept++] = a->entries[i];
			continue;
		}
		note_expired(lines, a, a->entries[i]);
		entry_free(s, a->entries[i]);
		s->contacts--;
	}
	a->n = (uint16_t)kept;
	if (kept == 0)
		aor_free(s, a);
}

static void sweep_shard(struct loc_worker *w, struct shard *s, uint64_t wall_ms, struct buf *lines)
{
	size_t part, from;

	pthread_mutex_lock(&s->lock);
	part = s->aors.mask / SWEEP_PART + 1;
	from = w->sweep_at * part;
	for (size_t i = from; i < from + part; i++) {
		struct map_node *n, *next;

		for (n = s->aors.slots[i & s->aors.mask]; n; n = next) {
			next = n->next;
			sweep_aor(s, container_of(n, struct aor, node), wall_ms, lines);
		}
	}
	pthread_mutex_unlock(&s->lock);
}

static void sweep(void *ctx)
{
	struct loc_worker *w = ctx;
	uint64_t wall_ms = w->io->ops->wall_ms(w->io);
	struct buf lines = log_wants(w->io->log, LOG_INFO) ? buf_heap(SWEEP_LOG_BYTES)
							   : buf_over(NULL, 0);

	for (unsigned i = 0; i < SHARDS_A_WORKER; i++)
		sweep_shard(w, &w->shards[i], wall_ms, &lines);
	w->sweep_at = (w->sweep_at + 1) % SWEEP_PART;
	log_expired(w->io->log, buf_str(&lines));
	buf_free(&lines);
	io_timer(w->io, &w->sweep, SWEEP_MS);
}

int loc_attach(struct loc *l, struct io *io, struct loc_worker **ret)
{
	struct loc_worker *w = xzalloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->loc = l;
	w->io = io;
	w->shards = &l->shards[io->worker * SHARDS_A_WORKER];
	w->max_contacts = l->conf.max_contacts;
	list_init(&w->updates);
	timer_init(&w->sweep, sweep, w);
	io_timer(io, &w->sweep, SWEEP_MS);
	*ret = w;
	return 0;
}

void loc_detach(struct loc_worker **pw)
{
	struct loc_worker *w = *pw;

	if (!w)
		return;
	io_timer_cancel(w->io, &w->sweep);
	loc_updates_end(w, -ESHUTDOWN);
	xfree(w);
	*pw = NULL;
}

void loc_set_max_contacts(struct loc_worker *w, unsigned n)
{
	w->max_contacts = n && n <= LOC_MAX_CONTACTS ? n : LOC_MAX_CONTACTS;
}

static bool entry_has_flow(const struct map_node *n, const void *key)
{
	const struct entry *e = container_of(n, struct entry, by_flow);

	return flow_same(&e->flow, key);
}

static void flow_closed_in(struct loc *l, struct shard *s, const struct flow *flow)
{
	uint64_t hash = entry_flow_hash(l, flow);
	struct map_node *n;

	pthread_mutex_lock(&s->lock);
	while ((n = map_find(&s->flows, hash, entry_has_flow, flow))) {
		struct entry *e = container_of(n, struct entry, by_flow);

		map_remove(&s->flows, n);
		e->indexed = false;
		__atomic_store_n(&e->flow_alive, false, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&s->lock);
}

void loc_flow_closed(struct loc_worker *w, const struct flow *flow)
{
	for (unsigned i = 0; i < SHARDS_A_WORKER; i++)
		flow_closed_in(w->loc, &w->shards[i], flow);
}

/* ---- start ---- */

static int load_entries(struct shard *s, struct aor *a, struct str payload)
{
	struct loc_binding b;
	unsigned n;

	if (!loc_decode_start(&payload, &n) || n > LOC_MAX_CONTACTS)
		return -EBADMSG;
	a->entries = xcalloc(n ? n : 1, sizeof(*a->entries));
	if (!a->entries)
		return -ENOMEM;
	for (; a->n < n; a->n++, s->contacts++) {
		if (!loc_decode_next(&payload, &b))
			return -EBADMSG;
		b.flow_alive = b.flow.transport == TRANSPORT_UDP;
		a->entries[a->n] = entry_new(&b);
		if (!a->entries[a->n])
			return -ENOMEM;
	}
	return 0;
}

static void seq_seen(struct loc *l, uint64_t seq)
{
	for (unsigned i = 0; i < l->n_shards; i++) {
		if (l->shards[i].seq < seq)
			l->shards[i].seq = seq;
	}
}

static bool load_aor(struct shard *s, uint64_t hash, struct str key, struct str payload)
{
	struct aor *a = aor_add(s, hash, key);

	if (!a)
		return false;
	if (load_entries(s, a, payload)) {
		aor_free(s, a);
		return false;
	}
	return true;
}

bool loc_load(struct loc *l, struct str key, uint64_t seq, uint64_t expires_ms, struct str payload)
{
	uint64_t hash;
	struct shard *s = loc_shard_of(l, key, &hash);
	struct aor *a;

	seq_seen(l, seq);
	if (expires_ms == 0)
		return true;
	a = aor_find(s, hash, key);
	if (a)
		aor_free(s, a);
	return load_aor(s, hash, key, payload);
}

bool loc_load_once(struct loc *l, struct str key, uint64_t seq, uint64_t expires_ms,
		   struct str payload)
{
	uint64_t hash;
	struct shard *s = loc_shard_of(l, key, &hash);

	seq_seen(l, seq);
	return expires_ms == 0 || load_aor(s, hash, key, payload);
}
