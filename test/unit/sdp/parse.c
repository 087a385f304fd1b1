#include "harness.h"

#include "sdp/sdp.h"

#define OFFER                                                                                      \
	"v=0\r\n"                                                                                  \
	"o=alice 2890844526 2890844527 IN IP4 198.51.100.23\r\n"                                   \
	"s=Session\r\n"                                                                            \
	"c=IN IP4 198.51.100.23\r\n"                                                               \
	"b=AS:84\r\n"                                                                              \
	"t=0 0\r\n"                                                                                \
	"m=audio 49172 RTP/AVP 9 0 8 18 101\r\n"                                                   \
	"a=rtpmap:9 G722/8000\r\n"                                                                 \
	"a=rtpmap:18 G729/8000\r\n"                                                                \
	"a=fmtp:18 annexb=no\r\n"                                                                  \
	"a=rtpmap:101 telephone-event/8000\r\n"                                                    \
	"a=fmtp:101 0-15\r\n"                                                                      \
	"a=ptime:20\r\n"                                                                           \
	"a=rtcp:49175 IN IP4 198.51.100.24\r\n"                                                    \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n"                                        \
	"a=sendonly\r\n"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena, NULL, 0, 0);
	return 0;
}

static int teardown(void **state)
{
	arena_fini(&arena);
	guard_free_all();
	return 0;
}

static struct sdp parsed(const char *text)
{
	struct sdp_err err = {0};
	struct sdp s;

	if (!sdp_parse(guard_str(str_c(text)), &arena, &s, &err))
		fail_msg("line %u: %s", err.line, err.why);
	return s;
}

static void decodes_an_offer(void **state)
{
	struct sdp s = parsed(OFFER);
	const struct sdp_media *m;
	const struct sdp_fmt *f;
	struct addr a;
	char room[ADDR_TEXT_MAX];

	assert_str(s.origin.user, STR("alice"));
	assert_str(s.origin.version, STR("2890844527"));
	assert_str(s.origin.conn.host, STR("198.51.100.23"));
	assert_str(s.name, STR("Session"));
	assert_int_equal(s.lines.n, 2);
	assert_str(s.lines.at[0].name, STR("AS"));
	assert_str(s.lines.at[0].value, STR("84"));
	assert_int_equal(s.lines.at[0].number, 84);
	assert_int_equal(s.lines.at[1].type, 't');
	assert_int_equal(s.n_media, 1);
	m = &s.media[0];
	assert_str(m->type, STR("audio"));
	assert_int_equal(m->port, 49172);
	assert_true(sdp_is_rtp(m));
	assert_int_equal(m->n_fmts, 5);
	assert_int_equal(m->ptime_ms, 20);
	assert_int_equal(m->dir, SDP_SENDONLY);
	f = sdp_fmt_by_name(m, STR("Telephone-Event"), 8000);
	assert_non_null(f);
	assert_int_equal(f->pt, 101);
	assert_str(f->fmtp, STR("0-15"));
	assert_str(sdp_fmt_by_pt(m, 0)->encoding, STR("PCMU")); /* RFC 3551's table */
	assert_null(sdp_fmt_by_pt(m, 3));
	assert_null(sdp_fmt_by_pt(m, -1));
	assert_non_null(sdp_attr(&m->lines, STR("crypto")));
	assert_null(sdp_attr(&m->lines, STR("ptime"))); /* decoded */
	assert_true(sdp_rtp_addr(m, &a));
	assert_string_equal(addr_text(&a, room), "198.51.100.23:49172");
	assert_true(sdp_rtcp_addr(m, &a));
	assert_string_equal(addr_text(&a, room), "198.51.100.24:49175");
}

static void sections_inherit_from_the_session(void **state)
{
	struct sdp s = parsed("v=0\no=- 1 1 IN IP4 h\ns=-\nc=IN IP6 2001:db8::1\nt=0 0\n"
			      "a=inactive\na=ptime:30\n"
			      "m=audio 4000 RTP/SAVPF 0\na=rtcp-mux\n"
			      "m=video 0 UDP/TLS/RTP/SAVP 96\nc=IN IP4 192.0.2.9\na=recvonly\n"
			      "a=rtpmap:96 VP8/90000\n"
			      "m=application 9 UDP/BFCP *\n");
	struct addr a;
	char room[ADDR_TEXT_MAX];

	assert_int_equal(s.n_media, 3);
	assert_int_equal(s.media[0].dir, SDP_INACTIVE);
	assert_int_equal(s.media[0].ptime_ms, 30);
	assert_true(s.media[0].rtcp_mux);
	assert_true(sdp_rtcp_addr(&s.media[0], &a));
	assert_string_equal(addr_text(&a, room), "[2001:db8::1]:4000");
	assert_int_equal(s.media[1].dir, SDP_RECVONLY);
	assert_false(s.media[1].rtcp_mux);
	assert_false(sdp_rtp_addr(&s.media[1], &a)); /* refused */
	assert_int_equal(s.media[1].fmts[0].rate, 90000);
	assert_false(sdp_is_rtp(&s.media[2]));
	assert_int_equal(s.media[2].fmts[0].pt, -1);
}

