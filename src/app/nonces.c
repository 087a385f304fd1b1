#include "app/nonces.h"

#include <errno.h>
#include <pthread.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"

#define SHARDS 16
#define RAW_BYTES 24            /* time 8, random 8, MAC 8 */
#define WINDOW 64               /* counts that may arrive out of order */

struct used {
	struct map_node node;
	struct list link;               /* shard.by_age, oldest first */
	uint64_t made_ms;
	uint64_t random;
	uint32_t top;                   /* the highest count seen */
	uint64_t seen;                  /* bit i: top - i was used */
};

struct nonce_shard {
	pthread_mutex_t lock;
	struct map map;
	struct list by_age;
	uint64_t floor_ms;              /* what is older was pushed out: stale */
};

struct nonces {
	size_t max_per_shard;
	struct nonce_shard shards[SHARDS];
};

struct raw {
	uint64_t made_ms, random, mac;
};

static void shard_fini(struct nonce_shard *s)
{
	struct map_node *n;

	while ((n = map_pop(&s->map)))
		xfree(container_of(n, struct used, node));
	map_fini(&s->map);
	pthread_mutex_destroy(&s->lock);
}

int nonces_new(size_t max, struct nonces **ret)
{
	struct nonces *n = xzalloc(sizeof(*n));
	unsigned i;

	if (!n)
		return -ENOMEM;
	n->max_per_shard = max / SHARDS + 1;
	for (i = 0; i < SHARDS; i++) {
		if (map_init(&n->shards[i].map, 64))
			break;
		pthread_mutex_init(&n->shards[i].lock, NULL);
		list_init(&n->shards[i].by_age);
	}
	if (i < SHARDS) {
		while (i > 0)
			shard_fini(&n->shards[--i]);
		xfree(n);
		return -ENOMEM;
	}
	*ret = n;
	return 0;
}

void nonces_free(struct nonces **pn)
{
	if (!*pn)
		return;
	for (unsigned i = 0; i < SHARDS; i++)
		shard_fini(&(*pn)->shards[i]);
	xfree(*pn);
	*pn = NULL;
}

/* SipHash is a MAC of 64 bits: enough for what lives five minutes. */
static uint64_t mac_of(const uint8_t key[16], const struct raw *r)
{
	struct hash_seed seed;

	memcpy(&seed, key, sizeof(seed));
	return hash_bytes(&seed, r, 16);
}

void nonce_make(const uint8_t key[16], struct io *io, struct buf *b)
{
	struct raw r = { .made_ms = io->ops->wall_ms(io) };

	io->ops->random(io, &r.random, sizeof(r.random));
	r.mac = mac_of(key, &r);
	buf_put_b64url(b, &r, RAW_BYTES);
}

static bool read_nonce(const uint8_t key[16], struct str nonce, struct raw *ret)
{
	size_t n;

	return b64url_decode(nonce, (uint8_t *)ret, RAW_BYTES, &n) && n == RAW_BYTES &&
	       ret->mac == mac_of(key, ret);
}

static bool used_is(const struct map_node *n, const void *key)
{
	const struct used *u = container_of(n, struct used, node);
	const struct raw *r = key;

	return u->random == r->random && u->made_ms == r->made_ms;
}

static void push_out_oldest(struct nonce_shard *s)
{
	struct used *u = container_of(s->by_age.next, struct used, link);

	if (u->made_ms >= s->floor_ms)
		s->floor_ms = u->made_ms + 1;
	list_unlink(&u->link);
	map_remove(&s->map, &u->node);
	xfree(u);
}

static struct used *remember(struct nonces *n, struct nonce_shard *s, const struct raw *r)
{
	struct used *u = xzalloc(sizeof(*u));

	if (!u)
		return NULL;
	u->made_ms = r->made_ms;
	u->random = r->random;
	list_init(&u->link);
	if (s->map.n >= n->max_per_shard)
		push_out_oldest(s);
	list_append(&s->by_age, &u->link);
	map_add(&s->map, &u->node, r->mac);
	return u;
}

static bool use_count(struct used *u, uint32_t nc)
{
	if (nc > u->top) {
		uint32_t by = nc - u->top;

		u->seen = by >= WINDOW ? 1 : u->seen << by | 1;
		u->top = nc;
		return true;
	}
	if (u->top - nc >= WINDOW || u->seen >> (u->top - nc) & 1)
		return false;
	u->seen |= 1ull << (u->top - nc);
	return true;
}

static enum nonce_verdict use(struct nonces *n, struct nonce_shard *s, const struct raw *r,
			      uint32_t nc)
{
	struct map_node *node;
	struct used *u;

	if (r->made_ms < s->floor_ms)
		return NONCE_STALE;
	node = map_find(&s->map, r->mac, used_is, r);
	u = node ? container_of(node, struct used, node) : remember(n, s, r);
	if (!u)
		return NONCE_STALE;
	return use_count(u, nc ? nc : 1) ? NONCE_GOOD : NONCE_REPLAYED;
}

enum nonce_verdict nonces_use(struct nonces *n, const uint8_t key[16], struct str nonce,
			      uint32_t nc, uint64_t wall_ms, uint32_t life_ms)
{
	enum nonce_verdict v;
	struct nonce_shard *s;
	struct raw r;

	if (!read_nonce(key, nonce, &r) || r.made_ms + life_ms < wall_ms ||
	    r.made_ms > wall_ms + life_ms)
		return NONCE_STALE;
	s = &n->shards[r.random % SHARDS];
	pthread_mutex_lock(&s->lock);
	while (!list_empty(&s->by_age) &&
	       container_of(s->by_age.next, struct used, link)->made_ms + life_ms < wall_ms)
		push_out_oldest(s);
	v = use(n, s, &r, nc);
	pthread_mutex_unlock(&s->lock);
	return v;
}
