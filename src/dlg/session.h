/* dlg/session.h - calls: INVITE sessions of both sides with all that may cross on the wire
 * (RFC 3261 s13, s14, s15), reliable provisionals (RFC 3262), UPDATE (RFC 3311), session timers
 * (RFC 4028).  Carries descriptions; what they mean is its user's (dlg/offer.h). */
#ifndef TSUWA_DLG_SESSION_H
#define TSUWA_DLG_SESSION_H

#include "dlg/dialog.h"
#include "dlg/env.h"
#include "dlg/uas.h"

struct dlg_table;
struct dlg_session;

enum dlg_cause {
	DLG_HUNG_UP, /* by this side, and the peer has confirmed (or is silent) */
	DLG_PEER_BYE,
	DLG_CANCELED, /* before it was answered, by the calling side */
	DLG_REFUSED, /* status says how; of either side */
	DLG_TIMED_OUT, /* no answer, no ACK, or the session timer */
	DLG_FAILED, /* err: no way to the peer */
	DLG_BROKEN, /* the peer broke offer/answer, or says that it knows no such call */
};

struct dlg_end {
	enum dlg_cause cause;
	unsigned status; /* REFUSED: of the response; else 0 */
	int err; /* FAILED: -errno */
	const struct sip_rx *rx; /* the message that ended it, for the call; may be NULL */
};

/* None is called from inside a function of this interface (but on_want_offer by
 * dlg_session_ring()), nor after on_ended or detach.  Any may be NULL but on_ended. */
struct dlg_session_user {
	/* Calling: a provisional response; sdp: early media, mostly empty. */
	void (*on_progress)(void *ctx, const struct sip_rx *rx, struct str sdp);
	/* Calling: answered (the ACK has gone).  sdp: the answer; empty when on_offer was
	 * asked, or the answer came in a reliable provisional of this rx's dialog. */
	void (*on_answered)(void *ctx, const struct sip_rx *rx, struct str sdp);
	/* Called: the ACK came. */
	void (*on_confirmed)(void *ctx);
	/* The peer offers (a re-INVITE, an UPDATE, ...): write the answer and give 200, or give
	 * the status to refuse with: all stays as it was. */
	unsigned (*on_offer)(void *ctx, struct str sdp, struct buf *ret_answer);
	/* The peer asks for an offer (a re-INVITE without one), or the session timer wants
	 * the description that stands: write it and give 200, or a status. */
	unsigned (*on_want_offer)(void *ctx, struct buf *ret_offer);
	/* The answer to an offer of ours after the first; false: it can't be lived with. */
	bool (*on_answer)(void *ctx, struct str sdp);
	/* A re-INVITE of ours was refused: all is as it was before, also what a reliable response
	 * had answered (then on_want_offer follows, for the peer must hear what holds). */
	void (*on_reoffer_refused)(void *ctx, unsigned status);
	/* Another request of the peer (INFO, MESSAGE, OPTIONS...): the status to answer. */
	unsigned (*on_request)(void *ctx, const struct sip_rx *rx);
	/* Once, always last. */
	void (*on_ended)(void *ctx, const struct dlg_end *end);
	void *ctx;
};

struct dlg_conf {
	const struct dlg_env *env; /* borrowed for life */
	struct dlg_uas uas; /* methods 0: DLG_CALL_METHODS and DLG_SUPPORTED */
	size_t max_sessions; /* 0: 10000; beyond it new ones get 503 */
	uint32_t t1_ms, t2_ms; /* 0: 500, 4000 */
};

/* 0 or -ENOMEM. */
int dlg_table_new(const struct dlg_conf *conf, struct dlg_table **ret);
/* Sessions that live are hung up as far as one message can; users are not told. */
void dlg_table_free(struct dlg_table **t);
size_t dlg_table_count(const struct dlg_table *t); /* with those that only wait for stragglers */

/* Gives a request with a To tag to its session: requests within dialogs and ACKs.  False: it is none of
 * ours (or has no To tag). */
bool dlg_table_request(struct dlg_table *t, const struct sip_rx *rx);
/* Answers what is for no dialog that we know: 481; an ACK is dropped. */
void dlg_table_unknown(struct dlg_table *t, const struct sip_rx *rx);
/* Answers by the refusal, with its fields and ours. */
void dlg_table_refuse(struct dlg_table *t, const struct sip_rx *rx, const struct dlg_refusal *r);
/* dlg_uas_check() by the table's methods; a bad one is answered.  False: it was. */
bool dlg_table_check(struct dlg_table *t, const struct sip_rx *rx);
/* 200 with what we can do (s11.2), for OPTIONS; and without for others. */
void dlg_table_ok(struct dlg_table *t, const struct sip_rx *rx);

/* ---- calling ---- */

struct dlg_invite {
	struct str uri; /* whom: the Request-URI and To */
	struct str to; /* whole To value; empty: made of uri */
	struct str from; /* whole From value, without a tag */
	struct str routes; /* preloaded route set, may be empty */
	struct str next_hop; /* outbound proxy, may be empty */
	struct str sdp; /* the offer; empty: the peer shall offer */
};

/* 0: callbacks follow; -ENOMEM, -ENOBUFS, or why it can't be sent. */
int dlg_session_call(struct dlg_table *t, const struct dlg_invite *invite,
		     const struct dlg_session_user *user, struct dlg_session **ret);

/* ---- being called ---- */

/* Takes an INVITE without a To tag (that passed dlg_table_check()); says nothing to the caller yet.
 * On failure (-errno) it was answered. */
int dlg_session_incoming(struct dlg_table *t, const struct sip_rx *rx,
			 const struct dlg_session_user *user, struct dlg_session **ret);
/* The request, until it is answered; else NULL. */
const struct sip_rx *dlg_session_request(const struct dlg_session *s);
/* The offer in it; false: the answering side is to offer. */
bool dlg_session_offer(const struct dlg_session *s, struct str *ret_sdp);
/* 101-199; reliable where the caller asks for it: then an INVITE without an offer gets one by
 * on_want_offer where sdp is empty.  0 or -errno. */
int dlg_session_ring(struct dlg_session *s, unsigned status, struct str sdp);
/* 200, and again until the ACK.  0 or -errno. */
int dlg_session_answer(struct dlg_session *s, struct str sdp);
/* 300-699; warning: a Warning value or empty.  on_ended follows. */
void dlg_session_refuse(struct dlg_session *s, unsigned status, struct str reason,
			struct str warning);

/* ---- both ---- */

/* Offers anew.  0; -EBUSY (one is under way), -ENOTCONN (no call that stands), -errno. */
int dlg_session_reoffer(struct dlg_session *s, struct str sdp);
/* Sends another request (INFO, MESSAGE...); its answer is not told.  0 or -errno. */
int dlg_session_send(struct dlg_session *s, struct str method, struct str content_type,
		     struct str body);
/* CANCEL, BYE or 480, as it stands; on_ended follows. */
void dlg_session_hangup(struct dlg_session *s);
/* The same, and forgets the user at once.  *s becomes NULL. */
void dlg_session_detach(struct dlg_session **s);

bool dlg_session_is_up(const struct dlg_session *s);
const struct dlg_dialog *dlg_session_dialog(const struct dlg_session *s);

#endif
