/* The state of one AoR as bytes: a version, how many bindings, and each of them.
 * Numbers are little-endian; a text is its length in two bytes and its bytes. */
#include "loc/internal.h"

#define CODEC_VERSION 1

static void put_text(struct buf *b, struct str s)
{
	buf_put_le(b, s.n, 2);
	buf_puts(b, s);
}

static void put_addr(struct buf *b, const struct addr *a)
{
	buf_put_le(b, a->family, 1);
	buf_put_le(b, a->port, 2);
	buf_put_le(b, a->scope, 4);
	buf_put(b, a->ip, a->family == 4 ? 4 : 16);
}

static void put_binding(struct buf *b, const struct entry *e)
{
	struct loc_binding v;

	entry_view(e, &v);
	buf_put_le(b, v.expires_ms, 8);
	buf_put_le(b, v.updated_ms, 8);
	buf_put_le(b, v.cseq, 4);
	buf_put_le(b, v.reg_id, 4);
	buf_put_le(b, v.branch, 4);
	buf_put_le(b, v.q1000, 2);
	buf_put_le(b, v.flow.transport, 1);
	buf_put_le(b, v.flow.listener, 2);
	put_addr(b, &v.flow.remote);
	put_addr(b, &v.flow.local);
	put_text(b, v.contact);
	put_text(b, v.params);
	put_text(b, v.call_id);
	put_text(b, v.instance);
	put_text(b, v.path);
	put_text(b, v.user_agent);
}

void loc_encode(struct buf *b, struct entry *const *entries, unsigned n)
{
	buf_put_le(b, CODEC_VERSION, 1);
	buf_put_le(b, n, 2);
	for (unsigned i = 0; i < n; i++)
		put_binding(b, entries[i]);
}

static bool get_bytes(struct str *s, size_t n, struct str *ret)
{
	if (s->n < n)
		return false;
	*ret = str_first(*s, n);
	*s = str_skip(*s, n);
	return true;
}

static bool get_le(struct str *s, unsigned bytes, uint64_t *ret)
{
	struct str part;
	uint64_t v = 0;

	if (!get_bytes(s, bytes, &part))
		return false;
	while (bytes-- > 0)
		v = v << 8 | (unsigned char)part.p[bytes];
	*ret = v;
	return true;
}

static bool get_text(struct str *s, struct str *ret)
{
	uint64_t n;

	return get_le(s, 2, &n) && get_bytes(s, n, ret);
}

static bool get_addr(struct str *s, struct addr *ret)
{
	uint64_t family, port, scope;
	struct addr a = { 0 };
	struct str ip;

	if (!get_le(s, 1, &family) || !get_le(s, 2, &port) || !get_le(s, 4, &scope) ||
	    !get_bytes(s, family == 4 ? 4 : 16, &ip))
		return false;
	a.family = (uint8_t)family;
	a.port = (uint16_t)port;
	a.scope = (uint32_t)scope;
	memcpy(a.ip, ip.p, ip.n);
	*ret = a;
	return family == 0 || family == 4 || family == 6;
}

static bool get_numbers(struct str *s, struct loc_binding *b)
{
	uint64_t cseq, reg_id, branch, q, transport, listener;

	if (!get_le(s, 8, &b->expires_ms) || !get_le(s, 8, &b->updated_ms) || !get_le(s, 4, &cseq) ||
	    !get_le(s, 4, &reg_id) || !get_le(s, 4, &branch) || !get_le(s, 2, &q) || !get_le(s, 1, &transport) ||
	    !get_le(s, 2, &listener))
		return false;
	b->cseq = (uint32_t)cseq;
	b->reg_id = (uint32_t)reg_id;
	b->branch = (uint32_t)branch;
	b->q1000 = (uint16_t)q;
	b->flow.transport = (uint8_t)transport;
	b->flow.listener = (uint16_t)listener;
	return transport < TRANSPORT_COUNT;
}

bool loc_decode_start(struct str *payload, unsigned *ret_n)
{
	uint64_t version, n;

	if (!get_le(payload, 1, &version) || version != CODEC_VERSION || !get_le(payload, 2, &n))
		return false;
	*ret_n = (unsigned)n;
	return true;
}

bool loc_decode_next(struct str *payload, struct loc_binding *ret)
{
	struct str s = *payload;
	struct loc_binding b = { 0 };

	if (!get_numbers(&s, &b) || !get_addr(&s, &b.flow.remote) || !get_addr(&s, &b.flow.local) ||
	    !get_text(&s, &b.contact) || !get_text(&s, &b.params) || !get_text(&s, &b.call_id) ||
	    !get_text(&s, &b.instance) || !get_text(&s, &b.path) || !get_text(&s, &b.user_agent))
		return false;
	*ret = b;
	*payload = s;
	return true;
}
