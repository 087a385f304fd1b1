/* rtp/event.h - telephone events in RTP (RFC 4733 s2): the payload, a sender that
 * makes a digit's packets one by one, and a receiver that reports each digit once.
 * Pure: timestamps come in.  Knows no packets around the payload. */
#ifndef TSUWA_RTP_EVENT_H
#define TSUWA_RTP_EVENT_H

#include "base/str.h"

#define RTP_EVENT_BYTES 4

struct rtp_event {
	uint8_t event; /* 0-9, 10 "*", 11 "#", 12-15 A-D; others are not digits */
	bool end;
	uint8_t volume; /* 0-63, -dBm0 */
	uint16_t duration; /* timestamp units */
};

/* The first event of the payload. */
bool rtp_event_parse(struct str payload, struct rtp_event *ret);
void rtp_event_put(uint8_t ret[RTP_EVENT_BYTES], const struct rtp_event *e);

/* '0'-'9', '*', '#', 'A'-'D' (either case); -1: none of them. */
int rtp_event_of_digit(char digit);
/* 0: not a digit. */
char rtp_event_digit(int event);

struct rtp_event_sender {
	bool active;
	bool started;
	uint8_t event;
	uint8_t ends; /* packets with the end bit that were made */
	uint32_t ts; /* of all packets of the event */
	uint32_t duration, total;
};

/* total: length of the tone in timestamp units, cut to 65535. */
void rtp_event_start(struct rtp_event_sender *s, int event, uint32_t ts, uint32_t total);

/* The next packet, step timestamp units after the last one; the final one comes three
 * times (s2.5.1.4).  False, and nothing written, when the event is over. */
bool rtp_event_next(struct rtp_event_sender *s, uint32_t step, struct rtp_event *ret,
		    bool *ret_marker);

struct rtp_event_receiver {
	bool any;
	bool ended;
	uint8_t event;
	uint16_t duration;
	uint32_t ts;
};

/* A packet of the payload type; true once for each event, at its first packet that
 * arrives.  Zero-initialise, also when the SSRC changes. */
bool rtp_event_receive(struct rtp_event_receiver *r, uint32_t ts, bool marker,
		       const struct rtp_event *e);

#endif
