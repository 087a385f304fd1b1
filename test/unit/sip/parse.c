#include "sip_test.h"

static void indexes_an_invite(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(&f, STR("\r\n\r\n" INVITE "trailing bytes"));
	const struct sip_hdr *h;

	assert_true(f.ok);
	assert_true(sip_is_request(m));
	assert_int_equal(m->method, SIP_INVITE);
	assert_str(m->method_name, STR("INVITE"));
	assert_str(m->uri, STR("sip:bob@biloxi.example.com"));
	assert_str(m->body, STR("v=0\r\n"));
	assert_int_equal(m->n_hdr, 12);
	assert_int_equal(sip_count(m, SIP_HDR_VIA), 2);
	assert_str(sip_get(m, SIP_HDR_MAX_FORWARDS), STR("70"));
	assert_str(sip_get(m, SIP_HDR_SUBJECT), STR("lunch,\r\n at noon"));
	assert_null(sip_get(m, SIP_HDR_ROUTE).p);
	h = &m->hdr[sip_find(m, SIP_HDR_SUBJECT, 0)];
	assert_int_equal(h->flags, SIP_HDR_RAW | SIP_HDR_FOLDED);
	assert_str(str_of(h->name, h->line_n), STR("Subject: lunch,\r\n at noon\r\n"));
	assert_str(str_of(m->raw.p + m->raw.n, 8), STR("trailing"));
	fixture_fini(&f);
}

static void indexes_a_response(void **state)
{
	struct fixture f;
	struct sip_msg *m =
		parse_text(&f, STR("sip/2.0 183 Session \xd0\xb0\r\nCSeq: 7 INVITE\r\n\r\nabc"));

	assert_true(f.ok);
	assert_int_equal(m->status, 183);
	assert_str(m->reason, STR("Session \xd0\xb0"));
	assert_int_equal(m->method, SIP_INVITE);
	assert_str(m->method_name, STR("INVITE"));
	assert_str(m->body, STR("abc"));
	parse_text(&f, STR("SIP/2.0 200\r\nl: 0\r\n\r\n"));
	assert_true(f.ok && f.m.reason.n == 0 && f.m.reason.p);
}

static void names_and_white_space(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\n"
					       "v:one\r\n"
					       "VIA \t :\r\n two \r\n"
					       "Subject:\r\n"
					       "X-Other:  \r\n \r\n"
					       "L\t:\r\n\t0\r\n\r\n"));

	assert_true(f.ok);
	assert_int_equal(m->n_hdr, 5);
	assert_int_equal(sip_count(m, SIP_HDR_VIA), 2);
	assert_str(sip_hdr_value(&m->hdr[1]), STR("two"));
	assert_str(sip_hdr_name(&m->hdr[1]), STR("VIA"));
	assert_str(sip_get(m, SIP_HDR_SUBJECT), STR(""));
	assert_non_null(sip_get(m, SIP_HDR_SUBJECT).p);
	assert_int_equal(sip_find_name(m, STR("x-otheR"), 0), 3);
	assert_int_equal(sip_find_name(m, STR("x-otheR"), 4), -1);
	assert_int_equal(sip_find_name(m, STR("Via"), 1), 1);
	assert_str(sip_hdr_value(&m->hdr[3]), STR(""));
}

/* Lines end with CRLF, CR or LF, but only those of CRLF may go on as they are. */
static void lone_line_ends(void **state)
{
	struct fixture f;
	struct sip_msg *m =
		parse_text(&f, STR("BYE sip:a SIP/2.0\nTo: x\rFrom: y\r\nCSeq: 1\n BYE\r\n\rbody"));

	assert_true(f.ok);
	assert_int_equal(m->n_hdr, 3);
	assert_int_equal(m->hdr[0].flags, 0);
	assert_int_equal(m->hdr[1].flags, SIP_HDR_RAW);
	assert_int_equal(m->hdr[2].flags, SIP_HDR_FOLDED);
	assert_str(m->body, STR("body"));
}

#define REST "\r\nVia: v\r\nCall-ID: c\r\n\r\n"

