/* The transaction layer from outside: what a server does with messages that belong to no transaction, and
 * with a peer that takes its time (RFC 3261 s17, RFC 6026, RFC 4320). */
#include "kit.h"

/* Ann, a stranger, and Bob, a user with one contact; both speak byte for byte. */
struct rig {
	struct kit k;
	struct wire *ann, *bob;
	struct talk talk; /* ann's */
};

static void rig_init(struct rig *r, uint64_t seed)
{
	char line[128], ip[ADDR_TEXT_MAX];
	struct buf b = buf_over(line, sizeof(line));
	struct talk bob;

	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->k.sim.link.delay_ms = 1;
	r->k.sim.link.jitter_ms = 0;
	r->ann = kit_wire(&r->k, "ann");
	r->bob = kit_wire(&r->k, "bob");
	bob = talk_new(&r->k, r->bob, "bob");
	bob.password = "pw-bob";
	buf_fmt(&b, "Contact: <sip:bob@%s:5060>\r\n", kit_ip(r->bob, ip));
	assert_int_equal(talk_register(&bob, buf_c(&b)), 200);
	r->talk = talk_new(&r->k, r->ann, NULL);
}

static void rig_fini(struct rig *r)
{
	sim_run(&r->k.sim, 250000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

static void say(struct rig *r, const char *method)
{
	talk_say(&r->talk, method, "sip:bob@example.com", "<sip:bob@example.com>",
		 "Contact: <sip:ann@192.0.2.99>\r\n", strcmp(method, "INVITE") ? "" : KIT_SDP);
}

/* A response whose topmost Via is ours and names no transaction; ann's Via is below it.
 * RFC6026-6-3, RFC6026-6-4, RFC6026-7.3-1, RFC6026-7.3-2, RFC6026-8.2-1, RFC6026-8.9-2,
 * RFC4320-4.2-2 */
static void stray_responses_go_nowhere(void **state)
{
	static const struct {
		unsigned status;
		const char *method;
	} strays[] = {{180, "INVITE"},  {200, "INVITE"},  {486, "INVITE"},
		      {200, "OPTIONS"}, {404, "MESSAGE"}, {200, "CANCEL"}};
	struct rig r;
	char ip[ADDR_TEXT_MAX];

	rig_init(&r, 1);
	kit_ip(r.ann, ip);
	for (unsigned i = 0; i < sizeof(strays) / sizeof(strays[0]); i++) {
		wire_send(
			r.bob, KIT_IP,
			"SIP/2.0 %u Stray\n"
			"Via: SIP/2.0/UDP " KIT_IP ":5060;branch=z9hG4bKnone%u\n"
			"Via: SIP/2.0/UDP %s:5060;branch=z9hG4bKann%u\n"
			"From: <sip:ann@elsewhere.example>;tag=a\nTo: <sip:bob@example.com>;tag=b\n"
			"Call-ID: stray%u\nCSeq: 1 %s\nContent-Length: 0\n\n",
			strays[i].status, i, ip, i, i, strays[i].method);
		if (!str_empty(wire_take(r.ann, 2000)))
			fail_msg("row %u was forwarded", i);
	}
	rig_fini(&r);
}

/* The server transaction has ended: nobody waits for what comes now.
 * RFC4320-4.2-2 */
static void a_late_answer_goes_nowhere(void **state)
{
	struct rig r;
	char message[4096];

	rig_init(&r, 2);
	say(&r, "MESSAGE");
	assert_true(wire_request(r.bob, "MESSAGE", 100));
	str_to_c(wire_text(r.bob), message, sizeof(message));
	assert_int_equal(wire_status(r.ann, 60000), 100);
	assert_int_equal(wire_final(r.ann, 60000), -1);
	wire_remember(r.bob, KIT_IP, message);
	wire_answer(r.bob, 200, "", "");
	assert_true(str_empty(wire_take(r.ann, 2000)));
	rig_fini(&r);
}

/* RFC 4320 s4.1: the next hop is slow, and 100 says so; by UDP not before Timer E is at T2.
 * RFC4320-4.1-1, RFC4320-4.1-2, RFC4320-4.1-3 */
static void a_slow_next_hop_costs_a_100(void **state)
{
	for (unsigned stream = 0; stream < 2; stream++) {
		struct rig r;
		uint64_t start;

		rig_init(&r, 3);
		r.talk.stream = stream;
		start = sim_now_ms(&r.k.sim);
		say(&r, "MESSAGE");
		assert_true(wire_request(r.bob, "MESSAGE", 100));
		wire_answer(r.bob, 183, "", "");
		assert_int_equal(wire_status(r.ann, 10000), 100);
		assert_in_range(sim_now_ms(&r.k.sim) - start, 3500, 3560);
		assert_true(wire_request(r.bob, "MESSAGE", 5000));
		wire_answer(r.bob, 200, "", "");
		assert_int_equal(wire_status(r.ann, 100), 200);
		rig_fini(&r);
	}
}

/* RFC3261-17.2.1-1, RFC3261-17.2.1-2, RFC3261-17.2.1-3 */
static void an_invite_is_tried_at_once(void **state)
{
	struct rig r;

	rig_init(&r, 4);
	say(&r, "INVITE");
	assert_int_equal(wire_status(r.ann, 10), 100);
	assert_string_equal(wire_header(r.ann, "To"), "<sip:bob@example.com>");
	assert_true(wire_request(r.bob, "INVITE", 10));
	wire_answer(r.bob, 603, "", "");
	assert_int_equal(wire_final(r.ann, 100), 603);
	rig_fini(&r);
}

/* RFC3262-3-6 */
static void a_prack_passes_to_who_asked_for_it(void **state)
{
	struct rig r;
	char route[512], lines[640], to[256];
	struct buf b = buf_over(lines, sizeof(lines));

	rig_init(&r, 6);
	say(&r, "INVITE");
	assert_true(wire_request(r.bob, "INVITE", 100));
	wire_answer(r.bob, 183, "Contact: <sip:bob@198.51.100.3:5060>\nRequire: 100rel\nRSeq: 77\n",
		    KIT_SDP);
	assert_int_equal(wire_status(r.ann, 100), 100);
	assert_int_equal(wire_status(r.ann, 100), 183);
	str_to_c(str_c(wire_header(r.ann, "Record-Route")), route, sizeof(route));
	str_to_c(str_c(wire_header(r.ann, "To")), to, sizeof(to));
	buf_fmt(&b, "Route: %s\r\nRAck: 77 1 INVITE\r\n", route);
	talk_say(&r.talk, "PRACK", "sip:bob@198.51.100.3:5060", to, buf_c(&b), "");
	assert_true(wire_request(r.bob, "PRACK", 100));
	assert_string_equal(wire_header(r.bob, "RAck"), "77 1 INVITE");
	wire_answer(r.bob, 481, "", "");
	assert_int_equal(wire_final(r.ann, 100), 481);
	rig_fini(&r);
}

/* What is behind the end of a datagram's message is no part of it; what ends too early is none.
 * RFC3261-18.3-1, RFC3261-18.3-2, RFC3261-18.3-3 */
static void where_a_datagram_ends(void **state)
{
	static const struct {
		const char *length, *body;
		int status;
	} rows[] = {{"4", "bodyBYE sip:x SIP/2.0\n\n", 200}, {"5", "body", 400}, {"0", "x", 200}};
	char branch[128];
	struct rig r;

	rig_init(&r, 7);
	for (unsigned i = 0; i < 3; i++) {
		wire_send(r.ann, KIT_IP,
			  "OPTIONS sip:example.com SIP/2.0\nVia: SIP/2.0/UDP "
			  "198.51.100.2:5060;branch=z9hG4bKend%u\nMax-Forwards: 70\n"
			  "From: <sip:a@elsewhere.example>;tag=1\nTo: <sip:example.com>\n"
			  "Call-ID: end%u\nCSeq: 1 OPTIONS\nContent-Type: text/plain\n"
			  "Content-Length: %s\n\n%s",
			  i, i, rows[i].length, rows[i].body);
		assert_int_equal(wire_final(r.ann, 1000), rows[i].status);
		assert_true(str_empty(wire_take(r.ann, 1000)));
	}
	/* A response that lacks part of its body: as if it had not come. */
	say(&r, "MESSAGE");
	assert_true(wire_request(r.bob, "MESSAGE", 100));
	str_to_c(str_c(wire_header(r.bob, "Via")), branch, sizeof(branch));
	wire_send(r.bob, KIT_IP,
		  "SIP/2.0 200 OK\nVia: %s\nVia: SIP/2.0/UDP 198.51.100.2:5060;branch=z9hG4bKx\n"
		  "From: <sip:a@b>;tag=1\nTo: <sip:bob@example.com>;tag=2\nCall-ID: x\n"
		  "CSeq: 1 MESSAGE\nContent-Length: 9\n\nbody",
		  branch);
	assert_true(str_empty(wire_take(r.ann, 400)));
	assert_true(wire_request(r.bob, "MESSAGE", 1000)); /* again, for it has no answer */
	wire_answer(r.bob, 200, "", "");
	assert_int_equal(wire_final(r.ann, 1000), 200);
	rig_fini(&r);
}

/* s17.1: their two-way handshake has no room for a user who thinks it over.
 * RFC3261-17.1-1, RFC6026-8.9-1 */
static void other_requests_are_answered_at_once(void **state)
{
	static const struct {
		const char *method, *uri;
		int status;
	} rows[] = {
		{"OPTIONS", "sip:example.com", 200},
		{"OPTIONS", "sip:" KIT_IP, 200},
		{"MESSAGE", "sip:none@example.com", 404},
		{"FROBNICATE", "sip:example.com", -1},
		{"BYE", "sip:" KIT_IP, -1},
		{"REGISTER", "sip:example.com", 401},
		{"SUBSCRIBE", "sip:example.com", -1},
	};
	struct rig r;

	rig_init(&r, 5);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int status;

		talk_say(&r.talk, rows[i].method, rows[i].uri, "<sip:bob@example.com>", "", "");
		status = wire_final(r.ann, 10);
		if (status < 200 || (rows[i].status > 0 && status != rows[i].status))
			fail_msg("%s: %d", rows[i].method, status);
	}
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stray_responses_go_nowhere),
		cmocka_unit_test(a_late_answer_goes_nowhere),
		cmocka_unit_test(a_slow_next_hop_costs_a_100),
		cmocka_unit_test(an_invite_is_tried_at_once),
		cmocka_unit_test(a_prack_passes_to_who_asked_for_it),
		cmocka_unit_test(where_a_datagram_ends),
		cmocka_unit_test(other_requests_are_answered_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
