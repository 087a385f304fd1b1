#include "rtp/source.h"

#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define MIN_SEQUENTIAL 2
#define SEQ_MOD (1u << 16)

/* `before`: packets of the sequence that came while it was on probation. */
static void start_sequence(struct rtp_source *s, uint16_t seq, uint16_t before)
{
	s->base_seq = (uint16_t)(seq - before);
	s->cycles = (uint16_t)s->base_seq > seq ? SEQ_MOD : 0;
	s->max_seq = seq;
	s->bad_seq = SEQ_MOD + 1; /* equals no sequence number */
	s->received = before;
	s->received_prior = 0;
	s->expected_prior = 0;
}

void rtp_source_init(struct rtp_source *s, uint32_t ssrc, uint16_t seq)
{
	*s = (struct rtp_source){.ssrc = ssrc};
	start_sequence(s, seq, 0);
	s->max_seq = (uint16_t)(seq - 1);
	s->probation = MIN_SEQUENTIAL;
}

static bool on_probation(struct rtp_source *s, uint16_t seq)
{
	if (seq != (uint16_t)(s->max_seq + 1)) {
		s->probation = MIN_SEQUENTIAL - 1;
		s->max_seq = seq;
		return false;
	}
	s->probation--;
	s->max_seq = seq;
	if (s->probation)
		return false;
	start_sequence(s, seq, MIN_SEQUENTIAL - 1);
	s->received++;
	return true;
}

/* A.1, update_seq(); what came on probation is counted when it ends. */
bool rtp_source_seq(struct rtp_source *s, uint16_t seq)
{
	uint16_t delta = (uint16_t)(seq - s->max_seq);

	if (s->probation)
		return on_probation(s, seq);
	if (delta < MAX_DROPOUT) {
		if (seq < s->max_seq)
			s->cycles += SEQ_MOD;
		s->max_seq = seq;
	} else if (delta <= SEQ_MOD - MAX_MISORDER) {
		if (seq != s->bad_seq) {
			s->bad_seq = (seq + 1u) & (SEQ_MOD - 1);
			return false;
		}
		start_sequence(s, seq, 0); /* two in a row: the other side restarted */
	}
	s->received++;
	return true;
}

void rtp_source_arrival(struct rtp_source *s, uint32_t ts, uint32_t arrival_ts)
{
	uint32_t transit = arrival_ts - ts;
	int32_t d = (int32_t)(transit - s->transit);

	if (s->has_transit) {
		uint64_t abs = d < 0 ? (uint64_t) - (int64_t)d : (uint64_t)d;

		s->jitter16 += abs;
		s->jitter16 -= (s->jitter16 - abs + 8) >> 4;
	}
	s->has_transit = true;
	s->transit = transit;
}

uint32_t rtp_source_expected(const struct rtp_source *s)
{
	return s->probation ? 0 : rtp_source_ext_seq(s) - s->base_seq + 1;
}

int64_t rtp_source_lost(const struct rtp_source *s)
{
	return (int64_t)rtp_source_expected(s) - (s->probation ? 0 : s->received);
}

/* A.3 */
struct rtcp_block rtp_source_report(struct rtp_source *s)
{
	uint32_t expected = rtp_source_expected(s);
	int64_t lost = rtp_source_lost(s);
	int64_t span = (int64_t)expected - s->expected_prior;
	int64_t gone = span - ((int64_t)s->received - s->received_prior);
	struct rtcp_block b = {.ssrc = s->ssrc, .ext_seq = rtp_source_ext_seq(s)};

	s->expected_prior = expected;
	s->received_prior = s->received;
	if (span > 0 && gone > 0)
		b.fraction = (uint8_t)(gone >= span ? 255 : (gone << 8) / span);
	if (lost > 0x7fffff)
		lost = 0x7fffff;
	if (lost < -0x800000)
		lost = -0x800000;
	b.lost = (int32_t)lost;
	b.jitter = rtp_source_jitter(s);
	return b;
}
