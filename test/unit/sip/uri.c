#include "sip/uri.h"
#include "sip_test.h"

static void takes_it_apart(void **state)
{
	struct sip_uri u;
	struct str v;
	bool unknown;

	assert_true(sip_uri_parse(
		STR("sip:alice;x:secret@[2001:db8::1]:5070;transport=TCP;lr?Subject=a&b="), &u,
		NULL));
	assert_int_equal(u.scheme, SIP_SCHEME_SIP);
	assert_str(u.user, STR("alice;x"));
	assert_str(u.password, STR("secret"));
	assert_str(u.host, STR("2001:db8::1"));
	assert_str(u.hostport, STR("[2001:db8::1]:5070"));
	assert_int_equal(u.ip.family, 6);
	assert_int_equal(u.port, 5070);
	assert_true(u.has_port && u.has_user);
	assert_str(u.params, STR("transport=TCP;lr"));
	assert_str(u.headers, STR("Subject=a&b="));
	assert_int_equal(sip_uri_transport(&u, &unknown), TRANSPORT_TCP);
	assert_false(unknown);
	assert_true(sip_uri_param(&u, STR("LR"), &v));
	assert_int_equal(v.n, 0);
	assert_false(sip_uri_param(&u, STR("maddr"), &v));
}

static void other_schemes(void **state)
{
	struct sip_uri u;
	bool unknown;

	assert_true(sip_uri_parse(STR("SIPS:host;transport=sctp"), &u, NULL));
	assert_int_equal(u.scheme, SIP_SCHEME_SIPS);
	assert_false(u.has_user || u.has_port);
	assert_int_equal(sip_uri_transport(&u, &unknown), TRANSPORT_NONE);
	assert_true(unknown);
	assert_true(sip_uri_parse(STR("tel:+1-201-555-0123;ext=5"), &u, NULL));
	assert_int_equal(u.scheme, SIP_SCHEME_TEL);
	assert_str(u.user, STR("+1-201-555-0123"));
	assert_str(u.params, STR("ext=5"));
	assert_true(sip_uri_parse(STR("urn:service:sos"), &u, NULL));
	assert_int_equal(u.scheme, SIP_SCHEME_OTHER);
	assert_str(u.host, STR("service:sos"));
}

static void good_and_bad(void **state)
{
	static const struct {
		const char *text;
		const char *why; /* NULL: good */
	} rows[] = {
		{"sip:a", NULL},
		{"sip:user@host", NULL},
		{"sip:%00@host", NULL},
		{"sip:*31#123@host", NULL},
		{"sip:user:@host", NULL},
		{"sip:1.2.3.4:0", NULL},
		{"sip:host.", NULL},
		{"sip:a_b", NULL},
		{"sip:host;a=;b", NULL},
		{"sip:host?a=", NULL},
		{"sip:user@[2001:db8:::192.0.2.1]", NULL},
		{"tel:911", NULL},
		{"tel:*69;phone-context=example.com", NULL},
		{"soap.beep://192.0.2.103:3002", NULL},
		{"http://[::1]/x#y", NULL},
		{"", "no scheme"},
		{":", "no scheme"},
		{"sip", "no scheme"},
		{"1sip:a", "no scheme"},
		{" sip:a", "no scheme"},
		{"sip:", "host is missing"},
		{"sip:@host", "user part is empty"},
		{"sip:a@", "host is missing"},
		{"sip:a@b@c", "character"},
		{"sip:a b@c", "user part"},
		{"sip:a%4@c", "escape in the user"},
		{"sip:a%4g@c", "escape in the user"},
		{"sip:a:b%@c", "escape in the password"},
		{"sip:a:b/c@d", "user part"},
		{"sip:\xc3\xa4@c", "user part"},
		{"sip:host:", "port"},
		{"sip:host:65536", "port"},
		{"sip:host:99999999999999999999", "port"},
		{"sip:2001:db8::10", "port"},
		{"sip:[2001:db8::10", "IPv6"},
		{"sip:[]", "IPv6"},
		{"sip:[1.2.3.4]", "IPv6"},
		{"sip:[::1%25eth0]", "IPv6"},
		{"sip:[:::::1]", "IPv6"},
		{"sip:[::1]x", "character"},
		{"sip:1.2.3", "neither"},
		{"sip:1.2.3.4.", "neither"},
		{"sip:192.A0.2.", "neither"},
		{"sip:a..", "neither"},
		{"sip:1.2.3.0004", "neither"},
		{"sip:1.2.3.4.com", NULL},
		{"sip:256.1.1.1", "neither"},
		{"sip:.a", "dot"},
		{"sip:-a", "dash"},
		{"sip:host;", "empty URI parameter"},
		{"sip:host;;lr", "empty URI parameter"},
		{"sip:host;a=%", "escape in a URI parameter"},
		{"sip:host;a=\"b\"", "character"},
		{"sip:host?", "URI header"},
		{"sip:host?a", "URI header"},
		{"sip:host?a=b&", "URI header"},
		{"sip:host?a=%zz", "escape in a URI header"},
		{"sip:host>", "character"},
		{"tel:", "no digits"},
		{"tel:+", "no digits"},
		{"tel:+1a", "telephone"},
		{"tel:-.", "no digits"},
		{"x:", "nothing"},
		{"x:a b", "character"},
		{"x:<", "character"},
	};
	struct sip_uri u;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok;

		why = "";
		ok = sip_uri_parse(guard_str(str_c(rows[i].text)), &u, &why);
		if (ok != !rows[i].why || (!ok && !strstr(why, rows[i].why)))
			fail_msg("%s: %s", rows[i].text, ok ? "taken" : why);
		guard_free_all();
	}
}

