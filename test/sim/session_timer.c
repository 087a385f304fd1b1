/* Session timers through the proxy (RFC 4028 s8): it asks for none, and leaves those of others alone. */
#include "kit.h"

/* RFC4028-8.1-3, RFC4028-8.1-5, RFC4028-8.1-11, RFC4028-8.2-5, RFC4028-8.3-1 */
static void timers_of_others_pass_unchanged(void **state)
{
	static const struct {
		const char *asks[2], *answers; /* Session-Expires and Min-SE; Session-Expires */
	} rows[] = {
		{{"", ""}, ""},
		{{"1800", ""}, "1800;refresher=uac"},
		{{"90;refresher=uas", "90"}, "90;refresher=uas"},
		{{"30", ""}, ""},
		{{"4000;refresher=uac", "200"}, "300;refresher=uac"},
		{{"", "120"}, "500;refresher=uas"},
	};

	for (unsigned i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const *asks = rows[i / 2].asks, *answers = rows[i / 2].answers;
		bool knows = i % 2;
		char lines[512], ip[ADDR_TEXT_MAX];
		struct wire *ann, *bob;
		struct talk t, reg;
		struct kit k;
		struct buf b = buf_over(lines, sizeof(lines));

		kit_init(&k, 1);
		ann = kit_wire(&k, "ann");
		bob = kit_wire(&k, "bob");
		reg = talk_new(&k, bob, "bob");
		reg.password = "pw-bob";
		buf_fmt(&b, "Contact: <sip:bob@%s:5060>\r\n", kit_ip(bob, ip));
		assert_int_equal(talk_register(&reg, buf_c(&b)), 200);
		t = talk_new(&k, ann, NULL);
		buf_reset(&b);
		buf_fmt(&b, "Contact: <sip:ann@%s:5060>\r\n%s", kit_ip(ann, ip),
			knows ? "Supported: timer\r\n" : "");
		if (*asks[0])
			buf_fmt(&b, "Session-Expires: %s\r\n", asks[0]);
		if (*asks[1])
			buf_fmt(&b, "Min-SE: %s\r\n", asks[1]);
		talk_say(&t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>", buf_c(&b),
			 KIT_SDP);
		assert_true(wire_request(bob, "INVITE", 3000));
		assert_string_equal(wire_header(bob, "Session-Expires"), asks[0]);
		assert_string_equal(wire_header(bob, "Min-SE"), asks[1]);
		buf_reset(&b);
		buf_fmt(&b, "Contact: <sip:bob@%s:5060>\n", kit_ip(bob, ip));
		if (*answers)
			buf_fmt(&b, "Session-Expires: %s\n", answers);
		wire_answer(bob, 200, buf_c(&b), KIT_SDP);
		assert_int_equal(wire_final(ann, 3000), 200);
		assert_string_equal(wire_header(ann, "Session-Expires"), answers);
		assert_string_equal(wire_header(ann, "Require"), "");
		/* No end of a session comes from here. */
		assert_false(wire_request(ann, "BYE", 600000) || wire_request(bob, "BYE", 1));
		kit_quiet(&k);
		kit_fini(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_of_others_pass_unchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
