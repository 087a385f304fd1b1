/* Attributes by id, what is wrong with one, and whether an answer fits its offer. */
#include "harness.h"

#include "sdp/check.h"
#include "sdp/group.h"
#include "sdp/rtcp.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena, NULL, 0, 0);
	return 0;
}

static int teardown(void **state)
{
	arena_fini(&arena);
	return 0;
}

static struct sdp parsed(const char *text)
{
	struct sdp_err err = {0};
	struct sdp s;

	if (!sdp_parse(str_c(text), &arena, &s, &err))
		fail_msg("line %u: %s", err.line, err.why);
	return s;
}

static void ids_and_names(void **state)
{
	size_t n = 0;

	assert_null(sdp_attr_kind(SDP_A_OTHER));
	assert_null(sdp_attr_kind(SDP_A_MAX));
	for (unsigned id = SDP_A_OTHER + 1; id < SDP_A_MAX; id++) {
		const struct sdp_attr_kind *k = sdp_attr_kind((enum sdp_attr_id)id);

		assert_true(k->name.n >= n && k->at && k->rfc); /* by length */
		n = k->name.n;
		assert_int_equal(sdp_attr_id(k->name), id);
		assert_int_equal(sdp_attr_id(str_first(k->name, n - 1)), SDP_A_OTHER);
	}
	assert_int_equal(sdp_attr_id(STR("")), SDP_A_OTHER);
	assert_int_equal(sdp_attr_id(STR("Candidate")), SDP_A_OTHER); /* with case, s5.13 */
	assert_int_equal(sdp_attr_id(STR("a-name-that-is-longer-than-all")), SDP_A_OTHER);
}

static void lines_by_id(void **state)
{
	struct sdp s = parsed(HEAD "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"
				   "a=mid:0\r\na=rtcp-fb:96 nack\r\na=x\r\na=rtcp-fb:* ccm fir\r\n"
				   "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:1\r\n");
	const struct sdp_media *m = &s.media[0];
	const struct sdp_line *l = sdp_attr_by_id(&m->lines, SDP_A_RTCP_FB);
	struct sdp_group g;

	assert_str(l->value, STR("96 nack"));
	l = sdp_attr_again(&m->lines, l);
	assert_str(l->value, STR("* ccm fir"));
	assert_null(sdp_attr_again(&m->lines, l));
	assert_null(sdp_attr_by_id(&m->lines, SDP_A_GROUP));
	assert_true(sdp_has_rtcp_fb(m, 96, STR("nack"), STR("")));
	assert_true(sdp_has_rtcp_fb(m, 5, STR("ccm"), STR("fir")));
	assert_false(sdp_has_rtcp_fb(m, 5, STR("nack"), STR("")));
	assert_true(sdp_group_parse(sdp_attr_by_id(&s.lines, SDP_A_GROUP)->value, &g));
	assert_true(sdp_group_has(&g, STR("1")) && !sdp_group_has(&g, STR("2")));
	assert_ptr_equal(sdp_media_by_mid(&s, STR("1")), &s.media[1]);
	assert_null(sdp_media_by_mid(&s, STR("2")));
	assert_null(sdp_media_by_mid(&s, STR("")));
}

