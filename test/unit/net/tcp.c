#include "harness.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/clock.h"
#include "net/conn.h"
#include "net/sockaddr.h"
#include "rig.h"

static struct rig server, client;

static void start_with(const char *at, const struct net_limits *s, const struct net_limits *c)
{
	struct net_listener l = rig_listener(TRANSPORT_TCP, at);

	rig_start(&server, &l, 1, s, NULL);
	rig_start(&client, NULL, 0, c, NULL);
}

static void start(void)
{
	start_with("127.0.0.1:0", NULL, NULL);
}

static void end(void)
{
	rig_end(&client);
	rig_end(&server);
}

static void turn(void)
{
	loop_once(server.loop, 0);
	loop_once(client.loop, 0);
}

/* Turns both until cond holds. */
#define UNTIL(cond)                                                                                \
	do {                                                                                       \
		uint64_t guard_ = rig_clock_ms() + RIG_GUARD_MS;                                   \
		while (!(cond)) {                                                                  \
			if (rig_clock_ms() > guard_)                                               \
				fail_msg("never came true: %s", #cond);                            \
			turn();                                                                    \
		}                                                                                  \
	} while (0)

static int open_to(struct rig *r, const struct addr *to, struct flow *ret)
{
	int err;

	r->in_call = true;
	err = r->io->ops->open(r->io, TRANSPORT_TCP, to, NULL, ret);
	r->in_call = false;
	return err;
}

static void close_flow(struct rig *r, const struct flow *f)
{
	r->in_call = true;
	r->io->ops->close(r->io, f);
	r->in_call = false;
}

static void pause_flow(struct rig *r, const struct flow *f, bool paused)
{
	r->io->ops->pause(r->io, f, paused);
}

static struct flow connected(void)
{
	struct addr to = rig_local(&server, 0);
	unsigned had = client.opened, had_server = server.opened;
	struct flow f;

	assert_int_equal(open_to(&client, &to, &f), 0);
	UNTIL(client.opened == had + 1 && server.opened == had_server + 1);
	return f;
}

/* A plain blocking socket on the server. */
static int plain(void)
{
	struct addr to = rig_local(&server, 0);
	unsigned had = server.opened;
	union sockaddr_any s;
	socklen_t n = sockaddr_from(&to, &s);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, &s.sa, n), 0);
	RIG_UNTIL(&server, server.opened == had + 1);
	return fd;
}

