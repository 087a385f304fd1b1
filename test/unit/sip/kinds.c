#include "sip/kinds.h"
#include "sip_test.h"

static bool check_value(enum sip_hdr_id id, struct str value, struct sip_err *err)
{
	char room[4096];
	struct arena arena;
	struct sip_msg m;
	bool ok;

	arena_init(&arena, room, sizeof(room), 0);
	sip_request_init(&m, &arena, STR("OPTIONS"), STR("sip:a"));
	assert_true(sip_add(&m, id, value));
	ok = sip_hdr_check(&m, 0, err);
	arena_fini(&arena);
	return ok;
}

/* Every header that is known has a row, whose own example is good and whose prefixes are read
 * no further than they go. */
static void examples(void **state)
{
	struct sip_err err;
	size_t n;
	int id;

	assert_null(sip_hdr_kind(SIP_HDR_OTHER));
	for (id = SIP_HDR_OTHER + 1; id < SIP_HDR_COUNT; id++) {
		const struct sip_hdr_kind *k = sip_hdr_kind((enum sip_hdr_id)id);
		struct str example;

		assert_non_null(k);
		if (!k->example || !k->rfc || !k->why)
			fail_msg("%s has no row", sip_hdr_id_name((enum sip_hdr_id)id).p);
		example = str_c(k->example);
		if (!check_value((enum sip_hdr_id)id, example, &err))
			fail_msg("%s: %s: %s", err.header, k->example, err.why);
		for (n = 0; n < example.n; n++) {
			check_value((enum sip_hdr_id)id, guard_str(str_first(example, n)), &err);
			guard_free_all();
		}
	}
}

