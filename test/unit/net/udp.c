#include "harness.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/sockaddr.h"
#include "rig.h"

static char big[65536];

static void fill_big(void)
{
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + (i >> 8));
}

static void echo_sizes(const char *at, size_t most)
{
	const size_t sizes[] = {0, 1, 100, 1400, 9000, 60000, most};
	struct net_listener l = rig_listener(TRANSPORT_UDP, at);
	struct rig a, b;
	struct addr to;

	rig_start(&a, &l, 1, NULL, NULL);
	rig_start(&b, &l, 1, NULL, NULL);
	b.echo = true;
	to = rig_local(&b, 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct flow f = rig_udp(0, &to);
		unsigned had = a.datagrams;

		assert_int_equal(rig_send(&a, &f, str_of(big, sizes[i])), 0);
		loop_once(a.loop, 0);
		RIG_UNTIL(&b, b.datagrams == i + 1);
		loop_once(b.loop, 0);
		RIG_UNTIL(&a, a.datagrams == had + 1);
		assert_int_equal(a.n_last, sizes[i]);
		assert_memory_equal(a.last, big, sizes[i]);
		assert_true(addr_eq(&a.flow.remote, &to));
		struct addr own = rig_local(&a, 0);
		assert_true(addr_eq(&a.flow.local, &own));
	}
	struct flow f = rig_udp(0, &to);
	assert_int_equal(rig_send(&a, &f, str_of(big, most + 1)), -EMSGSIZE);
	rig_end(&a);
	rig_end(&b);
}

static void echoes_every_size(void **state)
{
	echo_sizes("127.0.0.1:0", 65507);
	echo_sizes("[::1]:0", 65527);
}

static void a_burst_arrives_whole(void **state)
{
	struct net_listener l = rig_listener(TRANSPORT_UDP, "127.0.0.1:0");
	struct net_counters c;
	struct rig a, b;
	struct addr to;

	rig_start(&a, &l, 1, NULL, NULL);
	rig_start(&b, &l, 1, NULL, NULL);
	b.echo = true;
	to = rig_local(&b, 0);
	for (unsigned i = 0; i < 1000; i++) {
		struct flow f = rig_udp(0, &to);

		assert_int_equal(rig_send(&a, &f, str_of(big, 500)), 0);
	}
	loop_once(a.loop, 0);
	RIG_UNTIL(&b, b.datagrams == 1000);
	loop_once(b.loop, 0);
	RIG_UNTIL(&a, a.datagrams == 1000);
	c = rig_counters(&b);
	assert_int_equal(c.datagrams_in, 1000);
	assert_int_equal(c.datagrams_out, 1000);
	assert_int_equal(c.datagrams_dropped, 0);
	assert_int_equal(c.datagram_bytes_in, 500000);
	assert_true(c.recv_calls < 200); /* in batches */
	assert_true(c.send_calls < 200);
	assert_true(b.batches > 0);
	rig_end(&a);
	rig_end(&b);
}

/* More than the queue holds: it is sent on the way, in order, and nothing is lost as long
 * as the kernel takes it. */
static void a_full_queue_is_sent(void **state)
{
	struct net_listener l = rig_listener(TRANSPORT_UDP, "127.0.0.1:0");
	struct net_limits limits = {.datagram_queue_bytes = 70000};
	struct rig a;
	struct addr own;
	unsigned sent = 0;

	rig_start(&a, &l, 1, &limits, NULL);
	own = rig_local(&a, 0);
	for (; sent < 40; sent++) {
		struct flow f = rig_udp(0, &own);

		memcpy(big, &sent, sizeof(sent));
		assert_int_equal(rig_send(&a, &f, str_of(big, 20000)), 0);
	}
	RIG_UNTIL(&a, a.datagrams == sent);
	memcpy(&sent, a.last, sizeof(sent));
	assert_int_equal(sent, 39);
	assert_int_equal(rig_counters(&a).datagrams_dropped, 0);
	fill_big();
	rig_end(&a);
}

static void refuses_what_it_cannot_name(void **state)
{
	struct net_listener l = rig_listener(TRANSPORT_UDP, "127.0.0.1:0");
	struct addr to = rig_addr("127.0.0.1:9"), six = rig_addr("[::1]:9");
	struct flow f;
	struct rig a;

	rig_start(&a, &l, 1, NULL, NULL);
	f = rig_udp(1, &to);
	assert_int_equal(rig_send(&a, &f, STR("x")), -ENOTCONN);
	f = rig_udp(0, &six);
	assert_int_equal(rig_send(&a, &f, STR("x")), -ENOTCONN);
	to.port = 0;
	f = rig_udp(0, &to);
	assert_int_equal(rig_send(&a, &f, STR("x")), -ENOTCONN);
	f = (struct flow){0};
	assert_int_equal(rig_send(&a, &f, STR("x")), -ENOTCONN);
	rig_end(&a);
}

/* A plain socket connected to `to`: it hears nothing that leaves from elsewhere. */
static int plain_client(const struct addr *to)
{
	union sockaddr_any s;
	socklen_t n = sockaddr_from(to, &s);
	int fd = socket(s.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, &s.sa, n), 0);
	return fd;
}

