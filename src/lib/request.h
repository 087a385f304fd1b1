/* lib/request.h - one request outside of dialogs and its answer: REGISTER, MESSAGE, OPTIONS. */
#ifndef TSUWA_LIB_REQUEST_H
#define TSUWA_LIB_REQUEST_H

#include "core/uac.h"

struct tsuwa_ua;

struct lib_request {
	struct tsuwa_ua *ua;
	struct core_uac *uac; /* NULL: none under way */
	uint32_t cseq;
	uint64_t sent_at_ms;
	bool answered;
	/* The final response, or NULL with err when there was none. */
	void (*done)(void *ctx, const struct sip_rx *rx, int err, uint64_t ms);
	/* Header lines that depend on the flow (Contact); may be NULL. */
	void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b);
	void *ctx;
};

struct lib_outgoing {
	struct str method, uri, to; /* to: whole value */
	struct str call_id; /* empty: a fresh one */
	struct str headers; /* whole lines */
	struct str content_type, body;
};

/* r->ua, done, put_fields, ctx are set.  0: done follows (not from inside), -EINVAL (headers that can't
 * be, or are not the caller's to give), or -errno. */
int lib_request_send(struct lib_request *r, const struct lib_outgoing *out);
/* Forgets it. */
void lib_request_drop(struct lib_request *r);

#endif
