/* media/session.h - what the files of the socket engine share: the session, and the
 * halves that send and receive.  Private to media/. */
#ifndef TSUWA_MEDIA_SESSION_H
#define TSUWA_MEDIA_SESSION_H

#include "base/list.h"
#include "media/g711.h"
#include "media/jitter.h"
#include "media/media_net.h"
#include "media/tone.h"
#include "net/clock.h"
#include "rtp/event.h"
#include "rtp/report.h"
#include "rtp/rtp.h"

#define TICK_MS 20u
#define PACKET_BYTES 1500 /* of a datagram that is looked at */
#define CNAME_BYTES 24

struct engine {
	struct media media;
	struct loop *loop;
	struct media_net_cfg cfg;
	struct list sessions;
	struct timer tick;
	uint64_t tick_at_ms; /* of the next one */
	uint64_t wall_us; /* 1970 to the zero of the monotonic clock */
	unsigned busy; /* depth of callbacks: closed sessions still stand */
	bool reap; /* some were closed meanwhile */
	struct entropy entropy;
};

/* What is queued of the digits to be sent. */
struct digits {
	char waiting[MEDIA_DIGITS_MAX];
	size_t n;
	bool busy; /* a digit or pause is under way, or the gap behind it */
	unsigned pause_ticks;
	unsigned tone_ticks; /* left of a tone in the audio */
	struct rtp_event_sender event;
	struct tone tone;
};

struct session {
	struct media_session head;
	struct engine *engine;
	struct list link;
	struct media_user user;
	bool closed;
	struct addr local;
	struct loop_fd rtp, rtcp;
	bool is_set;
	struct media_params params;
	uint64_t set_at_ms; /* the first time */
	struct media_stats stats; /* the counters in it */

	/* sending */
	struct addr to, rtcp_to;
	uint32_t ssrc;
	uint16_t seq;
	uint32_t ts; /* of the tick at hand */
	bool talking; /* the last tick sent audio: no marker */
	uint8_t queue[MEDIA_RATE * 120 / 1000 + MEDIA_FRAME]; /* encoded, not yet sent */
	size_t queued;
	struct media_source *source;
	struct digits digits;

	/* receiving */
	bool locked; /* onto `from` */
	struct addr from;
	struct addr rival; /* who else sends, while `from` is silent */
	unsigned rival_packets;
	uint16_t rival_seq;
	uint64_t heard_at_ms; /* RTP or RTCP */
	uint64_t rtp_at_ms; /* RTP; 0: none since the last media_set() */
	bool told_first, told_timeout;
	bool has_source;
	struct rtp_source rx;
	struct rtp_event_receiver event;
	struct media_sink *sink;
	struct tone_detector detector;
	struct jitter jitter;

	/* echo */
	bool echo_synced;
	uint32_t echo_offset; /* our timestamp less theirs */

	struct rtp_report report;
	uint64_t rtcp_at_ms; /* of the next report */
	char cname[CNAME_BYTES];
};

/* False when the session was closed by its user: stop at once. */
bool session_tell(struct session *s, enum media_event event, int value);

/* session_send.c: */
/* One tick of audio or digits.  False: closed. */
bool session_send_tick(struct session *s);
/* Leaves out n ticks that came too late. */
void session_skip(struct session *s, unsigned n);
void session_send_rtp(struct session *s, uint8_t pt, bool marker, uint32_t ts, struct str payload);
/* A report when it is time, or at once with BYE. */
void session_send_rtcp(struct session *s, bool bye);
int session_add_digits(struct session *s, struct str digits);

/* session_recv.c: */
void session_on_rtp(void *ctx, uint32_t events);
void session_on_rtcp(void *ctx, uint32_t events);
/* One tick of the sink and the timeout.  False: closed. */
bool session_recv_tick(struct session *s);

uint64_t engine_ntp(const struct engine *e);

#endif
