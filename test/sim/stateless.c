/* A route by which requests are passed on without state (RFC 3261 s16.11), as its neighbours see it. */
#include "kit.h"

#define CALLER_IP "198.51.100.2"
#define GATE_IP "203.0.113.7"
#define GATE "sip:9@example.com"
#define N(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct kit k;
	struct wire *caller, *gate;
	unsigned answered_port; /* that the last datagram came to, by note_port() */
};

static void rig_init(struct rig *r, uint64_t seed, const char *to)
{
	memset(r, 0, sizeof(*r));
	kit_init_stopped(&r->k, seed);
	assert_int_equal(app_policy_add_route(r->k.server->policy, STR("sip:9*@example.com"),
					      APP_ROUTE_STATELESS, str_c(to)),
			 0);
	server_start(r->k.server);
	r->caller = kit_wire(&r->k, "caller");
	r->gate = wire_new(&r->k.sim, "gate", GATE_IP);
	r->k.wire[r->k.n_wires++] = r->gate;
}

static void rig_fini(struct rig *r)
{
	sim_run(&r->k.sim, 100000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

/* A stranger's request with this branch (or none). */
static void say(struct rig *r, const char *method, const char *uri, const char *branch,
		const char *lines)
{
	wire_send(r->caller, KIT_IP,
		  "%s %s SIP/2.0\nVia: SIP/2.0/UDP " CALLER_IP ":5060%s\n"
		  "From: <sip:x@elsewhere.example>;tag=1\nTo: <sip:9@example.com>\n"
		  "Call-ID: stateless\nCSeq: 1 %s\n%s\n",
		  method, uri, branch, method, lines);
}

/* RFC3261-16.11-6 RFC3261-16.11-9 RFC3261-16.11-10 RFC3261-16.11-11 RFC3261-16.11-12 RFC3261-16.11-13
 * RFC3261-16.11-14: each copy goes to the same place in the same form, whichever worker has it;
 * RFC3261-16.11-1: and nothing is said by us. */
static void each_copy_is_the_same(void **state)
{
	static const char *const branches[] = {";branch=z9hG4bKone", "", ";branch=old"};
	struct rig r;

	rig_init(&r, 1, "sip:" GATE_IP ":5060");
	for (unsigned i = 0; i < N(branches); i++) {
		char first[2048] = "";

		for (unsigned copy = 0; copy < 8; copy++) {
			r.k.server->node->fixed_worker = copy & 1;
			say(&r, "INVITE", GATE, branches[i], "Max-Forwards: 9\n");
			assert_true(wire_request(r.gate, "INVITE", 1000));
			if (!copy)
				str_to_c(wire_text(r.gate), first, sizeof(first));
			assert_int_equal(wire_text(r.gate).n, strlen(first));
			assert_int_equal(strncmp(wire_text(r.gate).p, first, strlen(first)), 0);
		}
		/* RFC3261-16.11-8: as by s16.6 */
		assert_true(wire_has(r.gate, "INVITE sip:9@" GATE_IP
					":5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1"));
		assert_true(wire_has(r.gate, "Max-Forwards: 8\r\n"));
	}
	sim_run(&r.k.sim, 5000);
	assert_int_equal(wire_left(r.gate), 0); /* no copy of our own */
	assert_int_equal(wire_left(r.caller), 0);
	assert_int_equal(server_transactions(r.k.server), 0);
	rig_fini(&r);
}

/* What is not a copy has another branch, also where an old client gives none (RFC3261-16.11-9). */
static void what_is_new_has_another_branch(void **state)
{
	static const struct {
		const char *uri, *branch;
	} rows[] = {{GATE, ";branch=z9hG4bKa"},
		    {GATE, ";branch=z9hG4bKb"},
		    {GATE, ""},
		    {"sip:91@example.com", ""}};
	char via[N(rows)][256];
	struct rig r;

	rig_init(&r, 2, "sip:" GATE_IP ":5060");
	for (unsigned i = 0; i < N(rows); i++) {
		say(&r, "MESSAGE", rows[i].uri, rows[i].branch, "");
		assert_true(wire_request(r.gate, "MESSAGE", 1000));
		str_to_c(str_c(wire_header(r.gate, "Via")), via[i], sizeof(via[i]));
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(via[i], via[k]);
		/* and its answer finds back */
		wire_answer(r.gate, 200, "", "");
		assert_int_equal(wire_final(r.caller, 1000), 200);
	}
	rig_fini(&r);
}

/* RFC3261-16.11-2 RFC3261-16.11-3: judged and read as any other request. */
static void judges_before_it_forwards(void **state)
{
	static const struct {
		const char *uri, *lines;
		int want; /* 0: it goes on */
	} rows[] = {
		{GATE, "Max-Forwards: 0\n", 483},
		{GATE, "Max-Forwards: x\n", 400},
		{GATE, "Proxy-Require: y\n", 420},
		{GATE, "Route: <sip:192.0.2.1;lr>\n", 0},
		{GATE ";maddr=192.0.2.1", "", 0},
		{GATE ";maddr=192.0.2.77", "", 403},
		{GATE, "", 0},
	};
	struct rig r;

	rig_init(&r, 3, "sip:" GATE_IP ":5060");
	for (unsigned i = 0; i < N(rows); i++) {
		char branch[32];
		struct buf b = buf_over(branch, sizeof(branch));

		buf_fmt(&b, ";branch=z9hG4bK%u", i);
		say(&r, "MESSAGE", rows[i].uri, buf_c(&b), rows[i].lines);
		if (!rows[i].want) {
			assert_true(wire_request(r.gate, "MESSAGE", 1000));
			assert_string_equal(wire_header(r.gate, "Route"), "");
		} else if (wire_final(r.caller, 1000) != rows[i].want) {
			fail_msg("row %u: %.*s", i, STR_ARG(wire_text(r.caller)));
		}
		assert_int_equal(wire_left(r.gate), 0);
	}
	rig_fini(&r);
}

/* RFC3261-16.11-7 RFC3261-16.11-15 RFC3261-16.11-4 RFC3261-16.11-5: the CANCEL and the ACK of a refusal go
 * where their INVITE went, with its branch, and no 200 is ours. */
static void cancels_and_acks_follow_their_invite(void **state)
{
	static const char *const methods[] = {"INVITE", "CANCEL", "ACK"};
	char via[512] = "";
	struct rig r;

	rig_init(&r, 4, "sip:" GATE_IP ":5060");
	for (unsigned i = 0; i < N(methods); i++) {
		say(&r, methods[i], GATE, ";branch=z9hG4bKsame", "");
		assert_true(wire_request(r.gate, methods[i], 1000));
		assert_true(wire_has(r.gate, " sip:9@" GATE_IP ":5060 SIP/2.0"));
		if (i)
			assert_string_equal(wire_header(r.gate, "Via"), via);
		str_to_c(str_c(wire_header(r.gate, "Via")), via, sizeof(via));
	}
	sim_run(&r.k.sim, 1000);
	assert_int_equal(wire_left(r.caller), 0);
	rig_fini(&r);
}

static bool note_port(void *ctx, const struct addr *from, const struct addr *to, struct str bytes)
{
	struct rig *r = ctx;

	(void)from;
	(void)bytes;
	r->answered_port = to->port;
	return false;
}

/* RFC3261-16.11-16 RFC3261-16.11-17 RFC3261-16.11-18 RFC3261-16.11-19 RFC3261-16.11-20: an answer loses our
 * Via and nothing else, and goes where the next one says; one that is not ours goes nowhere. */
static void answers_go_by_the_via_below(void **state)
{
	static const char rest[] =
		"From: <sip:x@elsewhere.example>;tag=1\r\n"
		"X-Odd: %%\r\nTo: <sip:9@example.com>;tag=g\r\nDate: never\r\n"
		"Call-ID: stateless\r\nCSeq: 1 INVITE\r\nContent-Length: 3\r\n\r\n\x01\r\n";
	char ours[256], text[2048], want[1024];
	struct rig r;
	struct buf b = buf_over(text, sizeof(text)), wb = buf_over(want, sizeof(want));
	struct wire *other;

	rig_init(&r, 5, "sip:" GATE_IP ":5060");
	/* without rport: the port that the Via says */
	other = kit_wire(&r.k, "other");
	sim_listen(wire_node(other), TRANSPORT_UDP, 5070);
	wire_node(other)->on_other = note_port;
	wire_node(other)->other_ctx = &r;
	wire_send(other, KIT_IP,
		  "INVITE " GATE " SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.4:5070;branch=z9hG4bKw\n"
		  "From: <sip:x@elsewhere.example>;tag=1\nTo: <sip:9@example.com>\n"
		  "Call-ID: stateless\nCSeq: 1 INVITE\n\n");
	assert_true(wire_request(r.gate, "INVITE", 1000));
	str_to_c(str_c(wire_header(r.gate, "Via")), ours, sizeof(ours));
	buf_fmt(&wb, "SIP/2.0 183 Soon\r\nVia: SIP/2.0/UDP 198.51.100.4:5070;branch=z9hG4bKw\r\n");
	buf_puts(&wb, str_c(rest));
	buf_fmt(&b, "SIP/2.0 183 Soon\r\nVia: %s\r\n", ours);
	buf_fmt(&b, "Via: SIP/2.0/UDP 198.51.100.4:5070;branch=z9hG4bKw\r\n");
	buf_puts(&b, str_c(rest));
	wire_reply(r.gate, buf_c(&b));
	assert_int_equal(wire_status(other, 1000), 183);
	assert_int_equal(r.answered_port, 5070);
	assert_int_equal(wire_text(other).n, strlen(buf_c(&wb)));
	assert_int_equal(strncmp(wire_text(other).p, want, strlen(want)), 0);
	/* another's sent-by, with a branch that is good */
	memcpy(strstr(text, "192.0.2.1"), "192.0.2.9", 9);
	wire_reply(r.gate, text);
	sim_run(&r.k.sim, 1000);
	assert_int_equal(wire_left(other), 0);
	/* ours, with a branch that was not made here */
	memcpy(strstr(text, "192.0.2.9"), "192.0.2.1", 9);
	*(strstr(text, "z9hG4bK-s") + 12) ^= 1;
	wire_reply(r.gate, text);
	sim_run(&r.k.sim, 1000);
	assert_int_equal(wire_left(other), 0);
	rig_fini(&r);
}

/* RFC3261-16.1-3: between a connection and datagrams, and (RFC3261-16.11-6) to names, with state. */
static void keeps_state_where_it_must(void **state)
{
	static const struct {
		const char *to;
		bool stream, state;
	} rows[] = {
		{"sip:" GATE_IP ":5060", false, false},
		{"sip:" GATE_IP ":5060;transport=tcp", true, false},
		{"sip:" GATE_IP ":5060", true, true},
		{"sip:" GATE_IP ":5060;transport=tcp", false, true},
		{"sip:gate.example:5060", false, true},
	};

	for (unsigned i = 0; i < N(rows); i++) {
		struct rig r;
		struct talk t;

		rig_init(&r, 10 + i, rows[i].to);
		sim_zone_a(&r.k.sim, "gate.example", GATE_IP);
		t = talk_new(&r.k, r.caller, NULL);
		t.stream = rows[i].stream;
		talk_say(&t, "INVITE", GATE, "<sip:9@example.com>", "", "");
		assert_true(wire_request(r.gate, "INVITE", 1000));
		sim_run(&r.k.sim, 100);
		if ((wire_status(r.caller, 0) == 100) != rows[i].state)
			fail_msg("row %u", i);
		wire_answer(r.gate, 486, "", "");
		assert_int_equal(wire_final(r.caller, 1000), 486);
		talk_repeat(&t, "ACK", GATE, "<sip:9@example.com>;tag=gate");
		rig_fini(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_copy_is_the_same),
		cmocka_unit_test(what_is_new_has_another_branch),
		cmocka_unit_test(judges_before_it_forwards),
		cmocka_unit_test(cancels_and_acks_follow_their_invite),
		cmocka_unit_test(answers_go_by_the_via_below),
		cmocka_unit_test(keeps_state_where_it_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
