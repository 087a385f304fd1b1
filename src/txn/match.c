/* Which transaction a message belongs to: RFC 3261 s17.1.3, s17.2.3, s9.2, s8.2.2.2.  Whatever
 * a peer can vary freely is part of the hash, so that no chain grows with an attacker's wish. */
#include "txn/internal.h"

/* Keeps the hashes of idents apart by their use. */
enum { MIX_MERGE = 0x6d72, MIX_ACK = 0x61636b };

/* A cookie with nothing behind it identifies nothing (RFC 4475 s3.2.1). */
static bool has_cookie(const struct sip_via *via)
{
	return via->is_rfc3261 && via->branch.n > SIP_BRANCH_COOKIE.n;
}

void txn_id_of(const struct sip_rx *rx, struct txn_id *ret)
{
	const struct sip_head *h = &rx->head;

	*ret = (struct txn_id){
		.branch = h->via.branch,
		.host = h->via.host,
		.port = h->via.port,
		.call_id = h->call_id,
		.from_tag = h->from.tag,
		.cseq = h->cseq.number,
		.method = rx->msg.method,
		.in_dialog = h->to.tag.n > 0,
	};
	if (ret->method == SIP_METHOD_OTHER)
		ret->method_name = rx->msg.method_name;
	if (ret->method == SIP_ACK) {
		ret->method = SIP_INVITE;
		ret->is_ack = true;
	}
	if (!has_cookie(&h->via)) {
		ret->legacy = true;
		ret->branch = h->via.text;
		ret->host = STR_NONE;
		ret->port = 0;
		ret->to_tag = h->to.tag;
		ret->uri = rx->msg.uri;
	}
}

/* Call-ID and From tag of a request inside a dialog serve nothing (unless it is legacy). */
static bool keeps_ident(const struct txn_id *id)
{
	return id->legacy || !id->in_dialog;
}

size_t txn_id_bytes(const struct txn_id *id)
{
	size_t n = id->branch.n + id->host.n + id->method_name.n + id->to_tag.n + id->uri.n;

	return keeps_ident(id) ? n + id->call_id.n + id->from_tag.n : n;
}