static void a_format_listed_twice_is_one(void **state)
{
	struct sdp s = parsed("v=0\nm=audio 1 RTP/AVP 8 0 08 x x\na=rtpmap:8 PCMA/8000\n");

	assert_int_equal(s.media[0].n_fmts, 4);
	assert_int_equal(s.media[0].fmts[0].pt, 8);
	assert_int_equal(s.media[0].fmts[2].pt, -1);
}

static void decodes_numbers(void **state)
{
	struct sdp s = parsed("v=0\nt= 3724394400  3724398000\nt=1 2\nb=TIAS: 64000 \nb=AS:x\n"
			      "b=AS:1.5\nb=A B:5\nb=AS:4294967296\nm=audio 4 RTP/AVP 97 98 0\n"
			      "a=rtpmap : 97 L16/44100/2\na=rtpmap:98 speex/16000\n"
			      "a=fmtp: 98 vbr=on\na=rtpmap:0 /8000\n");
	const struct sdp_fmt *f = s.media[0].fmts;

	assert_true(s.start == 3724394400 && s.stop == 3724398000);
	assert_int_equal(s.lines.n, 6);
	assert_int_equal(s.lines.at[2].number, 64000);
	for (size_t i = 3; i < 6; i++)
		assert_int_equal(s.lines.at[i].number, 0);
	assert_true(f[0].rate == 44100 && f[0].channels == 2);
	assert_true(f[1].rate == 16000 && f[1].channels == 1);
	assert_str(f[1].fmtp, STR("vbr=on"));
	assert_str(f[2].encoding, STR("PCMU"));
}

/* DEL and other control characters spoil their own line alone. */
static void control_characters_spoil_one_line(void **state)
{
	struct sdp s = parsed("v=0\ns=\x7f\x01\nm=audio 1 RTP/AVP 8\na=ptime:20\x02\na=sendonly\n");

	assert_int_equal(s.media[0].ptime_ms, 0);
	assert_int_equal(s.media[0].dir, SDP_SENDONLY);
	assert_non_null(sdp_attr(&s.media[0].lines, STR("ptime")));
}

/* Each has been seen from equipment that is in use. */
static const char *const tolerated[] = {
	"v=0",
	"v=0\r\n\r\n",
	"\r\nv=0\r\n",
	"v=0\ro=- 1 1 IN IP4 1.2.3.4\rs=-\rt=0 0\r", /* CR alone */
	"v=0\nm=audio 1 RTP/AVP 0", /* no o=, s=, t=, no line end */
	"v=0\r\no=\r\ns=\r\nm=audio 1 RTP/AVP 0\r\n",
	"v=0\r\ns=x\r\no=- 1 1 IN IP4 1.2.3.4\r\n", /* order */
	"v=0\r\no=a b c d e f\r\nx=what is this\r\n", /* unknown letter */
	"v=0\r\nm=audio  4000\tRTP/AVP  0   8 \r\n", /* blanks */
	"v=0\r\nm=audio 0 RTP/AVP\r\n", /* no formats */
	"v=0\r\nc=IN IP4 sip.example.com\r\nm=audio 4000 RTP/AVP 0\r\n",
	"v=0\r\nc=IN IP4 224.2.1.1/127/3\r\nm=audio 4000/2 RTP/AVP 0\r\n",
	"v=0\r\nm=audio 4 RTP/AVP 0\r\na=\r\na=:x\r\na=rtpmap:\r\na=rtpmap:0\r\na=fmtp:0\r\n"
	"a=ptime:\r\na=rtcp:\r\na=rtcp:99999\r\na=bad name:1\r\nb=\r\nb=AS\r\nb=:1\r\n",
	"v=0\r\nm=audio 4 RTP/AVP 0\r\nt=0 0\r\n",
};

static void tolerates_what_equipment_sends(void **state)
{
	for (size_t i = 0; i < sizeof(tolerated) / sizeof(tolerated[0]); i++)
		parsed(tolerated[i]);
}

static const struct {
	const char *text;
	unsigned line;
	size_t offset;
} refused[] = {
	{"", 1, 0},
	{"\r\n", 1, 0},
	{"hello", 1, 0},
	{"v=1\r\n", 1, 0},
	{"o=- 1 1 IN IP4 1.2.3.4\r\n", 1, 0},
	{"v=0\r\nv=0\r\n", 2, 5},
	{"v=0\r\ngarbage\r\n", 2, 5},
	{"v=0\r\nc=IN IP4\r\n", 2, 5},
	{"v=0\r\ns=-\r\nm=audio\r\n", 3, 10},
	{"v=0\r\nm=audio x RTP/AVP 0\r\n", 2, 5},
	{"v=0\r\nm=audio 65536 RTP/AVP 0\r\n", 2, 5},
	{"v=0\r\nm=audio -1 RTP/AVP 0\r\n", 2, 5},
	{"v=0\r\nm=audio 5/x RTP/AVP 0\r\n", 2, 5},
	{"v=0\r\nm=audio 5\r\n", 2, 5},
	{"v=0\r\nm=audio 5 RTP/\x01 0\r\n", 2, 5},
};

