/* Streams: slots, framing, keep-alives, slow senders, connections used again. */
#include "fake.h"
#include "tport/tport.h"

static const struct tport_listener listeners[] = {
	{TRANSPORT_TCP, {.family = 4, .port = 5060}, STR_INIT("sip.example.com"), 5060},
	{TRANSPORT_TLS, {.family = 4, .port = 5061}, STR_INIT("sip.example.com"), 5061},
};

static struct fake fake;
static struct tport *tport;

/* What the user saw. */
static struct {
	unsigned n, bad;
	char text[16][256];
	const char *why;
	char head[64];
	bool closes;
} seen;

static void on_message(void *ctx, const struct flow *flow, struct str bytes)
{
	assert_true(seen.n < 16);
	str_to_c(bytes, seen.text[seen.n++], sizeof(seen.text[0]));
	if (seen.closes)
		tport_close(tport, flow);
}

static void on_bad_stream(void *ctx, const struct flow *flow, const char *why, struct str head)
{
	assert_int_equal(fake.n_closed, seen.bad++);
	seen.why = why;
	str_to_c(head, seen.head, sizeof(seen.head));
}

static int create(void)
{
	const struct tport_conf conf = {listeners, 2, 10000};
	const struct tport_user user = {on_message, on_bad_stream, NULL};

	fake_init(&fake);
	memset(&seen, 0, sizeof(seen));
	return tport_new(&fake.io, &conf, &user, &tport);
}

static int begin(void **state)
{
	return create();
}

static int end(void **state)
{
	tport_free(&tport);
	assert_int_equal(fake.wheel.n, 0);
	assert_int_equal(alloc_live(), 0);
	return 0;
}

static void feed(const struct flow *flow, struct str s)
{
	tport_on_bytes(tport, flow, s);
}

#define MESSAGE "OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc"

static void any_split_is_the_same(void **state)
{
	struct str two = STR(MESSAGE "\r\n\r\n" MESSAGE);

	for (size_t cut = 0; cut <= two.n; cut++) {
		struct flow flow = fake_tcp((uint32_t)cut);

		seen.n = 0;
		fake_forget(&fake);
		tport_on_open(tport, &flow);
		feed(&flow, str_first(two, cut));
		feed(&flow, str_skip(two, cut));
		assert_int_equal(seen.n, 2);
		assert_string_equal(seen.text[0], MESSAGE);
		assert_string_equal(seen.text[1], MESSAGE);
		assert_int_equal(fake.n_sent, 1);
		assert_str(fake_bytes(&fake, 0), STR("\r\n"));
		assert_int_equal(fake.wheel.n, 0);
	}
}

static void byte_by_byte(void **state)
{
	struct str s = STR(MESSAGE "\r\n\r\n" MESSAGE);
	struct flow flow = fake_tcp(0);

	tport_on_open(tport, &flow);
	for (size_t i = 0; i < s.n; i++)
		feed(&flow, str_of(s.p + i, 1));
	assert_int_equal(seen.n, 2);
	assert_int_equal(fake.n_sent, 1);
}

static void idle_streams_own_little(void **state)
{
	struct flow flow = fake_tcp(1);
	long idle;

	tport_on_open(tport, &flow);
	idle = alloc_live();
	feed(&flow, STR("OPTIONS sip:a"));
	assert_true(alloc_live() > idle);
	assert_int_equal(fake.wheel.n, 1);
	feed(&flow, STR(" SIP/2.0\r\n\r\n"));
	assert_int_equal(alloc_live(), idle);
	assert_int_equal(fake.wheel.n, 0);
	feed(&flow, STR("\r\n"));
	feed(&flow, STR("\r\n"));
	assert_int_equal(alloc_live(), idle);
	assert_int_equal(fake.n_sent, 1);
}

static void slow_sender(void **state)
{
	struct flow flow = fake_tcp(1);

	tport_on_open(tport, &flow);
	feed(&flow, STR("OPTIONS sip:a SIP/2.0\r\nVi"));
	fake_run(&fake, 9000);
	feed(&flow, STR("a: SIP/2.0/TCP x"));
	fake_run(&fake, 999);
	assert_int_equal(seen.bad, 0);
	fake_run(&fake, 1);
	assert_int_equal(seen.bad, 1);
	assert_string_equal(seen.why, "message not complete in time");
	assert_string_equal(seen.head, "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP x");
	assert_int_equal(fake.n_closed, 1);
	feed(&flow, STR("\r\n\r\n" MESSAGE));
	assert_int_equal(seen.n, 0);
	tport_on_closed(tport, &flow);
	assert_int_equal(tport_streams(tport), 0);
}