/* What is wrong is said, and what can be read is there for the answer. */
static void refuses(void **state)
{
	static const struct {
		const char *text;
		const char *why;
		unsigned status;
	} rows[] = {
		{"", "empty", 0},
		{"\r\n\r\n", "empty", 0},
		{"OPTIONS  sip:a SIP/2.0" REST, "more than one space", 400},
		{"OPTIONS sip:a  SIP/2.0" REST, "two spaces", 400},
		{"OPTIONS sip:a SIP/2.0 " REST, "two spaces", 400},
		{"OPTIONS sip:a SIP/2.0\t" REST, "two spaces", 400},
		{"OPTIONS <sip:a> SIP/2.0" REST, "angle", 400},
		{"OPTIONS sip:a" REST, "no SIP version", 400},
		{"OPTIONS" REST, "no SIP version", 400},
		{" OPTIONS sip:a SIP/2.0" REST, "method", 400},
		{"OPT(IONS sip:a SIP/2.0" REST, "method", 400},
		{"OPTIONS sip:a SIP/3.0" REST, "not 2.0", 505},
		{"OPTIONS sip:a SIP/2.1" REST, "not 2.0", 505},
		{"OPTIONS sip:a SIP/2" REST, "does not end", 400},
		{"GET / HTTP/1.1" REST, "does not end", 400},
		{"SIP/2.0 99 x" REST, "status code", 0},
		{"SIP/2.0 700 x" REST, "status code", 0},
		{"SIP/2.0 4294967301 x" REST, "status code", 0},
		{"SIP/2.0 2000" REST, "status code", 0},
		{"SIP/2.0  200 OK" REST, "status code", 0},
		{"SIP/3.0 200 OK" REST, "status line", 0},
		{"OPTIONS sip:a SIP/2.0\r\nVia v" REST, "no colon", 400},
		{"OPTIONS sip:a SIP/2.0\r\n: v" REST, "not a token", 400},
		{"OPTIONS sip:a SIP/2.0\r\n folded: v" REST, "not a token", 400},
		{"OPTIONS sip:a SIP/2.0\r\nX Y: v" REST, "not a token", 400},
		{"OPTIONS sip:a SIP/2.0\r\nX\r\n : v" REST, "not a token", 400},
		{"OPTIONS sip:a SIP/2.0\r\nl: -1" REST, "not a number", 400},
		{"OPTIONS sip:a SIP/2.0\r\nl: 1 1" REST, "not a number", 400},
		{"OPTIONS sip:a SIP/2.0\r\nl:" REST, "not a number", 400},
		{"OPTIONS sip:a SIP/2.0\r\nl: 4294967296" REST, "not a number", 400},
		{"OPTIONS sip:a SIP/2.0\r\nl: 1" REST, "larger", 400},
		{"OPTIONS sip:a SIP/2.0\r\nl: 0\r\nContent-Length: 1" REST, "differ", 400},
		{"OPTIONS sip:a SIP/2.0\r\nVia: v\r\nCall-ID: c\r\n", "empty line", 400},
		{"OPTIONS sip:a SIP/2.0\r\nVia: v\r\nCall-ID: c\r\nx", "within the header", 400},
	};
	struct fixture f;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text = guard_str(str_c(rows[i].text));

		parse_text(&f, text);
		if (f.ok || !strstr(f.err.why, rows[i].why) || f.err.status != rows[i].status)
			fail_msg("%s: %s", rows[i].text, f.ok ? "taken" : f.err.why);
		assert_true(f.err.offset <= text.n);
		if (strstr(rows[i].text, "Via: v")) {
			assert_str(sip_get(&f.m, SIP_HDR_VIA), STR("v"));
			assert_str(sip_get(&f.m, SIP_HDR_CALL_ID), STR("c"));
		}
		assert_int_equal(sip_is_request(&f.m), strncmp(rows[i].text, "SIP/", 4) != 0);
		guard_free_all();
	}
}

static void same_length_twice_is_borne(void **state)
{
	struct fixture f;

	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 01\r\n\r\nab"));
	assert_true(f.ok);
	assert_str(f.m.body, STR("a"));
}

