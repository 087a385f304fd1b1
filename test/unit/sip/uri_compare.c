#include "sip/uri.h"
#include "sip_test.h"

static bool equal(const char *a, const char *b)
{
	struct sip_uri x, y;

	assert_true(sip_uri_parse(str_c(a), &x, NULL));
	assert_true(sip_uri_parse(str_c(b), &y, NULL));
	assert_int_equal(sip_uri_equal(&x, &y), sip_uri_equal(&y, &x));
	assert_true(sip_uri_equal(&x, &x) && sip_uri_equal(&y, &y));
	return sip_uri_equal(&x, &y);
}

struct pair {
	const char *a, *b;
};

static void check_all(const struct pair *rows, size_t n, bool want)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (equal(rows[i].a, rows[i].b) != want)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
}

/* RFC 3261 s19.1.4, all of its examples. */
static void examples_of_the_rfc(void **state)
{
	static const struct pair same[] = {
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
		 "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
		 "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
	};
	static const struct pair different[] = {
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
		/* equality is not transitive */
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"},
	};

	check_all(same, sizeof(same) / sizeof(same[0]), true);
	check_all(different, sizeof(different) / sizeof(different[0]), false);
}

static void rules(void **state)
{
	static const struct pair same[] = {
		{"sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]"},
		{"sip:a@example.com.", "sip:a@EXAMPLE.com"},
		{"sip:a@h;x=%41", "sip:a@h;x=a"},
		{"sip:*31#@h", "sip:*31%23@h"},
		{"sip:a@h?x=1&x=2", "sip:a@h?x=2&x=1"},
		{"SIPS:a@h", "sips:a@h"},
		{"URN:x:y", "urn:x:y"},
		{"tel:+1-201-555-0123", "tel:+1(201)5550123"},
		{"tel:1234;phone-context=+1-22;a=b", "tel:12-34;A=B;phone-context=+122"},
	};
	static const struct pair different[] = {
		{"sip:a@h", "sips:a@h"},
		{"sip:a@h", "sip:A@h"},
		{"sip:a@h", "sip:h"},
		{"sip:a:x@h", "sip:a:y@h"},
		{"sip:a@h", "sip:a:x@h"},
		{"sip:a%3Bb@h", "sip:a;b@h"},
		{"sip:a@h;user=phone", "sip:a@h"},
		{"sip:a@h;ttl=1", "sip:a@h"},
		{"sip:a@h;method=INVITE", "sip:a@h"},
		{"sip:a@h;maddr=1.2.3.4", "sip:a@h"},
		{"sip:a@h?x=1&x=1&y=1", "sip:a@h?x=1&y=1&y=1"},
		{"sip:a@h?x=1", "sip:a@h?x=1&x=1"},
		{"sip:a@h?x=a", "sip:a@h?x=A"},
		{"urn:x", "urn:X"},
		{"tel:+1234", "tel:1234"},
		{"tel:1234;ext=1", "tel:1234"},
		{"tel:1234;ext=1", "tel:1234;ext=2"},
		{"tel:123", "tel:1234"},
		{"tel:911", "sip:911@h"},
	};

	check_all(same, sizeof(same) / sizeof(same[0]), true);
	check_all(different, sizeof(different) / sizeof(different[0]), false);
}

/* A list beyond the bound is compared by its bytes: no quadratic walk for strangers. */
static void long_lists(void **state)
{
	static char a[16384], b[16384];
	struct buf x = buf_over(a, sizeof(a)), y = buf_over(b, sizeof(b));
	unsigned i;

	buf_puts(&x, STR("sip:a@h"));
	buf_puts(&y, STR("sip:a@h"));
	for (i = 0; i < 1000; i++) {
		buf_fmt(&x, ";p%u", i);
		buf_fmt(&y, ";p%u", 999 - i);
	}
	assert_false(equal(buf_c(&x), buf_c(&y)));
	assert_true(equal(buf_c(&x), buf_c(&x)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_rfc),
		cmocka_unit_test(rules),
		cmocka_unit_test(long_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
