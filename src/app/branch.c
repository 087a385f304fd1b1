#include "app/branch.h"

#include "app/route.h"
#include "tport/tport.h"

/* z9hG4bK-s FLOW MAC [ "-" ONE ]; the MAC ties the flow to the Via below ours. */
#define BRANCH_PREFIX STR("z9hG4bK-s")
#define FLOW_TEXT 43 /* route_put_flow() */
#define MAC_HEX 16

static struct hash_seed seed_of(const struct app_shared *shared)
{
	struct hash_seed seed;

	memcpy(&seed, shared->route_key, sizeof(seed));
	return seed;
}

static void put_mac(struct buf *b, const struct app_shared *shared, struct str flow,
		    const struct sip_via *below)
{
	const struct hash_seed seed = seed_of(shared);
	uint64_t h = hash_str(&seed, flow);

	h = hash_mix(h, hash_str(&seed, below->branch));
	h = hash_mix(h, hash_str(&seed, below->sent_by));
	h = hash_bytes(&seed, &h, sizeof(h));
	buf_put_hex(b, &h, sizeof(h));
}

/* s16.11: where the branch below tells no transactions apart, other fields do.  To's tag is left out:
 * the ACK of a refusal has one, and its INVITE has not. */
static void put_one(struct buf *b, const struct app_shared *shared, const struct sip_rx *rx)
{
	const struct hash_seed seed = seed_of(shared);
	uint64_t h = hash_str(&seed, rx->head.call_id);

	h = hash_mix(h, hash_str(&seed, rx->head.from.tag));
	h = hash_mix(h, hash_str(&seed, rx->msg.uri));
	h = hash_mix(h, rx->head.cseq.number);
	buf_putc(b, '-');
	buf_put_hex(b, &h, sizeof(h));
}

void branch_put(struct buf *b, const struct app_shared *shared, const struct sip_rx *rx)
{
	struct flow back;
	size_t at;

	tport_response_flow(rx, &back);
	buf_puts(b, BRANCH_PREFIX);
	at = b->n;
	route_put_flow(b, &back);
	if (!b->failed)
		put_mac(b, shared, str_of(b->p + at, b->n - at), &rx->head.via);
	if (!rx->head.via.is_rfc3261)
		put_one(b, shared, rx);
}

bool branch_way_back(const struct app_shared *shared, const struct sip_rx *rx, struct flow *ret)
{
	struct str text = rx->head.via.branch, flow, value;
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_VIA);
	char room[MAC_HEX];
	struct buf mac = buf_over(room, sizeof(room));
	struct sip_via below;

	if (!str_starts(text, BRANCH_PREFIX) || text.n < BRANCH_PREFIX.n + FLOW_TEXT + MAC_HEX)
		return false;
	text = str_skip(text, BRANCH_PREFIX.n);
	flow = str_first(text, FLOW_TEXT);
	if (!sip_values_next(&v, &value))
		return false;
	if (!sip_values_next(&v, &value) || !sip_via_parse(value, &below, NULL))
		return false;
	put_mac(&mac, shared, flow, &below);
	return str_eq_secret(buf_str(&mac), str_first(str_skip(text, FLOW_TEXT), MAC_HEX)) &&
	       route_get_flow(flow, ret);
}
