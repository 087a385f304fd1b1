/* rtp/source.h - what a receiver knows of one source: sequence numbers over their
 * wraps, loss and interarrival jitter (RFC 3550 A.1, A.3, A.8).
 * Pure: the time of arrival comes in, in timestamp units. */
#ifndef TSUWA_RTP_SOURCE_H
#define TSUWA_RTP_SOURCE_H

#include "rtp/rtcp.h"

struct rtp_source {
	uint32_t ssrc;
	uint16_t max_seq; /* highest seen */
	uint16_t probation; /* packets in order until the source counts */
	uint32_t cycles; /* of the sequence number, times 65536 */
	uint32_t base_seq;
	uint32_t bad_seq; /* next of a sequence that jumped */
	uint32_t received;
	uint32_t expected_prior, received_prior;
	bool has_transit;
	uint32_t transit; /* of the last packet, relative */
	uint64_t jitter16; /* sixteen times the estimate */
};

/* Starts over with the first packet of a source. */
void rtp_source_init(struct rtp_source *s, uint32_t ssrc, uint16_t seq);

/* Every packet of the source, the first one too.  True when it belongs to the running
 * sequence (late and double ones do); false on probation and after a jump. */
bool rtp_source_seq(struct rtp_source *s, uint16_t seq);

/* Timestamp of an audio packet and when it came, both in timestamp units. */
void rtp_source_arrival(struct rtp_source *s, uint32_t ts, uint32_t arrival_ts);

/* Highest sequence number, extended by its wraps. */
static inline uint32_t rtp_source_ext_seq(const struct rtp_source *s)
{
	return s->cycles + s->max_seq;
}

uint32_t rtp_source_expected(const struct rtp_source *s);
/* Negative when packets came twice. */
int64_t rtp_source_lost(const struct rtp_source *s);

static inline uint32_t rtp_source_jitter(const struct rtp_source *s)
{
	return (uint32_t)(s->jitter16 >> 4);
}

/* The report block; loss is counted anew from here.  lsr and dlsr are left 0. */
struct rtcp_block rtp_source_report(struct rtp_source *s);

#endif
