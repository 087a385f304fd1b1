#include <errno.h>
#include <sys/socket.h>

#include "media/session.h"
#include "net/sockaddr.h"

#define PACKETS_A_ROUND 32 /* of one socket, before others have their turn */
#define SILENT_MS 2000u /* the locked source said nothing: another may take over */
#define RIVAL_PACKETS 3u /* in a row, before it does */
#define SAMPLES_MAX 1600

static bool take_error(int fd)
{
	char control[256], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};

	m.msg_controllen = sizeof(control);
	return recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0;
}

/* ICMP is counted, never fatal: the other side may only be a moment behind. */
static void drain_errors(struct session *s, int fd)
{
	for (int i = 0; i < PACKETS_A_ROUND && take_error(fd); i++)
		s->stats.refused++;
}

static ssize_t receive(int fd, uint8_t *room, struct addr *ret_from)
{
	union sockaddr_any sa;
	socklen_t len = sizeof(sa);
	ssize_t n = recvfrom(fd, room, PACKET_BYTES, 0, &sa.sa, &len);

	if (n < 0 && errno != EAGAIN) { /* an ICMP error came in place of a packet */
		len = sizeof(sa);
		n = recvfrom(fd, room, PACKET_BYTES, 0, &sa.sa, &len);
	}
	return n >= 0 && sockaddr_to(&sa, ret_from) ? n : -1;
}

static void lock_on(struct session *s, const struct addr *from)
{
	s->locked = true;
	s->from = *from;
	s->rival_packets = 0;
	s->has_source = false;
	if (!s->params.latch)
		return;
	s->to = *from;
	if (s->params.rtcp_mux)
		s->rtcp_to = *from;
	else if (s->rtcp_to.family && !addr_same_ip(&s->rtcp_to, from))
		s->rtcp_to = (struct addr){0}; /* until RTCP shows where it is */
}

/* Another source while one is locked: it takes over after three packets in a row, and
 * only when the locked one has fallen silent, so that nobody can steal a call that
 * runs. */
static bool rival_wins(struct session *s, const struct addr *from, uint16_t seq, uint64_t now)
{
	bool follows = addr_eq(from, &s->rival) && seq == (uint16_t)(s->rival_seq + 1);

	if (now - s->rtp_at_ms < SILENT_MS && s->rtp_at_ms) {
		s->rival_packets = 0;
		return false;
	}
	s->rival_packets = follows ? s->rival_packets + 1 : 1;
	s->rival = *from;
	s->rival_seq = seq;
	return s->rival_packets >= RIVAL_PACKETS;
}

/* Whether a packet's source is the one to be heard.  The address of the SDP always
 * is.  Without latching only its host may send, from a port that it keeps. */
static bool is_heard(struct session *s, const struct addr *from, uint16_t seq, uint64_t now)
{
	if (s->locked && addr_eq(from, &s->from))
		return true;
	if (addr_eq(from, &s->params.rtp)) {
		lock_on(s, from);
		return true;
	}
	if (!s->params.latch && !addr_same_ip(from, &s->params.rtp))
		return false;
	if (s->locked && !rival_wins(s, from, seq, now))
		return false;
	lock_on(s, from);
	return true;
}

static bool is_known_pt(const struct session *s, int pt)
{
	const struct media_params *p = &s->params;

	return pt == p->recv_pcmu_pt || pt == p->recv_pcma_pt || pt == p->recv_event_pt ||
	       (p->mode == MEDIA_ECHO && p->echo_other);
}

static void count_packet(struct session *s, const struct rtp_header *h, size_t bytes, uint64_t now)
{
	uint64_t gap = now - s->rtp_at_ms;

	if (!s->has_source || s->rx.ssrc != h->ssrc) {
		rtp_source_init(&s->rx, h->ssrc, h->seq);
		s->event = (struct rtp_event_receiver){0};
		s->has_source = true;
		s->echo_synced = false;
	}
	rtp_source_seq(&s->rx, h->seq);
	if (h->pt != s->params.recv_event_pt)
		rtp_source_arrival(&s->rx, h->ts, (uint32_t)(clock_mono_us() * 8 / 1000));
	if (s->rtp_at_ms && gap > s->stats.max_gap_ms)
		s->stats.max_gap_ms = (uint32_t)gap;
	s->rtp_at_ms = s->heard_at_ms = now;
	s->told_timeout = false;
	s->stats.packets_received++;
	s->stats.bytes_received += bytes;
}

static enum g711_law law_of(const struct session *s, int pt)
{
	return pt == s->params.recv_pcmu_pt ? G711_PCMU : G711_PCMA;
}

/* Back with our numbers; timestamps keep their distances, so that events and silence
 * come back as they were. */
static void echo(struct session *s, const struct rtp_header *h, struct str payload)
{
	const struct media_params *p = &s->params;
	enum g711_law law = p->codec == MEDIA_PCMU ? G711_PCMU : G711_PCMA;
	uint8_t code[PACKET_BYTES];
	int16_t pcm[PACKET_BYTES];
	int pt = h->pt;

	if (!p->send || payload.n > sizeof(code))
		return;
	if (!s->echo_synced) {
		s->echo_offset = s->ts - h->ts;
		s->echo_synced = true;
	}
	if (pt == p->recv_event_pt) {
		pt = p->send_event_pt;
	} else if (pt == p->recv_pcmu_pt || pt == p->recv_pcma_pt) {
		pt = p->send_pt;
		if (law_of(s, h->pt) != law) {
			g711_decode(law_of(s, h->pt), (const uint8_t *)payload.p, payload.n, pcm);
			g711_encode(law, pcm, payload.n, code);
			payload.p = (const char *)code;
		}
	}
	if (pt >= 0)
		session_send_rtp(s, (uint8_t)pt, h->marker, h->ts + s->echo_offset, payload);
}

