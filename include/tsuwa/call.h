/* tsuwa/call.h - calls of a user agent (RFC 3261 s13-s15) with their audio: made and taken, held,
 * hung up; sounds, files and samples in and out, digits, echo, and figures.
 *
 * A call belongs to who made it, or took it in on_call, until tsuwa_call_free(); all goes with its user
 * agent.  Audio is 8 kHz, 16 bit, mono, in frames of 20 ms (tsuwa/audio.h). */
#ifndef TSUWA_CALL_H
#define TSUWA_CALL_H

#include <tsuwa/audio.h>
#include <tsuwa/sdp.h>
#include <tsuwa/ua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- events ---- */

enum tsuwa_media_event {
	TSUWA_MEDIA_FLOWS, /* the first packet came */
	TSUWA_MEDIA_PLAYED, /* what was played came to its end */
	TSUWA_MEDIA_DIGITS_SENT, /* none is waiting any more */
	TSUWA_MEDIA_SILENT /* no packet for 30 s (15 minutes while on hold): hang up, or wait */
};

enum tsuwa_session_event {
	TSUWA_SESSION_CHANGED_BY_PEER, /* as after a hold: see tsuwa_call_direction() */
	TSUWA_SESSION_CHANGED, /* as we asked */
	TSUWA_SESSION_KEPT, /* the peer refused our change: all is as it was */
	TSUWA_SESSION_OFFER_REFUSED, /* we refused the peer's, text says why: all is as it was */
	TSUWA_SESSION_UNUSABLE /* the answer can't be lived with: the call is being hung up */
};

enum tsuwa_cause {
	TSUWA_HUNG_UP, /* by us */
	TSUWA_PEER_HUNG_UP,
	TSUWA_CANCELED, /* before it was answered, by the calling side */
	TSUWA_REFUSED, /* by either side: status */
	TSUWA_TIMED_OUT, /* no answer, no ACK, or the session timer (RFC 4028) */
	TSUWA_FAILED, /* err: no way to the peer */
	TSUWA_BROKEN /* the peer broke the rules, or knows no such call any more */
};

struct tsuwa_call_end {
	enum tsuwa_cause cause;
	bool was_up; /* it was answered */
	unsigned status; /* of the response that answered or refused it; 0: none, or we answered */
	struct tsuwa_str reason; /* its words */
	struct tsuwa_str warning; /* of a refusal; empty: none */
	int err; /* TSUWA_FAILED: a negative errno */
	const struct tsuwa_message *message; /* that ended it; NULL: none */
};

/* Any may be NULL.  size is sizeof(struct tsuwa_call_events): later versions add to its end. */
struct tsuwa_call_events {
	size_t size;
	/* Calling: a provisional response.  early: with a description, so the caller hears something. */
	void (*on_progress)(void *ctx, struct tsuwa_call *call, unsigned status,
			    struct tsuwa_str reason, bool early);
	/* Calling: the peer answered. */
	void (*on_answered)(void *ctx, struct tsuwa_call *call);
	/* Calling: a 3xx; the call goes on to uri. */
	void (*on_redirected)(void *ctx, struct tsuwa_call *call, struct tsuwa_str uri);
	void (*on_media)(void *ctx, struct tsuwa_call *call, enum tsuwa_media_event event);
	/* The peer pressed 0-9 * # A-D: by telephone-events, as a tone, or by INFO. */
	void (*on_digit)(void *ctx, struct tsuwa_call *call, char digit);
	/* text: a sentence, or "". */
	void (*on_session)(void *ctx, struct tsuwa_call *call, enum tsuwa_session_event event,
			   const char *text);
	/* A MESSAGE or INFO within the call, other than digits; it was answered. */
	void (*on_message)(void *ctx, struct tsuwa_call *call, const struct tsuwa_message *m);
	/* Once, always last.  The figures stand, the media is closed; the call waits for tsuwa_call_free(). */
	void (*on_ended)(void *ctx, struct tsuwa_call *call, const struct tsuwa_call_end *end);
};

/* ---- making and taking ---- */

/* Begin with zeros and set size to sizeof(struct tsuwa_call_conf).  All is copied. */
struct tsuwa_call_conf {
	size_t size;
	const char *uri; /* complete: tsuwa_account_complete() */
	const char *codecs; /* names by preference, "PCMA,PCMU"; NULL: all */
	bool echo; /* send back what comes, in place of playing and recording */
	unsigned max_redirects; /* 3xx that are followed (s8.1.3.4); 0: none */
	const struct tsuwa_call_events *events; /* NULL: none */
	void *ctx;
};

/* Calls.  0: callbacks follow, on_ended in any case; -EINVAL, -EMFILE and its like (no media), -ENOBUFS
 * (too many calls), -ENOMEM. */
int tsuwa_call_new(struct tsuwa_ua *ua, const struct tsuwa_call_conf *conf, struct tsuwa_call **ret,
		   struct tsuwa_error *err);
/* Hangs up, cancels or refuses what is not over yet, and forgets it: no callback follows.  Accepts NULL. */
void tsuwa_call_free(struct tsuwa_call **call);

/* Of a call that came in: whose events, and what it can do; before it is answered. */
void tsuwa_call_set_events(struct tsuwa_call *call, const struct tsuwa_call_events *events,
			   void *ctx);
