#include "sip_test.h"

static void takes_it_apart(void **state)
{
	struct sip_via v;

	assert_true(sip_via_parse(
		STR("SIP/2.0/TLS [2001:db8::9:1]:5061;branch=Z9HG4bKx;rport;ttl=3;maddr=m;"
		    "received=[2001:db8::2]"),
		&v, NULL));
	assert_int_equal(v.transport, TRANSPORT_TLS);
	assert_str(v.host, STR("2001:db8::9:1"));
	assert_str(v.sent_by, STR("[2001:db8::9:1]:5061"));
	assert_int_equal(v.port, 5061);
	assert_str(v.branch, STR("Z9HG4bKx"));
	assert_true(v.is_rfc3261 && v.has_rport && v.rport == 0 && v.ttl == 3);
	assert_str(v.maddr, STR("m"));
	assert_str(v.received, STR("[2001:db8::2]"));
	assert_true(sip_via_parse(STR("SIP / 2.0\r\n /  UNKNOWN  h : 9 ;  branch = x"), &v, NULL));
	assert_int_equal(v.transport, TRANSPORT_NONE);
	assert_str(v.transport_name, STR("UNKNOWN"));
	assert_str(v.host, STR("h"));
	assert_int_equal(v.port, 9);
	assert_false(v.is_rfc3261);
}

static void good_and_bad(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"SIP/2.0/UDP h", NULL},
		{"SIP/2.0/UDP h;received=2001:db8::9:255;branch=z9hG4bKas3", NULL},
		{"SIP/2.0/UDP h;rport=5060", NULL},
		{"SIP/2.0/UDP h;hidden;x=\"a;b\"", NULL},
		{"", "SIP/2.0"},
		{"SIP/2.0", "SIP/2.0"},
		{"SIP/2.0/", "transport"},
		{"SIP/2.0/UDP", "white space"},
		{"SIP/2.0/UDP ", "host"},
		{"SIP/2.0/UDP ;branch=x", "host"},
		{"SIP/2.0/UDP h:", "port"},
		{"SIP/2.0/UDP h:0", "port"},
		{"SIP/2.0/UDP h:65536", "port"},
		{"SIP/2.0/UDP h:x", "port"},
		{"SIP/2.0/UDP h x", "sent-by"},
		{"SIP/2.0/UDP [h]", "IPv6"},
		{"SIP/2.0/UDP h;;", "parameter"},
		{"SIP/2.0/UDP h;", "parameter"},
		{"SIP/2.0/UDP h;branch=", "parameter"},
		{"SIP/2.0/UDP h;branch=a;branch=b", "two branches"},
		{"SIP/2.0/UDP h;rport=99999", "rport"},
		{"SIP/2.0/UDP h;rport=x", "rport"},
		{"SIP/2.0/UDP h;ttl=256", "ttl"},
		{"SIP/2.0/UDP h;ttl", "ttl"},
	};
	struct sip_via v;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok;

		why = "";
		ok = sip_via_parse(guard_str(str_c(rows[i].text)), &v, &why);
		if (ok != !rows[i].why || (!ok && !strstr(why, rows[i].why)))
			fail_msg("%s: %s", rows[i].text, ok ? "taken" : why);
		guard_free_all();
	}
}

static const struct addr source4 = {.family = 4, .port = 4711, .ip = {192, 0, 2, 1}};
static const struct addr source6 = {
	.family = 6, .port = 7, .scope = 2, .ip = {0xfe, 0x80, [15] = 1}};

/* RFC3261-18.2.1-5, RFC3261-18.2.1-6, RFC3581-4-1, RFC3581-4-2 */
static void stamps(void **state)
{
	static const struct {
		const char *via;
		const struct addr *source;
		const char *want;
	} rows[] = {
		{"SIP/2.0/UDP 192.0.2.1;branch=b", &source4, "SIP/2.0/UDP 192.0.2.1;branch=b"},
		{"SIP/2.0/UDP 192.0.2.1:99", &source4, "SIP/2.0/UDP 192.0.2.1:99"},
		{"SIP/2.0/UDP h;branch=b", &source4, "SIP/2.0/UDP h;branch=b;received=192.0.2.1"},
		{"SIP/2.0/UDP 192.0.2.1;rport;branch=b", &source4,
		 "SIP/2.0/UDP 192.0.2.1;branch=b;received=192.0.2.1;rport=4711"},
		{"SIP/2.0/UDP 192.0.2.9;rport=5;received=9.9.9.9 , SIP/2.0/UDP x", &source4,
		 "SIP/2.0/UDP 192.0.2.9;received=192.0.2.1;rport=4711, SIP/2.0/UDP x"},
		{"SIP/2.0/UDP 192.0.2.1;RECEIVED=9.9.9.9", &source4,
		 "SIP/2.0/UDP 192.0.2.1;received=192.0.2.1"},
		{"SIP/2.0/UDP h", &source6, "SIP/2.0/UDP h;received=fe80::1"},
	};
	struct fixture f;
	char text[512];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));

		buf_fmt(&b, "OPTIONS sip:a SIP/2.0\r\nVia: %s\r\nVia: other\r\n\r\n", rows[i].via);
		parse_text(&f, buf_str(&b));
		assert_true(sip_via_stamp(&f.m, rows[i].source));
		assert_str(sip_get(&f.m, SIP_HDR_VIA), str_c(rows[i].want));
		assert_int_equal(!(f.m.hdr[0].flags & SIP_HDR_RAW),
				 strcmp(rows[i].via, rows[i].want) != 0);
	}
	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\nVia: bad\r\n\r\n"));
	assert_false(sip_via_stamp(&f.m, &source4));
	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\n\r\n"));
	assert_false(sip_via_stamp(&f.m, &source4));
}

static void top(void **state)
{
	struct fixture f;
	struct sip_via v;
	const char *why;

	parse_text(&f, STR(INVITE));
	assert_true(sip_via_top(&f.m, &v, NULL));
	assert_str(v.text, STR("SIP/2.0/UDP ss1.example.com:5060;branch=z9hG4bK2d4790.1"));
	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\n\r\n"));
	assert_false(sip_via_top(&f.m, &v, &why));
	assert_string_equal(why, "Via is missing");
}

static void prefix(struct str s, void *ctx)
{
	struct sip_via v;

	sip_via_parse(s, &v, NULL);
}

static void reads_no_further(void **state)
{
	each_prefix(
		STR("SIP/2.0/UDP 192.0.2.1:5060 ;rport=9;ttl=3;received=[::1];branch=z9hG4bK\"x"),
		prefix, NULL);
	each_prefix(STR("SIP / 2.0 / UDP [::1] : 50 ; maddr = \"a\""), prefix, NULL);
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_it_apart),   cmocka_unit_test(good_and_bad),
		cmocka_unit_test(stamps),           cmocka_unit_test(top),
		cmocka_unit_test(reads_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
