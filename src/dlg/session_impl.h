/* dlg/session_impl.h - a session's inside, shared by the files that each hold one side of it:
 * calling (s13.2), called (s13.3), reliable.c (RFC 3262), refresh.c (RFC 4028), within.c (all other
 * requests).  Who enters from outside wraps its work in session_enter() and session_leave(). */
#ifndef TSUWA_DLG_SESSION_IMPL_H
#define TSUWA_DLG_SESSION_IMPL_H

#include "base/hash.h"
#include "base/map.h"
#include "dlg/session.h"

#define DLG_LEGS_MAX 16 /* early dialogs of one INVITE; more forks are not shown */
#define DLG_LOST_MAX 16 /* answered forks that got BYE; more get it again with each 2xx */
#define DLG_SDP_MAX 65535
#define DLG_MIN_SE_S 90 /* RFC 4028 s5 */

struct dlg_table {
	const struct dlg_env *env;
	struct dlg_uas uas;
	char allow[128];
	struct map sessions;
	struct list all;
	struct hash_seed seed;
	size_t max;
	uint32_t t1_ms, t2_ms;
};

enum dlg_state {
	DLG_CALLING, /* no final response yet */
	DLG_CALLED, /* none given yet */
	DLG_UP,
	DLG_CLOSING, /* our BYE is on its way */
	DLG_OVER,
};

/* The reliable provisional responses taken so far (RFC 3262 s4). */
struct dlg_taken {
	uint32_t rseq; /* of the last */
	bool has_rseq;
	bool answered; /* by the description of one */
};

/* An early dialog on the calling side: one a fork (s12.1.2). */
struct dlg_leg {
	struct list link;
	struct dlg_dialog d;
	struct dlg_taken taken;
};

/* An INVITE of ours, until its transaction ends: 2xx may come again. */
struct dlg_out {
	struct list link;
	struct dlg_session *s;
	struct dlg_request *r;
	bool initial;
	bool offered; /* it carried an offer */
	bool final; /* its first final response came */
	bool refresh; /* says what stands: of the session timer, or after a failure */
	bool changed; /* re-INVITE: something was changed before its end (RFC 6141 s3.4) */
	struct dlg_taken taken; /* re-INVITE */
	struct str ack_body; /* owned: the answer to a delayed offer */
	struct str won_tag; /* owned: of the first 2xx */
	uint64_t lost[DLG_LOST_MAX]; /* hashes of the tags that got BYE */
	unsigned n_lost;
};

/* Any other request of ours under way. */
struct dlg_minor {
	struct list link;
	struct dlg_session *s;
	struct dlg_request *r;
	enum sip_method method;
	bool ends; /* the BYE that ends the session */
	bool done;
};

/* The peer's INVITE at hand: from its arrival to the ACK. */
struct dlg_in {
	struct txn_server *txn; /* NULL: it has ended, or none is at hand */
	struct sip_rx *rx; /* owned copy; NULL: none at hand */
	struct str body; /* owned: what the 2xx carries */
	bool initial;
	bool final; /* the 2xx was sent, its ACK is awaited */
	bool we_offered; /* the ACK brings the answer */
	bool newer; /* the peer has sent another re-INVITE meanwhile */
	unsigned status; /* of the last provisional */
	struct timer again; /* 2xx or 1xx once more */
	struct timer expire; /* the caller waits no longer (s13.3.1) */
	uint32_t wait_ms;
	uint64_t give_up_ms;
};

/* A reliable provisional response that waits for its PRACK; after the final response it is not
 * repeated any more, but its PRACK is still known. */
struct dlg_reliable {
	bool pending;
	unsigned status;
	uint32_t rseq, cseq; /* cseq: of the INVITE */
	struct str body; /* owned */
	bool described; /* body is not empty: holds the 2xx back (RFC 3262 s3) */
	bool was_described; /* offer/answer was done in a provisional */
	struct timer again;
	uint32_t wait_ms;
	uint64_t give_up_ms;
	bool answer_waits; /* dlg_session_answer() came meanwhile */
	struct str answer; /* owned */
};

struct dlg_refresh {
	uint32_t interval_s; /* 0: no session timer */
	bool ours; /* this side refreshes */
	uint32_t min_s; /* the largest Min-SE that the peer named; 0: none */
	struct timer at; /* to refresh, or to give up */
	uint64_t expires_ms;
};

struct dlg_session {
	struct dlg_table *table;
	struct map_node node; /* by Call-ID and local tag */
	struct list link;
	struct dlg_session_user user;
	enum dlg_state state;
	bool caller; /* this side made the Call-ID (s14.1) */
	bool canceled; /* by our user, before it was answered */
	bool bye_wanted; /* as soon as the ACK is here */
	bool told;
	bool has_user;
	bool peer_updates; /* its Allow names UPDATE */
	unsigned busy;
	struct dlg_end end;
	struct timer settle;
	struct dlg_dialog d;
	uint32_t cseq; /* the last number that we used */
	struct list legs, outs, minors;
	struct dlg_out *out; /* the INVITE of ours that has no final response */
	struct str reoffer; /* owned: to be sent again after a 491 */
	bool resync; /* glare is set to say what stands (RFC 6141 s3.4) */
	struct timer glare;
	struct dlg_in in;
	struct dlg_reliable rel;
	struct dlg_refresh refresh;
};

static inline struct io *session_io(const struct dlg_session *s)
{
	return s->table->env->io;
}

