#include "harness.h"

#include "sdp/sdp.h"

static struct arena arena;
static char room[8192];

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

static void builds_an_offer(void **state)
{
	struct sdp_fmt fmts[] = {
		{.pt = 0, .encoding = STR("PCMU"), .rate = 8000},
		{.pt = 101,
		 .text = STR("101"),
		 .encoding = STR("telephone-event"),
		 .rate = 8000,
		 .fmtp = STR("0-16")},
	};
	struct sdp_media m = {
		.type = STR("audio"),
		.port = 4000,
		.proto = STR("RTP/AVP"),
		.fmts = fmts,
		.n_fmts = 2,
		.dir = SDP_SENDRECV,
		.ptime_ms = 20,
		.rtcp_port = 4001,
	};
	struct sdp s = {.media = &m, .n_media = 1};
	struct buf b = buf_over(room, sizeof(room));
	struct addr a;

	assert_true(addr_parse(STR("[2001:db8::7]:4000"), &a));
	s.conn = s.origin.conn = sdp_conn_of(&a);
	m.conn = s.conn;
	assert_true(sdp_build(&s, &b));
	assert_str(buf_str(&b), STR("v=0\r\n"
				    "o=- 0 0 IN IP6 2001:db8::7\r\n"
				    "s=-\r\n"
				    "c=IN IP6 2001:db8::7\r\n"
				    "t=0 0\r\n"
				    "m=audio 4000 RTP/AVP 0 101\r\n"
				    "a=rtpmap:0 PCMU/8000\r\n"
				    "a=rtpmap:101 telephone-event/8000\r\n"
				    "a=fmtp:101 0-16\r\n"
				    "a=ptime:20\r\n"
				    "a=rtcp:4001\r\n"
				    "a=sendrecv\r\n"));
}

/* What is built from a parsed description reads the same, and is built the same. */
static void is_a_fixed_point(void **state)
{
	static const char text[] =
		"v=0\no=a 1 2 IN IP4 1.2.3.4\ns=hi there\ni=info\nu=http://x\n"
		"e=a@b\np=+1\nc=IN IP4 224.1.1.1/127\nb=AS:64\nt=1 2\nr=7d 1h 0\n"
		"t=3 4\nz=1 2\nk=prompt\na=ice-lite\na=sendonly\n"
		"m=audio 5 RTP/AVP 96 0\ni=first\nc=IN IP4 h.example\n"
		"c=IN IP4 h2.example\nb=TIAS:9\na=rtpmap:96 L16/44100/2\n"
		"a=fmtp:96 a;b=c\na=fmtp:96 again\na=maxptime:40\na=rtcp-mux\n"
		"a=rtcp:9 IN IP4 1.2.3.5\na=mid:0\n"
		"m=image 0/2 udptl t38\n";
	struct buf one = buf_over(room, 4096), two = buf_over(room + 4096, 4096);
	struct sdp s;

	assert_true(sdp_parse(str_c(text), &arena, &s, NULL));
	assert_true(sdp_build(&s, &one));
	assert_true(sdp_parse(buf_str(&one), &arena, &s, NULL));
	assert_int_equal(s.n_media, 2);
	assert_str(s.media[0].fmts[0].fmtp, STR("a;b=c"));
	assert_int_equal(s.media[0].fmts[0].channels, 2);
	assert_int_equal(s.media[1].dir, SDP_SENDONLY);
	assert_str(s.media[0].conn.host, STR("h.example"));
	assert_str(sdp_attr(&s.media[0].lines, STR("mid"))->value, STR("0"));
	assert_true(sdp_build(&s, &two));
	assert_str(buf_str(&two), buf_str(&one));
	assert_non_null(
		strstr(buf_c(&one), "t=1 2\r\nr=7d 1h 0\r\nt=3 4\r\nz=1 2\r\nk=prompt\r\n"));
}

static void refuses_what_can_not_stand(void **state)
{
	static const struct sdp_line bad_value = {'a', true,          0,
						  0,   STR_INIT("x"), STR_INIT("1\r\na=y")};
	static const struct sdp_line bad_name = {'a', false, 0, 0, STR_INIT("x y"), STR_INIT("")};
	struct sdp_media m = {.type = STR("audio"), .proto = STR("RTP/AVP")};
	struct sdp s = {.name = STR("line\nend")};
	struct buf b = buf_over(room, sizeof(room));

	assert_false(sdp_build(&s, &b));
	s = (struct sdp){.lines = {(struct sdp_line *)&bad_value, 1}};
	b = buf_over(room, sizeof(room));
	assert_false(sdp_build(&s, &b));
	s.lines.at = (struct sdp_line *)&bad_name;
	b = buf_over(room, sizeof(room));
	assert_false(sdp_build(&s, &b));
	s = (struct sdp){.media = &m, .n_media = 1};
	b = buf_over(room, sizeof(room));
	assert_true(sdp_build(&s, &b));
	m.type = STR_NONE;
	b = buf_over(room, sizeof(room));
	assert_false(sdp_build(&s, &b));
}

static void says_when_room_ends(void **state)
{
	struct sdp s = {0};
	struct buf b = buf_over(room, sizeof(room));
	size_t need;

	assert_true(sdp_build(&s, &b));
	need = b.n;
	for (size_t n = 0; n < need; n++) {
		b = buf_over(guard_end(str_of(room, n)), n);
		assert_false(sdp_build(&s, &b));
	}
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(builds_an_offer, setup, teardown),
		cmocka_unit_test_setup_teardown(is_a_fixed_point, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_can_not_stand, setup, teardown),
		cmocka_unit_test_setup_teardown(says_when_room_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
