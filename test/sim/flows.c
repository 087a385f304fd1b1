/* The way back to a phone: by its connection, through its router, after a restart; and what
 * Record-Route says where the two sides speak differently. */
#include "kit.h"

static unsigned in_text(struct str s, const char *text)
{
	unsigned n = 0;

	for (size_t i = 0; i + strlen(text) <= s.n; i++)
		n += !memcmp(s.p + i, text, strlen(text));
	return n;
}

/* A whole talk, ended by who is asked to end it. */
static void talk_once(struct kit *k, struct phone *from, struct phone *to, bool callee_ends)
{
	const struct phone_plan plan = {.hold_ms = callee_ends ? 0 : 5000};
	char uri[64];
	struct buf b = buf_over(uri, sizeof(uri));
	unsigned from_ended = from->ended, to_ended = to->ended;

	buf_fmt(&b, "sip:%s@example.com", to->user);
	to->manner.hangup_ms = callee_ends ? 5000 : 0;
	assert_non_null(phone_call(from, buf_c(&b), &plan));
	kit_wait_ended(k, from, from_ended + 1, 60000);
	kit_wait_ended(k, to, to_ended + 1, 60000);
	if (from->last.cause != (callee_ends ? DLG_PEER_BYE : DLG_HUNG_UP) ||
	    to->last.cause != (callee_ends ? DLG_HUNG_UP : DLG_PEER_BYE))
		fail_msg("%s %u %d and %s %u %d", phone_cause(from->last.cause), from->last.status,
			 from->last.err, phone_cause(to->last.cause), to->last.status,
			 to->last.err);
}

/* RFC3261-18-3 */
static void every_pair_of_transports(void **state)
{
	static const enum transport ts[] = {TRANSPORT_UDP, TRANSPORT_TCP};

	for (unsigned i = 0; i < 8; i++) {
		struct kit k;
		struct phone *alice, *bob;

		kit_init(&k, 10 + i);
		alice = kit_phone(&k, "alice", ts[i & 1]);
		bob = kit_phone(&k, "bob", ts[i >> 1 & 1]);
		talk_once(&k, alice, bob, i >> 2);
		talk_once(&k, bob, alice, i >> 2);
		assert_true(alice->last.packets_received > 0);
		sim_run(&k.sim, 100000);
		kit_quiet(&k);
		kit_fini(&k);
	}
}

/* A phone that can't be connected to is reached by the connection that it made.
 * RFC3261-18.1.1-8, RFC3261-18.2.2-2 */
static void a_connection_is_the_way_back(void **state)
{
	for (unsigned seed = 1; seed <= 6; seed++) {
		struct kit k;
		struct phone *alice, *bob;

		kit_init(&k, seed);
		alice = kit_phone(&k, "alice", seed & 1 ? TRANSPORT_UDP : TRANSPORT_TCP);
		bob = kit_phone_new(&k, "bob", TRANSPORT_TCP);
		phone_behind(bob, sim_nat_new(&k.sim, "203.0.113.1"));
		bob->no_media = alice->no_media = true;
		phone_start(bob);
		kit_register(&k, bob, 200);
		talk_once(&k, alice, bob, false);
		talk_once(&k, alice, bob, true);
		talk_once(&k, bob, alice, false);
		talk_once(&k, bob, alice, true);
		sim_run(&k.sim, 100000);
		kit_quiet(&k);
		kit_fini(&k);
	}
}

/* UDP through a router: the Contact is private, the source address is not.
 * RFC3581-3-2 */
static void a_private_contact_works(void **state)
{
	for (unsigned seed = 1; seed <= 6; seed++) {
		struct kit k;
		struct phone *alice, *bob;
		struct sim_nat *nat;

		kit_init(&k, seed);
		alice = kit_phone(&k, "alice", seed & 1 ? TRANSPORT_UDP : TRANSPORT_TCP);
		bob = kit_phone_new(&k, "bob", TRANSPORT_UDP);
		nat = sim_nat_new(&k.sim, "203.0.113.1");
		phone_behind(bob, nat);
		bob->no_media = alice->no_media = true;
		phone_start(bob);
		kit_register(&k, bob, 200);
		talk_once(&k, alice, bob, false);
		talk_once(&k, alice, bob, true);
		talk_once(&k, bob, alice, false);
		talk_once(&k, bob, alice, true);
		sim_run(&k.sim, 100000);
		kit_quiet(&k);
		kit_fini(&k);
	}
}

static void two_behind_two_routers(void **state)
{
	struct kit k;
	struct phone *alice, *bob;

	kit_init(&k, 77);
	alice = kit_phone_new(&k, "alice", TRANSPORT_UDP);
	bob = kit_phone_new(&k, "bob", TRANSPORT_TCP);
	phone_behind(alice, sim_nat_new(&k.sim, "203.0.113.1"));
	phone_behind(bob, sim_nat_new(&k.sim, "203.0.113.2"));
	bob->no_media = alice->no_media = true;
	phone_start(alice);
	phone_start(bob);
	kit_register(&k, alice, 200);
	kit_register(&k, bob, 200);
	talk_once(&k, alice, bob, false);
	talk_once(&k, alice, bob, true);
	talk_once(&k, bob, alice, true);
	sim_run(&k.sim, 100000);
	kit_quiet(&k);
	kit_fini(&k);
}

