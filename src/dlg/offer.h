/* dlg/offer.h - offer and answer (RFC 3264) for one audio stream of G.711 with
 * telephone-events (RFC 4733): makes offers, answers those of any equipment, reads answers.
 * Knows no sockets: where media is received is told to it, what was agreed is its result. */
#ifndef TSUWA_DLG_OFFER_H
#define TSUWA_DLG_OFFER_H

#include "sdp/sdp.h"

enum dlg_codec { DLG_PCMU, DLG_PCMA, DLG_CODECS };

/* What this side can do and wants. */
struct dlg_local {
	struct addr rtp; /* where it receives RTP; RTCP on the port above, or muxed */
	enum dlg_codec codecs[DLG_CODECS]; /* in the order of preference */
	unsigned n_codecs;
	bool no_dtmf; /* without telephone-events */
	enum sdp_dir dir; /* SDP_SENDRECV; SDP_SENDONLY to put the peer on hold */
	uint16_t ptime_ms; /* 20 */
};

/* What was agreed.  dir is this side's: bit 0 we send, bit 1 we receive. */
struct dlg_media {
	bool active; /* false: there is no audio in this session */
	enum dlg_codec codec;
	uint8_t send_pt, recv_pt;
	int send_dtmf_pt, recv_dtmf_pt; /* -1: none */
	struct addr rtp,
		rtcp; /* the peer's; family 0: wait for its packets, send none (or not yet) */
	bool rtcp_mux;
	uint16_t ptime_ms; /* as the peer wishes; 20 when it has none */
	enum sdp_dir dir;
};

/* A session's memory: what it last said. */
struct dlg_offer {
	uint64_t id, version; /* of o= */
	struct str last; /* owned: the description last sent */
	unsigned active; /* its section that carries audio */
	int pt[DLG_CODECS]; /* our payload types: they stay through a session (s8.3.2) */
	int dtmf_pt;
};

/* id: random, the session's name in o=. */
void dlg_offer_init(struct dlg_offer *o, uint64_t id);
void dlg_offer_fini(struct dlg_offer *o);

/* Writes an offer: all codecs; sections of earlier descriptions stay in their places, refused
 * ones with port 0 (s8).  0, -ENOMEM. */
int dlg_offer_make(struct dlg_offer *o, const struct dlg_local *local, struct buf *ret);

/* Answers an offer.  200 with the answer in b and what is agreed, else the status to refuse
 * with: 400 (not a description), 488 (nothing fits), 500 (no memory); o is then as before.
 * why: a static text for Warning. */
unsigned dlg_offer_answer(struct dlg_offer *o, const struct dlg_local *local, struct str sdp,
			  struct buf *b, struct dlg_media *ret, const char **why);

/* The answer that takes nothing of an offer: each section with port 0.  For where an answer is due
 * that can't be a refusal (RFC 3261 s13.2.2.4).  False: it is no description. */
bool dlg_offer_refuse(struct str sdp, struct buf *b);

/* Reads the answer to what dlg_offer_make() wrote.  0, -EBADMSG, -ENOMEM; ret->active is
 * false when the peer refused the audio. */
int dlg_offer_accept(const struct dlg_offer *o, const struct dlg_local *local, struct str sdp,
		     struct dlg_media *ret);

struct str dlg_codec_name(enum dlg_codec c); /* "PCMU" */

#endif
