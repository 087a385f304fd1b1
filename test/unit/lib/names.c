/* Names that a user agent makes: of itself, of where requests go. */
#include "harness.h"

#include "lib/ua.h"

static struct tsuwa_ua make(const struct tsuwa_account *a)
{
	struct tsuwa_ua u = {.account = *a};

	addr_parse_ip(STR("192.168.1.5"), &u.local);
	u.listeners[0].transport = TRANSPORT_UDP;
	u.listeners[0].bound = u.local;
	u.listeners[0].bound.port = u.listeners[0].port = 5070;
	u.listeners[0].host = STR("192.168.1.5");
	return u;
}

static bool learn(struct tsuwa_ua *u, enum transport t, const char *received, uint16_t rport)
{
	struct sip_rx rx = {.flow.transport = (uint8_t)t};

	rx.head.via.received = str_c(received);
	rx.head.via.rport = rport;
	return lib_ua_learn_address(u, &rx);
}

static void a_nat_is_noticed(void **state)
{
	struct tsuwa_account none = {0};
	struct tsuwa_ua u = make(&none);

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

static void check_hop(const struct tsuwa_account *a, const char *target, const char *want)
{
	struct tsuwa_ua u = make(a);
	char room[200];
	struct buf b = buf_over(room, sizeof(room));

	lib_ua_put_next_hop(&u, str_c(target), &b);
	assert_str(buf_str(&b), str_c(want));
}

static void requests_go_by_the_proxy(void **state)
{
	struct tsuwa_account a = {0};

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
		cmocka_unit_test(a_nat_is_noticed),
		cmocka_unit_test(requests_go_by_the_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
