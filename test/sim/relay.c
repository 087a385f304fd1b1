/* No open relay: what strangers and users may ask of the server, and that what is refused reaches
 * nobody.  In-dialog requests pass by the MAC of our Record-Route and by nothing else. */
#include "kit.h"

#define VICTIM "203.0.113.7"

struct rig {
	struct kit k;
	struct wire *victim; /* at a foreign domain; its name is victim.example */
	struct wire *callee; /* bob's phone */
	struct wire *caller;
};

static void rig_init(struct rig *r, uint64_t seed)
{
	struct talk bob;

	kit_init(&r->k, seed);
	r->victim = wire_new(&r->k.sim, "victim", VICTIM);
	r->k.wire[r->k.n_wires++] = r->victim;
	sim_zone_a(&r->k.sim, "victim.example", VICTIM);
	r->callee = kit_wire(&r->k, "bob");
	r->caller = kit_wire(&r->k, "caller");
	bob = talk_new(&r->k, r->callee, "bob");
	bob.password = "pw-bob";
	assert_int_equal(talk_register(&bob, "Contact: <sip:bob@198.51.100.3:5060>\r\n"), 200);
}

/* ---- requests from outside ---- */

struct row {
	const char *method, *uri, *from, *to, *lines;
	int want; /* final status; -1: silence */
	unsigned reaches_bob;
};

static const char *const out_methods[] = {"INVITE", "MESSAGE", "SUBSCRIBE", "BYE",
					  "NOTIFY", "REFER",   "PUBLISH",   "INFO",
					  "UPDATE", "PRACK",   "OPTIONS",   "FROB"};

static void check(struct rig *r, const struct row *row, unsigned i)
{
	struct talk t = talk_new(&r->k, r->caller, NULL);
	unsigned got_bob = 0;
	int got;

	t.from = row->from;
	got = talk_ask(&t, row->method, row->uri, row->to, row->lines, "");
	while (!str_empty(wire_take(r->callee, 0)))
		got_bob = 1;
	if (got != row->want || got_bob != row->reaches_bob || wire_left(r->victim))
		fail_msg("row %u: %s %s from %s: %d, wanted %d; bob %s, victim %s", i, row->method,
			 row->uri, row->from, got, row->want, got_bob ? "hears" : "deaf",
			 wire_left(r->victim) ? "hears" : "deaf");
}

#define STRANGER "sip:mallory@elsewhere.example"
#define LOCAL "sip:alice@example.com"
#define BOB "<sip:bob@example.com>"
#define OUT "sip:x@victim.example"

static void refuses_to_relay(void **state)
{
	static const struct row rows[] = {
		{"INVITE", OUT, STRANGER, "<sip:x@victim.example>", "", 403, 0},
		{"INVITE", "sip:x@203.0.113.7", STRANGER, "<sip:x@victim.example>", "", 403, 0},
		{"INVITE", "sip:x@victim.example:5060;transport=tcp", STRANGER, BOB, "", 403, 0},
		{"INVITE", "sip:x@victim.example;maddr=203.0.113.7", STRANGER, BOB, "", 403, 0},
		/* bob's URI, but the way there leads elsewhere */
		{"INVITE", "sip:bob@example.com", STRANGER, BOB, "Route: <sip:203.0.113.7;lr>\r\n",
		 403, 0},
		{"INVITE", "sip:bob@example.com", STRANGER, BOB,
		 "Route: <sip:192.0.2.1;lr>, <sip:203.0.113.7;lr>\r\n", 403, 0},
		/* To tags, our Route without a MAC, with somebody's */
		{"BYE", OUT, STRANGER, "<sip:x@victim.example>;tag=1", "", 403, 0},
		{"BYE", OUT, STRANGER, "<sip:x@victim.example>;tag=1",
		 "Route: <sip:192.0.2.1;lr>\r\n", 403, 0},
		{"BYE", OUT, STRANGER, "<sip:x@victim.example>;tag=1",
		 "Route: <sip:192.0.2.1;lr;m=AAAAAAAAAAA>\r\n", 403, 0},
		{"INVITE", OUT, STRANGER, "<sip:x@victim.example>;tag=1",
		 "Route: "
		 "<sip:AQAAAAAAAAAAAAAAxBMEAMsAcQcAAAAAAAAAAAAAAAA@192.0.2.1;lr;m=AAAAAAAAAAA>\r\n",
		 403, 0},
		/* strict routing */
		{"INVITE", "sip:192.0.2.1;lr;m=AAAAAAAAAAA", STRANGER, BOB,
		 "Route: <sip:x@victim.example>\r\n", 403, 0},
		/* ACK and CANCEL for nothing */
		{"ACK", OUT, STRANGER, "<sip:x@victim.example>;tag=1", "", -1, 0},
		{"ACK", OUT, STRANGER, "<sip:x@victim.example>;tag=1",
		 "Route: <sip:192.0.2.1;lr>, <sip:203.0.113.7;lr>\r\n", -1, 0},
		{"ACK", "sip:bob@example.com", STRANGER, "<sip:bob@example.com>;tag=1",
		 "Route: <sip:203.0.113.7;lr>\r\n", -1, 0},
		{"CANCEL", OUT, STRANGER, "<sip:x@victim.example>", "", 481, 0},
		/* who says that he is ours says it with a password */
		{"INVITE", OUT, LOCAL, "<sip:x@victim.example>", "", 407, 0},
		{"INVITE", "sip:bob@example.com", LOCAL, BOB, "", 407, 0},
		{"MESSAGE", "sip:bob@example.com", LOCAL, BOB, "", 407, 0},
		{"INVITE", "sip:bob@example.com", "sip:alice@192.0.2.1", BOB, "", 407, 0},
		/* what is for us */
		{"INVITE", "sip:nobody@example.com", STRANGER, BOB, "", 404, 0},
		{"INVITE", "sip:carol@example.com", STRANGER, BOB, "", 480, 0},
		{"OPTIONS", "sip:example.com", STRANGER, "<sip:example.com>", "", 200, 0},
		{"OPTIONS", "sip:192.0.2.1", STRANGER, "<sip:192.0.2.1>", "", 200, 0},
		{"MESSAGE", "sip:example.com", STRANGER, "<sip:example.com>", "", 405, 0},
		{"MESSAGE", "sip:bob@example.com", STRANGER, BOB, "Proxy-Require: x\r\n", 420, 0},
		{"MESSAGE", "sip:bob@example.com", STRANGER, BOB, "", -1, 1},
		{"INVITE", "urn:service:sos", STRANGER, BOB, "", 416, 0},
		{"REGISTER", "sip:victim.example", STRANGER, "<sip:x@victim.example>", "", 403, 0},
	};
	struct rig r;

	rig_init(&r, 1);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&r, &rows[i], i);
	for (unsigned i = 0; i < sizeof(out_methods) / sizeof(out_methods[0]); i++) {
		struct row row = {
			out_methods[i], OUT, STRANGER, "<sip:x@victim.example>", "", 403, 0};

		check(&r, &row, 100 + i);
		row.from = LOCAL;
		row.want = 407;
		check(&r, &row, 200 + i);
	}
	kit_fini(&r.k);
}

