#include "sip_test.h"

static void takes_it_apart(void **state)
{
	struct sip_nameaddr n;

	assert_true(
		sip_nameaddr_parse(STR("  \"A. \\\"B\" <C>\"\r\n <sip:a;x@h;lr?y=z>;tag=1;q=0.5 "),
				   &n, NULL) == false);
	assert_true(sip_nameaddr_parse(
		STR(" \"A. \\\"B <C>\"\r\n <sip:a;x@h;lr?y=z> ; tag = 1;q=0.5 "), &n, NULL));
	assert_str(n.text, STR("\"A. \\\"B <C>\"\r\n <sip:a;x@h;lr?y=z> ; tag = 1;q=0.5"));
	assert_str(n.display, STR("\"A. \\\"B <C>\""));
	assert_str(n.uri_text, STR("sip:a;x@h;lr?y=z"));
	assert_str(n.uri.params, STR("lr"));
	assert_str(n.params, STR("tag = 1;q=0.5"));
	assert_str(n.tag, STR("1"));
	assert_true(n.angle && !n.star);
	assert_true(sip_nameaddr_parse(STR("sip:a@h;tag=2;lr"), &n, NULL));
	assert_false(n.angle);
	assert_str(n.uri_text, STR("sip:a@h"));
	assert_int_equal(n.uri.params.n, 0);
	assert_str(n.tag, STR("2"));
	assert_true(sip_nameaddr_parse(STR("T. \xc3\xa4 desk<tel:+1>"), &n, NULL));
	assert_str(n.display, STR("T. \xc3\xa4 desk"));
	assert_true(sip_nameaddr_parse(STR("*"), &n, NULL));
	assert_true(n.star);
}

static void good_and_bad(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"<sip:a>", NULL},
		{"a <sip:a>;x=\"y;z\"", NULL},
		{"\"\"<sip:a>", NULL},
		{"<name:John_Smith>", NULL},
		{"isbn:2983792873", NULL},
		{"", "empty"},
		{"\"a <sip:b>", "quoted string"},
		{"\"a\" sip:b", "angle"},
		{"\"a\"", "angle"},
		{"<sip:a", "not closed"},
		{"< sip:a>", "white space"},
		{"<sip:a >", "white space"},
		{"<>", "no scheme"},
		{"Bell, A <sip:a>", "display name"},
		{"a@b <sip:a>", "display name"},
		{"sip:a?b=c", "'?'"},
		{"sip:a,b@c", "','"},
		{"sip:a b", "behind the URI"},
		{"<sip:a>b", "behind the URI"},
		{"<sip:a>;;", "parameter"},
		{"<sip:a>;", "parameter"},
		{"<sip:a>;tag=1;tag=2", "two tags"},
		{"<sip:a>;tag", "tag is empty"},
		{"<sip:a>;tag=\"\"", "tag is empty"},
		{"alice", "no scheme"},
		{"**", "no scheme"},
	};
	struct sip_nameaddr n;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok;

		why = "";
		ok = sip_nameaddr_parse(guard_str(str_c(rows[i].text)), &n, &why);
		if (ok != !rows[i].why || (!ok && !strstr(why, rows[i].why)))
			fail_msg("%s: %s", rows[i].text, ok ? "taken" : why);
		guard_free_all();
	}
}

static void of_a_message(void **state)
{
	struct fixture f;
	struct sip_nameaddr n;
	const char *why;

	parse_text(&f, STR(INVITE));
	assert_true(sip_nameaddr_get(&f.m, SIP_HDR_CONTACT, &n, NULL));
	assert_str(n.uri.host, STR("client.atlanta.example.com"));
	assert_false(sip_nameaddr_get(&f.m, SIP_HDR_ROUTE, &n, &why));
	assert_str(sip_tag(&f.m, SIP_HDR_FROM), STR("9fxced76sl"));
	assert_int_equal(sip_tag(&f.m, SIP_HDR_TO).n, 0);
	assert_int_equal(sip_tag(&f.m, SIP_HDR_ROUTE).n, 0);
	parse_text(&f, STR("BYE sip:a SIP/2.0\r\nTo: \"x;tag=no\" <sip:a;tag=no> ; a ; Tag = "
			   "yes\r\n\r\n"));
	assert_str(sip_tag(&f.m, SIP_HDR_TO), STR("yes"));
}

static void contact_params(void **state)
{
	static const struct {
		const char *params;
		bool ok;
		uint32_t q, expires;
	} rows[] = {
		{"", true, 1000, 5},
		{";q=0", true, 0, 5},
		{";q=0.5", true, 500, 5},
		{";q=0.123;expires=60", true, 123, 60},
		{";q=1.000;EXPIRES=0", true, 1000, 0},
		{";Q=0.;expires=\"7\"", true, 0, 7},
		{";q=1.001", false, 0, 5},
		{";q=2", false, 0, 5},
		{";q=0.1234", false, 0, 5},
		{";q=-1;expires=soon", false, 0, 3600},
		{";q;expires", false, 0, 3600},
		{";expires=280297596632815", true, 1000, UINT32_MAX},
	};
	char text[128];
	struct sip_nameaddr n;
	uint32_t q;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));

		buf_fmt(&b, "<sip:a>%s", rows[i].params);
		assert_true(sip_nameaddr_parse(buf_str(&b), &n, NULL));
		assert_int_equal(sip_contact_q(&n, &q), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(q, rows[i].q);
		assert_int_equal(sip_contact_expires(&n, 5), rows[i].expires);
	}
}

static void prefix(struct str s, void *ctx)
{
	struct sip_nameaddr n;

	sip_nameaddr_parse(s, &n, NULL);
}

static void reads_no_further(void **state)
{
	each_prefix(STR(" \"A. \\\"B <C>\"\r\n <sip:a;x@h;lr?y=z> ; tag = 1;q=0.5 "), prefix, NULL);
	each_prefix(STR("tok en <sip:a@[::1]:5060>;tag=\"x\\\"\""), prefix, NULL);
	each_prefix(STR("sip:a@192.0.2.1 ;tag=x"), prefix, NULL);
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_it_apart),   cmocka_unit_test(good_and_bad),
		cmocka_unit_test(of_a_message),     cmocka_unit_test(contact_params),
		cmocka_unit_test(reads_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
