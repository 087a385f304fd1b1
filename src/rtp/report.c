#include "rtp/report.h"

#define MIN_INTERVAL_MS 5000u
#define RTCP_BYTES_PER_S 400u /* 5 % of 64 kbit/s, s6.2 */
#define UDP_IP_BYTES 28u
#define MEMBERS 2u
#define UNIX_TO_NTP_S 2208988800u /* 1900 to 1970 */

void rtp_report_init(struct rtp_report *r, uint32_t ssrc)
{
	*r = (struct rtp_report){.ssrc = ssrc, .initial = true, .avg_bytes = 100};
}

uint64_t rtp_ntp(uint64_t unix_us)
{
	uint64_t s = unix_us / 1000000 + UNIX_TO_NTP_S, us = unix_us % 1000000;

	return s << 32 | (us << 32) / 1000000;
}

static void count_size(struct rtp_report *r, size_t bytes)
{
	r->avg_bytes = (15 * r->avg_bytes + (uint32_t)bytes + UDP_IP_BYTES) / 16;
}

void rtp_report_build(struct rtp_report *r, struct rtp_source *source, uint64_t ntp,
		      uint32_t rtp_ts, uint64_t now_ms, struct str cname, bool bye, struct buf *b)
{
	struct rtcp_sender sender = {ntp, rtp_ts, r->packets, r->bytes};
	bool sr = r->sent_now || r->sent_since;
	struct rtcp_block block;
	size_t from = b->n;

	if (source) {
		block = rtp_source_report(source);
		if (r->has_lsr && r->lsr_ssrc == source->ssrc) {
			block.lsr = r->lsr;
			block.dlsr = (uint32_t)((now_ms - r->lsr_at_ms) * 65536 / 1000);
		}
	}
	rtcp_put_report(b, r->ssrc, sr ? &sender : NULL, &block, source ? 1 : 0);
	rtcp_put_cname(b, r->ssrc, cname);
	if (bye)
		rtcp_put_bye(b, r->ssrc, STR_NONE);
	r->sent_since = r->sent_now;
	r->sent_now = false;
	r->initial = false;
	count_size(r, b->n - from);
}

/* s6.4.1: A - LSR - DLSR, in 1/65536 s.  What is negative comes of clocks that
 * stepped; more than a minute of a block that is not about this stream. */
static void take_rtt(struct rtp_report *r, const struct rtcp_block *block, uint64_t ntp)
{
	int32_t rtt;

	if (block->lsr == 0)
		return;
	rtt = (int32_t)((uint32_t)(ntp >> 16) - block->lsr - block->dlsr);
	if (rtt > 60 << 16)
		return;
	if (rtt < 0)
		rtt = 0;
	r->rtt_us = (uint32_t)((uint64_t)rtt * 1000000 / 65536);
	r->has_rtt = true;
}

static void take_report(struct rtp_report *r, const struct rtcp_packet *p, uint64_t ntp,
			uint64_t now_ms)
{
	struct rtcp_sender sender;
	struct rtcp_block block;
	uint32_t ssrc;

	if (!rtcp_report_parse(p, &ssrc, &sender))
		return;
	if (p->type == RTCP_SR) {
		r->has_lsr = true;
		r->lsr = (uint32_t)(sender.ntp >> 16);
		r->lsr_ssrc = ssrc;
		r->lsr_at_ms = now_ms;
	}
	for (unsigned i = 0; i < p->count; i++) {
		block = rtcp_block_at(p, i);
		if (block.ssrc != r->ssrc)
			continue;
		r->theirs = block;
		r->has_theirs = true;
		take_rtt(r, &block, ntp);
	}
}

bool rtp_report_receive(struct rtp_report *r, struct str compound, uint64_t ntp, uint64_t now_ms,
			struct rtp_heard *ret)
{
	struct rtp_heard heard = {0};
	uint32_t sources[RTCP_BLOCKS_MAX];
	struct str rest = compound, reason;
	struct rtcp_packet p;

	if (!rtcp_valid(compound))
		return false;
	count_size(r, compound.n);
	while (rtcp_next(&rest, &p)) {
		if (p.type == RTCP_SR || p.type == RTCP_RR)
			take_report(r, &p, ntp, now_ms);
		if (p.type == RTCP_BYE && p.count && rtcp_bye_parse(&p, sources, &reason)) {
			heard.bye = true;
			heard.bye_ssrc = sources[0];
		}
	}
	*ret = heard;
	return true;
}

/* The divisor e - 3/2 makes up for timer reconsideration's bias. */
uint32_t rtp_report_interval_ms(const struct rtp_report *r, uint32_t random)
{
	uint64_t min = r->initial ? MIN_INTERVAL_MS / 2 : MIN_INTERVAL_MS;
	uint64_t t = (uint64_t)MEMBERS * r->avg_bytes * 1000 / RTCP_BYTES_PER_S;

	if (t < min)
		t = min;
	t = t / 2 + (t * random >> 32);
	return (uint32_t)(t * 100000 / 121828);
}