/* 0, -EINVAL, -EALREADY (it is answered). */
int tsuwa_call_set_codecs(struct tsuwa_call *call, const char *codecs);
int tsuwa_call_set_echo(struct tsuwa_call *call, bool echo);
/* The INVITE, until it is answered; NULL then, and for calls that we made.  Borrowed from the call. */
const struct tsuwa_message *tsuwa_call_invite(const struct tsuwa_call *call);

/* 101-199, 180 mostly: sent reliably where the caller asks for it (RFC 3262).  0, -EINVAL, -ENOTCONN (not a
 * call that rings), -errno. */
int tsuwa_call_ring(struct tsuwa_call *call, unsigned status);
/* 200 with our description.  0: it is up; -EBADMSG: its offer could not be answered and the call was refused, on_ended
 * follows; -ENOTCONN, -errno. */
int tsuwa_call_answer(struct tsuwa_call *call);
/* 300-699; reason NULL: the usual one.  on_ended follows.  0, -EINVAL, -ENOTCONN. */
int tsuwa_call_reject(struct tsuwa_call *call, unsigned status, const char *reason);

/* CANCEL, BYE or 480, as it stands; on_ended follows.  Harmless when it is over. */
void tsuwa_call_hangup(struct tsuwa_call *call);
/* Holds (RFC 3264 s8.4: we send, and do not receive) or resumes; on_session follows.  0, -ENOTCONN (not up),
 * -EBUSY (a change is under way), -errno. */
int tsuwa_call_hold(struct tsuwa_call *call, bool held);

/* ---- what is known of it ---- */

struct tsuwa_ua *tsuwa_call_ua(const struct tsuwa_call *call);
/* Whom we call, or who calls: a URI.  Stands until tsuwa_call_free(). */
struct tsuwa_str tsuwa_call_peer(const struct tsuwa_call *call);
/* Empty before the first message and after the end. */
struct tsuwa_str tsuwa_call_id(const struct tsuwa_call *call);
/* Answered, and not over. */
bool tsuwa_call_is_up(const struct tsuwa_call *call);
/* What is sent: "PCMU"; NULL while there is no agreement on audio. */
const char *tsuwa_call_codec(const struct tsuwa_call *call);
/* Ours: TSUWA_RECVONLY when the peer holds, TSUWA_SENDONLY when we do. */
enum tsuwa_direction tsuwa_call_direction(const struct tsuwa_call *call);

struct tsuwa_call_stats {
	uint64_t packets_sent, bytes_sent; /* RTP; bytes of payload */
	uint64_t packets_received, bytes_received; /* that were taken */
	uint64_t ignored; /* from elsewhere, or not understood */
	uint64_t expected; /* by their numbers */
	int64_t lost; /* of those; below 0 when some came twice */
	uint32_t loss_permille;
	uint32_t jitter_us; /* RFC 3550 A.8 */
	uint32_t late, duplicate, reordered; /* at the jitter buffer, while recording */
	uint32_t concealed_ms;
	uint32_t max_gap_ms; /* longest time between two packets */
	int32_t rtt_us; /* -1: not known */
	int32_t remote_lost; /* what the peer says of our stream */
	uint32_t remote_loss_permille;
	uint64_t duration_ms; /* of the media */
};

/* Now, or as it was at the end.  size: sizeof(struct tsuwa_call_stats). */
void tsuwa_call_get_stats(const struct tsuwa_call *call, struct tsuwa_call_stats *ret, size_t size);

/* ---- audio ----
 * May be set at any time, also before there is media; what was set before is replaced.  -ENOTCONN:
 * the call is over.  From tsuwa_ua_step() every 20 ms: keep them short. */

/* n samples into pcm; fewer end it, and TSUWA_MEDIA_PLAYED comes.  pull NULL: silence. */
int tsuwa_call_set_source(struct tsuwa_call *call,
			  size_t (*pull)(void *ctx, int16_t *pcm, size_t n), void *ctx);
/* n = TSUWA_AUDIO_FRAME samples each 20 ms without gaps, silence when nothing comes.  push NULL: nobody
 * listens. */
int tsuwa_call_set_sink(struct tsuwa_call *call,
			void (*push)(void *ctx, const int16_t *pcm, size_t n), void *ctx);
/* In place of a source: a sound, once, or again and again.  NULL: silence. */
int tsuwa_call_play(struct tsuwa_call *call, struct tsuwa_sound *sound, bool again);
/* In place of a sink.  -EBUSY: another call records to it.  NULL: records no more. */
int tsuwa_call_record(struct tsuwa_call *call, struct tsuwa_recorder *recorder);

#define TSUWA_DIGITS_MAX 64

/* Presses 0-9 * # A-D for 100 ms each, ',' pauses 500 ms; TSUWA_MEDIA_DIGITS_SENT comes.
 * 0, -ENOTCONN (not up), -EINVAL (another character), -ENOBUFS (more than TSUWA_DIGITS_MAX wait). */
int tsuwa_call_dtmf(struct tsuwa_call *call, const char *digits);
/* A request within the call, INFO or MESSAGE and the like; its answer is not told.  0, -ENOTCONN, -errno. */
int tsuwa_call_send(struct tsuwa_call *call, const char *method, const char *content_type,
		    const void *body, size_t n);

#ifdef __cplusplus
}
#endif

#endif