static void call_gives(struct kit *k, struct phone *from, enum dlg_cause cause, unsigned status)
{
	static const struct phone_plan plan = {.hold_ms = 1000};
	unsigned ended = from->ended;

	assert_non_null(phone_call(from, "sip:bob@example.com", &plan));
	kit_wait_ended(k, from, ended + 1, 100000);
	if (from->last.cause != cause || from->last.status != status)
		fail_msg("%s %u %d, wanted %s %u", phone_cause(from->last.cause), from->last.status,
			 from->last.err, phone_cause(cause), status);
}

/* After a restart no connection stands: the Contact is tried, and else it is 480 at once. */
static void a_restart_ends_connections(void **state)
{
	for (unsigned hidden = 0; hidden < 2; hidden++) {
		struct kit k;
		struct phone *alice, *bob;

		kit_init(&k, 20 + hidden);
		alice = kit_phone(&k, "alice", TRANSPORT_UDP);
		bob = kit_phone_new(&k, "bob", TRANSPORT_TCP);
		if (hidden)
			phone_behind(bob, sim_nat_new(&k.sim, "203.0.113.1"));
		bob->no_media = alice->no_media = true;
		phone_start(bob);
		kit_register(&k, bob, 200);
		server_crash(k.server, false);
		sim_run(&k.sim, 500);
		server_start(k.server);
		assert_int_equal(server_bindings(k.server, "bob"), 1);
		if (hidden)
			call_gives(&k, alice, DLG_REFUSED, 480);
		else
			call_gives(&k, alice, DLG_HUNG_UP, 0);
		/* it registers again, and all is well */
		kit_register(&k, bob, 200);
		call_gives(&k, alice, DLG_HUNG_UP, 0);
		sim_run(&k.sim, 100000);
		kit_quiet(&k);
		kit_fini(&k);
	}
}

/* The phone closes its connection: the binding stays, its flow does not. */
static void a_closed_connection_is_not_used(void **state)
{
	struct kit k;
	struct phone *alice;
	struct wire *bob;
	struct talk t;
	uint64_t start;

	kit_init(&k, 30);
	alice = kit_phone(&k, "alice", TRANSPORT_UDP);
	bob = kit_wire(&k, "bob");
	t = talk_new(&k, bob, "bob");
	t.password = "pw-bob";
	t.stream = true;
	assert_int_equal(talk_register(&t, "Contact: <sip:bob@10.0.0.9;transport=tcp>\r\n"), 200);
	wire_hang_up(bob);
	sim_run(&k.sim, 1000);
	assert_true(wire_closed(bob));
	start = sim_now_ms(&k.sim);
	call_gives(&k, alice, DLG_REFUSED, 480);
	assert_in_range(sim_now_ms(&k.sim) - start, 0, 2000);
	kit_fini(&k);
}

/* RFC 5658: UDP on one side and TCP on the other makes two values, the callee's on top. */
static void two_record_routes_between_transports(void **state)
{
	struct kit k;
	struct phone *alice;
	struct wire *bob;
	struct talk t;
	const char *rr;

	kit_init(&k, 40);
	alice = kit_phone(&k, "alice", TRANSPORT_UDP);
	bob = kit_wire(&k, "bob");
	t = talk_new(&k, bob, "bob");
	t.password = "pw-bob";
	t.stream = true;
	assert_int_equal(talk_register(&t, "Contact: <sip:bob@198.51.100.3;transport=tcp>\r\n"),
			 200);
	assert_non_null(
		phone_call(alice, "sip:bob@example.com", &(struct phone_plan){.hold_ms = 1}));
	assert_true(wire_request(bob, "INVITE", 3000));
	assert_int_equal(in_text(wire_text(bob), "Record-Route:"), 2);
	rr = wire_header(bob, "Record-Route");
	assert_non_null(strstr(rr, "transport=tcp"));
	assert_int_equal(in_text(wire_text(bob), "Via: SIP/2.0/TCP 192.0.2.1"), 1);
	wire_answer(bob, 200, "Contact: <sip:bob@198.51.100.3;transport=tcp>\n", KIT_SDP);
	assert_true(wire_request(bob, "BYE", 5000));
	/* both are ours: none is left to who gets it */
	assert_string_equal(wire_header(bob, "Route"), "");
	wire_answer(bob, 200, "", "");
	kit_wait_ended(&k, alice, 1, 5000);
	assert_int_equal(alice->last.cause, DLG_HUNG_UP);
	kit_fini(&k);
}