static void reset(int fd)
{
	const struct linger hard = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

static void opens_echoes_closes(const char *at)
{
	struct addr to;
	struct flow f;

	start_with(at, NULL, NULL);
	server.echo = true;
	f = connected();
	to = rig_local(&server, 0);
	assert_true(flow_same(&f, &client.flow));
	assert_int_equal(f.listener, FLOW_NO_LISTENER);
	assert_true(addr_eq(&client.flow.remote, &to));
	assert_true(addr_eq(&client.flow.local, &server.accepted.remote));
	assert_true(addr_eq(&server.accepted.local, &to));
	assert_int_equal(server.accepted.listener, 0);
	assert_int_equal(rig_send(&client, &f, STR("one ")), 0);
	assert_int_equal(rig_send(&client, &f, STR("two")), 0);
	UNTIL(client.bytes == 7);
	assert_str(str_of(client.last, client.n_last), STR("one two"));
	close_flow(&client, &f);
	assert_int_equal(client.closed, 0);
	UNTIL(client.closed == 1 && server.closed == 1);
	assert_int_equal(client.err, 0);
	assert_int_equal(server.err, 0);
	assert_true(flow_same(&f, &client.flow));
	assert_int_equal(rig_counters(&server).connections, 0);
	assert_int_equal(rig_counters(&server).accepted, 1);
	assert_int_equal(rig_counters(&client).opened, 1);
	end();
}

static void echoes_both_families(void **state)
{
	opens_echoes_closes("127.0.0.1:0");
	opens_echoes_closes("[::1]:0");
}

static void a_wildcard_knows_where_it_was_called(void **state)
{
	struct addr to;
	struct flow f;

	start_with("0.0.0.0:0", NULL, NULL);
	to = rig_addr("127.0.0.2:1");
	to.port = rig_local(&server, 0).port;
	assert_int_equal(open_to(&client, &to, &f), 0);
	UNTIL(server.opened == 1);
	assert_true(addr_eq(&server.accepted.local, &to));
	end();
}

static void opens_from_an_address(void **state)
{
	struct addr to, from = rig_addr("127.0.0.3:5060");
	struct flow f;

	start();
	to = rig_local(&server, 0);
	assert_int_equal(client.io->ops->open(client.io, TRANSPORT_TCP, &to, &from, &f), 0);
	UNTIL(server.opened == 1);
	assert_true(addr_same_ip(&server.accepted.remote, &from));
	end();
}

static void sends_before_it_stands(void **state)
{
	struct addr to;
	struct flow f;

	start();
	to = rig_local(&server, 0);
	assert_int_equal(open_to(&client, &to, &f), 0);
	assert_int_equal(rig_send(&client, &f, STR("early")), 0);
	UNTIL(server.bytes == 5);
	assert_int_equal(client.opened, 1);
	end();
}

static void closing_lets_the_queue_leave(void **state)
{
	struct addr to;
	struct flow f;

	start();
	to = rig_local(&server, 0);
	assert_int_equal(open_to(&client, &to, &f), 0);
	assert_int_equal(rig_send(&client, &f, STR("last words")), 0);
	close_flow(&client, &f);
	close_flow(&client, &f);
	assert_int_equal(rig_send(&client, &f, STR("more")), -ENOTCONN);
	UNTIL(client.closed == 1 && server.closed == 1);
	assert_int_equal(server.bytes, 10);
	assert_int_equal(client.opened, 0); /* it was closed before */
	end();
}

static void closing_at_once_is_told_too(void **state)
{
	struct addr to;
	struct flow f;

	start();
	to = rig_local(&server, 0);
	assert_int_equal(open_to(&client, &to, &f), 0);
	close_flow(&client, &f);
	assert_int_equal(client.closed, 0);
	UNTIL(client.closed == 1);
	assert_int_equal(client.err, -ECANCELED);
	end();
}

static uint64_t sum_of(const char *p, size_t n, size_t from)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (from + i) * (unsigned char)p[i];
	return sum;
}

/* The reader stops; the writer's queue fills; it goes on; all arrives in order. */
static void transfers_under_back_pressure(void **state)
{
	const size_t total = 24u << 20, piece = 30000;
	static char text[30000];
	struct net_limits big = {.out_bytes = 32u << 20};
	size_t sent = 0;
	uint64_t sum = 0;
	struct flow f;

	for (size_t i = 0; i < piece; i++)
		text[i] = (char)(i * 31 >> 3);
	start_with("127.0.0.1:0", NULL, &big);
	f = connected();
	pause_flow(&server, &server.accepted, true);
	while (sent < total) {
		assert_int_equal(rig_send(&client, &f, str_of(text, piece)), 0);
		sum += sum_of(text, piece, sent);
		sent += piece;
		turn();
	}
	assert_int_equal(server.bytes, 0);
	pause_flow(&server, &server.accepted, false);
	UNTIL(server.bytes == sent);
	assert_true(server.sum == sum);
	assert_int_equal(client.closed, 0);
	end();
}

static void a_queue_without_end_is_closed(void **state)
{
	static char text[65536];
	struct flow f;
	int err = 0;

	start();
	f = connected();
	pause_flow(&server, &server.accepted, true);
	for (int i = 0; i < 1000 && err == 0; i++) {
		err = rig_send(&client, &f, str_of(text, sizeof(text)));
		turn();
	}
	assert_int_equal(err, -ENOBUFS);
	UNTIL(client.closed == 1);
	assert_int_equal(client.err, -ENOBUFS);
	assert_int_equal(rig_counters(&client).overflowed, 1);
	assert_int_equal(rig_send(&client, &f, STR("x")), -ENOTCONN);
	pause_flow(&server, &server.accepted, false);
	UNTIL(server.closed == 1);
	end();
}