/* The clock is each message's own: a busy stream that is always midway is not slow. */
static void busy_is_not_slow(void **state)
{
	struct str s = STR(MESSAGE);
	struct flow flow = fake_tcp(1);

	tport_on_open(tport, &flow);
	feed(&flow, str_first(s, 30));
	for (unsigned i = 0; i < 5; i++) {
		char both[256];
		struct buf b = buf_over(both, sizeof(both));

		fake_run(&fake, 8000);
		buf_puts(&b, str_skip(s, 30));
		buf_puts(&b, str_first(s, 30));
		feed(&flow, buf_str(&b));
	}
	assert_int_equal(seen.n, 5);
	assert_int_equal(seen.bad, 0);
	fake_run(&fake, 10000);
	assert_int_equal(seen.bad, 1);
}

static void bad_streams(void **state)
{
	static const struct {
		struct str bytes;
		const char *head;
	} rows[] = {
		{STR_INIT("\x16\x03\x01"), ""},
		{STR_INIT("A b SIP/2.0\r\nContent-Length: x\r\n\r\n"),
		 "A b SIP/2.0\r\nContent-Length: x\r\n\r\n"},
		{STR_INIT("A b SIP/2.0\r\nl: 9999999\r\n\r\n"),
		 "A b SIP/2.0\r\nl: 9999999\r\n\r\n"},
	};

	for (unsigned i = 0; i < 3; i++)
		for (size_t cut = 0; cut < 3; cut++) {
			struct flow flow = fake_tcp(i);

			flow.gen = (uint32_t)cut + 1;
			memset(&seen, 0, sizeof(seen));
			fake.n_closed = 0;
			tport_on_open(tport, &flow);
			feed(&flow, str_first(rows[i].bytes, cut));
			feed(&flow, str_skip(rows[i].bytes, cut));
			assert_int_equal(seen.bad, 1);
			assert_non_null(seen.why);
			assert_string_equal(seen.head, rows[i].head);
			assert_int_equal(fake.n_closed, 1);
			feed(&flow, STR(MESSAGE));
			assert_int_equal(seen.n, 0);
			tport_on_closed(tport, &flow);
		}
}

static void stale_names_reach_nothing(void **state)
{
	struct flow flow = fake_tcp(1), old = flow;

	flow.gen = 2;
	tport_on_open(tport, &flow);
	feed(&old, STR(MESSAGE));
	tport_on_closed(tport, &old);
	assert_int_equal(seen.n, 0);
	assert_int_equal(tport_streams(tport), 1);
	feed(&flow, STR(MESSAGE));
	assert_int_equal(seen.n, 1);
	old = flow;
	old.worker = 1;
	tport_on_closed(tport, &old);
	assert_int_equal(tport_streams(tport), 1);
}

static void slots_are_bounded(void **state)
{
	struct flow flow = fake_tcp(1u << 30);

	tport_on_open(tport, &flow);
	assert_int_equal(tport_streams(tport), 0);
	assert_int_equal(fake.n_closed, 1);
	flow = fake_tcp(5000);
	tport_on_open(tport, &flow);
	assert_int_equal(tport_streams(tport), 1);
}

/* What follows in the same bytes is not read; the message at hand stays readable. */
static void closed_inside_a_message(void **state)
{
	struct flow flow = fake_tcp(1);

	seen.closes = true;
	tport_on_open(tport, &flow);
	feed(&flow, STR("OPTIONS si"));
	feed(&flow, STR("p:a SIP/2.0\r\n\r\n" MESSAGE MESSAGE));
	assert_int_equal(seen.n, 1);
	assert_int_equal(fake.n_closed, 1);
	assert_false(tport_flow_open(tport, &flow));
	fake_run(&fake, 20000);
	assert_int_equal(seen.bad, 0);
	tport_on_closed(tport, &flow);
}