static void says_where_it_is_broken(void **state)
{
	struct sdp_err err;
	struct sdp s;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_false(sdp_parse(guard_str(str_c(refused[i].text)), &arena, &s, &err));
		assert_int_equal(err.line, refused[i].line);
		assert_int_equal(err.offset, refused[i].offset);
		assert_non_null(err.why);
	}
	assert_false(sdp_parse(STR("v=0\r\ns=a\0b\r\n"), &arena, &s, NULL));
	assert_true(sdp_parse(STR("v=0\r\ns=a\r\n\0\0"), &arena, &s, NULL));
}

static void repeated(struct buf *b, const char *line, unsigned n)
{
	buf_reset(b);
	buf_puts(b, STR("v=0\r\nm=audio 1 RTP/AVP 0"));
	if (*line != ' ')
		buf_puts(b, STR("\r\n"));
	while (n--)
		buf_puts(b, str_c(line));
}

static void holds_to_its_bounds(void **state)
{
	struct buf b = buf_heap(1 << 20);
	struct sdp s;

	repeated(&b, "a=x\r\n", SDP_LINES_MAX);
	assert_true(sdp_parse(buf_str(&b), &arena, &s, NULL));
	assert_int_equal(s.media[0].lines.n, SDP_LINES_MAX);
	repeated(&b, "a=x\r\n", SDP_LINES_MAX + 1);
	assert_false(sdp_parse(buf_str(&b), &arena, &s, NULL));
	repeated(&b, "m=x 1 y z\r\n", SDP_MEDIA_MAX - 1);
	assert_true(sdp_parse(buf_str(&b), &arena, &s, NULL));
	repeated(&b, "m=x 1 y z\r\n", SDP_MEDIA_MAX);
	assert_false(sdp_parse(buf_str(&b), &arena, &s, NULL));
	repeated(&b, " x", SDP_FMT_MAX - 1);
	assert_true(sdp_parse(buf_str(&b), &arena, &s, NULL));
	assert_int_equal(s.media[0].n_fmts, SDP_FMT_MAX);
	repeated(&b, " x", SDP_FMT_MAX);
	assert_false(sdp_parse(buf_str(&b), &arena, &s, NULL));
	repeated(&b, "a=x:0123456789\r\n", SDP_TEXT_MAX / 16 + 1);
	assert_false(sdp_parse(buf_str(&b), &arena, &s, NULL));
	buf_free(&b);
}

static void parse_prefix(struct str prefix, void *ctx)
{
	struct sdp_err err;
	struct sdp s;

	if (!sdp_parse(prefix, &arena, &s, &err))
		assert_true(err.offset <= prefix.n);
	arena_reset(&arena);
}

static void never_reads_past_the_end(void **state)
{
	each_prefix(STR(OFFER), parse_prefix, NULL);
}

static void parse_once(void)
{
	struct arena a;
	struct sdp s;

	arena_init(&a, NULL, 0, 0);
	if (!sdp_parse(STR(OFFER OFFER), &a, &s, NULL) && !alloc_has_failed()) {
		assert_false(sdp_parse(STR(OFFER OFFER), &a, &s, NULL)); /* a second v= */
		assert_true(sdp_parse(STR(OFFER), &a, &s, NULL));
	}
	arena_fini(&a);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(parse_once);
}

static void directions_turn_around(void **state)
{
	assert_int_equal(sdp_dir_reverse(SDP_SENDONLY), SDP_RECVONLY);
	assert_int_equal(sdp_dir_reverse(SDP_RECVONLY), SDP_SENDONLY);
	assert_int_equal(sdp_dir_reverse(SDP_SENDRECV), SDP_SENDRECV);
	assert_int_equal(sdp_dir_reverse(SDP_INACTIVE), SDP_INACTIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decodes_an_offer, setup, teardown),
		cmocka_unit_test_setup_teardown(sections_inherit_from_the_session, setup, teardown),
		cmocka_unit_test_setup_teardown(a_format_listed_twice_is_one, setup, teardown),
		cmocka_unit_test_setup_teardown(decodes_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(control_characters_spoil_one_line, setup, teardown),
		cmocka_unit_test_setup_teardown(tolerates_what_equipment_sends, setup, teardown),
		cmocka_unit_test_setup_teardown(says_where_it_is_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(holds_to_its_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(never_reads_past_the_end, setup, teardown),
		cmocka_unit_test(survives_no_memory),
		cmocka_unit_test(directions_turn_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
