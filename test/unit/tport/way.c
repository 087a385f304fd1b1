/* Ways out: which listener, what stands for us, and where responses go (RFC 3261 s18.2.2,
 * RFC 3581). */
#include "fake.h"
#include "tport/tport.h"

static struct fake fake;
static struct tport *tport;
static struct tport_listener listeners[8];
static unsigned n_listeners;

static void on_message(void *ctx, const struct flow *flow, struct str bytes)
{
}

static void listen_at(enum transport t, const char *bound, const char *host, uint16_t port)
{
	struct tport_listener *l = &listeners[n_listeners++];

	*l = (struct tport_listener){.transport = t, .host = str_c(host), .port = port};
	assert_true(addr_parse(str_c(bound), &l->bound));
}

static void create(void)
{
	const struct tport_conf conf = {listeners, n_listeners, 10000};
	const struct tport_user user = {.on_message = on_message};

	fake_init(&fake);
	assert_int_equal(tport_new(&fake.io, &conf, &user, &tport), 0);
}

static int end(void **state)
{
	tport_free(&tport);
	n_listeners = 0;
	assert_int_equal(alloc_live(), 0);
	return 0;
}

static struct addr addr_of(const char *s)
{
	struct addr a;

	assert_true(addr_parse(str_c(s), &a));
	return a;
}

/* The listener chosen, or -1. */
static int udp_to(const char *remote)
{
	struct addr a = addr_of(remote);
	struct flow flow;
	int err = tport_flow_to(tport, TRANSPORT_UDP, &a, &flow);

	assert_int_equal(tport_can(tport, TRANSPORT_UDP, &a), err == 0);
	if (err) {
		assert_int_equal(err, -EAFNOSUPPORT);
		return -1;
	}
	assert_true(addr_eq(&flow.remote, &a));
	assert_ptr_equal(tport_listener_of(tport, &flow), &listeners[flow.listener]);
	return flow.listener;
}

static void listeners_by_peer(void **state)
{
	listen_at(TRANSPORT_TCP, "192.0.2.9:5060", "192.0.2.9", 5060);
	listen_at(TRANSPORT_UDP, "127.0.0.1:5060", "127.0.0.1", 5060);
	listen_at(TRANSPORT_UDP, "192.0.2.9:5060", "192.0.2.9", 5060);
	listen_at(TRANSPORT_UDP, "192.0.2.9:5070", "192.0.2.9", 5070);
	create();
	assert_int_equal(udp_to("127.0.0.1:5070"), 1);
	assert_int_equal(udp_to("192.0.2.77:5060"), 2);
	assert_int_equal(udp_to("[2001:db8::1]:5060"), -1);
	assert_int_equal(udp_to("[::1]:5060"), -1);
}

static void loopback_reaches_only_loopback(void **state)
{
	listen_at(TRANSPORT_UDP, "127.0.0.1:5060", "127.0.0.1", 5060);
	listen_at(TRANSPORT_UDP, "[::1]:5060", "[::1]", 5060);
	create();
	assert_int_equal(udp_to("127.0.0.5:5070"), 0);
	assert_int_equal(udp_to("[::1]:5070"), 1);
	assert_int_equal(udp_to("192.0.2.77:5060"), -1);
	assert_int_equal(udp_to("[2001:db8::1]:5060"), -1);
}

static void any_reaches_all(void **state)
{
	struct addr peer = addr_of("192.0.2.77:5060");
	struct flow flow;

	listen_at(TRANSPORT_UDP, "0.0.0.0:5060", "sip.example.com", 5060);
	create();
	assert_int_equal(udp_to("127.0.0.1:5060"), 0);
	assert_int_equal(udp_to("192.0.2.77:5060"), 0);
	assert_int_equal(tport_flow_to(tport, TRANSPORT_UDP, &peer, &flow), 0);
	assert_int_equal(flow.local.family, 0);
}

static struct str via_of(const struct flow *flow)
{
	static char room[256];
	struct buf b = buf_over(room, sizeof(room));

	tport_put_via(tport, flow, STR("z9hG4bKx"), &b);
	return buf_str(&b);
}