static void max_forwards_end_here(void **state)
{
	struct rig r;

	rig_init(&r, 2);
	wire_send(r.caller, KIT_IP,
		  "INVITE sip:bob@example.com SIP/2.0\nVia: SIP/2.0/UDP "
		  "198.51.100.4:5060;branch=z9hG4bKx\n"
		  "Max-Forwards: 0\nFrom: <" STRANGER ">;tag=1\nTo: " BOB
		  "\nCall-ID: mf\nCSeq: 1 INVITE\n"
		  "Content-Length: 0\n\n");
	assert_int_equal(wire_final(r.caller, 3000), 483);
	assert_int_equal(wire_left(r.callee), 0);
	kit_fini(&r.k);
}

/* ---- users may go out, as themselves ---- */

static void users_may_go_out(void **state)
{
	struct rig r;
	struct talk t;

	rig_init(&r, 3);
	t = talk_new(&r.k, r.caller, "alice");
	talk_say(&t, "MESSAGE", OUT, "<sip:x@victim.example>", "", "");
	assert_int_equal(wire_final(r.caller, 3000), 407);
	talk_credentials(&t, "alice", "pw-alice", "MESSAGE", OUT, 1);
	talk_say(&t, "MESSAGE", OUT, "<sip:x@victim.example>", "", "");
	assert_true(wire_request(r.victim, "MESSAGE", 3000));
	assert_string_equal(wire_header(r.victim, "Max-Forwards"), "69");
	/* what we have checked goes no further (s22.3) */
	assert_string_equal(wire_header(r.victim, "Proxy-Authorization"), "");
	wire_answer(r.victim, 200, "", "");
	assert_int_equal(wire_final(r.caller, 3000), 200);
	kit_fini(&r.k);
}

static void users_may_not_be_others(void **state)
{
	struct rig r;
	struct talk t;

	rig_init(&r, 4);
	t = talk_new(&r.k, r.caller, "alice");
	t.from = "sip:bob@example.com";
	t.password = "pw-alice";
	assert_int_equal(talk_ask(&t, "MESSAGE", OUT, "<sip:x@victim.example>", "", ""), 403);
	assert_int_equal(wire_left(r.victim), 0);
	kit_fini(&r.k);
}

/* ---- in dialogs ---- */

struct dialog {
	struct talk t;
	char route[512]; /* what the caller learnt */
	char to[256];
};

