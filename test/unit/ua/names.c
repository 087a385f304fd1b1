/* Names that the user agent makes: of recordings, of itself, of where requests go. */
#include "harness.h"

#include "ua/audio.h"
#include "ua/ua.h"

static void recordings_are_numbered(void **state)
{
	static const struct {
		const char *name;
		unsigned n;
		const char *want;
	} cases[] = {
		{"rec.wav", 1, "rec.wav"},     {"rec.wav", 2, "rec-2.wav"},
		{"a.b/rec", 3, "a.b/rec-3"},   {"./.wav", 2, "./.wav-2"},
		{"a.b.wav", 10, "a.b-10.wav"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char room[64];
		struct buf b = buf_over(room, sizeof(room));

		ua_numbered_name(cases[i].name, cases[i].n, &b);
		assert_str(buf_str(&b), str_c(cases[i].want));
	}
}

static struct ua make(const struct ua_account *a)
{
	struct ua u = {.conf.account = a};

	addr_parse_ip(STR("192.168.1.5"), &u.local);
	u.listeners[0].transport = TRANSPORT_UDP;
	u.listeners[0].bound = u.local;
	u.listeners[0].bound.port = u.listeners[0].port = 5070;
	u.listeners[0].host = STR("192.168.1.5");
	return u;
}

static bool learn(struct ua *u, enum transport t, const char *received, uint16_t rport)
{
	struct sip_rx rx = {.flow.transport = (uint8_t)t};

	rx.head.via.received = str_c(received);
	rx.head.via.rport = rport;
	return ua_learn_address(u, &rx);
}

static void a_nat_is_noticed(void **state)
{
	struct ua_account none = {0};
	struct ua u = make(&none);

	assert_false(learn(&u, TRANSPORT_UDP, "", 0));
	assert_false(learn(&u, TRANSPORT_UDP, "192.168.1.5", 5070));
	assert_false(learn(&u, TRANSPORT_TCP, "203.0.113.9", 40000));
	assert_true(learn(&u, TRANSPORT_UDP, "203.0.113.9", 40000));
	assert_str(u.listeners[0].host, STR("203.0.113.9"));
	assert_int_equal(u.listeners[0].port, 40000);
	assert_false(learn(&u, TRANSPORT_UDP, "203.0.113.9", 40000)); /* known by now */
	assert_true(learn(&u, TRANSPORT_UDP, "203.0.113.9", 40001));
	assert_int_equal(u.listeners[0].port, 40001);
}

static void check_hop(const struct ua_account *a, const char *target, const char *want)
{
	struct ua u = make(a);
	char room[200];
	struct buf b = buf_over(room, sizeof(room));

	ua_put_next_hop(&u, str_c(target), &b);
	assert_str(buf_str(&b), str_c(want));
}

static void requests_go_by_the_proxy(void **state)
{
	struct ua_account a = {0};

	check_hop(&a, "sip:bob@h", "");
	a.transport = TRANSPORT_TCP;
	check_hop(&a, "sip:bob@h:5070", "sip:h:5070;transport=tcp");
	a.proxy = STR("sip:p:5060");
	check_hop(&a, "sip:bob@h", "sip:p:5060;transport=tcp");
	a.proxy = STR("sip:p:5060;transport=udp");
	check_hop(&a, "sip:bob@h", "sip:p:5060;transport=udp");
	a.transport = TRANSPORT_UDP;
	a.proxy = STR("sip:p:5060");
	check_hop(&a, "sip:bob@h", "sip:p:5060");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_numbered),
		cmocka_unit_test(a_nat_is_noticed),
		cmocka_unit_test(requests_go_by_the_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
