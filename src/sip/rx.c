#include <errno.h>

#include "base/alloc.h"
#include "sip/rx.h"

/* A kept message is one block: the struct, the index with a few spare slots, the received
 * bytes, the texts that were composed onto it (the stamped Via), and room for its arena. */
#define SPARE_SLOTS 4
#define SPARE_BYTES 512

/* The stamped value replaces the received one; one that is bad has no parameters, and stays. */
static void stamp(struct sip_rx *rx)
{
	if (rx->head.via.params.p)
		sip_via_stamp_known(&rx->msg, &rx->head.via, &rx->flow.remote);
}

bool sip_rx_parse(struct sip_rx *rx, struct str bytes, const struct flow *flow, uint64_t now_ms,
		  void *room, size_t room_bytes, struct sip_err *err)
{
	struct sip_err check_err;
	bool parsed, checked;

	rx->flow = *flow;
	rx->at_ms = now_ms;
	rx->kept = false;
	arena_init(&rx->arena, room, room_bytes, 0);
	parsed = sip_parse(bytes, &rx->arena, &rx->msg, err);
	checked = sip_check(&rx->msg, &rx->head, parsed ? err : &check_err);
	if (sip_is_request(&rx->msg))
		stamp(rx);
	return parsed && checked;
}

void sip_rx_fini(struct sip_rx *rx)
{
	arena_fini(&rx->arena);
}

/* ---- keeping ---- */

struct keeper {
	const struct sip_rx *from;
	struct sip_rx *to;
	char *tail; /* where the next composed text goes */
};

static bool within(struct str s, struct str whole)
{
	return whole.n && s.p >= whole.p && s.p + s.n <= whole.p + whole.n;
}

/* Texts that are neither in the received bytes nor literals of the name table. */
static bool must_copy(const struct sip_rx *rx, struct str s)
{
	return s.n && !within(s, rx->msg.raw);
}

static bool name_is_literal(const struct sip_hdr *h)
{
	return h->name == sip_hdr_id_name((enum sip_hdr_id)h->id).p;
}

static size_t composed_bytes(const struct sip_rx *rx)
{
	const struct sip_msg *m = &rx->msg;
	const struct str rest[] = {m->body, m->uri, m->method_name, m->reason};
	size_t n = 0, i;

	for (i = 0; i < m->n_hdr; i++) {
		const struct sip_hdr *h = &m->hdr[i];

		if (must_copy(rx, sip_hdr_value(h)))
			n += h->value_n;
		if (!name_is_literal(h) && must_copy(rx, sip_hdr_name(h)))
			n += h->name_n;
	}
	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		if (must_copy(rx, rest[i]))
			n += rest[i].n;
	return n;
}

/* The text's place in the new block. */
static const char *carry(struct keeper *k, struct str s)
{
	const struct str raw = k->from->msg.raw;
	char *copy = k->tail;

	if (within(s, raw))
		return k->to->msg.raw.p + (s.p - raw.p);
	if (!s.n)
		return s.p ? "" : NULL;
	memcpy(copy, s.p, s.n);
	k->tail += s.n;
	return copy;
}

static void carry_str(struct keeper *k, struct str *s)
{
	s->p = carry(k, *s);
}

static void carry_index(struct keeper *k)
{
	struct sip_msg *m = &k->to->msg;
	unsigned i;

	for (i = 0; i < m->n_hdr; i++) {
		struct sip_hdr *h = &m->hdr[i];

		h->value = carry(k, sip_hdr_value(h));
		if (!name_is_literal(h))
			h->name = carry(k, sip_hdr_name(h));
	}
}

/* A slice of the head lies in the received bytes or in a value that was composed. */
static void rebase(const struct keeper *k, struct str *s)
{
	const struct sip_msg *from = &k->from->msg, *to = &k->to->msg;
	unsigned i;

	if (!s->p)
		return;
	if (within(*s, from->raw)) {
		s->p = to->raw.p + (s->p - from->raw.p);
		return;
	}
	for (i = 0; i < from->n_hdr; i++) {
		if ((from->hdr[i].flags & SIP_HDR_RAW) || !within(*s, sip_hdr_value(&from->hdr[i])))
			continue;
		s->p = to->hdr[i].value + (s->p - from->hdr[i].value);
		return;
	}
	*s = STR("");
}

static void rebase_via(const struct keeper *k, struct sip_via *v)
{
	struct str *const all[] = {&v->text,   &v->transport_name, &v->host,     &v->sent_by,
				   &v->params, &v->branch,         &v->received, &v->maddr};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		rebase(k, all[i]);
}

static void rebase_nameaddr(const struct keeper *k, struct sip_nameaddr *n)
{
	struct str *const all[] = {&n->text,     &n->display,      &n->uri_text,   &n->params,
				   &n->tag,      &n->uri.text,     &n->uri.user,   &n->uri.password,
				   &n->uri.host, &n->uri.hostport, &n->uri.params, &n->uri.headers};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		rebase(k, all[i]);
}

static void rebase_head(const struct keeper *k, struct sip_head *h)
{
	rebase_via(k, &h->via);
	rebase_nameaddr(k, &h->from);
	rebase_nameaddr(k, &h->to);
	rebase(k, &h->call_id);
	rebase(k, &h->cseq.method);
}

static size_t round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int sip_rx_keep(const struct sip_rx *rx, struct sip_rx **ret)
{
	const struct sip_msg *m = &rx->msg;
	size_t slots = m->n_hdr + SPARE_SLOTS, composed = composed_bytes(rx);
	size_t index_at = round8(sizeof(*rx)), bytes_at = index_at + slots * sizeof(struct sip_hdr);
	size_t arena_at = round8(bytes_at + m->raw.n + composed);
	char *block = (char *)xmalloc(arena_at + SPARE_BYTES);
	struct sip_rx *kept = (struct sip_rx *)(void *)block;
	struct keeper k = {.from = rx, .to = kept};

	if (!block)
		return -ENOMEM;
	*kept = *rx;
	kept->kept = true;
	arena_init(&kept->arena, block + arena_at, SPARE_BYTES, 0);
	kept->msg.arena = &kept->arena;
	kept->msg.hdr = (struct sip_hdr *)(void *)(block + index_at);
	kept->msg.cap_hdr = (uint16_t)slots;
	if (m->n_hdr)
		memcpy(kept->msg.hdr, m->hdr, m->n_hdr * sizeof(struct sip_hdr));
	if (m->raw.n)
		memcpy(block + bytes_at, m->raw.p, m->raw.n);
	kept->msg.raw.p = block + bytes_at;
	k.tail = block + bytes_at + m->raw.n;
	carry_index(&k);
	carry_str(&k, &kept->msg.body);
	carry_str(&k, &kept->msg.uri);
	carry_str(&k, &kept->msg.method_name);
	carry_str(&k, &kept->msg.reason);
	rebase_head(&k, &kept->head);
	*ret = kept;
	return 0;
}

void sip_rx_free(struct sip_rx **rx)
{
	if (!*rx)
		return;
	sip_rx_fini(*rx);
	xfree(*rx);
	*rx = NULL;
}