/* ---- session.c: life ---- */

int session_new(struct dlg_table *t, const struct dlg_session_user *user, struct dlg_session **ret);
void session_free(struct dlg_session *s);
/* Into the table, once its dialog has its identifiers. */
void session_publish(struct dlg_session *s);
void session_enter(struct dlg_session *s);
/* The session may be gone after it. */
void session_leave(struct dlg_session *s);
/* It is over; the user hears of it at the end of this event. */
void session_over(struct dlg_session *s, enum dlg_cause cause, unsigned status,
		  const struct sip_rx *rx);
void session_failed(struct dlg_session *s, int err);
/* BYE, then over with the cause. */
void session_bye(struct dlg_session *s, enum dlg_cause cause, const struct sip_rx *rx);
/* What every request and 2xx of ours says of us. */
void session_put_abilities(const struct dlg_table *t, struct sip_msg *m);
void session_learn_peer(struct dlg_session *s, const struct sip_rx *rx);
/* Replaces an owned text by a copy.  0 or -ENOMEM. */
int session_set(struct str *owned, struct str s);

/* ---- minor.c: requests of ours that are not INVITE ---- */

struct dlg_extra {
	struct str content_type, body;
	struct str rack; /* RAck value or empty */
	struct str session_expires;
	uint32_t min_se_s; /* 0: none */
	bool contact, ends;
};
int minor_send(struct dlg_session *s, const struct dlg_dialog *d, struct str method,
	       const struct dlg_extra *extra);
void minor_free_all(struct dlg_session *s);

/* ---- calling.c ---- */

int out_send(struct dlg_session *s, bool initial, bool refresh, struct str sdp,
	     struct str next_hop);
void out_free_all(struct dlg_session *s);
void legs_free(struct dlg_session *s);
struct dlg_leg *leg_find(struct dlg_session *s, struct str remote_tag);
void calling_glare(void *ctx); /* the timer */
/* How long to wait after a 491 (s14.1). */
uint64_t calling_glare_ms(struct dlg_session *s);

/* ---- called.c ---- */

void in_reset(struct dlg_session *s);
/* A response to the INVITE at hand. */
int in_respond(struct dlg_session *s, unsigned status, struct str reason, struct str body,
	       const struct dlg_field *fields, unsigned n_fields);
/* 200 with the body, repeated until its ACK. */
int in_accept(struct dlg_session *s, struct str body);
void in_timer(void *ctx);
void in_expired(void *ctx);
void called_ack(struct dlg_session *s, const struct sip_rx *ack);
void called_reinvite(struct dlg_session *s, const struct sip_rx *rx);
/* The final negative response to the INVITE at hand, which is done with then. */
void in_refuse(struct dlg_session *s, unsigned status, struct str reason, struct str warning);

/* ---- reliable.c ---- */

bool reliable_wanted(const struct dlg_session *s);
int reliable_send(struct dlg_session *s, unsigned status, struct str sdp);
/* The final response was sent, or the session ends: nothing is repeated any more. */
void reliable_stop(struct dlg_session *s);
void reliable_free(struct dlg_session *s);
void reliable_timer(void *ctx);
void reliable_prack(struct dlg_session *s, const struct sip_rx *rx);
/* A PRACK that comes after the final response (RFC 3262 s3); false: it is none. */
bool reliable_late(struct dlg_session *s, const struct sip_rx *rx);
/* Calling side: is the response one to acknowledge? */
bool reliable_is(const struct sip_rx *rx);
/* Acknowledges it within d; false: it came before, or out of order. */
bool reliable_take(struct dlg_session *s, struct dlg_dialog *d, struct dlg_taken *t,
		   const struct sip_rx *rx, bool offered, struct str sdp);

/* ---- refresh.c ---- */

/* A request of the peer asks for an interval that is too small: 422 is due. */
bool refresh_too_small(const struct sip_rx *rx);
/* Takes what a request of the peer says that gets our 2xx. */
void refresh_asked(struct dlg_session *s, const struct sip_rx *rx);
/* The call was answered by this side: the timer asked for begins. */
void refresh_start_called(struct dlg_session *s);
/* What our 2xx to it says: Session-Expires and Require. */
void refresh_put(const struct dlg_session *s, const struct sip_msg *request, struct sip_msg *m);
/* Takes what a 2xx to our INVITE or UPDATE says. */
void refresh_answered(struct dlg_session *s, const struct sip_rx *rx);
/* Our refresh was refused by 422, 405, 501 or 491: once more, as the refusal wants it.  False: it
 * is no such refusal. */
bool refresh_again(struct dlg_session *s, const struct sip_rx *rx);
void refresh_stop(struct dlg_session *s);
void refresh_timer(void *ctx);
/* Session-Expires value of our next request, into room; empty: none. */
struct str refresh_value(const struct dlg_session *s, struct buf *room);

/* ---- within.c ---- */

void within_request(struct dlg_session *s, const struct sip_rx *rx);
/* Answers a request of the peer that is not INVITE. */
void within_reply(struct dlg_session *s, const struct sip_rx *rx, unsigned status, struct str body,
		  bool contact);
#define DLG_NOT_ACCEPTABLE STR("305 tsuwa \"Incompatible media format\"")
/* 500 with a Retry-After of up to ten seconds (s14.2). */
void within_later(struct dlg_session *s, const struct sip_rx *rx);

#endif
