/* ua/request.h - one request outside of dialogs and its answer: REGISTER, MESSAGE, OPTIONS. */
#ifndef TSUWA_UA_REQUEST_H
#define TSUWA_UA_REQUEST_H

#include "ua/ua.h"

struct ua_request {
	struct ua *ua;
	struct core_uac *uac; /* NULL: none under way */
	uint32_t cseq;
	uint64_t sent_at_ms;
	bool answered;
	/* The final response, or NULL with err when there was none. */
	void (*done)(void *ctx, const struct sip_rx *rx, int err);
	/* Header lines that depend on the flow (Contact); may be NULL. */
	void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b);
	void *ctx;
};

struct ua_outgoing {
	struct str method, uri, to; /* to: whole value */
	struct str call_id; /* empty: a fresh one */
	struct dlg_field fields[4];
	unsigned n_fields;
	struct str content_type, body;
};

/* r->ua, done, put_fields, ctx are set.  0: done follows (not from inside), or -errno. */
int ua_request_send(struct ua_request *r, const struct ua_outgoing *out);
/* Forgets it. */
void ua_request_drop(struct ua_request *r);

#endif