static void partial_writes_of_a_slow_reader(void **state)
{
	static char text[1000000], got[1000000];
	size_t n = 0;
	const int small = 65536;
	int fd;

	start();
	fd = plain();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i ^ i >> 9);
	for (size_t at = 0; at < sizeof(text); at += 250000)
		assert_int_equal(rig_send(&server, &server.accepted, str_of(text + at, 250000)), 0);
	while (n < sizeof(got)) {
		ssize_t r = recv(fd, got + n, 7777, MSG_DONTWAIT);

		if (r > 0)
			n += (size_t)r;
		else
			loop_once(server.loop, 1);
	}
	assert_memory_equal(got, text, sizeof(text));
	close(fd);
	end();
}

static void the_peers_fin_comes_after_its_bytes(void **state)
{
	int fd;

	start();
	fd = plain();
	assert_int_equal(send(fd, "bye", 3, 0), 3);
	close(fd);
	RIG_UNTIL(&server, server.closed == 1);
	assert_int_equal(server.bytes, 3);
	assert_int_equal(server.err, 0);
	assert_true(flow_same(&server.flow, &server.accepted));
	assert_int_equal(rig_send(&server, &server.accepted, STR("x")), -ENOTCONN);
	end();
}

/* A half-closed peer still hears what was said to it. */
static void a_half_closed_peer_gets_its_answer(void **state)
{
	char room[16];
	ssize_t n;
	int fd;

	start();
	server.echo = true;
	fd = plain();
	assert_int_equal(send(fd, "ask", 3, 0), 3);
	shutdown(fd, SHUT_WR);
	RIG_UNTIL(&server, server.closed == 1);
	n = recv(fd, room, sizeof(room), 0);
	assert_int_equal(n, 3);
	assert_int_equal(recv(fd, room, sizeof(room), 0), 0);
	close(fd);
	end();
}

/* What the peer still sends must not turn our close into a reset, which would cost it
 * what we said last. */
static void unread_input_costs_no_last_words(void **state)
{
	static char junk[100000];
	uint64_t start_ms = clock_mono_ms();
	char room[16];
	ssize_t n;
	int fd;

	start();
	fd = plain();
	pause_flow(&server, &server.accepted, true);
	assert_int_equal(send(fd, junk, sizeof(junk), 0), sizeof(junk));
	assert_int_equal(rig_send(&server, &server.accepted, STR("bad")), 0);
	close_flow(&server, &server.accepted);
	RIG_UNTIL(&server, (n = recv(fd, room, sizeof(room), MSG_DONTWAIT)) >= 0);
	assert_int_equal(n, 3);
	RIG_UNTIL(&server, (n = recv(fd, room, sizeof(room), MSG_DONTWAIT)) >= 0);
	assert_int_equal(n, 0);
	assert_int_equal(send(fd, junk, sizeof(junk), MSG_NOSIGNAL), sizeof(junk));
	close(fd);
	RIG_UNTIL(&server, server.closed == 1);
	assert_int_equal(server.err, 0);
	assert_int_equal(server.bytes, 0);
	assert_true(clock_mono_ms() - start_ms < 2000);
	end();
}

static void a_reset_is_an_error(void **state)
{
	start();
	reset(plain());
	RIG_UNTIL(&server, server.closed == 1);
	assert_int_equal(server.err, -ECONNRESET);
	end();
}

static void a_reset_is_seen_while_paused(void **state)
{
	int fd;

	start();
	fd = plain();
	pause_flow(&server, &server.accepted, true);
	loop_once(server.loop, 0);
	assert_int_equal(send(fd, "unread", 6, 0), 6);
	reset(fd);
	RIG_UNTIL(&server, server.closed == 1);
	assert_int_equal(server.err, -ECONNRESET);
	assert_int_equal(server.bytes, 0);
	end();
}

static void a_refused_connection_is_told(void **state)
{
	struct addr at = rig_addr("127.0.0.1:0"), to;
	struct flow f;
	int fd;

	assert_int_equal(port_bind(TRANSPORT_TCP, &at, &fd, &to), 0);
	close(fd);
	start();
	assert_int_equal(open_to(&client, &to, &f), 0);
	assert_int_equal(client.closed, 0);
	assert_int_equal(rig_send(&client, &f, STR("x")), 0);
	UNTIL(client.closed == 1);
	assert_int_equal(client.err, -ECONNREFUSED);
	assert_int_equal(client.opened, 0);
	end();
}