/* The jitter buffer works only when somebody listens. */
static bool is_listening(const struct session *s)
{
	return s->sink || s->params.recv_event_pt < 0;
}

static void hear_audio(struct session *s, const struct rtp_header *h, struct str payload)
{
	int16_t pcm[SAMPLES_MAX];

	if (!s->params.recv || payload.n > SAMPLES_MAX || !is_listening(s))
		return;
	g711_decode(law_of(s, h->pt), (const uint8_t *)payload.p, payload.n, pcm);
	jitter_put(&s->jitter, h->ssrc, h->seq, h->ts, pcm, payload.n);
}

/* False: closed. */
static bool hear_event(struct session *s, const struct rtp_header *h, struct str payload)
{
	struct rtp_event e;
	char digit;

	if (!rtp_event_parse(payload, &e) || !rtp_event_receive(&s->event, h->ts, h->marker, &e))
		return true;
	digit = rtp_event_digit(e.event);
	return !digit || session_tell(s, MEDIA_DIGIT, digit);
}

/* False: closed. */
static bool take_rtp(struct session *s, struct str packet, const struct addr *from)
{
	uint64_t now = loop_now_ms(s->engine->loop);
	struct rtp_header h;
	struct str payload;

	if (!s->is_set || !rtp_parse(packet, &h, &payload) || !is_known_pt(s, h.pt) ||
	    !is_heard(s, from, h.seq, now)) {
		s->stats.ignored++;
		return true;
	}
	count_packet(s, &h, payload.n, now);
	if (s->params.mode == MEDIA_ECHO)
		echo(s, &h, payload);
	if (h.pt == s->params.recv_pcmu_pt || h.pt == s->params.recv_pcma_pt)
		hear_audio(s, &h, payload);
	if (!s->told_first) {
		s->told_first = true;
		if (!session_tell(s, MEDIA_FIRST_PACKET, 0))
			return false;
	}
	return h.pt != s->params.recv_event_pt || hear_event(s, &h, payload);
}

/* RTCP is believed from the host that RTP is sent to; where it comes from is where it
 * goes, for a NAT gives it a port of its own. */
static bool take_rtcp(struct session *s, struct str packet, const struct addr *from)
{
	struct engine *e = s->engine;
	struct rtp_heard heard;

	if (!s->is_set || !addr_same_ip(from, &s->to) ||
	    !rtp_report_receive(&s->report, packet, engine_ntp(e), loop_now_ms(e->loop), &heard)) {
		s->stats.ignored++;
		return true;
	}
	s->heard_at_ms = loop_now_ms(e->loop);
	s->told_timeout = false;
	if (s->params.latch && !s->params.rtcp_mux)
		s->rtcp_to = *from;
	return !heard.bye || session_tell(s, MEDIA_BYE, 0);
}

void session_on_rtp(void *ctx, uint32_t events)
{
	struct session *s = (struct session *)ctx;
	uint8_t room[PACKET_BYTES];
	struct addr from;
	bool alive = true;

	if (events & EPOLLERR)
		drain_errors(s, s->rtp.fd);
	for (int i = 0; i < PACKETS_A_ROUND && alive; i++) {
		ssize_t n = receive(s->rtp.fd, room, &from);
		struct str packet = str_of((const char *)room, n < 0 ? 0 : (size_t)n);

		if (n < 0)
			return;
		alive = s->params.rtcp_mux && rtp_is_rtcp(packet) ? take_rtcp(s, packet, &from)
								  : take_rtp(s, packet, &from);
	}
}

void session_on_rtcp(void *ctx, uint32_t events)
{
	struct session *s = (struct session *)ctx;
	uint8_t room[PACKET_BYTES];
	struct addr from;
	bool alive = true;

	if (events & EPOLLERR)
		drain_errors(s, s->rtcp.fd);
	for (int i = 0; i < PACKETS_A_ROUND && alive; i++) {
		ssize_t n = receive(s->rtcp.fd, room, &from);

		if (n < 0)
			return;
		alive = take_rtcp(s, str_of((const char *)room, (size_t)n), &from);
	}
}

/* Tones in the audio, for those who know no telephone events. */
static bool detect(struct session *s, const int16_t *pcm)
{
	char digits[2];
	size_t n = tone_detect(&s->detector, pcm, MEDIA_FRAME, digits, sizeof(digits));

	for (size_t i = 0; i < n; i++)
		if (!session_tell(s, MEDIA_DIGIT, digits[i]))
			return false;
	return true;
}

bool session_recv_tick(struct session *s)
{
	uint64_t now = loop_now_ms(s->engine->loop);
	int16_t pcm[MEDIA_FRAME];

	if (is_listening(s)) {
		enum jitter_got got = jitter_get(&s->jitter, pcm, MEDIA_FRAME);

		if (s->sink)
			s->sink->push(s->sink, pcm, MEDIA_FRAME);
		if (s->params.recv_event_pt < 0 && got != JITTER_IDLE && !detect(s, pcm))
			return false;
	}
	if (!s->params.recv || s->told_timeout || s->params.timeout_ms == UINT32_MAX ||
	    now - s->heard_at_ms < s->params.timeout_ms)
		return true;
	s->told_timeout = true;
	return session_tell(s, MEDIA_TIMEOUT, 0);
}
