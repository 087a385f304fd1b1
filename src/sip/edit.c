/* Building and editing: slots of the index are put in, taken out and replaced; no byte of
 * a received message changes. */
#include "sip/edit.h"
#include "sip/lex.h"
#include "sip/msg.h"

#define SPARE_SLOTS 8
#define FORMAT_FIRST 1024
#define FORMAT_MAX (64 * 1024)

void sip_reindex(struct sip_msg *m)
{
	struct sip_hdr *h = m->hdr + m->n_hdr;
	unsigned i;

	lex_clear(m->first, sizeof(m->first));
	for (i = m->n_hdr; i > 0; i--) {
		h--;
		h->next = m->first[h->id];
		m->first[h->id] = (uint16_t)i;
	}
}

static bool fails(struct sip_msg *m)
{
	m->failed = true;
	return false;
}

static bool reserve(struct sip_msg *m)
{
	unsigned cap = m->cap_hdr ? m->cap_hdr * 2u : 2 * SPARE_SLOTS;
	struct sip_hdr *hdr;

	if (m->n_hdr < m->cap_hdr)
		return true;
	if (m->n_hdr >= SIP_HDR_LIMIT + SPARE_SLOTS)
		return fails(m);
	hdr = (struct sip_hdr *)arena_alloc(m->arena, cap * sizeof(*hdr));
	if (!hdr)
		return fails(m);
	if (m->n_hdr)
		memcpy(hdr, m->hdr, m->n_hdr * sizeof(*hdr));
	m->hdr = hdr;
	m->cap_hdr = (uint16_t)cap;
	return true;
}

/* Puts the last slot behind the others of its id. */
static void link_last(struct sip_msg *m)
{
	struct sip_hdr *h = &m->hdr[m->n_hdr - 1];
	uint16_t *link = &m->first[h->id];

	h->next = 0;
	while (*link)
		link = &m->hdr[*link - 1].next;
	*link = m->n_hdr;
}

static bool put_slot(struct sip_msg *m, unsigned at, const struct sip_hdr *h)
{
	if (!reserve(m))
		return false;
	if (at >= m->n_hdr) {
		m->hdr[m->n_hdr++] = *h;
		link_last(m);
		return true;
	}
	memmove(&m->hdr[at + 1], &m->hdr[at], (m->n_hdr - at) * sizeof(*h));
	m->hdr[at] = *h;
	m->n_hdr++;
	sip_reindex(m);
	return true;
}

static bool put_value(struct sip_msg *m, unsigned at, enum sip_hdr_id id, struct str name,
		      struct str value)
{
	struct sip_hdr h = {.name = name.p,
			    .value = value.p,
			    .value_n = (uint32_t)value.n,
			    .name_n = (uint16_t)name.n,
			    .id = (uint8_t)id};

	if (value.n > UINT32_MAX || !name.n || name.n > UINT16_MAX)
		return fails(m);
	/* arena_fmt() and its like give a NULL when memory ends. */
	if (!value.p) {
		if (value.n)
			return fails(m);
		h.value = "";
	}
	return put_slot(m, at, &h);
}

void sip_request_init(struct sip_msg *m, struct arena *arena, struct str method, struct str uri)
{
	memset(m, 0, sizeof(*m));
	m->arena = arena;
	m->method_name = method;
	m->method = (uint8_t)sip_method_of(method);
	m->uri = uri;
}

void sip_response_init(struct sip_msg *m, struct arena *arena, unsigned status, struct str reason)
{
	memset(m, 0, sizeof(*m));
	m->arena = arena;
	m->status = (uint16_t)(status >= 100 && status <= 699 ? status : 500);
	m->reason = reason.n ? reason : sip_reason_of(m->status);
}

bool sip_derive(const struct sip_msg *from, struct arena *arena, struct sip_msg *ret)
{
	unsigned cap = from->n_hdr + SPARE_SLOTS;
	struct sip_hdr *hdr = (struct sip_hdr *)arena_alloc(arena, cap * sizeof(*hdr));

	*ret = *from;
	ret->arena = arena;
	if (!hdr) {
		ret->hdr = NULL;
		ret->n_hdr = ret->cap_hdr = 0;
		memset(ret->first, 0, sizeof(ret->first));
		return fails(ret);
	}
	if (from->n_hdr)
		memcpy(hdr, from->hdr, from->n_hdr * sizeof(*hdr));
	ret->hdr = hdr;
	ret->cap_hdr = (uint16_t)cap;
	return true;
}

bool sip_add(struct sip_msg *m, enum sip_hdr_id id, struct str value)
{
	return put_value(m, m->n_hdr, id, sip_hdr_id_name(id), value);
}

bool sip_add_named(struct sip_msg *m, struct str name, struct str value)
{
	if (!lex_token(name))
		return fails(m);
	return put_value(m, m->n_hdr, sip_hdr_id_of(name), name, value);
}

/* Formats into the free room of the arena at hand, else into a piece that grows. */
static struct str format_value(struct arena *a, const char *format, va_list ap)
{
	struct buf b = buf_over(a->at, (size_t)(a->end - a->at));
	size_t size = FORMAT_FIRST;
	va_list again;
	char *room;

