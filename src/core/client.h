/* core/client.h - one outgoing request over several targets (RFC 3263 s4.3): locating, flows, our Via,
 * size over UDP (RFC 3261 s18.1.1), the next target on failure.  The one place that sends a
 * request.  Answers to challenges stand in core/uac.h. */
#ifndef TSUWA_CORE_CLIENT_H
#define TSUWA_CORE_CLIENT_H

#include "core/core.h"
#include "txn/client.h"

struct core_client;

struct core_client_user {
	/* Provisional and final responses, further 2xx of an INVITE.  The rx is borrowed.  The user may
	 * free the client inside.  Responses that only lead to the next target (503) are not
	 * shown unless the last. */
	void (*on_response)(void *ctx, const struct sip_rx *rx);
	/* Once, always last: 0 after a final response, else -ETIMEDOUT, -ENOENT, -ECONNREFUSED,
	 * -EPROTONOSUPPORT, -ENOTCONN...: no target gave a final response. */
	void (*on_end)(void *ctx, int err);
	/* Adds header lines that depend on the way it takes (Record-Route, Contact), whole with
	 * their line ends; runs once a target.  May be NULL. */
	void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b);
	void *ctx;
};

struct core_send {
	const struct sip_msg *msg;      /* without our Via; printed during the call */
	struct str next_hop;            /* URI to locate; empty: msg's topmost Route, else its Request-URI */
	struct flow flow;               /* transport not NONE: goes by this flow first (a binding's) */
	bool flow_only;                 /* no other way when the flow is dead: -ENOTCONN */
	enum transport prefer;          /* NONE: UDP (TLS for sips) */
	uint32_t timer_c_ms;            /* INVITE: 0: none */
	struct str branch_tail;         /* token characters at the end of each branch, to 24; may be empty */
};

/* 0: callbacks follow (never from inside), or -ENOMEM. */
int core_client_new(struct core *c, const struct core_send *send,
		    const struct core_client_user *user, struct core_client **ret);
/* INVITE: CANCEL (s9.1); before anything was sent it simply ends with -ECANCELED. */
void core_client_cancel(struct core_client *cl, struct str headers);
/* Timer C anew (s16.7 step 2). */
void core_client_renew_c(struct core_client *cl);
/* The way it took; transport NONE before the first send. */
struct flow core_client_flow(const struct core_client *cl);
/* It went to another target than the first, which had failed. */
bool core_client_moved(const struct core_client *cl);
/* Forgets the user, sets *cl to NULL; transactions go on to their end. */
void core_client_detach(struct core_client **cl);

/* Sends a request that gets no response and no transaction: ACK of a 2xx, or the stateless
 * forwarding of s16.11.  branch empty: a fresh one.  put_fields as above, may be NULL.
 * Names are looked up; nobody is told how it ended. */
int core_send_stateless(struct core *c, const struct core_send *send, struct str branch,
			void (*put_fields)(void *ctx, const struct flow *flow, struct buf *b),
			void *ctx);

#endif