static void holds(void **state)
{
	static const struct {
		const char *lines;
		bool hold;
		enum sdp_dir dir;
	} rows[] = {
		{"m=audio 4 RTP/AVP 0\r\n", false, SDP_SENDRECV},
		{"m=audio 4 RTP/AVP 0\r\na=sendonly\r\n", true, SDP_SENDONLY},
		{"m=audio 4 RTP/AVP 0\r\na=inactive\r\n", true, SDP_INACTIVE},
		{"m=audio 4 RTP/AVP 0\r\na=recvonly\r\n", false, SDP_RECVONLY},
		{"m=audio 4 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", true, SDP_SENDONLY},
		{"m=audio 4 RTP/AVP 0\r\nc=IN IP6 ::\r\n", true, SDP_SENDONLY},
		{"m=audio 4 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n", true, SDP_INACTIVE},
		{"a=inactive\r\nm=audio 4 RTP/AVP 0\r\n", true, SDP_INACTIVE},
		{"a=inactive\r\nm=audio 4 RTP/AVP 0\r\na=sendrecv\r\n", false, SDP_SENDRECV},
		{"m=audio 0 RTP/AVP 0\r\na=inactive\r\n", false, SDP_INACTIVE},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));
		struct sdp s;

		buf_fmt(&b, "%s%s", HEAD, rows[i].lines);
		s = parsed(buf_c(&b));
		assert_int_equal(sdp_is_hold(&s.media[0]), rows[i].hold);
		assert_int_equal(sdp_dir_of(&s.media[0]), rows[i].dir);
	}
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *name, *value, *why;
	} rows[] = {
		{"x-unknown", "any", NULL},
		{"rtcp-mux", NULL, NULL},
		{"rtcp-mux", "x", "it has no value"},
		{"mid", NULL, "it wants a value"},
		{"mid", "0", NULL},
		{"mid", "a b", "a token"},
		{"candidate", "1 1 UDP", "it wants foundation"},
		{"fingerprint", "sha-256 00:11", "its number of bytes"},
		{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:abc", "not as long as"},
		{"setup", "both", "actpass"},
		{"extmap", "x", "URI"},
		{"rtcp-fb", "x", "feedback"},
		{"ssrc", "x", "attribute"},
		{"rtpmap", "0 PCMU", "clock rate"},
		{"ptime", "0", "above zero"},
		{"lang", "de fr", "one language tag"},
		{"tls-id", "x", "20 to 255"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = sdp_attr_wrong(sdp_attr_id(str_c(rows[i].name)),
						 rows[i].value != NULL, str_c(rows[i].value));

		if (!why != !rows[i].why || (why && !strstr(why, rows[i].why)))
			fail_msg("%s:%s: %s", rows[i].name, rows[i].value, why);
	}
	assert_null(sdp_line_wrong('o', STR("- 1 1 IN IP4 h")));
	assert_non_null(sdp_line_wrong('o', STR("- 1 1 IN IP4")));
	assert_null(sdp_line_wrong('c', STR("IN IP4 224.2.1.1/127")));
	assert_non_null(sdp_line_wrong('c', STR("IN IP4 224.2.1.1")));
	assert_null(sdp_line_wrong('s', STR("")));
	for (const char *type = "octrzkbep"; *type; type++)
		assert_non_null(sdp_line_wrong(*type, STR("x")));
}

#define A HEAD "m=audio 4 RTP/AVP 0 8\r\na=mid:0\r\n"

static void answers_fit(void **state)
{
	static const struct {
		const char *offer, *answer, *why;
	} rows[] = {
		{A, A, NULL},
		{A, HEAD "m=audio 4 RTP/AVP 8\r\na=mid:0\r\n", NULL},
		{A, HEAD "m=audio 0 RTP/AVP 3\r\n", NULL},
		{A, HEAD, "as many"},
		{A, A "m=video 0 RTP/AVP 31\r\n", "as many"},
		{A, HEAD "m=video 4 RTP/AVP 31\r\n", "media type"},
		{A, HEAD "m=audio 4 RTP/SAVP 0\r\n", "media type"},
		{A, HEAD "m=audio 4 RTP/AVP 3\r\na=mid:0\r\n", "not offered"},
		{A, HEAD "m=audio 4 RTP/AVP 0\r\n", "a=mid"},
		{A, HEAD "m=audio 4 RTP/AVP 0\r\na=mid:0\r\na=rtcp-mux\r\n", "rtcp-mux"},
		{A "a=sendonly\r\n", A, "direction"},
		{A "a=sendonly\r\n", A "a=recvonly\r\n", NULL},
		{A "a=inactive\r\n", A "a=recvonly\r\n", "direction"},
		{HEAD "m=audio 0 RTP/AVP 0\r\n", HEAD "m=audio 4 RTP/AVP 0\r\n", "port 0"},
		{HEAD "m=audio 0 RTP/AVP 0\r\na=bundle-only\r\n", HEAD "m=audio 4 RTP/AVP 0\r\n",
		 NULL},
		{A "a=setup:actpass\r\n", A "a=setup:active\r\n", NULL},
		{A "a=setup:actpass\r\n", A "a=setup:actpass\r\n", "a=setup"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sdp offer = parsed(rows[i].offer), answer = parsed(rows[i].answer);
		size_t section;
		const char *why = sdp_answer_wrong(&offer, &answer, &section);

		if (!why != !rows[i].why || (why && !strstr(why, rows[i].why)))
			fail_msg("%s: %s", rows[i].answer, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_and_names),
		cmocka_unit_test_setup_teardown(lines_by_id, setup, teardown),
		cmocka_unit_test_setup_teardown(holds, setup, teardown),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test_setup_teardown(answers_fit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
