/* Loops and breadth where requests fork (RFC 5393): our branch carries a hash of what decides where a
 * request goes; one that comes back with the same is a loop, a spiral has another. */
#include "app/proxy_internal.h"

#define DEFAULT_BREADTH 60      /* RFC 5393 s5.3.1 */

/* s4.2.1: the Request-URI as it came, and what else takes part in the decision. */
void proxy_loop_hash(const struct proxy *p, const struct core_request *req,
		     char ret[PROXY_LOOP_TEXT])
{
	const struct sip_rx *rx = req->rx;
	struct hash_seed seed;
	struct buf b = buf_over(ret, PROXY_LOOP_TEXT);
	struct str route = sip_get(&rx->msg, SIP_HDR_ROUTE);
	uint64_t h;

	memcpy(&seed, p->shared->route_key, sizeof(seed));
	h = hash_str(&seed, rx->msg.uri);
	h = hash_mix(h, hash_str(&seed, route));
	h = hash_mix(h, hash_str(&seed, sip_get(&rx->msg, SIP_HDR_PROXY_AUTHORIZATION)));
	h = hash_mix(h, core_call_hash(req->core, rx->head.call_id));
	h = hash_mix(h, hash_str(&seed, rx->head.from.tag));
	h = hash_mix(h, hash_str(&seed, rx->head.to.tag));
	h = hash_mix(h, rx->head.cseq.number);
	buf_puts(&b, STR(".l"));
	buf_put_b64url(&b, &h, 6);
	buf_c(&b);
}

/* s4.2.2: is there a Via of ours with this very hash? */
bool proxy_is_loop(const struct core_request *req, const char *hash)
{
	struct sip_values v = sip_values(&req->rx->msg, SIP_HDR_VIA);
	struct str value;

	while (sip_values_next(&v, &value)) {
		struct sip_via via;

		if (sip_via_parse(value, &via, NULL) && str_ends(via.branch, str_c(hash)) &&
		    tport_is_us(core_tport(req->core), via.host, via.port))
			return true;
	}
	return false;
}

/* s5.3.3: what a request may still spread to. */
uint32_t proxy_breadth(const struct sip_msg *m, bool *ret_given)
{
	uint32_t breadth = DEFAULT_BREADTH;

	*ret_given = sip_get_u32(m, SIP_HDR_MAX_BREADTH, &breadth);
	return breadth < DEFAULT_BREADTH ? breadth : DEFAULT_BREADTH;
}