	for (;;) {
		va_copy(again, ap);
		buf_vfmt(&b, format, again);
		va_end(again);
		if (!b.failed)
			break;
		room = size <= FORMAT_MAX ? (char *)arena_alloc(a, size) : NULL;
		if (!room)
			return STR_NONE;
		b = buf_over(room, size);
		size *= 4;
	}
	if (b.p == a->at)
		arena_alloc(a, b.n);
	return b.p ? buf_str(&b) : STR("");
}

bool sip_addf(struct sip_msg *m, enum sip_hdr_id id, const char *format, ...)
{
	struct str value;
	va_list ap;

	va_start(ap, format);
	value = format_value(m->arena, format, ap);
	va_end(ap);
	return value.p ? sip_add(m, id, value) : fails(m);
}

bool sip_copy_hdr(struct sip_msg *m, const struct sip_hdr *h)
{
	return put_slot(m, m->n_hdr, h);
}

bool sip_copy_all(struct sip_msg *m, const struct sip_msg *from, enum sip_hdr_id id)
{
	int i;

	for (i = sip_find(from, id, 0); i >= 0; i = sip_find(from, id, (unsigned)i + 1))
		if (!sip_copy_hdr(m, &from->hdr[i]))
			return false;
	return true;
}

bool sip_insert(struct sip_msg *m, unsigned at, enum sip_hdr_id id, struct str value)
{
	return put_value(m, at, id, sip_hdr_id_name(id), value);
}

bool sip_prepend(struct sip_msg *m, enum sip_hdr_id id, struct str value)
{
	return sip_insert(m, m->first[id] ? m->first[id] - 1u : 0, id, value);
}

void sip_remove(struct sip_msg *m, unsigned slot)
{
	if (slot >= m->n_hdr)
		return;
	m->n_hdr--;
	memmove(&m->hdr[slot], &m->hdr[slot + 1], (m->n_hdr - slot) * sizeof(m->hdr[0]));
	sip_reindex(m);
}

static void remove_from(struct sip_msg *m, enum sip_hdr_id id, unsigned from)
{
	unsigned i, n = from;

	for (i = from; i < m->n_hdr; i++)
		if (m->hdr[i].id != id)
			m->hdr[n++] = m->hdr[i];
	if (n == m->n_hdr)
		return;
	m->n_hdr = (uint16_t)n;
	sip_reindex(m);
}

void sip_remove_all(struct sip_msg *m, enum sip_hdr_id id)
{
	if (m->first[id])
		remove_from(m, id, m->first[id] - 1u);
}

bool sip_set_value(struct sip_msg *m, unsigned slot, struct str value)
{
	struct sip_hdr *h;

	if (slot >= m->n_hdr || (!value.p && value.n) || value.n > UINT32_MAX)
		return fails(m);
	h = &m->hdr[slot];
	h->value = value.p ? value.p : "";
	h->value_n = (uint32_t)value.n;
	h->flags &= (uint8_t) ~(SIP_HDR_RAW | SIP_HDR_FOLDED);
	return true;
}

bool sip_set(struct sip_msg *m, enum sip_hdr_id id, struct str value)
{
	unsigned slot;

	if (!m->first[id])
		return sip_add(m, id, value);
	slot = m->first[id] - 1u;
	if (m->hdr[slot].next)
		remove_from(m, id, slot + 1);
	return sip_set_value(m, slot, value);
}

bool sip_pop_value(struct sip_msg *m, enum sip_hdr_id id)
{
	struct str rest, value, behind;
	unsigned slot;
	bool found;

	while (m->first[id]) {
		slot = m->first[id] - 1u;
		rest = sip_hdr_value(&m->hdr[slot]);
		found = sip_list_next(&rest, &value);
		behind = rest;
		if (found && sip_list_next(&behind, &value))
			return sip_set_value(m, slot, str_trim(rest));
		sip_remove(m, slot);
		if (found)
			return true;
	}
	return false;
}

bool sip_drop_last_value(struct sip_msg *m, enum sip_hdr_id id)
{
	int slot = -1, next = sip_find(m, id, 0);
	struct str rest, value, last = STR_NONE;

	for (; next >= 0; next = sip_find(m, id, (unsigned)next + 1))
		slot = next;
	if (slot < 0)
		return false;
	rest = sip_hdr_value(&m->hdr[slot]);
	while (sip_list_next(&rest, &value))
		last = value;
	rest = sip_hdr_value(&m->hdr[slot]);
	if (!last.p || last.p == rest.p) {
		sip_remove(m, (unsigned)slot);
		return last.p != NULL;
	}
	/* Without the comma before it. */
	rest = str_trim(str_range(rest.p, last.p));
	while (rest.n && rest.p[rest.n - 1] == ',')
		rest = str_trim(str_first(rest, rest.n - 1));
	return sip_set_value(m, (unsigned)slot, rest);
}

bool sip_set_body(struct sip_msg *m, struct str content_type, struct str body)
{
	m->body = body;
	/* They told of the old body. */
	sip_remove_all(m, SIP_HDR_CONTENT_ENCODING);
	sip_remove_all(m, SIP_HDR_CONTENT_LENGTH);
	if (content_type.n)
		return sip_set(m, SIP_HDR_CONTENT_TYPE, content_type);
	sip_remove_all(m, SIP_HDR_CONTENT_TYPE);
	sip_remove_all(m, SIP_HDR_CONTENT_DISPOSITION);
	sip_remove_all(m, SIP_HDR_CONTENT_LANGUAGE);
	return true;
}