/* A full backlog drops SYNs, so a connection that nobody accepts never stands. */
static void connecting_ends_in_time(void **state)
{
	struct net_limits soon = {.connect_ms = 50};
	struct addr at = rig_addr("127.0.0.1:0"), to;
	struct flow f[8];
	int fd;

	assert_int_equal(port_bind(TRANSPORT_TCP, &at, &fd, &to), 0);
	assert_int_equal(listen(fd, 0), 0);
	start_with("127.0.0.1:0", NULL, &soon);
	for (int i = 0; i < 8; i++)
		assert_int_equal(open_to(&client, &to, &f[i]), 0);
	UNTIL(client.closed >= 1);
	assert_int_equal(client.err, -ETIMEDOUT);
	assert_true(rig_counters(&client).timed_out >= 1);
	close(fd);
	end();
}

static void a_stale_name_reaches_nobody(void **state)
{
	struct flow first, second;

	start();
	first = connected();
	close_flow(&client, &first);
	UNTIL(client.closed == 1 && server.closed == 1);
	/* the slot comes round again */
	for (int i = 0; i < 300; i++) {
		second = connected();
		if (second.slot == first.slot)
			break;
	}
	assert_int_equal(second.slot, first.slot);
	assert_int_not_equal(second.gen, first.gen);
	assert_int_equal(rig_send(&client, &first, STR("x")), -ENOTCONN);
	close_flow(&client, &first);
	pause_flow(&client, &first, true);
	assert_int_equal(rig_send(&client, &second, STR("x")), 0);
	second.worker = 3;
	assert_int_equal(rig_send(&client, &second, STR("x")), -ENOTCONN);
	second.slot = 1u << 31;
	second.worker = 0;
	assert_int_equal(rig_send(&client, &second, STR("x")), -ENOTCONN);
	end();
}

static void idle_connections_end(void **state)
{
	struct net_limits idle = {.idle_ms = 60};
	uint64_t start_ms;
	struct flow f;

	start_with("127.0.0.1:0", &idle, NULL);
	start_ms = clock_mono_ms();
	f = connected();
	while (clock_mono_ms() < start_ms + 40)
		turn();
	assert_int_equal(rig_send(&client, &f, STR("alive")), 0);
	UNTIL(server.closed == 1);
	assert_true(clock_mono_ms() >= start_ms + 99);
	assert_int_equal(server.err, -ETIMEDOUT);
	UNTIL(client.closed == 1);
	end();
}

static void a_silent_peer_is_closed(void **state)
{
	struct net_limits quick = {.first_bytes_ms = 20};
	struct flow mute, speaks;

	start_with("127.0.0.1:0", &quick, NULL);
	mute = connected();
	speaks = connected();
	assert_int_equal(rig_send(&client, &speaks, STR("hello")), 0);
	UNTIL(client.closed == 1);
	assert_true(flow_same(&client.flow, &mute));
	for (uint64_t until = clock_mono_ms() + 40; clock_mono_ms() < until;)
		turn();
	assert_int_equal(client.closed, 1);
	end();
}

static void a_peer_that_reads_nothing_is_closed(void **state)
{
	static char text[65536];
	struct net_limits l = {.unread_ms = 30, .out_bytes = 64u << 20};
	struct flow f;

	start_with("127.0.0.1:0", NULL, &l);
	f = connected();
	pause_flow(&server, &server.accepted, true);
	for (int i = 0; i < 400; i++)
		assert_int_equal(rig_send(&client, &f, str_of(text, sizeof(text))), 0);
	UNTIL(client.closed == 1);
	assert_int_equal(client.err, -ETIMEDOUT);
	end();
}

