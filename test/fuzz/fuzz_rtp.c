/* What parses is built byte for byte, but for padding's filling, and the payload of an
 * event likewise.  The stream then goes through the jitter and event receivers. */
#include "fuzz.h"

#include "rtp/event.h"
#include "rtp/rtp.h"
#include "rtp/source.h"

static void one_event(struct rtp_event_receiver *r, const struct rtp_header *h, struct str payload)
{
	uint8_t bytes[RTP_EVENT_BYTES];
	struct rtp_event e;

	if (!rtp_event_parse(payload, &e))
		return;
	rtp_event_put(bytes, &e);
	check(bytes[0] == (uint8_t)payload.p[0] && bytes[2] == (uint8_t)payload.p[2] &&
	      bytes[3] == (uint8_t)payload.p[3]);
	check((bytes[1] & 0xbf) == ((uint8_t)payload.p[1] & 0xbf)); /* but for the reserved bit */
	rtp_event_receive(r, h->ts, h->marker, &e);
	check(!rtp_event_receive(r, h->ts, false, &e));
}

static void one_packet(struct str packet, struct rtp_source *source, struct rtp_event_receiver *r)
{
	char room[65536];
	struct buf b = buf_over(room, sizeof(room));
	struct rtp_header h;
	struct str payload;

	rtp_is_rtcp(packet);
	if (!rtp_parse(packet, &h, &payload))
		return;
	check(rtp_build(&b, &h, payload));
	check(b.n == packet.n && h.padding <= b.n);
	check(memcmp(room, packet.p, b.n - h.padding) == 0);
	if (source->ssrc != h.ssrc)
		rtp_source_init(source, h.ssrc, h.seq);
	rtp_source_seq(source, h.seq);
	rtp_source_arrival(source, h.ts, h.ts * 3);
	rtp_source_report(source);
	one_event(r, &h, payload);
}

/* Packets behind a length byte each. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of((const char *)data, size);
	struct rtp_event_receiver r = {0};
	struct rtp_source source = {0};

	if (size > 60000)
		return 0;
	one_packet(rest, &source, &r);
	while (rest.n) {
		size_t n = (uint8_t)rest.p[0];

		rest = str_skip(rest, 1);
		one_packet(str_first(rest, n), &source, &r);
		rest = str_skip(rest, n);
	}
	return 0;
}
