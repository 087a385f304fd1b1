#include "harness.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/port.h"
#include "net/sockaddr.h"
#include "rig.h"

static void is_held_by_us(enum transport t, const struct addr *a)
{
	char room[128], want[32];
	struct buf b = buf_over(want, sizeof(want));

	assert_true(net_port_holder(t, a, room, sizeof(room)));
	buf_fmt(&b, "(pid %d)", (int)getpid());
	assert_non_null(strstr(room, "unit_net_port"));
	assert_non_null(strstr(room, buf_c(&b)));
}

static void names_the_holder(void **state)
{
	static const struct {
		enum transport t;
		const char *at;
	} cases[] = {{TRANSPORT_UDP, "127.0.0.1:0"}, {TRANSPORT_UDP, "[::1]:0"},
		     {TRANSPORT_TCP, "127.0.0.1:0"}, {TRANSPORT_TCP, "[::1]:0"},
		     {TRANSPORT_UDP, "0.0.0.0:0"},   {TRANSPORT_TCP, "[::]:0"}};
	char room[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = rig_addr(cases[i].at), bound;
		int fd;

		assert_int_equal(port_bind(cases[i].t, &a, &fd, &bound), 0);
		if (cases[i].t == TRANSPORT_TCP)
			assert_int_equal(listen(fd, 1), 0);
		is_held_by_us(cases[i].t, &bound);
		assert_int_equal(port_probe(cases[i].t, &bound), -EADDRINUSE);
		close(fd);
		assert_false(net_port_holder(cases[i].t, &bound, room, sizeof(room)));
		assert_int_equal(port_probe(cases[i].t, &bound), 0);
	}
}

/* A wildcard is in the way of each address, and the other way round. */
static void wildcards_meet_addresses(void **state)
{
	struct addr any = rig_addr("0.0.0.0:0"), one = rig_addr("127.0.0.1:0"), bound;
	int fd;

	assert_int_equal(port_bind(TRANSPORT_UDP, &any, &fd, &bound), 0);
	one.port = bound.port;
	is_held_by_us(TRANSPORT_UDP, &one);
	assert_int_equal(port_probe(TRANSPORT_UDP, &one), -EADDRINUSE);
	close(fd);
	one.port = 0;
	assert_int_equal(port_bind(TRANSPORT_UDP, &one, &fd, &bound), 0);
	any.port = bound.port;
	is_held_by_us(TRANSPORT_UDP, &any);
	close(fd);
}

/* A second net of the same user: SO_REUSEPORT alone would let it in. */
static void a_second_server_is_told_who_is_there(void **state)
{
	static const enum transport kinds[] = {TRANSPORT_UDP, TRANSPORT_TCP};
	char room[256], text[ADDR_TEXT_MAX];

	for (int i = 0; i < 2; i++) {
		struct net_listener l = rig_listener(kinds[i], "127.0.0.1:0");
		struct net_conf conf = {.listeners = &l, .n_listeners = 1};
		struct buf why = buf_over(room, sizeof(room));
		struct rig first;
		struct net *net;

		rig_start(&first, &l, 1, NULL, NULL);
		l.bind = rig_local(&first, 0);
		assert_int_equal(net_new(first.loop, &conf, &net), 0);
		assert_int_equal(net_bind(net, &why), -EADDRINUSE);
		assert_non_null(strstr(room, kinds[i] == TRANSPORT_UDP ? "UDP " : "TCP "));
		assert_non_null(strstr(room, addr_text(&l.bind, text)));
		assert_non_null(strstr(room, "unit_net_port"));
		net_free(&net);
		rig_end(&first);
	}
}

static void unknown_transports_are_refused(void **state)
{
	struct net_listener l = rig_listener(TRANSPORT_NONE, "127.0.0.1:0");
	struct net_conf conf = {.listeners = &l, .n_listeners = 1};
	char room[256];
	struct buf why = buf_over(room, sizeof(room));
	struct loop *loop;
	struct net *net;

	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(net_new(loop, &conf, &net), 0);
	assert_int_equal(net_bind(net, &why), -EPROTONOSUPPORT);
	net_free(&net);
	loop_free(&loop);
}

static void addresses_come_back(void **state)
{
	static const char *const texts[] = {"192.0.2.1:5060", "[2001:db8::1]:5061",
					    "[fe80::1%3]:5060"};
	union sockaddr_any s;
	struct addr a, b, mapped = {.family = 6, .port = 9};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!addr_parse(str_c(texts[i]), &a))
			continue; /* a scope that is not spelt so */
		assert_int_not_equal(sockaddr_from(&a, &s), 0);
		assert_true(sockaddr_to(&s, &b));
		assert_true(addr_eq(&a, &b));
	}
	memcpy(mapped.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
	sockaddr_from(&mapped, &s);
	assert_true(sockaddr_to(&s, &b));
	a = rig_addr("127.0.0.1:9");
	assert_true(addr_eq(&a, &b));
	s.sa.sa_family = AF_UNIX;
	assert_false(sockaddr_to(&s, &b));
	a = (struct addr){0};
	assert_int_equal(sockaddr_from(&a, &s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_the_holder),
		cmocka_unit_test(wildcards_meet_addresses),
		cmocka_unit_test(a_second_server_is_told_who_is_there),
		cmocka_unit_test(unknown_transports_are_refused),
		cmocka_unit_test(addresses_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
