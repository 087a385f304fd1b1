#include "rtp/event.h"

#include "rtp/bytes.h"

#define VOLUME 10 /* -10 dBm0 */
#define END_PACKETS 3
#define LONG_AGO (-80000) /* ten seconds: no packet is that late */

bool rtp_event_parse(struct str payload, struct rtp_event *ret)
{
	const uint8_t *p = (const uint8_t *)payload.p;

	if (payload.n < RTP_EVENT_BYTES)
		return false;
	ret->event = p[0];
	ret->end = p[1] >> 7;
	ret->volume = p[1] & 63;
	ret->duration = be16_get(p + 2);
	return true;
}

void rtp_event_put(uint8_t ret[RTP_EVENT_BYTES], const struct rtp_event *e)
{
	ret[0] = e->event;
	ret[1] = (uint8_t)(e->end << 7 | (e->volume & 63));
	be16_put(ret + 2, e->duration);
}

static const char digits[] = "0123456789*#ABCD";

int rtp_event_of_digit(char digit)
{
	const char *at;

	if (digit >= 'a' && digit <= 'd')
		digit = (char)(digit - 'a' + 'A');
	at = digit ? strchr(digits, digit) : NULL;
	return at ? (int)(at - digits) : -1;
}

char rtp_event_digit(int event)
{
	return event >= 0 && event <= 15 ? digits[event] : '\0';
}

void rtp_event_start(struct rtp_event_sender *s, int event, uint32_t ts, uint32_t total)
{
	*s = (struct rtp_event_sender){.active = true, .event = (uint8_t)event, .ts = ts};
	s->total = total < UINT16_MAX ? total : UINT16_MAX;
}

bool rtp_event_next(struct rtp_event_sender *s, uint32_t step, struct rtp_event *ret,
		    bool *ret_marker)
{
	if (!s->active)
		return false;
	if (s->ends == END_PACKETS) {
		s->active = false;
		return false;
	}
	s->duration += step;
	if (s->duration >= s->total) {
		s->duration = s->total;
		s->ends++;
	}
	*ret = (struct rtp_event){s->event, s->ends > 0, VOLUME, (uint16_t)s->duration};
	*ret_marker = !s->started;
	s->started = true;
	return true;
}

/* A new timestamp that is the same tone all the same: the next segment of a long event
 * (s2.5.1.3), or a sender that moves the timestamp along with the duration. */
static bool is_continued(const struct rtp_event_receiver *r, uint32_t ts, bool marker,
			 const struct rtp_event *e)
{
	uint32_t ahead = ts - r->ts;

	if (marker || r->ended || e->event != r->event)
		return false;
	return (ahead >= 0xf000 && ahead <= 0x10000) ||
	       (e->duration > r->duration && ahead == (uint32_t)(e->duration - r->duration));
}

bool rtp_event_receive(struct rtp_event_receiver *r, uint32_t ts, bool marker,
		       const struct rtp_event *e)
{
	int32_t ahead = (int32_t)(ts - r->ts);
	bool fresh;

	if (r->any && ahead == 0 && e->event == r->event) {
		r->ended |= e->end;
		if (e->duration > r->duration)
			r->duration = e->duration;
		return false;
	}
	if (r->any && ahead <= 0 && ahead > LONG_AGO)
		return false; /* of an event that is past */
	fresh = !r->any || !is_continued(r, ts, marker, e);
	*r = (struct rtp_event_receiver){true, e->end, e->event, e->duration, ts};
	return fresh;
}
