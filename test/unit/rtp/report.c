#include "harness.h"

#include "rtp/report.h"

#define START_US 1700000000000000u

static char room[512];

static struct str built(struct rtp_report *r, struct rtp_source *s, uint64_t at_ms)
{
	struct buf b = buf_over(room, sizeof(room));

	rtp_report_build(r, s, rtp_ntp(START_US + at_ms * 1000), 0, at_ms, STR("a@b"), false, &b);
	assert_true(rtcp_valid(buf_str(&b)));
	return buf_str(&b);
}

/* A sends at 0, it takes 40 ms; B answers 1000 ms later, it takes 60 ms. */
static void measures_the_round_trip(void **state)
{
	struct rtp_report a, b;
	struct rtp_source at_b;
	struct rtp_heard heard;
	struct str text;

	rtp_report_init(&a, 1);
	rtp_report_init(&b, 2);
	rtp_source_init(&at_b, 1, 0);
	for (uint16_t i = 0; i < 4; i++)
		rtp_source_seq(&at_b, i);
	rtp_report_sent(&a, 160);
	text = built(&a, NULL, 0);
	assert_int_equal((uint8_t)text.p[1], RTCP_SR);
	assert_true(rtp_report_receive(&b, text, rtp_ntp(START_US + 40000), 40, &heard));
	text = built(&b, &at_b, 1040);
	assert_int_equal((uint8_t)text.p[1], RTCP_RR);
	assert_true(rtp_report_receive(&a, text, rtp_ntp(START_US + 1100000), 1100, &heard));
	assert_false(heard.bye);
	assert_true(a.has_rtt);
	assert_in_range(a.rtt_us, 99000, 101000);
	assert_true(a.has_theirs);
	assert_int_equal(a.theirs.ext_seq, 3);
}

static void falls_back_to_rr(void **state)
{
	struct rtp_report r;

	rtp_report_init(&r, 1);
	rtp_report_sent(&r, 160);
	assert_int_equal((uint8_t)built(&r, NULL, 0).p[1], RTCP_SR);
	assert_int_equal((uint8_t)built(&r, NULL, 5000).p[1], RTCP_SR);
	assert_int_equal((uint8_t)built(&r, NULL, 10000).p[1], RTCP_RR);
}

static void hears_a_bye(void **state)
{
	struct rtp_report a, b;
	struct rtp_heard heard;
	struct buf out = buf_over(room, sizeof(room));

	rtp_report_init(&a, 1);
	rtp_report_init(&b, 2);
	rtp_report_build(&a, NULL, 0, 0, 0, STR("x"), true, &out);
	assert_true(rtp_report_receive(&b, buf_str(&out), 0, 0, &heard));
	assert_true(heard.bye);
	assert_int_equal(heard.bye_ssrc, 1);
	assert_false(rtp_report_receive(&b, STR("nonsense"), 0, 0, &heard));
}

static void spreads_its_intervals(void **state)
{
	struct rtp_report r;
	uint64_t seed = 3, sum = 0;
	uint32_t ms, lo = UINT32_MAX, hi = 0;

	rtp_report_init(&r, 1);
	assert_in_range(rtp_report_interval_ms(&r, 0), 1020, 1030);
	r.initial = false;
	for (int i = 0; i < 10000; i++) {
		ms = rtp_report_interval_ms(&r, (uint32_t)test_random(&seed));
		lo = ms < lo ? ms : lo;
		hi = ms > hi ? ms : hi;
		sum += ms;
	}
	assert_in_range(lo, 2050, 2070);
	assert_in_range(hi, 6130, 6157);
	assert_in_range(sum / 10000, 4050, 4150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_the_round_trip),
		cmocka_unit_test(falls_back_to_rr),
		cmocka_unit_test(hears_a_bye),
		cmocka_unit_test(spreads_its_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