static void opened_are_used_again(void **state)
{
	struct flow a, b, c, d;
	struct addr peer, other;

	assert_true(addr_parse(STR("192.0.2.7:5060"), &peer));
	assert_true(addr_parse(STR("192.0.2.7:5070"), &other));
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &a), 0);
	assert_false(tport_flow_open(tport, &a));
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &b), 0);
	assert_true(flow_same(&a, &b));
	tport_on_open(tport, &a);
	assert_true(tport_flow_open(tport, &a));
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &b), 0);
	assert_true(flow_same(&a, &b));
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &other, &c), 0);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TLS, &peer, &d), 0);
	assert_int_equal(fake.n_opened, 3);
	assert_int_equal(tport_streams(tport), 3);
	tport_on_closed(tport, &a);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &b), 0);
	assert_false(flow_same(&a, &b));
	assert_int_equal(fake.n_opened, 4);
	tport_close(tport, &b);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &c), 0);
	assert_false(flow_same(&b, &c));
}

/* One that was accepted from that very address is not ours to use (RFC 5923 s4). */
static void accepted_are_not(void **state)
{
	struct flow flow = fake_tcp(1), to;

	tport_on_open(tport, &flow);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &flow.remote, &to), 0);
	assert_false(flow_same(&flow, &to));
}

static void open_fails(void **state)
{
	struct addr peer;
	struct flow a;

	assert_true(addr_parse(STR("192.0.2.7:5060"), &peer));
	fake.open_err = -EMFILE;
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &a), -EMFILE);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_WS, &peer, &a), -EAFNOSUPPORT);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_UDP, &peer, &a), -EAFNOSUPPORT);
	assert_true(addr_parse(STR("[2001:db8::1]:5060"), &peer));
	assert_int_equal(tport_flow_to(tport, TRANSPORT_TCP, &peer, &a), -EAFNOSUPPORT);
	assert_int_equal(tport_streams(tport), 0);
}

static void datagrams(void **state)
{
	static const struct str silent[] = {STR_INIT(""),         STR_INIT("\r\n"),
					    STR_INIT("\r\n\r\n"), STR_INIT("\0"),
					    STR_INIT("\0\0\0\0"), STR_INIT(" \t\r\n")};
	struct flow udp = fake_udp("192.0.2.1:5060"), ws = fake_tcp(1);

	for (unsigned i = 0; i < 6; i++)
		tport_on_datagram(tport, &udp, silent[i]);
	assert_int_equal(seen.n, 0);
	assert_int_equal(fake.n_sent, 0);
	tport_on_datagram(tport, &udp, STR("\r\n\r\nx"));
	assert_int_equal(seen.n, 1);
	ws.transport = TRANSPORT_WS;
	tport_on_open(tport, &ws);
	tport_on_datagram(tport, &ws, STR("\r\n\r\n"));
	assert_int_equal(fake.n_sent, 1);
	assert_str(fake_bytes(&fake, 0), STR("\r\n"));
}

static void sweep(void)
{
	struct flow flow = fake_tcp(70), to;
	struct addr peer;

	if (create() < 0)
		return;
	tport_on_open(tport, &flow);
	feed(&flow, STR("OPTIONS sip:a"));
	feed(&flow, STR(" SIP/2.0\r\nContent-Length: 0\r\n\r\n"));
	assert_true(addr_parse(STR("192.0.2.7:5060"), &peer));
	if (tport_flow_to(tport, TRANSPORT_TCP, &peer, &to) == 0)
		tport_on_closed(tport, &to);
	assert_int_equal(fake.n_closed > 0 || seen.n == 0, alloc_has_failed());
	tport_free(&tport);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(sweep);
}

#define with_tport(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_tport(any_split_is_the_same),
		with_tport(byte_by_byte),
		with_tport(idle_streams_own_little),
		with_tport(slow_sender),
		with_tport(busy_is_not_slow),
		with_tport(bad_streams),
		with_tport(stale_names_reach_nothing),
		with_tport(slots_are_bounded),
		with_tport(closed_inside_a_message),
		with_tport(opened_are_used_again),
		with_tport(accepted_are_not),
		with_tport(open_fails),
		with_tport(datagrams),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
