#include <errno.h>

#include "base/alloc.h"
#include "sip/rx.h"

/* A kept message is one block: the struct, the index, the received bytes, and the texts that were
 * composed onto it (the stamped Via).  Hardly one is edited: that takes from the heap. */

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

/* Whether the text lies in the received bytes; nearly all do. */
static inline bool is_received(struct str raw, const char *p)
{
	return (size_t)((uintptr_t)p - (uintptr_t)raw.p) < raw.n;
}

static inline const char *moved(const struct keeper *k, const char *p)
{
	return k->to->msg.raw.p + (p - k->from->msg.raw.p);
}

/* Texts that are neither in the received bytes nor literals of the name table. */
static size_t copied_bytes(const struct sip_rx *rx, struct str s)
{
	return is_received(rx->msg.raw, s.p) ? 0 : s.n;
}

static bool name_is_literal(const struct sip_hdr *h)
{
	return h->name == sip_hdr_id_name((enum sip_hdr_id)h->id).p;
}

/* A whole line of the received bytes (not of another message). */
static inline bool is_received_line(const struct sip_rx *rx, const struct sip_hdr *h)
{
	return (h->flags & SIP_HDR_RAW) && is_received(rx->msg.raw, h->name);
}

static size_t composed_bytes(const struct sip_rx *rx)
{
	const struct sip_msg *m = &rx->msg;
	size_t n = copied_bytes(rx, m->body) + copied_bytes(rx, m->uri) +
		   copied_bytes(rx, m->method_name) + copied_bytes(rx, m->reason);
	unsigned i;

	for (i = 0; i < m->n_hdr; i++) {
		const struct sip_hdr *h = &m->hdr[i];

		if (is_received_line(rx, h))
			continue;
		n += copied_bytes(rx, sip_hdr_value(h));
		if (!name_is_literal(h))
			n += copied_bytes(rx, sip_hdr_name(h));
	}
	return n;
}

/* The text's place in the new block. */
static const char *carry(struct keeper *k, struct str s)
{
	char *copy = k->tail;

	if (is_received(k->from->msg.raw, s.p))
		return moved(k, s.p);
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
	const struct sip_hdr *from = k->from->msg.hdr;
	struct sip_hdr *h = k->to->msg.hdr, *end = h + k->to->msg.n_hdr;

	for (; h < end; h++, from++) {
		*h = *from;
		if (is_received_line(k->from, from)) {
			h->name = moved(k, from->name);
			h->value = moved(k, from->value);
			continue;
		}
		h->flags &= (uint8_t)~SIP_HDR_RAW; /* a line no more */
		h->value = carry(k, sip_hdr_value(from));
		if (!name_is_literal(from))
			h->name = carry(k, sip_hdr_name(from));
	}
}

/* A slice that lies in a value which was composed. */
static struct str rebase_composed(const struct keeper *k, struct str s)
{
	const struct sip_msg *from = &k->from->msg, *to = &k->to->msg;
	unsigned i;

	for (i = 0; s.p && i < from->n_hdr; i++) {
		const struct sip_hdr *h = &from->hdr[i];

		if (!is_received(from->raw, h->value) && s.p >= h->value &&
		    s.p + s.n <= h->value + h->value_n)
			return str_of(to->hdr[i].value + (s.p - h->value), s.n);
	}
	return s.p ? STR("") : s;
}

/* A slice of the head lies in the received bytes or in a value that was composed. */
static inline void rebase(const struct keeper *k, struct str *s)
{
	if (is_received(k->from->msg.raw, s->p))
		s->p = moved(k, s->p);
	else
		*s = rebase_composed(k, *s);
}

static void rebase_via(const struct keeper *k, struct sip_via *v)
{
	rebase(k, &v->text);
	rebase(k, &v->transport_name);
	rebase(k, &v->host);
	rebase(k, &v->sent_by);
	rebase(k, &v->params);
	rebase(k, &v->branch);
	rebase(k, &v->received);
	rebase(k, &v->maddr);
}

static void rebase_nameaddr(const struct keeper *k, struct sip_nameaddr *n)
{
	rebase(k, &n->text);
	rebase(k, &n->display);
	rebase(k, &n->uri_text);
	rebase(k, &n->params);
	rebase(k, &n->tag);
	rebase(k, &n->uri.text);
	rebase(k, &n->uri.user);
	rebase(k, &n->uri.password);
	rebase(k, &n->uri.host);
	rebase(k, &n->uri.hostport);
	rebase(k, &n->uri.params);
	rebase(k, &n->uri.headers);
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
	size_t index_at = round8(sizeof(*rx));
	size_t bytes_at = index_at + m->n_hdr * sizeof(struct sip_hdr);
	char *block = (char *)xmalloc(bytes_at + m->raw.n + composed_bytes(rx));
	struct sip_rx *kept = (struct sip_rx *)(void *)block;
	struct keeper k = {.from = rx, .to = kept};

	if (!block)
		return -ENOMEM;
	*kept = *rx;
	kept->kept = true;
	arena_init(&kept->arena, NULL, 0, 0);
	kept->msg.arena = &kept->arena;
	kept->msg.hdr = (struct sip_hdr *)(void *)(block + index_at);
	kept->msg.cap_hdr = m->n_hdr;
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