static void bounds_the_fields(void **state)
{
	static char text[16384];
	struct fixture f;
	unsigned n;

	for (n = SIP_HDR_LIMIT; n <= SIP_HDR_LIMIT + 1; n++) {
		struct buf b = buf_over(text, sizeof(text));
		unsigned i;

		buf_puts(&b, STR("OPTIONS sip:a SIP/2.0\r\n"));
		for (i = 0; i < n; i++)
			buf_fmt(&b, "X-%u: %u\r\n", i, i);
		buf_puts(&b, STR("\r\n"));
		parse_text(&f, buf_str(&b));
		assert_int_equal(f.ok, n == SIP_HDR_LIMIT);
		assert_int_equal(f.m.n_hdr, SIP_HDR_LIMIT);
		assert_str(sip_hdr_value(&f.m.hdr[511]), STR("511"));
		fixture_fini(&f);
	}
}

static void walks_values(void **state)
{
	struct fixture f;
	struct sip_values v;
	struct str value;

	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\n"
			   "m: \"a, b\" <sip:x,y@h>, , <sip:z>;q=\"1,2\" ,\r\n"
			   "Subject: no\r\n"
			   "m:\r\n"
			   "Contact: sip:w\r\n , (a (b, c\\) ,)) d\r\n"
			   "m: \"open, x\r\n\r\n"));
	assert_true(f.ok);
	v = sip_values(&f.m, SIP_HDR_CONTACT);
	assert_true(sip_values_next(&v, &value));
	assert_str(value, STR("\"a, b\" <sip:x,y@h>"));
	assert_int_equal(v.slot, 0);
	assert_true(sip_values_next(&v, &value));
	assert_str(value, STR("<sip:z>;q=\"1,2\""));
	assert_true(sip_values_next(&v, &value));
	assert_str(value, STR("sip:w"));
	assert_int_equal(v.slot, 3);
	assert_true(sip_values_next(&v, &value));
	assert_str(value, STR("(a (b, c\\) ,)) d"));
	assert_true(sip_values_next(&v, &value));
	assert_str(value, STR("\"open, x"));
	assert_false(sip_values_next(&v, &value));
	assert_false(sip_values_next(&v, &value));
}

static void finds_tokens(void **state)
{
	struct fixture f;

	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\nk: 100rel, path\r\nSupported: Timer\r\n\r\n"));
	assert_true(sip_has_token(&f.m, SIP_HDR_SUPPORTED, STR("PATH")));
	assert_true(sip_has_token(&f.m, SIP_HDR_SUPPORTED, STR("timer")));
	assert_false(sip_has_token(&f.m, SIP_HDR_SUPPORTED, STR("rel")));
	assert_false(sip_has_token(&f.m, SIP_HDR_REQUIRE, STR("path")));
}

static void prefix(struct str s, void *ctx)
{
	struct fixture f;
	struct sip_head head;
	struct sip_err err;

	parse_text(&f, s);
	sip_check(&f.m, &head, &err);
	fixture_fini(&f);
}

static void reads_no_further(void **state)
{
	each_prefix(STR(INVITE), prefix, NULL);
	each_prefix(STR("SIP/2.0 200 OK\nVia : SIP / 2.0/UDP h\n ;branch=\n x\rl:\r\n 3\r\n\nabc"),
		    prefix, NULL);
	guard_free_all();
}

static void without_memory(void)
{
	struct arena a;
	struct sip_msg m;
	struct sip_err err;
	bool ok;

	arena_init(&a, NULL, 0, 0);
	ok = sip_parse(STR(INVITE), &a, &m, &err);
	assert_int_equal(ok, !alloc_has_failed());
	if (!ok)
		assert_int_equal(err.status, 500);
	arena_fini(&a);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(without_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indexes_an_invite),
		cmocka_unit_test(indexes_a_response),
		cmocka_unit_test(names_and_white_space),
		cmocka_unit_test(lone_line_ends),
		cmocka_unit_test(refuses),
		cmocka_unit_test(same_length_twice_is_borne),
		cmocka_unit_test(bounds_the_fields),
		cmocka_unit_test(walks_values),
		cmocka_unit_test(finds_tokens),
		cmocka_unit_test(reads_no_further),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
