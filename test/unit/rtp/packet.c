#include "harness.h"

#include "rtp/rtp.h"

#define PLAIN "\x80\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xef"
/* padding, extension, two contributing sources, marker, type 96 */
#define FULL                                                                                       \
	"\xb2\xe0\xff\xff\x01\x02\x03\x04\x0a\x0b\x0c\x0d"                                         \
	"\x00\x00\x00\x01\x00\x00\x00\x02"                                                         \
	"\xbe\xde\x00\x01\x10\x00\x00\x00"                                                         \
	"payload\x00\x00\x03"

static void reads_all_parts(void **state)
{
	struct rtp_header h;
	struct str payload;

	assert_true(rtp_parse(guard_str(STR(FULL)), &h, &payload));
	assert_true(h.marker);
	assert_int_equal(h.pt, 96);
	assert_int_equal(h.seq, 0xffff);
	assert_int_equal(h.ts, 0x01020304);
	assert_int_equal(h.ssrc, 0x0a0b0c0d);
	assert_int_equal(h.n_csrc, 2);
	assert_int_equal(h.csrc[1], 2);
	assert_int_equal(h.ext_profile, 0xbede);
	assert_int_equal(h.ext.n, 4);
	assert_int_equal(h.padding, 3);
	assert_str(payload, STR("payload"));
}

static const struct str bad[] = {
	STR_INIT(""),
	STR_INIT("\x80"),
	STR_INIT("\x40\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xef"), /* version 1 */
	STR_INIT("\xa0\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xef"), /* no padding there */
	STR_INIT("\xa0\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xefxx\x04"), /* too much */
	STR_INIT("\xa0\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xefxx\x00"), /* none at all */
	STR_INIT("\x81\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xef\x00\x00\x00"),
	STR_INIT("\x90\x00\x12\x34\x00\x00\x01\x00\xde\xad\xbe\xef\x00\x00\x00\x01\x00\x00\x00"),
};

static void refuses_what_lies_about_its_length(void **state)
{
	struct rtp_header h;
	struct str payload;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rtp_parse(guard_str(bad[i]), &h, &payload));
}

static void parse_prefix(struct str prefix, void *ctx)
{
	struct rtp_header h;
	struct str payload;

	rtp_parse(prefix, &h, &payload);
}

static void never_reads_past_the_end(void **state)
{
	each_prefix(STR(FULL), parse_prefix, NULL);
}

static void builds_what_it_read(void **state)
{
	static const struct str packets[] = {STR_INIT(PLAIN), STR_INIT(PLAIN "x"), STR_INIT(FULL)};
	struct rtp_header h;
	struct str payload;
	char room[64];

	for (size_t i = 0; i < 3; i++) {
		struct buf b = buf_over(room, sizeof(room));

		assert_true(rtp_parse(packets[i], &h, &payload));
		assert_true(rtp_build(&b, &h, payload));
		assert_str(buf_str(&b), packets[i]);
		for (size_t n = 0; n < packets[i].n; n++) {
			b = buf_over(guard_end(packets[i]), n);
			assert_false(rtp_build(&b, &h, payload));
		}
	}
}

static void tells_rtcp_from_rtp(void **state)
{
	assert_false(rtp_is_rtcp(STR(FULL)));
	assert_false(rtp_is_rtcp(STR(PLAIN)));
	assert_true(rtp_is_rtcp(STR("\x80\xc8\x00\x01\x00\x00\x00\x00")));
	assert_false(rtp_is_rtcp(STR("\x80\xc8")));
}

static int teardown(void **state)
{
	guard_free_all();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_parts),
		cmocka_unit_test(refuses_what_lies_about_its_length),
		cmocka_unit_test(never_reads_past_the_end),
		cmocka_unit_test(builds_what_it_read),
		cmocka_unit_test(tells_rtcp_from_rtp),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
