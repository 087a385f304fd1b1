#include "base/addr.h"
#include "harness.h"

static struct str put(struct buf *b, const struct addr *a)
{
	buf_reset(b);
	addr_put(b, a);
	return buf_str(b);
}

/* What is read and how it is written again (RFC 5952 s4). */
static void reads_and_writes(void **state)
{
	static const struct {
		struct str in, out;
	} table[] = {
		{STR_INIT("192.0.2.1"), STR_INIT("192.0.2.1")},
		{STR_INIT("192.0.2.1:5060"), STR_INIT("192.0.2.1:5060")},
		{STR_INIT("192.000.002.001:0"), STR_INIT("192.0.2.1")},
		{STR_INIT("0.0.0.0"), STR_INIT("0.0.0.0")},
		{STR_INIT("255.255.255.255:65535"), STR_INIT("255.255.255.255:65535")},
		{STR_INIT("::"), STR_INIT("[::]")},
		{STR_INIT("[::]:5061"), STR_INIT("[::]:5061")},
		{STR_INIT("::1"), STR_INIT("[::1]")},
		{STR_INIT("1::"), STR_INIT("[1::]")},
		{STR_INIT("2001:DB8::1"), STR_INIT("[2001:db8::1]")},
		{STR_INIT("[2001:0db8:0:0:0:0:0:1]"), STR_INIT("[2001:db8::1]")},
		/* s4.2.2: one group of zeros is not shortened */
		{STR_INIT("2001:db8::1:1:1:1:1"), STR_INIT("[2001:db8:0:1:1:1:1:1]")},
		/* s4.2.3: the longest run; the first of two */
		{STR_INIT("2001:0:0:1:0:0:0:1"), STR_INIT("[2001:0:0:1::1]")},
		{STR_INIT("2001:db8:0:0:1:0:0:1"), STR_INIT("[2001:db8::1:0:0:1]")},
		{STR_INIT("1:2:3:4:5:6:7::"), STR_INIT("[1:2:3:4:5:6:7:0]")},
		{STR_INIT("1:2:3:4:5:6:0:0"), STR_INIT("[1:2:3:4:5:6::]")},
		{STR_INIT("1:2:3:4:5:6:7:8"), STR_INIT("[1:2:3:4:5:6:7:8]")},
		{STR_INIT("1:2:3:4:5:6:192.0.2.1"), STR_INIT("[1:2:3:4:5:6:c000:201]")},
		{STR_INIT("::192.0.2.1"), STR_INIT("[::c000:201]")},
		{STR_INIT("[2001:db8::192.0.2.1]:7"), STR_INIT("[2001:db8::c000:201]:7")},
		/* RFC 5118 s4.10: three colons before an IPv4 address */
		{STR_INIT("[2001:db8:::192.0.2.1]"), STR_INIT("[2001:db8::c000:201]")},
		{STR_INIT(":::192.0.2.1"), STR_INIT("[::c000:201]")},
		{STR_INIT("::ffff:192.0.2.1"), STR_INIT("192.0.2.1")},
		{STR_INIT("[::FFFF:C000:0201]:9"), STR_INIT("192.0.2.1:9")},
		{STR_INIT("[:::ffff:192.0.2.1]"), STR_NONE},
		{STR_INIT("fe80::1%3"), STR_INIT("[fe80::1%3]")},
		{STR_INIT("[fe80::1%3]:5060"), STR_INIT("[fe80::1%3]:5060")},
	};
	char room[ADDR_TEXT_MAX];
	struct buf b = buf_over(room, sizeof(room));

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct addr a, again;

		if (!table[i].out.p) {
			assert_false(addr_parse(guard_str(table[i].in), &a));
			continue;
		}
		assert_true(addr_parse(guard_str(table[i].in), &a));
		assert_str(put(&b, &a), table[i].out);
		assert_true(addr_parse(buf_str(&b), &again));
		assert_true(addr_eq(&a, &again));
	}
	guard_free_all();
}

static void refuses(void **state)
{
	static const char *const table[] = {
		"",
		"1",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.1000",
		"1.2.3.",
		".1.2.3",
		"1..2.3",
		"1.2.3.4a",
		"1.2.3.4:",
		"1.2.3.4:65536",
		"1.2.3.4:a",
		"1.2.3.4:1 ",
		" 1.2.3.4",
		"1.2.3.4-",
		":",
		":::",
		"1:",
		":1",
		"1:2",
		"1:2:3:4:5:6:7",
		"1::2::3",
		"12345::",
		"::12345",
		"::g",
		"[::1",
		"::1]",
		"[]",
		"[::1]:",
		"[::1]1",
		"[1.2.3.4]",
		"[::1]:99999",
		"::1.2.3",
		"::1.2.3.4:5",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:1.2.3.4",
		"fe80::1%",
		"fe80::1%eth0",
		"fe80::1%4294967296",
		"example.com",
		"1:::2",
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct addr a = {.family = 77};

		if (addr_parse(guard_str(str_c(table[i])), &a))
			fail_msg("took \"%s\"", table[i]);
		assert_int_equal(a.family, 77);
	}
	guard_free_all();
}

