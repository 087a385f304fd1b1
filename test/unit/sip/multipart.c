#include "sip/multipart.h"
#include "sip_test.h"

#define TYPE "multipart/mixed; boundary=\"b 1\""
#define BODY                                                                                       \
	"preamble\r\n--b 1x\r\n--b 1 \r\nContent-Type: text/plain\r\nContent-ID:\r\n "             \
	"<a@b>\r\n\r\n"                                                                            \
	"one\r\n\r\n--b 1\r\n\r\ntwo--b 1\r\n--b 1\r\nX: y\r\n--b 1--\r\nepilogue\r\n--b 1\r\n"

static void walks(void **state)
{
	struct sip_multipart m;
	struct sip_part p;

	assert_true(sip_multipart_open(STR(TYPE), guard_str(STR(BODY)), &m));
	assert_true(sip_multipart_next(&m, &p));
	assert_str(p.type, STR("text/plain"));
	assert_str(p.id, STR("<a@b>"));
	assert_str(p.body, STR("one\r\n"));
	assert_str(sip_part_header(&p, STR("content-type")), STR("text/plain"));
	assert_true(sip_multipart_next(&m, &p));
	assert_int_equal(p.headers.n, 0);
	assert_str(p.type, STR("text/plain"));
	assert_str(p.body, STR("two--b 1"));
	assert_true(sip_multipart_next(&m, &p));
	assert_str(p.headers, STR("X: y"));
	assert_int_equal(p.body.n, 0);
	assert_false(sip_multipart_next(&m, &p));
	assert_int_equal(m.rest.n, 0);
	guard_free_all();
}

static void refuses(void **state)
{
	static const char *const types[] = {"text/plain;boundary=b", "multipart/mixed",
					    "multipart/mixed;boundary=\"\"",
					    "multipart/mixed;boundary=c"};
	struct sip_multipart m;
	struct sip_part p;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_false(sip_multipart_open(str_c(types[i]), STR("--b\r\n\r\nx\r\n--b--"), &m));
	assert_false(sip_multipart_open(STR("multipart/mixed;boundary=b"), STR("--b--\r\n"), &m));
	/* the last part is not closed */
	assert_true(
		sip_multipart_open(STR("multipart/mixed;boundary=b"), STR("--b\r\n\r\nx\r\n"), &m));
	assert_false(sip_multipart_next(&m, &p));
	assert_true(m.rest.n > 0);
}

static void every_prefix(void **state)
{
	struct sip_multipart m;
	struct sip_part p;
	size_t n;

	for (n = 0; n < sizeof(BODY); n++) {
		if (sip_multipart_open(STR(TYPE), guard_str(str_first(STR(BODY), n)), &m))
			while (sip_multipart_next(&m, &p))
				;
		guard_free_all();
	}
}

static void finds_within(void **state)
{
	static const char text[] =
		"INVITE sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=out\r\n\r\n"
		"--out\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
		"--out\r\nContent-Type: multipart/alternative;boundary=in\r\n\r\n"
		"--in\r\nContent-Type: Application/SDP\r\nContent-Disposition: "
		"session\r\n\r\nv=0\r\n"
		"--in--\r\n--out--\r\n";
	struct fixture f;
	struct sip_part p;

	parse_text(&f, str_c(text));
	assert_true(f.ok && sip_body_find(&f.m, STR("application/sdp"), &p));
	assert_str(p.body, STR("v=0"));
	assert_str(p.disposition, STR("session"));
	assert_false(sip_body_find(&f.m, STR("text/html"), &p));
	fixture_fini(&f);
	parse_text(&f, STR(INVITE));
	assert_true(f.ok && sip_body_find(&f.m, STR("application/sdp"), &p));
	assert_str(p.body, STR("v=0\r\n"));
	fixture_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_prefix),
		cmocka_unit_test(finds_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