static struct str hostport_of(const struct flow *flow)
{
	static char room[256];
	struct buf b = buf_over(room, sizeof(room));

	tport_put_hostport(tport, flow, &b);
	return buf_str(&b);
}

/* RFC3581-3-1 */
static void our_values(void **state)
{
	struct flow udp = fake_udp("192.0.2.1:5060"), tcp = fake_tcp(1), wss = fake_tcp(2);

	listen_at(TRANSPORT_UDP, "0.0.0.0:5060", "sip.example.com", 5070);
	listen_at(TRANSPORT_TCP, "[::1]:5060", "[::1]", 5062);
	listen_at(TRANSPORT_TCP, "192.0.2.9:5060", "192.0.2.9", 5060);
	listen_at(TRANSPORT_WSS, "0.0.0.0:443", "sip.example.com", 0);
	create();
	assert_str(via_of(&udp), STR("SIP/2.0/UDP sip.example.com:5070;rport;branch=z9hG4bKx"));
	assert_str(hostport_of(&udp), STR("sip.example.com:5070"));
	tcp.listener = 1;
	assert_str(via_of(&tcp), STR("SIP/2.0/TCP [::1]:5062;rport;branch=z9hG4bKx"));
	assert_str(hostport_of(&tcp), STR("[::1]:5062;transport=tcp"));
	/* We opened it: where the peer could connect to. */
	tcp.listener = FLOW_NO_LISTENER;
	assert_str(hostport_of(&tcp), STR("192.0.2.9:5060;transport=tcp"));
	wss.transport = TRANSPORT_WSS;
	wss.listener = 3;
	assert_str(hostport_of(&wss), STR("sip.example.com;transport=wss"));
	wss.transport = TRANSPORT_TLS;
	wss.listener = FLOW_NO_LISTENER;
	wss.local = addr_of("192.0.2.9:777");
	assert_null(tport_listener_of(tport, &wss));
	assert_str(hostport_of(&wss), STR("192.0.2.9:777;transport=tls"));
}

static void who_is_us(void **state)
{
	static const struct {
		const char *host;
		unsigned port;
		bool us;
	} rows[] = {
		{"sip.example.com", 5060, true},
		{"SIP.Example.COM.", 0, true},
		{"sip.example.com", 5061, false},
		{"example.com", 5060, false},
		{"192.0.2.9", 5080, true},
		{"192.0.2.9", 0, false},
		{"192.0.2.8", 5080, false},
		{"[2001:DB8:0::9]", 5060, true},
		{"2001:db8::9", 0, true},
		{"2001:db8::8", 0, false},
		{"127.0.0.1", 5060, true},
		{"127.0.0.1", 5080, false},
		{"localhost", 5060, true},
		{"localhost", 5080, false},
		{"203.0.113.5", 5090, true},
		{"203.0.113.5", 5080, true},
		{"", 5060, false},
	};

	listen_at(TRANSPORT_UDP, "0.0.0.0:5060", "sip.example.com", 5060);
	listen_at(TRANSPORT_TCP, "192.0.2.9:5080", "203.0.113.5", 5090);
	listen_at(TRANSPORT_UDP, "[2001:db8::9]:5060", "[2001:db8::9]", 5060);
	create();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (tport_is_us(tport, str_c(rows[i].host), (uint16_t)rows[i].port) != rows[i].us)
			fail_msg("row %zu: %s %u", i, rows[i].host, rows[i].port);
}

/* ---- responses ---- */

static struct str where(const char *via, const char *source)
{
	static char room[ADDR_TEXT_MAX];
	struct flow from = fake_udp(source), to;
	struct fake_rx r;