static struct str put(char **at, struct str s)
{
	struct str copy = str_of(*at, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

void txn_id_copy(const struct txn_id *from, char *room, struct txn_id *ret)
{
	*ret = *from;
	ret->branch = put(&room, from->branch);
	ret->host = put(&room, from->host);
	ret->method_name = put(&room, from->method_name);
	ret->to_tag = put(&room, from->to_tag);
	ret->uri = put(&room, from->uri);
	ret->call_id = ret->from_tag = STR_NONE;
	if (keeps_ident(from)) {
		ret->call_id = put(&room, from->call_id);
		ret->from_tag = put(&room, from->from_tag);
	}
}

/* ---- hashes ---- */

static uint64_t method_hash(const struct txn_table *t, unsigned method, struct str name)
{
	return method == SIP_METHOD_OTHER ? hash_str(&t->seed, name) : method;
}

static uint64_t ident_hash(const struct txn_table *t, const struct txn_id *id)
{
	uint64_t h = hash_mix(hash_str(&t->seed, id->call_id), hash_str(&t->seed, id->from_tag));

	return hash_mix(h, id->cseq);
}

static uint64_t key_hash(const struct txn_table *t, const struct txn_id *id)
{
	uint64_t h = hash_str(&t->seed, id->branch);

	h = hash_mix(h, method_hash(t, id->method, id->method_name));
	h = hash_mix(h, hash_str(&t->seed, id->host) ^ id->port);
	if (!id->legacy)
		return h;
	h = hash_mix(h, ident_hash(t, id));
	h = hash_mix(h, hash_str(&t->seed, id->uri));
	return hash_mix(h, hash_str(&t->seed, id->to_tag));
}

static uint64_t merge_hash(const struct txn_table *t, const struct txn_id *id)
{
	uint64_t h = hash_mix(ident_hash(t, id), MIX_MERGE);

	return hash_mix(h, method_hash(t, id->method, id->method_name));
}

/* ---- equality ---- */

static bool same_method(const struct txn_id *a, const struct txn_id *b)
{
	return a->method == b->method && str_eq(a->method_name, b->method_name);
}

static bool same_ident(const struct txn_id *a, const struct txn_id *b)
{
	return a->cseq == b->cseq && str_eq(a->call_id, b->call_id) &&
	       str_eq(a->from_tag, b->from_tag);
}

/* s17.2.3, but for the To tag of a legacy request.  Request-URIs are compared by their bytes: a
 * retransmission has the same, ACK and CANCEL must have it (s17.1.1.3, s9.1). */
static bool same_key(const struct txn_id *a, const struct txn_id *b)
{
	if (a->legacy != b->legacy || !same_method(a, b) || !str_eq(a->branch, b->branch))
		return false;
	if (!a->legacy)
		return a->port == b->port && str_eq(a->host, b->host);
	return same_ident(a, b) && str_eq(a->uri, b->uri);
}

static bool is_same_request(const struct txn_id *a, const struct txn_id *b)
{
	return same_key(a, b) && str_eq(a->to_tag, b->to_tag);
}

static const struct txn_server *by_key(const struct map_node *n)
{
	return container_of(n, const struct txn_server, by_key);
}

static const struct txn_server *by_ident(const struct map_node *n)
{
	return container_of(n, const struct txn_server, by_ident);
}

static bool eq_request(const struct map_node *n, const void *id)
{
	return is_same_request(&by_key(n)->id, id);
}

static bool eq_merged(const struct map_node *n, const void *id)
{
	const struct txn_server *t = by_ident(n);

	return t->ident == TXN_IDENT_MERGE && same_method(&t->id, id) && same_ident(&t->id, id) &&
	       !is_same_request(&t->id, id);
}

static bool eq_ident(const struct map_node *n, const void *id)
{
	const struct txn_server *t = by_ident(n);

	return t->ident == TXN_IDENT_MERGE && same_method(&t->id, id) && same_ident(&t->id, id);
}

static bool eq_legacy_ack(const struct map_node *n, const void *id)
{
	const struct txn_server *t = by_ident(n);
	const struct txn_id *ack = id;

	return t->ident == TXN_IDENT_ACK && same_key(&t->id, ack) &&
	       str_eq(t->response_tag, ack->to_tag);
}

/* ---- servers ---- */

/* Of several with one identity the first is enough to know a merged request by. */
void txn_server_list(struct txn_server *t)
{
	struct txn_table *table = t->table;
	uint64_t hash;

	map_add(&table->servers, &t->by_key, key_hash(table, &t->id));
	if (t->id.in_dialog)
		return;
	hash = merge_hash(table, &t->id);
	if (map_find(&table->idents, hash, eq_ident, &t->id))
		return;
	t->ident = TXN_IDENT_MERGE;
	map_add(&table->idents, &t->by_ident, hash);
}

static void leave_idents(struct txn_server *t)
{
	if (t->ident != TXN_IDENT_NONE)
		map_remove(&t->table->idents, &t->by_ident);
	t->ident = TXN_IDENT_NONE;
}

void txn_server_unlist(struct txn_server *t)
{
	map_remove(&t->table->servers, &t->by_key);
	leave_idents(t);
}

static uint64_t ack_hash(const struct txn_table *t, const struct txn_id *id, struct str to_tag)
{
	struct txn_id with = *id;

	with.to_tag = to_tag;
	return hash_mix(key_hash(t, &with), MIX_ACK);
}

void txn_server_list_ack(struct txn_server *t)
{
	leave_idents(t);
	t->ident = TXN_IDENT_ACK;
	map_add(&t->table->idents, &t->by_ident, ack_hash(t->table, &t->id, t->response_tag));
}

static struct txn_server *match_request(struct txn_table *table, const struct txn_id *id)
{
	struct map_node *n = map_find(&table->servers, key_hash(table, id), eq_request, id);

	return n ? container_of(n, struct txn_server, by_key) : NULL;
}

struct txn_server *txn_server_match(struct txn_table *table, const struct sip_rx *rx)
{
	struct map_node *n;
	struct txn_id id;

	txn_id_of(rx, &id);
	if (!id.is_ack || !id.legacy)
		return match_request(table, &id);
	n = map_find(&table->idents, ack_hash(table, &id, id.to_tag), eq_legacy_ack, &id);
	return n ? container_of(n, struct txn_server, by_ident) : NULL;
}

struct txn_server *txn_server_match_cancel(struct txn_table *table, const struct sip_rx *cancel)
{
	struct txn_id id;

	txn_id_of(cancel, &id);
	id.method = SIP_INVITE;
	return match_request(table, &id);
}

bool txn_server_is_merged(struct txn_table *table, const struct sip_rx *rx)
{
	struct txn_id id;

	txn_id_of(rx, &id);
	if (id.in_dialog)
		return false;
	return map_find(&table->idents, merge_hash(table, &id), eq_merged, &id) != NULL;
}

/* ---- clients: branch and the method of CSeq (s17.1.3) ---- */

struct client_key {
	struct str branch, method_name;
	unsigned method;
};

static bool eq_client(const struct map_node *n, const void *key)
{
	const struct txn_client *t = container_of(n, const struct txn_client, by_key);
	const struct client_key *k = key;

	return t->method == k->method && str_eq(t->branch, k->branch) &&
	       (k->method != SIP_METHOD_OTHER || str_eq(t->method_name, k->method_name));
}

static uint64_t client_hash(const struct txn_table *t, const struct client_key *k)
{
	return hash_mix(hash_str(&t->seed, k->branch), method_hash(t, k->method, k->method_name));
}

void txn_client_list(struct txn_client *t)
{
	struct client_key key = {t->branch, t->method_name, t->method};

	map_add(&t->table->clients, &t->by_key, client_hash(t->table, &key));
}

void txn_client_unlist(struct txn_client *t)
{
	map_remove(&t->table->clients, &t->by_key);
}

struct txn_client *txn_client_match(struct txn_table *table, const struct sip_rx *rx)
{
	struct str name = rx->head.cseq.method;
	struct client_key key = {rx->head.via.branch, name, sip_method_of(name)};
	struct map_node *n = map_find(&table->clients, client_hash(table, &key), eq_client, &key);

	if (!n)
		table->counters.stray_responses++;
	return n ? container_of(n, struct txn_client, by_key) : NULL;
}
