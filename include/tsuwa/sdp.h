/* tsuwa/sdp.h - session descriptions (RFC 8866): parsed and walked; and offer/answer (RFC 3264) for
 * one audio stream of G.711 with telephone-events (RFC 4733).
 *
 * A description owns a copy of its text; slices live until tsuwa_sdp_free().  Parsing is lenient, for
 * broken offers of real equipment must be answerable; what is built is strict. */
#ifndef TSUWA_SDP_H
#define TSUWA_SDP_H

#include <tsuwa/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- descriptions ---- */

struct tsuwa_sdp;

/* Bit 0: the one who describes sends, bit 1: he receives. */
enum tsuwa_direction {
	TSUWA_INACTIVE = 0,
	TSUWA_SENDONLY = 1,
	TSUWA_RECVONLY = 2,
	TSUWA_SENDRECV = 3
};

/* "sendrecv" and its kin. */
const char *tsuwa_direction_name(enum tsuwa_direction d);

/* 0, -EBADMSG (err tells the line and offset), -EMSGSIZE (past 65535 bytes), -ENOMEM. */
int tsuwa_sdp_parse(const void *text, size_t n, struct tsuwa_sdp **ret, struct tsuwa_error *err);
void tsuwa_sdp_free(struct tsuwa_sdp **s);

struct tsuwa_sdp_session_info {
	struct tsuwa_str name; /* s= */
	struct tsuwa_str user, id, version; /* o= */
	struct tsuwa_str origin_address; /* o= */
	struct tsuwa_str address; /* c= of the session; empty: none */
};

void tsuwa_sdp_info(const struct tsuwa_sdp *s, struct tsuwa_sdp_session_info *ret);

/* An m= section with what stands below it or is inherited from the session. */
struct tsuwa_sdp_media {
	struct tsuwa_str type; /* "audio" */
	struct tsuwa_str proto; /* "RTP/AVP" */
	unsigned port; /* 0: refused */
	struct tsuwa_str address; /* of c=, as written; empty: none */
	unsigned rtcp_port; /* a=rtcp (RFC 3605); 0: the port above */
	bool rtcp_mux; /* RFC 5761 */
	enum tsuwa_direction direction;
	unsigned ptime_ms, maxptime_ms; /* 0: not given */
	size_t n_formats;
};

size_t tsuwa_sdp_media_count(const struct tsuwa_sdp *s);
/* The i-th section from 0; false: there is none. */
bool tsuwa_sdp_media_at(const struct tsuwa_sdp *s, size_t i, struct tsuwa_sdp_media *ret);

/* A format of a section: with a=rtpmap, or by RFC 3551's table, and its a=fmtp. */
struct tsuwa_sdp_format {
	struct tsuwa_str text; /* as in the m= line */
	int payload_type; /* -1: not RTP */
	struct tsuwa_str encoding; /* "PCMU"; empty: not known */
	unsigned rate_hz, channels;
	struct tsuwa_str fmtp;
};

bool tsuwa_sdp_format_at(const struct tsuwa_sdp *s, size_t media, size_t i,
			 struct tsuwa_sdp_format *ret);

/* Attributes that are not told by the members above, in their order: of a section, or of the
 * session with TSUWA_SDP_SESSION.  value.p is NULL for a flag ("a=ice-lite"). */
#define TSUWA_SDP_SESSION ((size_t)-1)
bool tsuwa_sdp_attribute_at(const struct tsuwa_sdp *s, size_t media, size_t i,
			    struct tsuwa_str *ret_name, struct tsuwa_str *ret_value);
/* The first of the name. */
bool tsuwa_sdp_find_attribute(const struct tsuwa_sdp *s, size_t media, const char *name,
			      struct tsuwa_str *ret_value);

/* Writes it anew, in the order of RFC 8866 s9, with CRLF and no NUL.  0 with the length; -ENOBUFS
 * (*ret_n says how much it takes), -EINVAL (a field that can't stand in a line), -ENOMEM. */
int tsuwa_sdp_print(const struct tsuwa_sdp *s, char *room, size_t size, size_t *ret_n);

/* ---- offer and answer ---- */

/* "PCMU", "PCMA": the codecs of this library by their place; NULL behind the last. */
const char *tsuwa_codec_name(size_t i);

/* One side's memory of what it said, so that versions rise, payload types stay and refused sections
 * keep their places (RFC 3264 s8). */
struct tsuwa_negotiation;

/* What this side can do and wants.  Begins with zeros (memset, = {0}) and the address. */
struct tsuwa_local_media {
	const char *address; /* where RTP is received: "192.0.2.7" or "2001:db8::1" */
	unsigned port; /* RTCP on the next, or muxed where the peer offers it */
	const char *codecs; /* names by preference, "PCMA,PCMU"; NULL: all */
	bool no_dtmf; /* without telephone-events */
	bool has_direction; /* false: sendrecv */
	enum tsuwa_direction direction;
	unsigned ptime_ms; /* 0: 20 */
};

/* What was agreed on. */
struct tsuwa_agreement {
	bool active; /* false: there is no audio in the session */
	const char *codec; /* static */
	unsigned send_pt, recv_pt; /* payload types */
	int send_dtmf_pt, recv_dtmf_pt; /* -1: none */
	char address[64]; /* the peer's, without brackets; "": not known yet */
	unsigned port, rtcp_port;
	bool rtcp_mux;
	unsigned ptime_ms;
	enum tsuwa_direction direction; /* of this side */
};

/* id: a random number, which names the session in o=.  0, -ENOMEM. */
int tsuwa_negotiation_new(uint64_t id, struct tsuwa_negotiation **ret);
void tsuwa_negotiation_free(struct tsuwa_negotiation **n);

/* Writes an offer into room.  0 with the length in *ret_n, -EINVAL (an address or codec that is
 * none), -ENOBUFS, -ENOMEM.  65535 bytes are always enough. */
int tsuwa_negotiation_offer(struct tsuwa_negotiation *n, const struct tsuwa_local_media *local,
			    char *room, size_t size, size_t *ret_n, struct tsuwa_error *err);
/* Answers an offer.  0; -EBADMSG: err->status is the response that refuses it (400, 488) and err->text why,
 * and all stays as it was; -EINVAL, -ENOBUFS, -ENOMEM. */
int tsuwa_negotiation_answer(struct tsuwa_negotiation *n, const struct tsuwa_local_media *local,
			     const void *offer, size_t offer_n, char *room, size_t size,
			     size_t *ret_n, struct tsuwa_agreement *ret, struct tsuwa_error *err);
/* Reads the answer to the last offer.  0 (ret->active is false when the audio was refused), -EBADMSG,
 * -EINVAL, -ENOMEM. */
int tsuwa_negotiation_accept(struct tsuwa_negotiation *n, const struct tsuwa_local_media *local,
			     const void *answer, size_t answer_n, struct tsuwa_agreement *ret,
			     struct tsuwa_error *err);

#ifdef __cplusplus
}
#endif

#endif