/* A stranger calls bob, who answers. */
static void set_up(struct rig *r, struct dialog *d)
{
	d->t = talk_new(&r->k, r->caller, NULL);
	talk_say(&d->t, "INVITE", "sip:bob@example.com", BOB,
		 "Contact: <sip:mallory@198.51.100.4:5060>\r\n", KIT_SDP);
	assert_true(wire_request(r->callee, "INVITE", 3000));
	wire_answer(r->callee, 200, "Contact: <sip:bob@198.51.100.3:5060>\n", KIT_SDP);
	assert_int_equal(wire_final(r->caller, 3000), 200);
	str_to_c(str_c(wire_header(r->caller, "Record-Route")), d->route, sizeof(d->route));
	str_to_c(str_c(wire_header(r->caller, "To")), d->to, sizeof(d->to));
	assert_true(d->route[0]);
}

static int within(struct rig *r, struct dialog *d, const char *method, const char *uri,
		  const char *route)
{
	char lines[640];
	struct buf b = buf_over(lines, sizeof(lines));

	buf_fmt(&b, "Route: %s\r\n", route);
	talk_say(&d->t, method, uri, d->to, buf_c(&b), "");
	return wire_final(r->caller, 3000);
}

static void a_good_mac_passes(void **state)
{
	struct rig r;
	struct dialog d;

	rig_init(&r, 5);
	set_up(&r, &d);
	d.t.cseq--;
	within(&r, &d, "ACK", "sip:bob@198.51.100.3:5060", d.route);
	assert_true(wire_request(r.callee, "ACK", 3000));
	within(&r, &d, "BYE", "sip:bob@198.51.100.3:5060", d.route);
	assert_true(wire_request(r.callee, "BYE", 3000));
	wire_answer(r.callee, 200, "", "");
	assert_int_equal(wire_final(r.caller, 3000), 200);
	sim_run(&r.k.sim, 100000);
	kit_quiet(&r.k);
	kit_fini(&r.k);
}

static void a_forged_mac_is_judged_anew(void **state)
{
	struct rig r;
	struct dialog d;
	char forged[512];
	char *m;

	rig_init(&r, 6);
	set_up(&r, &d);
	str_to_c(str_c(d.route), forged, sizeof(forged));
	m = strstr(forged, ";m=");
	assert_non_null(m);
	m[3] = m[3] == 'A' ? 'B' : 'A';
	/* to a victim: refused; and with the true MAC only within this dialog */
	assert_int_equal(within(&r, &d, "BYE", OUT, forged), 403);
	assert_int_equal(wire_left(r.victim), 0);
	d.t.call_id[0] ^= 1;
	assert_int_equal(within(&r, &d, "BYE", OUT, d.route), 403);
	d.t.call_id[0] ^= 1;
	d.t.tag[0] ^= 1;
	assert_int_equal(within(&r, &d, "BYE", OUT, d.route), 403);
	d.t.tag[0] ^= 1;
	/* without a To tag it is no dialog */
	str_to_c(STR("<sip:x@victim.example>"), d.to, sizeof(d.to));
	assert_int_equal(within(&r, &d, "INVITE", OUT, d.route), 403);
	assert_int_equal(wire_left(r.victim), 0);
	sim_run(&r.k.sim, 100000);
	kit_fini(&r.k);
}

/* Both keys come from the database: a restart forgets no dialog. */
static void macs_survive_a_restart(void **state)
{
	struct rig r;
	struct dialog d;

	rig_init(&r, 7);
	set_up(&r, &d);
	server_crash(r.k.server, false);
	sim_run(&r.k.sim, 1000);
	server_start(r.k.server);
	while (!str_empty(wire_take(r.callee, 0)))
		;
	within(&r, &d, "BYE", "sip:bob@198.51.100.3:5060", d.route);
	assert_true(wire_request(r.callee, "BYE", 3000));
	kit_fini(&r.k);
}

/* The callee's side finds its way back by the same Route. */
static void the_callee_may_end_it(void **state)
{
	struct rig r;
	struct dialog d;
	struct talk back;
	char from[256], lines[640];
	struct buf b = buf_over(lines, sizeof(lines));

	rig_init(&r, 8);
	set_up(&r, &d);
	buf_fmt(&b, "Route: %s\r\n", d.route);
	back = talk_new(&r.k, r.callee, "bob");
	memcpy(back.call_id, d.t.call_id, sizeof(back.call_id));
	memcpy(back.tag, "bob", 4);
	buf_c(&b);
	b = buf_over(from, sizeof(from));
	buf_fmt(&b,
		"<"
		"sip:stranger@elsewhere.example"
		">;tag=%s",
		d.t.tag);
	talk_say(&back, "BYE", "sip:mallory@198.51.100.4:5060", buf_c(&b), lines, "");
	assert_true(wire_request(r.caller, "BYE", 3000));
	wire_answer(r.caller, 200, "", "");
	assert_int_equal(wire_final(r.callee, 3000), 200);
	kit_fini(&r.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_to_relay),
		cmocka_unit_test(max_forwards_end_here),
		cmocka_unit_test(users_may_go_out),
		cmocka_unit_test(users_may_not_be_others),
		cmocka_unit_test(a_good_mac_passes),
		cmocka_unit_test(a_forged_mac_is_judged_anew),
		cmocka_unit_test(macs_survive_a_restart),
		cmocka_unit_test(the_callee_may_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
