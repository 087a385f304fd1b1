#include "server/gate.h"

static bool turn_away(void *ctx, struct core_request *req)
{
	static const struct core_field later[] = {{SIP_HDR_RETRY_AFTER, STR_INIT("5")}};
	const struct sip_rx *rx = req->rx;
	struct gate *g = ctx;

	/* What has a To tag belongs to something that stands; ACK and CANCEL end things. */
	if (!g->closed || !str_empty(rx->head.to.tag) || rx->msg.method == SIP_ACK ||
	    rx->msg.method == SIP_CANCEL)
		return false;
	g->turned_away++;
	core_reply(req->core, rx, 503, STR_NONE, later, 1);
	return true;
}

struct core_element gate_element(struct gate *g)
{
	return (struct core_element){
		.name = "gate", .early = turn_away, .request = turn_away, .ctx = g};
}
