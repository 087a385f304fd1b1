/* The table, its branches, and the index of waiting clients by flow. */
#include <errno.h>

#include "sip/via.h"
#include "txn/internal.h"

#define FIRST_SLOTS 256

/* RFC 3261 table 4. */
static const struct txn_timers rfc_timers = {
	.t1_ms = 500, .t2_ms = 4000, .t4_ms = 5000, .d_ms = 32000};

static void free_slots(struct txn_table *t)
{
	map_fini(&t->servers);
	map_fini(&t->clients);
	map_fini(&t->idents);
	map_fini(&t->flows);
}

int txn_table_init(struct txn_table *t, struct io *io, const struct txn_timers *timers)
{
	*t = (struct txn_table){.io = io, .max = TXN_MAX_DEFAULT};
	t->timers = timers ? *timers : rfc_timers;
	io->ops->random(io, &t->seed, sizeof(t->seed));
	io->ops->random(io, t->branch_key, sizeof(t->branch_key));
	if (map_init(&t->servers, FIRST_SLOTS) < 0 || map_init(&t->clients, FIRST_SLOTS) < 0 ||
	    map_init(&t->idents, FIRST_SLOTS) < 0 || map_init(&t->flows, FIRST_SLOTS) < 0) {
		free_slots(t);
		return -ENOMEM;
	}
	return 0;
}

/* Callbacks free no other transaction, and nothing new begins: the successor stays. */
void txn_table_fini(struct txn_table *t)
{
	struct map_node *n, *next;

	t->closing = true;
	for (n = map_next(&t->clients, NULL); n; n = next) {
		next = map_next(&t->clients, n);
		txn_client_end(container_of(n, struct txn_client, by_key), -ESHUTDOWN);
	}
	for (n = map_next(&t->servers, NULL); n; n = next) {
		next = map_next(&t->servers, n);
		txn_server_end(container_of(n, struct txn_server, by_key), -ESHUTDOWN);
	}
	free_slots(t);
}

/* A counter under a secret key: unique while the key is (128 random bits a table), and a
 * stranger who saw one can't tell the next. */
void txn_put_branch(struct txn_table *t, struct buf *b)
{
	struct hash_seed seed = {t->branch_key[0], t->branch_key[1]};
	uint64_t in[2] = {t->branch_next++, 0};
	uint64_t out[2];

	out[0] = hash_bytes(&seed, in, sizeof(in));
	in[1] = 1;
	out[1] = hash_bytes(&seed, in, sizeof(in));
	buf_puts(b, SIP_BRANCH_COOKIE);
	buf_put_b64url(b, out, sizeof(out));
}

int txn_send(struct txn_table *table, const struct flow *flow, struct str bytes)
{
	int err = io_send(table->io, flow, bytes);

	if (!err && table->on_send)
		table->on_send(table->on_send_ctx, flow, bytes);
	return err;
}

/* ---- who waits on which flow ---- */

/* A connection's name; of UDP the peer alone, for an ICMP error does not tell our own address
 * when the socket is bound to any. */
static bool same_peer(const struct flow *a, const struct flow *b)
{
	if (flow_is_stream(a) || flow_is_stream(b))
		return flow_same(a, b);
	return a->transport == b->transport && addr_eq(&a->remote, &b->remote);
}

static uint64_t flow_hash(const struct txn_table *t, const struct flow *flow)
{
	if (flow_is_stream(flow)) {
		uint64_t name[2] = {(uint64_t)flow->transport << 8 | flow->worker,
				    (uint64_t)flow->slot << 32 | flow->gen};

		return hash_bytes(&t->seed, name, sizeof(name));
	}
	return hash_bytes(&t->seed, &flow->remote, sizeof(flow->remote));
}

static bool is_flow(const struct map_node *n, const void *key)
{
	return same_peer(&container_of(n, struct txn_client, by_flow)->flow, key);
}

static struct txn_client *leader_of(const struct txn_table *t, const struct flow *flow,
				    uint64_t hash)
{
	struct map_node *n = map_find(&t->flows, hash, is_flow, flow);

	return n ? container_of(n, struct txn_client, by_flow) : NULL;
}

void txn_wait_add(struct txn_client *t)
{
	uint64_t hash = flow_hash(t->table, &t->flow);
	struct txn_client *leader = leader_of(t->table, &t->flow, hash);

	t->waiting = true;
	if (leader) {
		list_append(&leader->ring, &t->ring);
		return;
	}
	t->leads = true;
	map_add(&t->table->flows, &t->by_flow, hash);
}

/* The next in the ring leads when the leader goes. */
void txn_wait_remove(struct txn_client *t)
{
	struct list *next = list_first(&t->ring);

	if (!t->waiting)
		return;
	t->waiting = false;
	list_unlink(&t->ring);
	if (!t->leads)
		return;
	t->leads = false;
	map_remove(&t->table->flows, &t->by_flow);
	if (next) {
		struct txn_client *heir = container_of(next, struct txn_client, ring);

		heir->leads = true;
		map_add(&t->table->flows, &heir->by_flow, t->by_flow.hash);
	}
}

void txn_flow_failed(struct txn_table *t, const struct flow *flow, int err)
{
	struct txn_client *leader = leader_of(t, flow, flow_hash(t, flow));
	struct list ring, *n;

	if (!leader)
		return;
	/* The ring leaves the index first: callbacks may begin new waits on the same flow. */
	leader->leads = false;
	map_remove(&t->flows, &leader->by_flow);
	list_init(&ring);
	list_insert(leader->ring.prev, &ring);
	while ((n = list_first(&ring)))
		txn_client_end(container_of(n, struct txn_client, ring), err);
}