static void echo_from(struct rig *r, const char *ip, uint16_t port)
{
	struct addr to;
	char room[16];
	ssize_t n;
	int fd;

	assert_true(addr_parse_ip(str_c(ip), &to));
	to.port = port;
	fd = plain_client(&to);
	assert_int_equal(send(fd, "ping", 4, 0), 4);
	RIG_UNTIL(r, (n = recv(fd, room, sizeof(room), 0)) >= 0);
	assert_int_equal(n, 4);
	assert_true(addr_eq(&r->flow.local, &to));
	close(fd);
}

static void a_wildcard_answers_from_where_it_was_asked(void **state)
{
	struct net_listener four = rig_listener(TRANSPORT_UDP, "0.0.0.0:0");
	struct net_listener six = rig_listener(TRANSPORT_UDP, "[::]:0");
	struct net_listener both[] = {four, six};
	struct rig r;

	rig_start(&r, both, 2, NULL, NULL);
	r.echo = true;
	echo_from(&r, "127.0.0.2", rig_local(&r, 0).port);
	echo_from(&r, "127.0.0.1", rig_local(&r, 0).port);
	echo_from(&r, "::1", rig_local(&r, 1).port);
	assert_int_equal(r.flow.listener, 1);
	rig_end(&r);
}

/* A port that was just given back. */
static struct addr nobody(const char *at)
{
	struct addr a = rig_addr(at), ret;
	int fd;

	assert_int_equal(port_bind(TRANSPORT_UDP, &a, &fd, &ret), 0);
	close(fd);
	return ret;
}

static void nobody_is_there(const char *listen, const char *at)
{
	struct net_listener l = rig_listener(TRANSPORT_UDP, listen);
	struct addr to = nobody(at);
	struct flow f = rig_udp(0, &to);
	struct rig r;

	rig_start(&r, &l, 1, NULL, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_send(&r, &f, STR("anyone?")), 0);
	RIG_UNTIL(&r, r.unreachable >= 1);
	assert_true(addr_eq(&r.flow.remote, &to));
	assert_int_equal(r.flow.transport, TRANSPORT_UDP);
	assert_int_equal(r.flow.listener, 0);
	assert_int_equal(r.flow.local.port, rig_local(&r, 0).port);
	assert_false(addr_is_any(&r.flow.local));
	RIG_UNTIL(&r, rig_counters(&r).datagrams_out == 3); /* errors cost no datagram */
	rig_end(&r);
}

static void unreachable_peers_are_told(void **state)
{
	nobody_is_there("127.0.0.1:0", "127.0.0.1:0");
	nobody_is_there("0.0.0.0:0", "127.0.0.1:0");
	nobody_is_there("[::1]:0", "[::1]:0");
	nobody_is_there("[::]:0", "[::1]:0");
}

/* The second datagram's send reports the first one's ICMP error; it leaves all the same. */
static void an_old_error_costs_no_datagram(void **state)
{
	struct net_listener l = rig_listener(TRANSPORT_UDP, "127.0.0.1:0");
	struct net_limits limits = {.datagram_queue_bytes = 70000};
	struct addr gone = nobody("127.0.0.1:0"), there;
	struct flow f = rig_udp(0, &gone);
	struct rig a, b;

	rig_start(&a, &l, 1, &limits, NULL);
	rig_start(&b, &l, 1, NULL, NULL);
	there = rig_local(&b, 0);
	assert_int_equal(rig_send(&a, &f, str_of(big, 40000)), 0);
	f = rig_udp(0, &there); /* has no room: the first leaves at once */
	assert_int_equal(rig_send(&a, &f, str_of(big, 40000)), 0);
	RIG_UNTIL(&a, a.unreachable == 1);
	assert_true(addr_eq(&a.flow.remote, &gone));
	RIG_UNTIL(&b, b.datagrams == 1);
	assert_int_equal(rig_counters(&a).datagrams_refused, 0);
	rig_end(&a);
	rig_end(&b);
}

static void make_once(void)
{
	struct net_listener l = rig_listener(TRANSPORT_UDP, "127.0.0.1:0");
	struct net_conf conf = {.listeners = &l, .n_listeners = 1};
	struct loop *loop = NULL;
	struct net *net = NULL;
	char room[256];
	struct buf why = buf_over(room, sizeof(room));
	int err = loop_new(&loop);

	if (!err)
		err = net_new(loop, &conf, &net);
	if (!err)
		err = net_bind(net, &why);
	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	net_free(&net);
	loop_free(&loop);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echoes_every_size),
		cmocka_unit_test(a_burst_arrives_whole),
		cmocka_unit_test(a_full_queue_is_sent),
		cmocka_unit_test(refuses_what_it_cannot_name),
		cmocka_unit_test(a_wildcard_answers_from_where_it_was_asked),
		cmocka_unit_test(unreachable_peers_are_told),
		cmocka_unit_test(an_old_error_costs_no_datagram),
		cmocka_unit_test(survives_no_memory),
	};

	fill_big();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
