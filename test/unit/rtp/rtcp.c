#include "harness.h"

#include "rtp/rtcp.h"

static char room[2048];

static const struct rtcp_sender sender = {0x1122334455667788, 160, 50, 8000};
static const struct rtcp_block block = {0xcafe, 64, -3, 0x10005, 17, 0x12345678, 65536};

static struct str compound(struct str cname, struct str reason)
{
	struct buf b = buf_over(room, sizeof(room));

	rtcp_put_report(&b, 7, &sender, &block, 1);
	rtcp_put_cname(&b, 7, cname);
	rtcp_put_bye(&b, 7, reason);
	assert_false(b.failed);
	return buf_str(&b);
}

static void reads_what_it_builds(void **state)
{
	struct str rest = guard_str(compound(STR("me@host"), STR("done"))), cname, reason;
	uint32_t ssrc, sources[RTCP_BLOCKS_MAX];
	struct rtcp_sender s;
	struct rtcp_packet p;
	struct rtcp_block b;

	assert_true(rtcp_valid(rest));
	assert_true(rtcp_next(&rest, &p));
	assert_true(rtcp_report_parse(&p, &ssrc, &s));
	assert_int_equal(ssrc, 7);
	assert_true(s.ntp == sender.ntp && s.rtp_ts == 160 && s.packets == 50 && s.bytes == 8000);
	assert_int_equal(p.count, 1);
	b = rtcp_block_at(&p, 0);
	assert_int_equal(b.ssrc, 0xcafe);
	assert_int_equal(b.fraction, 64);
	assert_int_equal(b.lost, -3);
	assert_int_equal(b.ext_seq, 0x10005);
	assert_int_equal(b.dlsr, 65536);
	assert_true(rtcp_next(&rest, &p));
	assert_true(rtcp_cname_parse(&p, &ssrc, &cname));
	assert_str(cname, STR("me@host"));
	assert_true(rtcp_next(&rest, &p));
	assert_true(rtcp_bye_parse(&p, sources, &reason));
	assert_int_equal(sources[0], 7);
	assert_str(reason, STR("done"));
	assert_false(rtcp_next(&rest, &p));
}

static void chunks_end_for_every_length(void **state)
{
	static const char text[] = "abcdefghijklm";
	uint32_t ssrc, sources[RTCP_BLOCKS_MAX];
	struct str rest, cname, reason;
	struct rtcp_packet p;

	for (size_t n = 0; n < sizeof(text); n++) {
		rest = compound(str_of(text, n), str_of(text, n));
		assert_int_equal(rest.n % 4, 0);
		assert_true(rtcp_valid(rest));
		assert_true(rtcp_next(&rest, &p) && rtcp_next(&rest, &p));
		assert_true(rtcp_cname_parse(&p, &ssrc, &cname));
		assert_str(cname, str_of(text, n));
		assert_true(rtcp_next(&rest, &p));
		assert_true(rtcp_bye_parse(&p, sources, &reason));
		assert_str(reason, str_of(text, n));
	}
}

static const struct str bad[] = {
	STR_INIT(""),
	STR_INIT("\x80\xc9\x00"),
	STR_INIT("\x40\xc9\x00\x01\x00\x00\x00\x01"), /* version */
	STR_INIT("\x80\xca\x00\x01\x00\x00\x00\x01"), /* SDES first */
	STR_INIT("\x80\xc9\x00\x02\x00\x00\x00\x01"), /* too long */
	STR_INIT("\x80\xc9\x00\x01\x00\x00\x00\x01\x80"), /* too short */
	STR_INIT("\xa0\xc9\x00\x02\x00\x00\x00\x01\x00\x00\x00\x04"), /* padding in the first */
	STR_INIT("\x80\xc9\x00\x01\x00\x00\x00\x01\xa0\xcb\x00\x01\x00\x00\x00\x09"),
	STR_INIT("\x80\xc9\x00\x01\x00\x00\x00\x01\xa0\xcb\x00\x01\x00\x00\x00\x00"),
};

static void checks_validity(void **state)
{
	struct rtcp_packet p;
	struct str rest;
	uint32_t ssrc;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rtcp_valid(guard_str(bad[i])));
	/* A report block is promised and not there. */
	rest = STR("\x81\xc9\x00\x01\x00\x00\x00\x01");
	assert_true(rtcp_next(&rest, &p));
	assert_false(rtcp_report_parse(&p, &ssrc, NULL));
}

static void walk(struct str text, void *ctx)
{
	uint32_t ssrc, sources[RTCP_BLOCKS_MAX];
	struct rtcp_sender s;
	struct rtcp_packet p;
	struct str out;

	rtcp_valid(text);
	while (rtcp_next(&text, &p)) {
		if (rtcp_report_parse(&p, &ssrc, &s) && p.count)
			rtcp_block_at(&p, p.count - 1u);
		rtcp_cname_parse(&p, &ssrc, &out);
		rtcp_bye_parse(&p, sources, &out);
	}
}

static void never_reads_past_the_end(void **state)
{
	struct str text = compound(STR("me@host"), STR("reason"));
	uint64_t seed = 1;

	each_prefix(text, walk, NULL);
	for (int i = 0; i < 2000; i++) {
		struct str copy = guard_str(text);

		for (int k = 0; k < 3; k++)
			((char *)copy.p)[test_random(&seed) % copy.n] = (char)test_random(&seed);
		walk(copy, NULL);
		guard_free_all();
	}
}

static int teardown(void **state)
{
	guard_free_all();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_builds),
		cmocka_unit_test(chunks_end_for_every_length),
		cmocka_unit_test(checks_validity),
		cmocka_unit_test(never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
