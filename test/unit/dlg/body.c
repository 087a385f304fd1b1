#include "harness.h"

#include "dlg/body.h"

#define PLAIN "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\n"

static const struct {
	const char *lines, *body;
	const char *sdp; /* NULL: none */
	bool ok;
} cases[] = {
	{"", "", NULL, true},
	{"Content-Type: application/sdp\r\n", PLAIN, PLAIN, true},
	{"c: APPLICATION/SDP;charset=utf-8\r\n", PLAIN, PLAIN, true},
	{"", PLAIN, PLAIN, true},
	{"Content-Type: text/plain\r\n", "v=0", NULL, false},
	{"Content-Type: application/isup;version=x\r\nContent-Disposition: "
	 "signal;handling=optional\r\n",
	 "abc", NULL, true},
	{"Content-Type: application/isup\r\nContent-Disposition: signal;handling=required\r\n",
	 "abc", NULL, false},
	{"Content-Type: multipart/mixed;boundary=xx\r\n",
	 "--xx\r\nContent-Type: application/isup\r\n\r\n\1\2\r\n--xx\r\nContent-Type: "
	 "application/sdp\r\n"
	 "\r\n" PLAIN "\r\n--xx--\r\n",
	 PLAIN, true},
	{"Content-Type: multipart/mixed;boundary=\"x x\"\r\n",
	 "preamble\n--x x\ncontent-type:application/sdp\n\n" PLAIN "\n--x x--", PLAIN, true},
	{"Content-Type: multipart/mixed;boundary=xx\r\n",
	 "--xx\r\nContent-Type: application/sdp\r\n\r\n" PLAIN, NULL, false}, /* not closed */
	{"Content-Type: multipart/mixed;boundary=xx\r\n",
	 "--xx\r\nContent-Type: "
	 "multipart/alternative;boundary=yy\r\n\r\n--yy\r\n\r\ntext\r\n--yy\r\n"
	 "Content-Type: application/sdp\r\n\r\n" PLAIN "\r\n--yy--\r\n--xx--\r\n",
	 PLAIN, true},
	{"Content-Type: multipart/mixed\r\n", "--xx\r\nContent-Type: application/sdp\r\n\r\n" PLAIN,
	 NULL, false},
	{"Content-Type: multipart/mixed;boundary=xx\r\n", "--xx\r\n\r\ntext\r\n--xx--\r\n", NULL,
	 false},
};

static bool parse(const char *lines, struct str body, struct arena *a, char room[4096],
		  struct sip_msg *ret)
{
	struct buf b = buf_over(room, 4096);
	struct sip_err err;

	buf_fmt(&b,
		"INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: "
		"<sip:b@h>;tag=1\r\n"
		"To: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n%sContent-Length: %zu\r\n\r\n",
		lines, body.n);
	buf_puts(&b, body);
	return sip_parse(buf_str(&b), a, ret, &err);
}

static void descriptions_are_found(void **state)
{
	char arena_room[8192], room[4096];
	struct arena a;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_msg m;
		struct str sdp = STR_NONE;

		arena_init(&a, arena_room, sizeof(arena_room), 0);
		assert_true(parse(cases[i].lines, str_c(cases[i].body), &a, room, &m));
		assert_int_equal(dlg_body_sdp(&m, &sdp), cases[i].sdp != NULL);
		if (cases[i].sdp)
			assert_str(sdp, str_c(cases[i].sdp));
		assert_int_equal(dlg_body_ok(&m), cases[i].ok);
		arena_fini(&a);
	}
}

static void look(struct str body, void *ctx)
{
	char arena_room[8192], room[4096];
	struct arena a;
	struct sip_msg m;
	struct str sdp;

	arena_init(&a, arena_room, sizeof(arena_room), 0);
	assert_true(parse(ctx, body, &a, room, &m));
	m.body = body; /* which ends at the guard page */
	dlg_body_sdp(&m, &sdp);
	arena_fini(&a);
}

static void every_prefix(void **state)
{
	for (size_t i = 7; i < 10; i++)
		each_prefix(str_c(cases[i].body), look, (void *)cases[i].lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptions_are_found),
		cmocka_unit_test(every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