static void assert_aor(const char *text, const char *want)
{
	char room[256];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri u;

	assert_true(sip_uri_parse(str_c(text), &u, NULL));
	assert_true(sip_uri_aor(&u, &b));
	assert_str(buf_str(&b), str_c(want));
}

static void canonical_aor(void **state)
{
	struct sip_uri u;
	struct buf none = buf_over(NULL, 0);

	assert_aor("sip:Alice@Example.COM:5060;transport=tcp?x=y", "Alice@example.com");
	assert_aor("sips:alice:pw@example.com.", "alice@example.com");
	assert_aor("sip:%61lice%2D@example.com", "alice-@example.com");
	assert_aor("sip:a%3bb@example.com", "a%3Bb@example.com");
	assert_aor("sip:a;b@example.com", "a;b@example.com");
	assert_aor("sip:null-%00-null@example.com", "null-%00-null@example.com");
	assert_aor("sip:%c3%a4@x", "%C3%A4@x");
	assert_aor("sip:*31#@x", "*31%23@x");
	assert_aor("sip:*31%23@x", "*31%23@x");
	assert_aor("sip:%25%34%31@x", "%2541@x");
	assert_aor("sip:a@[2001:DB8:0::1]:9", "a@[2001:db8::1]");
	assert_aor("sip:example.com", "example.com");
	assert_aor("tel:+1-(201)-555.0123;ext=3", "+12015550123");
	assert_true(sip_uri_parse(STR("urn:x"), &u, NULL));
	assert_false(sip_uri_aor(&u, &none));
	assert_true(sip_uri_parse(STR("sip:a@b"), &u, NULL));
	assert_false(sip_uri_aor(&u, &none));
}

static void user_text(void **state)
{
	char room[64];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri u;

	assert_true(sip_uri_parse(STR("sip:a%20%00%c3%a4%40@x"), &u, NULL));
	sip_uri_put_user(&u, &b);
	assert_str(buf_str(&b), STR("a %00\xc3\xa4@"));
	buf_reset(&b);
	sip_put_escaped_user(&b, STR("a b@#\xc3;1"));
	assert_str(buf_str(&b), STR("a%20b%40%23%C3;1"));
}

static void prefix(struct str s, void *ctx)
{
	char room[512];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri u;
	struct str v;

	if (!sip_uri_parse(s, &u, NULL))
		return;
	sip_uri_aor(&u, &b);
	sip_uri_param(&u, STR("nothing"), &v);
	assert_true(sip_uri_equal(&u, &u));
}

static void reads_no_further(void **state)
{
	each_prefix(STR("sip:al%20ice:p%41@[2001:db8::1]:5070;transport=TCP;l%41r?Sub=a%20&b="),
		    prefix, NULL);
	each_prefix(STR("sips:+1-2;x=y@192.0.2.1:5061;maddr=239.255.255.1;ttl=15"), prefix, NULL);
	each_prefix(STR("tel:+1-201-555-0123;phone-context=%41.com"), prefix, NULL);
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_it_apart), cmocka_unit_test(other_schemes),
		cmocka_unit_test(good_and_bad),   cmocka_unit_test(canonical_aor),
		cmocka_unit_test(user_text),      cmocka_unit_test(reads_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
