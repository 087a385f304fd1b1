#include "sip_test.h"

static void cseq(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t number;
	} rows[] = {
		{"1 INVITE", true, 1},
		{"0009\r\n  INVITE", true, 9},
		{"2147483647 x", true, 2147483647},
		{"2147483648 x", false, 0},
		{"36893488147419103232 x", false, 0},
		{"1", false, 0},
		{"1 ", false, 0},
		{"1INVITE", false, 0},
		{"-1 x", false, 0},
		{"1 x y", false, 0},
		{"", false, 0},
		{"x 1", false, 0},
	};
	struct sip_cseq c;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(sip_cseq_parse(guard_str(str_c(rows[i].text)), &c), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(c.number, rows[i].number);
		guard_free_all();
	}
}

static void numbers(void **state)
{
	struct fixture f;
	uint32_t n = 42;

	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\n"
			   "Expires: 3600\r\n"
			   "Retry-After: 18000 ;duration=60\r\n"
			   "Min-Expires: 5 (soon)\r\n"
			   "RSeq: 4294967296\r\n"
			   "Min-SE: x\r\n"
			   "Session-Expires: 1 2\r\n"
			   "Flow-Timer:\r\n\r\n"));
	assert_false(sip_get_u32(&f.m, SIP_HDR_RSEQ, &n));
	assert_false(sip_get_u32(&f.m, SIP_HDR_MIN_SE, &n));
	assert_false(sip_get_u32(&f.m, SIP_HDR_SESSION_EXPIRES, &n));
	assert_false(sip_get_u32(&f.m, SIP_HDR_FLOW_TIMER, &n));
	assert_false(sip_get_u32(&f.m, SIP_HDR_MAX_FORWARDS, &n));
	assert_int_equal(n, 42);
	assert_true(sip_get_u32(&f.m, SIP_HDR_EXPIRES, &n) && n == 3600);
	assert_true(sip_get_u32(&f.m, SIP_HDR_RETRY_AFTER, &n) && n == 18000);
	assert_true(sip_get_u32(&f.m, SIP_HDR_MIN_EXPIRES, &n) && n == 5);
}

static void media_types(void **state)
{
	assert_true(sip_media_type_is(STR("Application / SDP ;charset=x"), STR("application/sdp")));
	assert_false(sip_media_type_is(STR("application/sdpx"), STR("application/sdp")));
	assert_false(sip_media_type_is(STR("application"), STR("application/sdp")));
	assert_false(sip_media_type_is(STR("application/sdp x"), STR("application/sdp")));
	assert_false(sip_media_type_is(STR(""), STR("application/sdp")));
}

static bool accepts(const char *accept, const char *type)
{
	char text[256];
	struct buf b = buf_over(text, sizeof(text));
	struct fixture f;

	buf_puts(&b, STR("INVITE sip:a SIP/2.0\r\n"));
	if (accept)
		buf_fmt(&b, "Accept: %s\r\n", accept);
	buf_puts(&b, STR("\r\n"));
	parse_text(&f, buf_str(&b));
	assert_true(f.ok);
	return sip_accepts(&f.m, str_c(type));
}

static void accept(void **state)
{
	assert_true(accepts(NULL, "application/sdp"));
	assert_false(accepts(NULL, "text/plain"));
	assert_false(accepts("", "application/sdp"));
	assert_true(accepts("text/plain, application/SDP;level=1", "application/sdp"));
	assert_true(accepts("application/*", "application/sdp"));
	assert_true(accepts("*/*;q=0.1", "application/sdp"));
	assert_false(accepts("*/*, application/sdp;q=0.00", "application/sdp"));
	assert_false(accepts("text/nobodyKnowsThis", "application/sdp"));
	assert_false(accepts("text/*", "application/sdp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cseq),
		cmocka_unit_test(numbers),
		cmocka_unit_test(media_types),
		cmocka_unit_test(accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