/* why: NULL when the value is good. */
static const struct {
	enum sip_hdr_id id;
	const char *value, *why;
} rows[] = {
	{SIP_HDR_CONTACT, "*", NULL},
	{SIP_HDR_CONTACT, "<sip:a>;q=2", "q is not"},
	{SIP_HDR_CONTACT, "<sip:a>;expires=soon", "expires"},
	{SIP_HDR_CONTACT, "<sip:a>;reg-id=0", "reg-id"},
	{SIP_HDR_CONTACT,
	 "<sip:a>;reg-id=1;+sip.instance=\"<urn:uuid:x>\";audio;class=\"business\"", NULL},
	{SIP_HDR_CONTACT, "<sip:a>;+sip.instance=\"urn:uuid:x\"", "instance"},
	{SIP_HDR_CONTACT, "<sip:a>;temp-gruu=\"sip:x@h;gr\"", NULL},
	{SIP_HDR_CONTACT, "<sip:a>;temp-gruu=\"x\"", "GRUU"},
	{SIP_HDR_CONTACT, "<sip:a>;methods=\"INVITE,BYE\";+x.y=\"#>=5\"", NULL},
	{SIP_HDR_CONTACT, "<sip:a>;+x.y=\"#5:\"", "feature"},
	{SIP_HDR_CONTACT, "<sip:a>;video=\"a b\"", "feature"},
	{SIP_HDR_ROUTE, "sip:a;lr", "angle"},
	{SIP_HDR_ROUTE, "<sip:a;lr>, <sip:b:x>", "port"},
	{SIP_HDR_VIA, "", "no value"},
	{SIP_HDR_VIA, ",", "no value"},
	{SIP_HDR_SUPPORTED, "", NULL},
	{SIP_HDR_SUPPORTED, "a, b c", "tokens"},
	{SIP_HDR_REQUIRE, "", "no value"},
	{SIP_HDR_EVENT, "a..b", "package"},
	{SIP_HDR_EVENT, "a;id=1;id=2", "package"},
	{SIP_HDR_EVENT, "presence.winfo;id=7;x", NULL},
	{SIP_HDR_ALLOW_EVENTS, "a, b.c", NULL},
	{SIP_HDR_ALLOW_EVENTS, "a;b", "packages"},
	{SIP_HDR_SUBSCRIPTION_STATE, "terminated;reason=timeout;retry-after=x", "state"},
	{SIP_HDR_SUBSCRIPTION_STATE, "waiting", NULL},
	{SIP_HDR_RSEQ, "0", "from 1"},
	{SIP_HDR_RSEQ, "4294967295", NULL},
	{SIP_HDR_RSEQ, "4294967296", "from 1"},
	{SIP_HDR_RACK, "1 2", "RSeq"},
	{SIP_HDR_RACK, "0 2 INVITE", "RSeq"},
	{SIP_HDR_RACK, "1\r\n 2 INVITE", NULL},
	{SIP_HDR_REPLACES, "c;to-tag=a", "one tag"},
	{SIP_HDR_REPLACES, "c;to-tag=a;from-tag=b;to-tag=a", "one tag"},
	{SIP_HDR_REPLACES, "c;to-tag=a;from-tag=b;early-only", NULL},
	{SIP_HDR_REPLACES, "c d;to-tag=a;from-tag=b", "one tag"},
	{SIP_HDR_SESSION_EXPIRES, "1800;refresher=me", "refresher"},
	{SIP_HDR_SESSION_EXPIRES, "1800 ; refresher = UAS", NULL},
	{SIP_HDR_MIN_SE, "x", "seconds"},
	{SIP_HDR_REFER_TO, "*", "address"},
	{SIP_HDR_REFER_TO, "<sip:a;method=REFER>", NULL},
	{SIP_HDR_REFERRED_BY, "<sip:a>;cid=\"x\"", "cid"},
	{SIP_HDR_REFERRED_BY, "<sip:a>;cid=\"x@y\"", NULL},
	{SIP_HDR_REFER_SUB, "maybe", "true"},
	{SIP_HDR_PRIVACY, "id; user;critical", NULL},
	{SIP_HDR_PRIVACY, "id user", "semicolons"},
	{SIP_HDR_P_ASSERTED_IDENTITY, "<http://a>", "sip:"},
	{SIP_HDR_P_ASSERTED_IDENTITY, "tel:+14085264000", NULL},
	{SIP_HDR_IDENTITY, "a.b.c;info=https://x", "signed"},
	{SIP_HDR_IDENTITY, "..c;info=<https://x>;ppt=shaken", NULL},
	{SIP_HDR_IDENTITY, "a.b;info=<https://x>", "signed"},
	{SIP_HDR_REASON, "SIP;cause=x", "cause"},
	{SIP_HDR_REASON, "SIP;cause=200;text=\"a, b\", Q.850;cause=16", NULL},
	{SIP_HDR_HISTORY_INFO, "<sip:a>", "index"},
	{SIP_HDR_HISTORY_INFO, "<sip:a>;index=1.", "index"},
	{SIP_HDR_HISTORY_INFO, "<sip:a>;index=01", "index"},
	{SIP_HDR_HISTORY_INFO, "<sip:a>;index=1.1;rc=1;mp=1", "index"},
	{SIP_HDR_HISTORY_INFO, "<sip:a>;index=0, <sip:b>;index=1.1;rc=1", NULL},
	{SIP_HDR_DIVERSION, "<sip:a>;counter=x", "counter"},
	{SIP_HDR_USER_TO_USER, "abc;encoding=hex", "hex"},
	{SIP_HDR_USER_TO_USER, "\"a b\";purpose=x", NULL},
	{SIP_HDR_ACCEPT_CONTACT, "*;audio;explicit, *;video=\"TRUE\"", NULL},
	{SIP_HDR_ACCEPT_CONTACT, "<sip:a>", "feature tags"},
	{SIP_HDR_REQUEST_DISPOSITION, "proxy, maybe", "directive"},
	{SIP_HDR_RESOURCE_PRIORITY, "ets", "namespace"},
	{SIP_HDR_RESOURCE_PRIORITY, "ets.0.1", "namespace"},
	{SIP_HDR_GEOLOCATION, "<cid:a@b>;inserted-by=\"x\"", NULL},
	{SIP_HDR_GEOLOCATION, "cid:a@b", "angle"},
	{SIP_HDR_GEOLOCATION_ERROR, "1000", "999"},
	{SIP_HDR_DATE, "Sat, 13 Nov 2010 23:29:00 EST", "GMT"},
	{SIP_HDR_DATE, "Fri, 13 Nov 2010 23:29:00 GMT", "GMT"},
	{SIP_HDR_DATE, "Mon, 29 Feb 2010 23:29:00 GMT", "GMT"},
	{SIP_HDR_TIMESTAMP, "1.2.3", "number"},
	{SIP_HDR_TIMESTAMP, "1 .5", NULL},
	{SIP_HDR_RETRY_AFTER, "5 (I'm in a meeting);duration=60", NULL},
	{SIP_HDR_RETRY_AFTER, "5 later", "seconds"},
	{SIP_HDR_WARNING, "37 a \"b\"", "code"},
	{SIP_HDR_WARNING, "370 [2001:db8::1]:5060 \"b\"", NULL},
	{SIP_HDR_WARNING, "370 a b", "code"},
	{SIP_HDR_CONTENT_TYPE, "application", "subtype"},
	{SIP_HDR_CONTENT_TYPE, "multipart/mixed", "boundary"},
	{SIP_HDR_CONTENT_TYPE, "text/plain;charset", NULL},
	{SIP_HDR_CONTENT_TYPE, "text/plain;;", "parameter"},
	{SIP_HDR_ACCEPT, "*/*;q=0.1, text/*", NULL},
	{SIP_HDR_ACCEPT, "*/*;q=7", "q is not"},
	{SIP_HDR_ACCEPT_LANGUAGE, "en-gb;q=x", "languages"},
	{SIP_HDR_CONTENT_LANGUAGE, "abcdefghi", "language"},
	{SIP_HDR_CONTENT_DISPOSITION, "session;handling", "parameters"},
	{SIP_HDR_USER_AGENT, "a/b (c (d)) e", NULL},
	{SIP_HDR_USER_AGENT, "a/", "product"},
	{SIP_HDR_MIME_VERSION, "1", "version"},
	{SIP_HDR_CALL_INFO, "<http://x>;purpose=icon, <http://y>", NULL},
	{SIP_HDR_ALERT_INFO, "http://x", "angle"},
	{SIP_HDR_IN_REPLY_TO, "a, b@c", NULL},
	{SIP_HDR_AUTHORIZATION, "NoOneKnows this=\"x\"", NULL},
	{SIP_HDR_AUTHORIZATION, "Digest realm=\"x\"", "username"},
	{SIP_HDR_AUTHORIZATION, "Digest username=\"a\",realm=\"x\",nonce=\"n\",uri=\"u\"",
	 "without response"},
	{SIP_HDR_AUTHORIZATION, "Digest username=\"a\",username=\"a\"", "twice"},
	{SIP_HDR_AUTHORIZATION,
	 "Digest username=\"a\",realm=\"x\",nonce=\"n\",uri=\"u\",response=\"r\",qop=auth",
	 "cnonce"},
	{SIP_HDR_WWW_AUTHENTICATE, "Digest realm=\"x\"", "without nonce"},
	{SIP_HDR_WWW_AUTHENTICATE, "Digest realm=\"x", "quotes"},
	{SIP_HDR_AUTHENTICATION_INFO, "x=y", "nothing"},
	{SIP_HDR_AUTHENTICATION_INFO, "qop=auth, rspauth=\"a\", cnonce=\"b\", nc=00000001", NULL},
	{SIP_HDR_AUTHENTICATION_INFO, "nc=1", "nothing"},
	{SIP_HDR_SUBJECT, "", NULL},
	{SIP_HDR_FLOW_TIMER, "120 ", NULL},
};

static void good_and_bad(void **state)
{
	struct sip_err err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok = check_value(rows[i].id, guard_str(str_c(rows[i].value)), &err);

		if (ok != !rows[i].why)
			fail_msg("%s: %s: %s", sip_hdr_id_name(rows[i].id).p, rows[i].value,
				 ok ? "taken" : err.why);
		if (!ok && !strstr(err.why, rows[i].why))
			fail_msg("%s: %s: %s", err.header, rows[i].value, err.why);
		if (!ok)
			assert_true(err.rfc && err.status == 400 && err.header[0]);
		guard_free_all();
	}
}

/* The error says where the bad value of a list is. */
static void tells_where(void **state)
{
	static const char text[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\n"
				   "Warning: 370 a \"x, y\", bad\r\n\r\n";
	struct fixture f;
	struct sip_err err;

	parse_text(&f, str_c(text));
	assert_true(f.ok);
	assert_true(sip_hdr_check(&f.m, 0, &err));
	assert_false(sip_hdr_check(&f.m, 1, &err));
	assert_int_equal(err.offset, strstr(text, "bad") - text);
	assert_int_equal(err.status, 0);
	assert_string_equal(err.header, "Warning");
	fixture_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(good_and_bad),
		cmocka_unit_test(tells_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
