#include "app/route.h"

#define MAC_BYTES 8
#define NUMBER_MAX 10            /* digits of 32 bits */
#define TOKEN_BYTES 32          /* transport, worker, listener, slot, gen, port, family, ip */

/* A flow's name; the local address is the listener's matter. */
static void pack_flow(const struct flow *f, uint8_t ret[TOKEN_BYTES])
{
	struct buf b = buf_over(ret, TOKEN_BYTES);

	memset(ret, 0, TOKEN_BYTES);
	buf_put_le(&b, f->transport, 1);
	buf_put_le(&b, f->worker, 1);
	buf_put_le(&b, f->listener, 2);
	buf_put_le(&b, f->slot, 4);
	buf_put_le(&b, f->gen, 4);
	buf_put_le(&b, f->remote.port, 2);
	buf_put_le(&b, f->remote.family, 1);
	buf_put_le(&b, 0, 1);
	buf_put(&b, f->remote.ip, 16);
}

static uint64_t get_le(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static bool unpack_flow(const uint8_t *p, struct flow *ret)
{
	struct flow f = { 0 };

	f.transport = p[0];
	f.worker = p[1];
	f.listener = (uint16_t)get_le(p + 2, 2);
	f.slot = (uint32_t)get_le(p + 4, 4);
	f.gen = (uint32_t)get_le(p + 8, 4);
	f.remote.port = (uint16_t)get_le(p + 12, 2);
	f.remote.family = p[14];
	memcpy(f.remote.ip, p + 16, 16);
	if (f.transport == TRANSPORT_NONE || f.transport >= TRANSPORT_COUNT)
		return false;
	*ret = f;
	return true;
}

void route_put_flow(struct buf *b, const struct flow *flow)
{
	uint8_t packed[TOKEN_BYTES];

	pack_flow(flow, packed);
	buf_put_b64url(b, packed, sizeof(packed));
}

bool route_get_flow(struct str text, struct flow *ret)
{
	uint8_t packed[TOKEN_BYTES];
	size_t n;

	return b64url_decode(text, packed, sizeof(packed), &n) && n == sizeof(packed) &&
	       unpack_flow(packed, ret);
}

static uint64_t mac_of(const struct app_shared *shared, struct str call_id, struct str tag,
		       struct str token)
{
	struct hash_seed seed;
	uint64_t h;

	memcpy(&seed, shared->route_key, sizeof(seed));
	h = hash_str(&seed, call_id);
	h = hash_mix(h, hash_str(&seed, tag));
	h = hash_mix(h, hash_str(&seed, token));
	return hash_bytes(&seed, &h, sizeof(h));
}

void route_put(struct buf *b, const struct app_shared *shared, const struct tport *tport,
	       const struct flow *flow, bool sips, struct str call_id, struct str caller_tag,
	       const struct flow *token)
{
	struct str name = STR_NONE, host;
	size_t at;
	uint64_t mac;

	buf_puts(b, sips ? STR("Record-Route: <sips:") : STR("Record-Route: <sip:"));
	at = b->n;
	if (token) {
		route_put_flow(b, token);
		name = str_of(b->p + at, b->n - at);
		buf_putc(b, '@');
		at = b->n;
	}
	tport_put_hostport(tport, flow, b);
	host = str_of(b->p + at, b->n - at);
	/* s19.1.2: sips: has TLS for its transport unasked. */
	if (sips && flow->transport == TRANSPORT_TLS)
		b->n = at + str_find(host, ';');
	mac = mac_of(shared, call_id, caller_tag, name);
	buf_puts(b, STR(";lr;m="));
	buf_put_b64url(b, &mac, MAC_BYTES);
	buf_puts(b, STR(">\r\n"));
}

void route_lower_max_forwards(struct sip_msg *m)
{
	uint32_t hops = 70;
	char *room = arena_alloc(m->arena, NUMBER_MAX);
	struct buf b = buf_over(room, room ? NUMBER_MAX : 0);

	if (sip_get_u32(m, SIP_HDR_MAX_FORWARDS, &hops) && hops > 0)
		hops--;
	buf_put_u64(&b, hops);
	if (b.failed)
		m->failed = true;
	else
		sip_set(m, SIP_HDR_MAX_FORWARDS, buf_str(&b));
}

enum route_side route_check(const struct app_shared *shared, const struct sip_uri *uri,
			    const struct sip_rx *rx, struct flow *ret_token)
{
	enum route_side side = ROUTE_NONE;
	struct flow token = { 0 };
	uint64_t mac;
	struct str m;
	size_t n;

	if (!sip_uri_param(uri, STR("m"), &m) || !b64url_decode(m, (uint8_t *)&mac, MAC_BYTES, &n) ||
	    n != MAC_BYTES)
		return ROUTE_NONE;
	if (mac == mac_of(shared, rx->head.call_id, rx->head.from.tag, uri->user))
		side = ROUTE_FROM_CALLER;
	else if (mac == mac_of(shared, rx->head.call_id, rx->head.to.tag, uri->user))
		side = ROUTE_FROM_CALLEE;
	if (side != ROUTE_NONE && !str_empty(uri->user))
		route_get_flow(uri->user, &token);
	*ret_token = token;
	return side;
}
