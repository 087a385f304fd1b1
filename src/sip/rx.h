/* sip/rx.h - a received message: its bytes' index, its decoded head and the flow it came
 * by.  Parsed over the receive buffer; who must keep it copies it once, into one block. */
#ifndef TSUWA_SIP_RX_H
#define TSUWA_SIP_RX_H

#include "base/flow.h"
#include "sip/headers.h"

struct sip_rx {
	struct sip_msg msg;
	struct sip_head head;
	struct flow flow;
	uint64_t at_ms; /* monotonic arrival */
	struct arena arena; /* what msg's index and edits take from */
	bool kept;
};

/* Parses and checks bytes into rx, with room for the arena lent by the caller
 * (a worker has one, used anew for each message).  The top Via of a request is stamped
 * with the flow's remote address.  False: err says why; rx->msg and rx->head hold what could be read. */
bool sip_rx_parse(struct sip_rx *rx, struct str bytes, const struct flow *flow, uint64_t now_ms,
		  void *room, size_t room_bytes, struct sip_err *err);
void sip_rx_fini(struct sip_rx *rx);

/* A copy on the heap with bytes, index and head of its own; no room is spared for edits of it.
 * 0 or -ENOMEM.  sip_rx_free() ends it. */
int sip_rx_keep(const struct sip_rx *rx, struct sip_rx **ret);
void sip_rx_free(struct sip_rx **rx);

#endif
