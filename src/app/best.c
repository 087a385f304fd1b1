/* The best response (RFC 3261 s16.7 steps 6 and 7): 6xx, else the lowest class, in it the
 * most telling; challenges of all branches together. */
#include "app/proxy_internal.h"

/* Smaller is better. */
static unsigned rank(const struct proxy_branch *b)
{
	unsigned class = b->status / 100;

	if (b->status == 503)
		return 900;             /* says something of one server only */
	if (class == 6)
		return 0;
	switch (b->status) {
	case 401:
	case 407:
		return 401;
	case 415:
	case 420:
	case 484:
		return 402;
	case 408:
	case 480:
		return 450;
	case 487:
		return 460;
	default:
		return class * 100 + 10;
	}
}

static struct proxy_branch *choose(const struct proxy_context *x)
{
	struct proxy_branch *best = NULL;

	LIST_EACH(n, &x->branches) {
		struct proxy_branch *b = container_of(n, struct proxy_branch, link);

		if (b->status < 300 || b->spent)
			continue;
		if (!best || rank(b) < rank(best) ||
		    (rank(b) == rank(best) && !best->final && b->final))
			best = b;
	}
	return best;
}

static void add_challenges(const struct proxy_context *x, const struct proxy_branch *best,
			   struct sip_msg *m)
{
	LIST_EACH(n, &x->branches) {
		const struct proxy_branch *b = container_of(n, struct proxy_branch, link);

		if (b == best || !b->final || (b->status != 401 && b->status != 407))
			continue;
		sip_copy_all(m, &b->final->msg, SIP_HDR_WWW_AUTHENTICATE);
		sip_copy_all(m, &b->final->msg, SIP_HDR_PROXY_AUTHENTICATE);
	}
}

/* A 503 is about the next hop, not about us (step 6): upstream hears 500. */
static void relay_best(struct proxy_context *x, const struct proxy_branch *best)
{
	struct sip_msg m;

	if (!sip_derive(&best->final->msg, core_scratch(x->core), &m))
		return;
	sip_pop_value(&m, SIP_HDR_VIA);
	if (!sip_has(&m, SIP_HDR_VIA))
		return;
	if (best->status == 401 || best->status == 407)
		add_challenges(x, best, &m);
	if (best->followed)
		proxy_drop_followed(x, &best->final->msg, &m);
	if (m.status == 503) {
		m.status = 500;
		m.reason = sip_reason_of(500);
		sip_remove_all(&m, SIP_HDR_RETRY_AFTER);
	}
	core_relay(x->core, x->server, &m);
}

static void answer_ourselves(struct proxy_context *x, unsigned status, bool local)
{
	struct str reason = STR("");
	char tag[24];
	struct buf tb = buf_over(tag, sizeof(tag));

	if (status == 503 && local)
		status = 480;
	if (status == 503) {
		status = 500;
		reason = STR("Server Internal Error (the next hop can't be reached)");
	} else if (status == 480)
		reason = STR("Temporarily Unavailable (the phone can't be reached)");
	core_put_token(x->core, &tb);
	core_respond_status(x->core, x->server, status, reason, buf_str(&tb), NULL, 0);
}

void proxy_send_best(struct proxy_context *x)
{
	struct proxy_branch *best = choose(x);
	unsigned status = best ? best->status : 480;
	const struct sip_rx *req;

	if (!x->server)
		return;
	x->proxy->counters.failed++;
	req = txn_server_request(x->server);
	if (x->in_call && req)
		calls_end(x->proxy, x->core, req->head.call_id);
	if (x->cancelled && (status == 408 || status == 480))
		status = 487;
	/* RFC 4320 s4.2: a 408 of a non-INVITE would come too late to help. */
	if (status == 408 && x->method != SIP_INVITE)
		return;
	if (best && best->final)
		relay_best(x, best);
	else
		answer_ourselves(x, status, best && best->local);
}
