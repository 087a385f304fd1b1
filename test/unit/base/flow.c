#include "base/flow.h"
#include "harness.h"

static void names_transports(void **state)
{
	static const struct {
		enum transport t;
		const char *name;
		uint16_t port;
		bool secure;
	} table[] = {
		{TRANSPORT_UDP, "UDP", 5060, false}, {TRANSPORT_TCP, "TCP", 5060, false},
		{TRANSPORT_TLS, "TLS", 5061, true},  {TRANSPORT_WS, "WS", 80, false},
		{TRANSPORT_WSS, "WSS", 443, true},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_str(transport_name(table[i].t), str_c(table[i].name));
		assert_int_equal(transport_of(str_c(table[i].name)), table[i].t);
		assert_int_equal(transport_port(table[i].t), table[i].port);
		assert_int_equal(transport_is_secure(table[i].t), table[i].secure);
	}
	assert_int_equal(transport_of(STR("wSs")), TRANSPORT_WSS);
	assert_int_equal(transport_of(STR("SCTP")), TRANSPORT_NONE);
	assert_int_equal(transport_of(STR("")), TRANSPORT_NONE);
	assert_int_equal(transport_of(STR("UD")), TRANSPORT_NONE);
	assert_int_equal(transport_port((enum transport)99), 0);
	assert_str(transport_name((enum transport)99), STR(""));
}

static struct flow flow_of(enum transport t, const char *remote)
{
	struct flow f = {.transport = (uint8_t)t, .worker = 1, .slot = 2, .gen = 3};

	assert_true(addr_parse(str_c(remote), &f.remote));
	return f;
}

static void streams_are_named_by_slot(void **state)
{
	struct flow a = flow_of(TRANSPORT_TCP, "192.0.2.1:5060"), b = a;

	assert_true(flow_is_stream(&a));
	b.remote.port++;
	assert_true(flow_same(&a, &b));
	b.gen++;
	assert_false(flow_same(&a, &b));
	b = a;
	b.worker++;
	assert_false(flow_same(&a, &b));
	b = a;
	b.slot++;
	assert_false(flow_same(&a, &b));
	b = a;
	b.transport = TRANSPORT_TLS;
	assert_false(flow_same(&a, &b));
}

static void datagrams_are_named_by_address(void **state)
{
	struct flow a = flow_of(TRANSPORT_UDP, "192.0.2.1:5060"), b = a;

	assert_false(flow_is_stream(&a));
	b.worker = 7;
	assert_true(flow_same(&a, &b));
	b.remote.port++;
	assert_false(flow_same(&a, &b));
	b = a;
	b.local.ip[0] = 1;
	assert_false(flow_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_transports),
		cmocka_unit_test(streams_are_named_by_slot),
		cmocka_unit_test(datagrams_are_named_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
