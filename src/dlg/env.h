/* dlg/env.h - what dialogs ask of the worker below and above them, given at creation: the
 * dialogs' room knows no flows and no names.  core_dlg_env() (core/dlg.h) fills it for production and
 * simulator alike; unit tests fill it with a recorder. */
#ifndef TSUWA_DLG_ENV_H
#define TSUWA_DLG_ENV_H

#include "base/io.h"
#include "sip/rx.h"
#include "txn/server.h"

struct dlg_request; /* an outgoing request under way; the env's */

struct dlg_request_user {
	/* As txn_client_user: provisional, final, further 2xx of an INVITE.  Challenges were answered
	 * before where the env has credentials: a 401/407 seen here is final. */
	void (*on_response)(void *ctx, const struct sip_rx *rx);
	/* Once, last; 0 after a final response.  The request is gone: no detach. */
	void (*on_end)(void *ctx, int err);
	void *ctx;
};

struct dlg_send {
	struct sip_msg *msg; /* all but Via, Contact; printed during the call */
	bool contact; /* wants our Contact (INVITE, UPDATE, REFER...) */
	struct str next_hop; /* empty: topmost Route, else Request-URI */
	struct flow flow; /* transport not NONE: try this flow first */
};

struct dlg_env {
	struct io *io;
	struct str product;
	/* Sends; 0 or -errno (then no callback).  The CSeq of a request that is repeated with credentials is raised by
	 * the env: it tells by *cseq which number was used last (in and out). */
	int (*request)(void *ctx, const struct dlg_send *send, uint32_t *cseq,
		       const struct dlg_request_user *user, struct dlg_request **ret);
	void (*cancel)(void *ctx, struct dlg_request *r, struct str headers);
	void (*detach)(void *ctx, struct dlg_request **r);
	/* Sends an ACK of a 2xx (no transaction), with the credentials that its INVITE went with
	 * (s13.2.2.4).  bytes-to-be: msg without Via. */
	int (*ack)(void *ctx, struct dlg_request *invite, const struct dlg_send *send);
	/* Makes a server transaction; on failure the request was answered.  Answers by it; contact: the
	 * request, when our Contact is wanted, else NULL. */
	int (*accept)(void *ctx, const struct sip_rx *rx, const struct txn_server_user *user,
		      struct txn_server **ret);
	int (*respond)(void *ctx, struct txn_server *t, struct sip_msg *response,
		       const struct sip_rx *contact);
	/* Answers without more ado (a transaction that nobody watches). */
	void (*answer)(void *ctx, const struct sip_rx *rx, unsigned status, struct str reason);
	/* Tags, Call-IDs. */
	void (*put_token)(void *ctx, struct buf *b);
	void (*put_call_id)(void *ctx, struct buf *b);
	void *ctx;
};

#endif
