/* rtp/rtp.h - the RTP packet (RFC 3550 s5.1, s5.3.1): header with contributing sources
 * and extension, payload, padding.  Slices borrow from the packet.  Knows no socket,
 * no codec, no session. */
#ifndef TSUWA_RTP_RTP_H
#define TSUWA_RTP_RTP_H

#include "base/buf.h"
#include "base/str.h"

#define RTP_HEADER_BYTES 12
#define RTP_CSRC_MAX 15

struct rtp_header {
	uint8_t pt; /* 0-127 */
	bool marker;
	bool has_ext;
	uint8_t n_csrc;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
	uint16_t ext_profile;
	uint16_t padding; /* bytes behind the payload, 0-255 */
	struct str ext; /* a multiple of four bytes */
	uint32_t csrc[RTP_CSRC_MAX]; /* the first n_csrc are valid */
};

/* Neither payload nor header of a packet that fails is written.  The payload may be
 * empty.  Every byte of the packet is accounted for. */
bool rtp_parse(struct str packet, struct rtp_header *ret, struct str *ret_payload);

/* Writes header, payload and padding.  False, with b->failed set, when room ends or a
 * field is out of its range. */
bool rtp_build(struct buf *b, const struct rtp_header *h, struct str payload);

/* The plain header of what we send ourselves, into exactly RTP_HEADER_BYTES. */
void rtp_put_header(uint8_t *ret, uint8_t pt, bool marker, uint16_t seq, uint32_t ts,
		    uint32_t ssrc);

/* Tells RTCP from RTP where both share a port (RFC 5761 s4). */
bool rtp_is_rtcp(struct str packet);

#endif