static void connections_are_bounded(void **state)
{
	struct net_limits few = {.max_connections = 3};
	struct addr to;
	struct flow f[5];

	start_with("127.0.0.1:0", &few, NULL);
	to = rig_local(&server, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(open_to(&client, &to, &f[i]), 0);
	UNTIL(client.opened == 5 && client.closed == 2);
	assert_int_equal(server.opened, 3);
	assert_int_equal(rig_counters(&server).connections, 3);
	assert_int_equal(rig_counters(&server).refused, 2);
	end();
	start_with("127.0.0.1:0", NULL, &few);
	to = rig_local(&server, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(open_to(&client, &to, &f[i]), 0);
	assert_int_equal(open_to(&client, &to, &f[3]), -ENOBUFS);
	end();
}

/* With no descriptor left the listener must not spin, and works again afterwards. */
static void running_out_of_descriptors(void **state)
{
	struct rlimit before, tight;
	union sockaddr_any s;
	struct addr to;
	socklen_t n;
	int fds[3];

	start();
	to = rig_local(&server, 0);
	n = sockaddr_from(&to, &s);
	for (int i = 0; i < 3; i++)
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
	getrlimit(RLIMIT_NOFILE, &before);
	tight = before;
	tight.rlim_cur = (rlim_t)fds[2] + 1;
	setrlimit(RLIMIT_NOFILE, &tight);
	for (int i = 0; i < 2; i++)
		assert_int_equal(connect(fds[i], &s.sa, n), 0);
	UNTIL(rig_counters(&server).refused == 2);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(server.opened, 0);
	assert_int_equal(connect(fds[2], &s.sa, n), 0);
	UNTIL(server.opened == 1);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	end();
}

static void open_says_what_it_cannot(void **state)
{
	struct addr to = rig_addr("127.0.0.1:9"), none = {0};
	struct flow f;

	start();
	assert_int_equal(client.io->ops->open(client.io, TRANSPORT_UDP, &to, NULL, &f),
			 -EPROTONOSUPPORT);
	assert_int_equal(open_to(&client, &none, &f), -EINVAL);
	to.port = 0;
	assert_int_equal(open_to(&client, &to, &f), -EINVAL);
	end();
}

/* What one idle connection costs in our own memory. */
static void idle_connections_are_small(void **state)
{
	assert_true(sizeof(struct conn) < 400);
}

static unsigned answered;

static void one_round(void)
{
	struct net_listener l = rig_listener(TRANSPORT_TCP, "127.0.0.1:0");
	struct net_conf conf = {.listeners = &l, .n_listeners = 1};
	struct io_user user = {0};
	struct loop *loop = NULL;
	struct net *net = NULL;
	struct addr to;
	struct flow f;
	char room[256];
	struct buf why = buf_over(room, sizeof(room));

	if (loop_new(&loop) == 0 && net_new(loop, &conf, &net) == 0 && net_bind(net, &why) == 0) {
		struct io *io = net_io(net);

		io->user = &user;
		assert_true(net_local(net, 0, &to));
		if (io->ops->open(io, TRANSPORT_TCP, &to, NULL, &f) == 0)
			answered += io_send(io, &f, STR("hello")) == 0;
		for (int i = 0; i < 6; i++)
			loop_once(loop, 0);
	}
	net_free(&net);
	loop_free(&loop);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(one_round);
	assert_true(answered > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echoes_both_families),
		cmocka_unit_test(a_wildcard_knows_where_it_was_called),
		cmocka_unit_test(opens_from_an_address),
		cmocka_unit_test(sends_before_it_stands),
		cmocka_unit_test(closing_lets_the_queue_leave),
		cmocka_unit_test(closing_at_once_is_told_too),
		cmocka_unit_test(transfers_under_back_pressure),
		cmocka_unit_test(a_queue_without_end_is_closed),
		cmocka_unit_test(partial_writes_of_a_slow_reader),
		cmocka_unit_test(the_peers_fin_comes_after_its_bytes),
		cmocka_unit_test(a_half_closed_peer_gets_its_answer),
		cmocka_unit_test(unread_input_costs_no_last_words),
		cmocka_unit_test(a_reset_is_an_error),
		cmocka_unit_test(a_reset_is_seen_while_paused),
		cmocka_unit_test(a_refused_connection_is_told),
		cmocka_unit_test(connecting_ends_in_time),
		cmocka_unit_test(a_stale_name_reaches_nobody),
		cmocka_unit_test(idle_connections_end),
		cmocka_unit_test(a_silent_peer_is_closed),
		cmocka_unit_test(a_peer_that_reads_nothing_is_closed),
		cmocka_unit_test(connections_are_bounded),
		cmocka_unit_test(running_out_of_descriptors),
		cmocka_unit_test(open_says_what_it_cannot),
		cmocka_unit_test(idle_connections_are_small),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