static void one_record_route_where_both_are_alike(void **state)
{
	struct kit k;
	struct phone *alice;
	struct wire *bob;
	struct talk t;

	kit_init(&k, 41);
	alice = kit_phone(&k, "alice", TRANSPORT_UDP);
	bob = kit_wire(&k, "bob");
	t = talk_new(&k, bob, "bob");
	t.password = "pw-bob";
	assert_int_equal(talk_register(&t, "Contact: <sip:bob@198.51.100.3:5060>\r\n"), 200);
	assert_non_null(
		phone_call(alice, "sip:bob@example.com", &(struct phone_plan){.hold_ms = 1}));
	assert_true(wire_request(bob, "INVITE", 3000));
	assert_int_equal(in_text(wire_text(bob), "Record-Route:"), 1);
	wire_answer(bob, 486, "", "");
	kit_wait_ended(&k, alice, 1, 5000);
	kit_fini(&k);
}

/* RFC 3581: the answer goes to where the request came from, or, unasked, to the Via's port.
 * RFC3261-18.1.1-11, RFC3581-4-1, RFC3581-4-2, RFC3581-4-3, RFC3581-4-4 */
static void responses_go_by_rport(void **state)
{
	static const char *const vias[] = {";rport", ""};
	struct kit k;
	struct wire *w;

	kit_init(&k, 42);
	w = kit_wire(&k, "w");
	wire_behind(w, sim_nat_new(&k.sim, "203.0.113.1"));
	for (unsigned i = 0; i < 2; i++) {
		wire_send(w, KIT_IP,
			  "OPTIONS sip:example.com SIP/2.0\nVia: SIP/2.0/UDP "
			  "198.51.100.2:5060%s;branch=z9hG4bK%u\n"
			  "Max-Forwards: 70\nFrom: <sip:x@y.example>;tag=1\nTo: <sip:example.com>\n"
			  "Call-ID: rport%u\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n",
			  vias[i], i, i);
		assert_int_equal(wire_final(w, 3000), i == 0 ? 200 : -1);
		if (i == 0) {
			assert_non_null(strstr(wire_header(w, "Via"), "received=203.0.113.1"));
			assert_non_null(strstr(wire_header(w, "Via"), "rport=40000"));
		}
	}
	kit_fini(&k);
}

/* RFC 5626 s4.4.1: a double CRLF is answered by a single one, and does not disturb. */
static void keep_alives_do_no_harm(void **state)
{
	struct kit k;
	struct wire *w;

	kit_init(&k, 43);
	w = kit_wire(&k, "w");
	for (unsigned i = 0; i < 5; i++)
		wire_stream(w, KIT_IP, "\r\n\r\n");
	wire_stream(w, KIT_IP,
		    "OPTIONS sip:example.com SIP/2.0\nVia: SIP/2.0/TCP "
		    "198.51.100.2:5060;branch=z9hG4bKa\n"
		    "Max-Forwards: 70\nFrom: <sip:x@y.example>;tag=1\nTo: <sip:example.com>\n"
		    "Call-ID: ka\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n\r\n\r\n");
	assert_int_equal(wire_final(w, 3000), 200);
	wire_send(w, KIT_IP, "\r\n\r\n");
	sim_run(&k.sim, 1000);
	assert_int_equal(wire_left(w), 0);
	kit_fini(&k);
}

/* A stream that can't be read is told so, and closed; one that says nothing whole, too. */
static void bad_streams_are_closed(void **state)
{
	struct kit k;
	struct wire *w;

	kit_init(&k, 44);
	w = kit_wire(&k, "w");
	wire_stream(w, KIT_IP,
		    "OPTIONS sip:example.com SIP/2.0\nVia: SIP/2.0/TCP "
		    "198.51.100.2:5060;branch=z9hG4bKa\n"
		    "Max-Forwards: 70\nFrom: <sip:x@y.example>;tag=1\nTo: <sip:example.com>\n"
		    "Call-ID: bad\nCSeq: 1 OPTIONS\nContent-Length: x\n\n");
	assert_int_equal(wire_final(w, 3000), 400);
	sim_run(&k.sim, 1000);
	assert_true(wire_closed(w));
	wire_stream(w, KIT_IP, "OPTIONS sip:example.com SIP/2.0\nVia: ");
	sim_run(&k.sim, 9000);
	assert_false(wire_closed(w));
	sim_run(&k.sim, 2000);
	assert_true(wire_closed(w));
	kit_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_transports),
		cmocka_unit_test(a_connection_is_the_way_back),
		cmocka_unit_test(a_private_contact_works),
		cmocka_unit_test(two_behind_two_routers),
		cmocka_unit_test(a_restart_ends_connections),
		cmocka_unit_test(a_closed_connection_is_not_used),
		cmocka_unit_test(two_record_routes_between_transports),
		cmocka_unit_test(one_record_route_where_both_are_alike),
		cmocka_unit_test(responses_go_by_rport),
		cmocka_unit_test(keep_alives_do_no_harm),
		cmocka_unit_test(bad_streams_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
