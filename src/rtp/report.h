/* rtp/report.h - our side of RTCP for a stream between two parties: what to send and
 * when (RFC 3550 s6.2-6.4), and the round trip time out of what comes back.
 * Pure: times and random come in. */
#ifndef TSUWA_RTP_REPORT_H
#define TSUWA_RTP_REPORT_H

#include "rtp/source.h"

struct rtp_report {
	uint32_t ssrc; /* ours */
	uint32_t packets, bytes; /* sent; payload alone */
	bool sent_since; /* RTP was sent since the last report but one */
	bool sent_now;
	bool initial; /* no report was sent yet */
	uint32_t avg_bytes; /* of compounds with their UDP and IP headers */
	bool has_lsr;
	uint32_t lsr; /* middle of the NTP time of their last SR */
	uint32_t lsr_ssrc;
	uint64_t lsr_at_ms; /* monotonic, when it came */
	bool has_rtt;
	uint32_t rtt_us;
	struct rtcp_block theirs; /* what they last said of our stream */
	bool has_theirs;
};

/* What an RTCP compound said beyond the reports. */
struct rtp_heard {
	bool bye; /* of any source */
	uint32_t bye_ssrc;
};

void rtp_report_init(struct rtp_report *r, uint32_t ssrc);

/* Each RTP packet that was sent. */
static inline void rtp_report_sent(struct rtp_report *r, size_t payload_bytes)
{
	r->packets++;
	r->bytes += (uint32_t)payload_bytes;
	r->sent_now = true;
}

/* NTP time, 32.32 seconds since 1900, of microseconds since 1970 (s4). */
uint64_t rtp_ntp(uint64_t unix_us);

/* Writes a compound: SR when we sent lately, else RR; SDES CNAME; BYE if bye.  source:
 * what is received, NULL when nothing.  rtp_ts: timestamp of now in our stream. */
void rtp_report_build(struct rtp_report *r, struct rtp_source *source, uint64_t ntp,
		      uint32_t rtp_ts, uint64_t now_ms, struct str cname, bool bye, struct buf *b);

/* Takes a compound that came.  False when it is not valid (A.2); *ret is written only
 * else. */
bool rtp_report_receive(struct rtp_report *r, struct str compound, uint64_t ntp, uint64_t now_ms,
			struct rtp_heard *ret);

/* Milliseconds until the next report (s6.2, A.7): at least 5 s, half of it before the
 * first, spread over 0.5 to 1.5 by random. */
uint32_t rtp_report_interval_ms(const struct rtp_report *r, uint32_t random);

#endif
