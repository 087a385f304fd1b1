/* media/media.h - audio sessions as the elements see them: opened beside a dialog, told
 * what the SDP agreed on, played to, recorded from.  Implemented over sockets by
 * media/media_net.h, and by a simulator without.  Knows no SIP and no SDP. */
#ifndef TSUWA_MEDIA_MEDIA_H
#define TSUWA_MEDIA_MEDIA_H

#include "base/addr.h"
#include "base/str.h"

#define MEDIA_RATE 8000
#define MEDIA_FRAME 160 /* samples of 20 ms */
#define MEDIA_TIMEOUT_MS 30000u
#define MEDIA_DIGITS_MAX 64 /* that wait to be sent */

struct media;
struct media_session;

enum media_codec { MEDIA_PCMU, MEDIA_PCMA };
enum media_mode {
	MEDIA_ENDPOINT, /* plays and records */
	MEDIA_ECHO, /* what comes goes back at once */
};

/* What the two sides agreed on.  Payload types are -1 when there is none. */
struct media_params {
	struct addr rtp; /* where to send; family 0: not known yet */
	struct addr rtcp; /* family 0: none */
	bool rtcp_mux; /* both on the RTP port (RFC 5761) */
	bool latch; /* send where packets come from (symmetric RTP, NAT) */
	bool send, recv;
	enum media_mode mode;
	enum media_codec codec; /* of what is sent */
	int send_pt, send_event_pt;
	int recv_pcmu_pt, recv_pcma_pt, recv_event_pt;
	bool echo_other; /* echo: other payload types go back as they are */
	uint16_t ptime_ms; /* of what is sent, 10-120; 0: 20 */
	uint32_t timeout_ms; /* without RTP and RTCP; 0: MEDIA_TIMEOUT_MS, UINT32_MAX: never */
};

/* No payload type, no address; sends and receives. */
struct media_params media_params_none(void);

enum media_event {
	MEDIA_FIRST_PACKET, /* RTP came that was taken */
	MEDIA_DIGIT, /* the other side pressed one: value */
	MEDIA_PLAYED, /* the source came to its end */
	MEDIA_DIGITS_SENT, /* none is waiting any more */
	MEDIA_TIMEOUT, /* nothing came for timeout_ms; told once a silence */
	MEDIA_BYE, /* the other side's RTCP said so */
};

/* Calls may be made on the session from inside, media_close() too. */
struct media_user {
	void (*on_event)(void *ctx, enum media_event event, int value);
	void *ctx;
};

/* Where samples come from.  Fewer than n end it; it belongs to its user and must stand
 * until MEDIA_PLAYED, or until it is replaced or the session closed. */
struct media_source {
	size_t (*pull)(struct media_source *s, int16_t *ret, size_t n);
};

/* Where samples go, n = MEDIA_FRAME each 20 ms without gaps; silence when nothing
 * comes.  Stands until it is replaced or the session closed. */
struct media_sink {
	void (*push)(struct media_sink *s, const int16_t *pcm, size_t n);
};

struct media_stats {
	uint64_t packets_sent, bytes_sent; /* RTP; bytes of payload */
	uint64_t packets_received, bytes_received; /* that were taken */
	uint64_t ignored; /* from elsewhere, or not understood */
	uint64_t refused; /* ICMP: nobody listens there */
	uint64_t send_failed;
	uint64_t expected; /* packets, by their numbers */
	int64_t lost; /* of them; below 0 when some came twice */
	uint32_t loss_permille;
	uint32_t jitter_us; /* RFC 3550 A.8 */
	uint32_t late, duplicate, reordered; /* at the jitter buffer, when it is in use */
	uint32_t concealed_ms;
	uint32_t max_gap_ms; /* longest time between two packets received */
	int32_t rtt_us; /* -1: not known */
	int32_t remote_lost; /* what the other side says of our stream */
	uint32_t remote_loss_permille;
	uint64_t duration_ms; /* since parameters were first set */
	enum media_codec codec; /* of what is sent */
	struct addr remote; /* where it is sent to */
};

struct media_ops {
	int (*open)(struct media *m, const struct addr *local_ip, const struct media_user *user,
		    struct media_session **ret);
	const struct addr *(*local)(const struct media_session *s);
	int (*set)(struct media_session *s, const struct media_params *p);
	void (*play)(struct media_session *s, struct media_source *source);
	void (*record)(struct media_session *s, struct media_sink *sink);
	int (*dtmf)(struct media_session *s, struct str digits);
	void (*stats)(const struct media_session *s, struct media_stats *ret);
	void (*close)(struct media_session *s);
};

/* Both are the head of their implementation's own structures. */
struct media {
	const struct media_ops *ops;
};

struct media_session {
	const struct media_ops *ops;
};

/* local_ip with port 0: a pair of an even port and the next is chosen; else exactly
 * that port and the next.  0, -EADDRINUSE (none is free), -EADDRNOTAVAIL (no address of
 * this host), -EMFILE, -ENOMEM... */
static inline int media_open(struct media *m, const struct addr *local_ip,
			     const struct media_user *user, struct media_session **ret)
{
	return m->ops->open(m, local_ip, user, ret);
}

/* The RTP address, for the SDP; RTCP is on the next port. */
static inline const struct addr *media_local(const struct media_session *s)
{
	return s->ops->local(s);
}

/* Again for each new agreement (hold, another address).  0 or -EINVAL: a payload type,
 * ptime or address family that can't be; all is then as before. */
static inline int media_set(struct media_session *s, const struct media_params *p)
{
	return s->ops->set(s, p);
}

/* NULL: silence.  The one before is forgotten without MEDIA_PLAYED. */
static inline void media_play(struct media_session *s, struct media_source *source)
{
	s->ops->play(s, source);
}

/* NULL: nobody listens. */
static inline void media_record(struct media_session *s, struct media_sink *sink)
{
	s->ops->record(s, sink);
}

/* Adds digits to those that wait: 0-9 * # A-D of 100 ms each, ',' pauses 500 ms.  As
 * telephone events when there is a payload type for them, else as tones.
 * 0, -EINVAL (another character), -ENOBUFS (too many wait). */
static inline int media_dtmf(struct media_session *s, struct str digits)
{
	return s->ops->dtmf(s, digits);
}

static inline void media_stats(const struct media_session *s, struct media_stats *ret)
{
	s->ops->stats(s, ret);
}

/* Says BYE in RTCP.  No callback follows; *s becomes NULL; NULL is fine. */
static inline void media_close(struct media_session **s)
{
	if (*s)
		(*s)->ops->close(*s);
	*s = NULL;
}

#endif
