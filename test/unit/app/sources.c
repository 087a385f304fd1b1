/* Token buckets by source: a share a second, one word in the log, and others not harmed. */
#include "harness.h"

#include "app/sources.h"

static struct sources s;
static const struct hash_seed seed = { 1, 2 };

static struct addr at(const char *text)
{
	struct addr a;

	assert_true(addr_parse_ip(str_c(text), &a));
	return a;
}

static unsigned spend(const char *who, uint64_t now_ms, unsigned times, unsigned rate)
{
	struct addr a = at(who);
	unsigned got = 0;
	bool first;

	for (unsigned i = 0; i < times; i++)
		got += sources_spend(&s, &a, now_ms, rate, &first);
	return got;
}

static void a_share_each_second(void **state)
{
	(void)state;
	sources_init(&s, &seed);
	assert_int_equal(spend("192.0.2.1", 1000, 100, 10), 10);
	assert_int_equal(spend("192.0.2.2", 1000, 5, 10), 5);
	assert_int_equal(spend("192.0.2.1", 1500, 100, 10), 5);
	assert_int_equal(spend("192.0.2.1", 3500, 100, 10), 10);
}

static void ports_and_hosts_of_a_net_share(void **state)
{
	struct addr a = at("192.0.2.1"), b = a;
	bool first;

	(void)state;
	sources_init(&s, &seed);
	b.port = 99;
	assert_true(sources_spend(&s, &a, 1, 1, &first));
	assert_false(sources_spend(&s, &b, 1, 1, &first));
	assert_int_equal(spend("2001:db8::1", 1, 1, 1), 1);
	assert_int_equal(spend("2001:db8::2", 1, 1, 1), 0);
	assert_int_equal(spend("2001:db8:0:1::2", 1, 1, 1), 1);
}

static void told_once(void **state)
{
	struct addr a = at("192.0.2.1");
	unsigned told = 0;

	(void)state;
	sources_init(&s, &seed);
	for (uint64_t ms = 1000; ms < 9000; ms += 10) {
		bool first;

		sources_spend(&s, &a, ms, 10, &first);
		told += first;
	}
	assert_int_equal(told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_each_second),
		cmocka_unit_test(ports_and_hosts_of_a_net_share),
		cmocka_unit_test(told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