static void ip_alone_has_no_port(void **state)
{
	struct addr a;

	assert_false(addr_parse_ip(STR("192.0.2.1:5060"), &a));
	assert_false(addr_parse_ip(STR("[::1]:5060"), &a));
	assert_true(addr_parse_ip(STR("[::1]"), &a));
	assert_int_equal(a.family, 6);
	assert_int_equal(a.port, 0);
	assert_true(addr_parse_ip(STR("192.0.2.1"), &a));
	assert_int_equal(a.family, 4);
	assert_int_equal(a.ip[4], 0);
}

static void parse_prefix(struct str s, void *ctx)
{
	struct addr a;

	addr_parse(s, &a);
	addr_parse_ip(s, &a);
}

static void stays_within_bounds(void **state)
{
	each_prefix(STR("[2001:db8:::192.0.2.1%77]:5060"), parse_prefix, NULL);
	each_prefix(STR("::ffff:192.0.2.1"), parse_prefix, NULL);
	each_prefix(STR("192.0.2.1:65535"), parse_prefix, NULL);
	guard_free_all();
}

/* Random addresses survive writing and reading. */
static void round_trips(void **state)
{
	uint64_t seed = 5952;

	for (unsigned i = 0; i < 20000; i++) {
		uint64_t bits = test_random(&seed);
		char room[ADDR_TEXT_MAX];
		struct addr a = {.family = bits & 1 ? 4 : 6, .port = (uint16_t)(bits >> 16)};
		struct addr again;

		for (unsigned k = 0; k < (a.family == 4 ? 4 : 16); k++)
			if (bits >> (32 + k / 2) & 1)
				a.ip[k] = (uint8_t)test_random(&seed);
		if (a.family == 6)
			a.ip[0] |= 1;
		assert_true(addr_parse(str_c(addr_text(&a, room)), &again));
		assert_true(addr_eq(&a, &again));
	}
}

static void tells_kinds(void **state)
{
	static const struct {
		struct str text;
		bool any, loopback, private;
	} table[] = {
		{STR_INIT("0.0.0.0"), true, false, false},
		{STR_INIT("::"), true, false, false},
		{STR_INIT("127.9.9.9"), false, true, false},
		{STR_INIT("::1"), false, true, false},
		{STR_INIT("::ffff:127.0.0.1"), false, true, false},
		{STR_INIT("10.1.2.3"), false, false, true},
		{STR_INIT("172.15.0.1"), false, false, false},
		{STR_INIT("172.16.0.1"), false, false, true},
		{STR_INIT("172.31.0.1"), false, false, true},
		{STR_INIT("172.32.0.1"), false, false, false},
		{STR_INIT("192.168.0.1"), false, false, true},
		{STR_INIT("192.169.0.1"), false, false, false},
		{STR_INIT("169.254.1.1"), false, false, true},
		{STR_INIT("100.63.0.1"), false, false, false},
		{STR_INIT("100.64.0.1"), false, false, true},
		{STR_INIT("100.127.0.1"), false, false, true},
		{STR_INIT("100.128.0.1"), false, false, false},
		{STR_INIT("fc00::1"), false, false, true},
		{STR_INIT("fdff::1"), false, false, true},
		{STR_INIT("fe80::1"), false, false, true},
		{STR_INIT("fec0::1"), false, false, false},
		{STR_INIT("2001:db8::1"), false, false, false},
	};
	struct addr none = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct addr a;

		assert_true(addr_parse_ip(table[i].text, &a));
		assert_int_equal(addr_is_any(&a), table[i].any);
		assert_int_equal(addr_is_loopback(&a), table[i].loopback);
		assert_int_equal(addr_is_private(&a), table[i].private);
	}
	assert_false(addr_is_any(&none) || addr_is_loopback(&none) || addr_is_private(&none));
}

static void compares_ips(void **state)
{
	struct addr a, b;

	assert_true(addr_parse(STR("192.0.2.1:1"), &a));
	assert_true(addr_parse(STR("192.0.2.1:2"), &b));
	assert_true(addr_same_ip(&a, &b));
	assert_false(addr_eq(&a, &b));
	assert_true(addr_parse(STR("[c000:201::]:1"), &b));
	assert_false(addr_same_ip(&a, &b));
	assert_true(addr_parse(STR("fe80::1%1"), &a));
	assert_true(addr_parse(STR("fe80::1%2"), &b));
	assert_false(addr_same_ip(&a, &b));
}

static void longest_text_fits(void **state)
{
	struct addr a = {.family = 6, .port = 65535, .scope = UINT32_MAX};
	struct addr none = {0};
	char room[ADDR_TEXT_MAX];

	memset(a.ip, 0xff, sizeof(a.ip));
	assert_string_equal(addr_text(&a, room),
			    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
	assert_string_equal(addr_text(&none, room), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),     cmocka_unit_test(refuses),
		cmocka_unit_test(ip_alone_has_no_port), cmocka_unit_test(stays_within_bounds),
		cmocka_unit_test(round_trips),          cmocka_unit_test(tells_kinds),
		cmocka_unit_test(compares_ips),         cmocka_unit_test(longest_text_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