	assert_true(addr_parse(STR("192.0.2.2:5060"), &from.local));
	fake_parse(&r, &from,
		   "OPTIONS sip:user@example.com SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n"
		   "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: 1\r\n"
		   "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		   via);
	tport_response_flow(&r.rx, &to);
	assert_true(addr_eq(&to.local, &from.local));
	sip_rx_fini(&r.rx);
	return str_c(addr_text(&to.remote, room));
}

/* RFC3261-18.2.2-1, RFC3261-18.2.2-5, RFC3261-18.2.2-7, RFC3261-18.2.2-9, RFC3581-4-3,
 * RFC3581-4-4 */
static void responses_by_udp(void **state)
{
	static const struct {
		const char *via, *source, *to;
	} rows[] = {
		/* RFC 3581 s6 */
		{"SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff", "192.0.2.1:9988",
		 "192.0.2.1:9988"},
		/* RFC 3261 s18.2.1: received, with the port of sent-by */
		{"SIP/2.0/UDP bobspc.biloxi.com:5070;branch=z9hG4bK1", "192.0.2.4:9988",
		 "192.0.2.4:5070"},
		{"SIP/2.0/UDP bobspc.biloxi.com;branch=z9hG4bK1", "192.0.2.4:9988",
		 "192.0.2.4:5060"},
		{"SIP/2.0/UDP 192.0.2.4:5070;branch=z9hG4bK1", "192.0.2.4:5070", "192.0.2.4:5070"},
		/* What a peer claims to have been received from is not believed. */
		{"SIP/2.0/UDP 10.1.1.1;received=203.0.113.1;branch=z9hG4bK1", "192.0.2.4:9988",
		 "192.0.2.4:5060"},
		{"SIP/2.0/UDP 10.1.1.1;rport=53;branch=z9hG4bK1", "192.0.2.4:9988",
		 "192.0.2.4:9988"},
		{"SIP/2.0/UDP a.example.com;maddr=239.255.255.1;ttl=16;branch=z9hG4bK1",
		 "192.0.2.4:9988", "239.255.255.1:5060"},
		{"SIP/2.0/UDP a.example.com:5070;maddr=192.0.2.40;rport;branch=z9hG4bK1",
		 "192.0.2.4:9988", "192.0.2.40:5070"},
		{"SIP/2.0/UDP a.example.com;maddr=host.example.com;branch=z9hG4bK1",
		 "192.0.2.4:9988", "192.0.2.4:5060"},
		{"SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bK1", "[2001:db8::9:255]:9988",
		 "[2001:db8::9:255]:5060"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(where(rows[i].via, rows[i].source), str_c(rows[i].to));
	create();
}

static void parse_stream(struct fake_rx *r, const struct flow *flow, const char *sent_by)
{
	fake_parse(r, flow,
		   "OPTIONS sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/%.*s "
		   "%s;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
		   "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: 1\r\n"
		   "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		   STR_ARG(transport_name(flow->transport)), sent_by);
}

/* RFC3261-18.2.2-2, RFC3261-18.2.2-3 */
static void responses_by_streams(void **state)
{
	static const struct {
		enum transport transport;
		const char *sent_by, *to;
	} rows[] = {
		{TRANSPORT_TCP, "10.0.0.1:5070", "192.0.2.4:5070"},
		{TRANSPORT_TCP, "a.example.com", "192.0.2.4:5060"},
		{TRANSPORT_TLS, "a.example.com", "192.0.2.4:5061"},
		{TRANSPORT_WS, "a.invalid", NULL},
		{TRANSPORT_WSS, "a.invalid", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow flow = fake_tcp(3), to;
		char room[ADDR_TEXT_MAX];
		enum transport t;
		struct fake_rx r;
		struct addr a;

		flow.transport = (uint8_t)rows[i].transport;
		parse_stream(&r, &flow, rows[i].sent_by);
		tport_response_flow(&r.rx, &to);
		assert_memory_equal(&to, &flow, sizeof(to));
		assert_int_equal(tport_response_fallback(&r.rx, &t, &a), rows[i].to != NULL);
		if (rows[i].to) {
			assert_int_equal(t, rows[i].transport);
			assert_str(str_c(addr_text(&a, room)), str_c(rows[i].to));
		}
		sip_rx_fini(&r.rx);
	}
	create();
}

#define with_tport(f) cmocka_unit_test_teardown(f, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_tport(listeners_by_peer),
		with_tport(loopback_reaches_only_loopback),
		with_tport(any_reaches_all),
		with_tport(our_values),
		with_tport(who_is_us),
		with_tport(responses_by_udp),
		with_tport(responses_by_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
