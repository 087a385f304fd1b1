#include <errno.h>
#include <sys/socket.h>

#include "media/session.h"
#include "net/sockaddr.h"

#define DIGIT_TICKS 5u /* 100 ms */
#define GAP_TICKS 5u /* between two digits */
#define PAUSE_TICKS 25u /* of ',' */

/* An ICMP error that waits on the socket is handed out by the next call in its place,
 * so it is tried once more. */
static bool send_to(struct session *s, int fd, const struct addr *to, struct str bytes)
{
	union sockaddr_any sa;
	socklen_t len = sockaddr_from(to, &sa);
	ssize_t n;

	if (len == 0 || fd < 0)
		return false;
	n = sendto(fd, bytes.p, bytes.n, 0, &sa.sa, len);
	if (n < 0 && errno != EAGAIN)
		n = sendto(fd, bytes.p, bytes.n, 0, &sa.sa, len);
	s->stats.send_failed += n < 0;
	return n >= 0;
}

void session_send_rtp(struct session *s, uint8_t pt, bool marker, uint32_t ts, struct str payload)
{
	uint8_t packet[PACKET_BYTES];

	if (s->to.family == 0 || payload.n > sizeof(packet) - RTP_HEADER_BYTES)
		return;
	rtp_put_header(packet, pt, marker, s->seq++, ts, s->ssrc);
	if (payload.n)
		memcpy(packet + RTP_HEADER_BYTES, payload.p, payload.n);
	if (!send_to(s, s->rtp.fd, &s->to,
		     str_of((const char *)packet, RTP_HEADER_BYTES + payload.n)))
		return;
	s->stats.packets_sent++;
	s->stats.bytes_sent += payload.n;
	rtp_report_sent(&s->report, payload.n);
}

void session_send_rtcp(struct session *s, bool bye)
{
	uint64_t now = loop_now_ms(s->engine->loop);
	int fd = s->params.rtcp_mux ? s->rtp.fd : s->rtcp.fd;
	struct rtp_source *rx = s->has_source ? &s->rx : NULL;
	uint8_t room[PACKET_BYTES];
	struct buf b = buf_over(room, sizeof(room));
	uint32_t random;

	if (!bye && now < s->rtcp_at_ms)
		return;
	entropy_take(&s->engine->entropy, &random, sizeof(random));
	s->rtcp_at_ms = now + rtp_report_interval_ms(&s->report, random);
	if (s->rtcp_to.family == 0)
		return;
	rtp_report_build(&s->report, rx, engine_ntp(s->engine), s->ts, now,
			 str_of(s->cname, sizeof(s->cname)), bye, &b);
	send_to(s, fd, &s->rtcp_to, buf_str(&b));
}

static bool is_digit(char c)
{
	return c == ',' || rtp_event_of_digit(c) >= 0;
}

int session_add_digits(struct session *s, struct str digits)
{
	struct digits *d = &s->digits;

	for (size_t i = 0; i < digits.n; i++)
		if (!is_digit(digits.p[i]))
			return -EINVAL;
	if (digits.n > sizeof(d->waiting) - d->n)
		return -ENOBUFS;
	if (digits.n)
		memcpy(d->waiting + d->n, digits.p, digits.n);
	d->n += digits.n;
	return 0;
}

static void begin_digit(struct session *s, char c)
{
	struct digits *d = &s->digits;

	d->busy = true;
	if (c == ',') {
		d->pause_ticks = PAUSE_TICKS;
	} else if (s->params.send_event_pt >= 0) {
		rtp_event_start(&d->event, rtp_event_of_digit(c), s->ts, DIGIT_TICKS * MEDIA_FRAME);
		d->pause_ticks = GAP_TICKS;
	} else {
		tone_digit(c, &d->tone);
		d->tone_ticks = DIGIT_TICKS;
		d->pause_ticks = GAP_TICKS;
	}
}

/* The next digit, once the gap behind the last one is over.  False: closed. */
static bool step_digits(struct session *s)
{
	struct digits *d = &s->digits;
	char c;

	if (d->event.active || d->tone_ticks)
		return true;
	if (d->pause_ticks) {
		d->pause_ticks--;
		return true;
	}
	if (d->n == 0 && d->busy) {
		d->busy = false;
		return session_tell(s, MEDIA_DIGITS_SENT, 0);
	}
	if (d->n == 0)
		return true;
	c = d->waiting[0];
	memmove(d->waiting, d->waiting + 1, --d->n);
	begin_digit(s, c);
	return true;
}

/* True when an event took the place of the tick's audio. */
static bool send_event(struct session *s)
{
	struct rtp_event_sender *sender = &s->digits.event;
	uint8_t payload[RTP_EVENT_BYTES];
	struct rtp_event e;
	bool marker;

	if (!rtp_event_next(sender, MEDIA_FRAME, &e, &marker))
		return false;
	rtp_event_put(payload, &e);
	if (s->params.send_event_pt >= 0)
		session_send_rtp(s, (uint8_t)s->params.send_event_pt, marker, sender->ts,
				 str_of((const char *)payload, sizeof(payload)));
	s->talking = false;
	s->queued = 0;
	return true;
}

/* Packets of ptime as long as there are enough samples; the last one queued is of the
 * tick's end. */
static void send_audio(struct session *s, const int16_t *pcm)
{
	size_t per = s->params.ptime_ms * (MEDIA_RATE / 1000u), sent = 0;
	enum g711_law law = s->params.codec == MEDIA_PCMU ? G711_PCMU : G711_PCMA;
	uint32_t ts = s->ts - (uint32_t)s->queued;

	g711_encode(law, pcm, MEDIA_FRAME, s->queue + s->queued);
	s->queued += MEDIA_FRAME;
	for (; s->queued - sent >= per; sent += per) {
		session_send_rtp(s, (uint8_t)s->params.send_pt, !s->talking, ts + (uint32_t)sent,
				 str_of((const char *)s->queue + sent, per));
		s->talking = true;
	}
	s->queued -= sent;
	memmove(s->queue, s->queue + sent, s->queued);
}

/* A frame of the source, silence when there is none.  False: closed. */
static bool next_frame(struct session *s, int16_t *pcm)
{
	size_t n = 0;

	if (s->source) {
		n = s->source->pull(s->source, pcm, MEDIA_FRAME);
		if (n < MEDIA_FRAME) {
			s->source = NULL;
			memset(pcm + n, 0, (MEDIA_FRAME - n) * sizeof(*pcm));
			return session_tell(s, MEDIA_PLAYED, 0);
		}
		return true;
	}
	memset(pcm, 0, MEDIA_FRAME * sizeof(*pcm));
	return true;
}

/* False: closed. */
static bool speak(struct session *s)
{
	int16_t pcm[MEDIA_FRAME];

	if (!step_digits(s))
		return false;
	if (send_event(s))
		return true;
	if (s->digits.tone_ticks) {
		s->digits.tone_ticks--;
		tone_put(&s->digits.tone, pcm, MEDIA_FRAME);
	} else if (!next_frame(s, pcm)) {
		return false;
	}
	if (s->params.send_pt >= 0) /* a callback may have changed it */
		send_audio(s, pcm);
	return true;
}

bool session_send_tick(struct session *s)
{
	bool alive = true;

	if (s->params.mode == MEDIA_ENDPOINT && s->params.send && s->params.send_pt >= 0 &&
	    s->to.family)
		alive = speak(s);
	else
		s->talking = false;
	s->ts += MEDIA_FRAME;
	return alive;
}

void session_skip(struct session *s, unsigned n)
{
	s->ts += n * MEDIA_FRAME;
	s->talking = false;
	s->queued = 0;
}
