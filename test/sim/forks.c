/* One call, several phones: who answers wins, the others hear CANCEL; what comes late, what comes
 * when all refuse, and what a caller sees who changes his mind (RFC 3261 s16.6 to s16.10). */
#include "kit.h"

#define BOB "sip:bob@example.com"

struct rig {
	struct kit k;
	struct phone *alice;
	struct wire *bob[3];
	struct phone_call *call;
};

/* qs: of the contacts, "" for none. */
static void rig_init(struct rig *r, uint64_t seed, unsigned n, const char *const *qs)
{
	static const char *const names[] = {"bob1", "bob2", "bob3"};

	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->alice = kit_phone(&r->k, "alice", TRANSPORT_UDP);
	r->alice->no_media = true;
	for (unsigned i = 0; i < n; i++) {
		char line[128], ip[ADDR_TEXT_MAX];
		struct buf b = buf_over(line, sizeof(line));
		struct talk t;

		r->bob[i] = kit_wire(&r->k, names[i]);
		t = talk_new(&r->k, r->bob[i], "bob");
		t.password = "pw-bob";
		buf_fmt(&b, "Contact: <sip:%s@%s:5060>%s%s\r\n", names[i], kit_ip(r->bob[i], ip),
			qs && *qs[i] ? ";q=" : "", qs ? qs[i] : "");
		assert_int_equal(talk_register(&t, buf_c(&b)), 200);
	}
}

static void call(struct rig *r, uint32_t cancel_ms)
{
	const struct phone_plan plan = {.cancel_ms = cancel_ms};

	r->call = phone_call(r->alice, BOB, &plan);
	assert_non_null(r->call);
}

/* Bob's phone i has the INVITE as its last message. */
static void rings(struct rig *r, unsigned i)
{
	assert_true(wire_request(r->bob[i], "INVITE", 3000));
	wire_answer(r->bob[i], 180, "", "");
}

static void answers(struct rig *r, unsigned i)
{
	char line[128], ip[ADDR_TEXT_MAX];
	struct buf b = buf_over(line, sizeof(line));

	buf_fmt(&b, "Contact: <sip:bob@%s:5060>\n", kit_ip(r->bob[i], ip));
	wire_answer(r->bob[i], 200, buf_c(&b), KIT_SDP);
}

/* Hears CANCEL, says 200 to it; the INVITE's own end is the caller's next step. */
static void hears_cancel(struct rig *r, unsigned i)
{
	assert_true(wire_request(r->bob[i], "CANCEL", 3000));
	wire_answer(r->bob[i], 200, "", "");
}

/* The INVITE again, to answer it: kept by the scenario. */
static void keep_invite(struct rig *r, unsigned i, char *room, size_t n)
{
	assert_true(wire_request(r->bob[i], "INVITE", 3000));
	str_to_c(wire_text(r->bob[i]), room, n);
}

static void at_invite(struct rig *r, unsigned i, const char *invite)
{
	wire_remember(r->bob[i], KIT_IP, invite);
}

static void expect_end(struct rig *r, enum dlg_cause cause, unsigned status)
{
	kit_wait_ended(&r->k, r->alice, 1, 400000);
	if (r->alice->last.cause != cause || r->alice->last.status != status)
		fail_msg("%s %u, wanted %s %u", phone_cause(r->alice->last.cause),
			 r->alice->last.status, phone_cause(cause), status);
}

static void fini(struct rig *r)
{
	sim_run(&r->k.sim, 150000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

/* ---- */

static void one_answers_the_others_are_cancelled(void **state)
{
	struct rig r;
	char invite[3][4096];

	rig_init(&r, 1, 3, NULL);
	call(&r, 0);
	for (unsigned i = 0; i < 3; i++) {
		keep_invite(&r, i, invite[i], sizeof(invite[i]));
		wire_answer(r.bob[i], 180, "", "");
	}
	sim_run(&r.k.sim, 1000);
	assert_int_equal(r.alice->progress, 3);
	at_invite(&r, 1, invite[1]);
	answers(&r, 1);
	assert_true(wire_request(r.bob[1], "ACK", 3000));
	for (unsigned i = 0; i < 3; i += 2) {
		hears_cancel(&r, i);
		assert_non_null(strstr(wire_text(r.bob[i]).p, "cause=200"));
		at_invite(&r, i, invite[i]);
		wire_answer(r.bob[i], 487, "", "");
		assert_true(wire_request(r.bob[i], "ACK", 3000));
	}
	assert_int_equal(r.alice->answered, 1);
	phone_hangup(r.call);
	assert_true(wire_request(r.bob[1], "BYE", 3000));
	wire_answer(r.bob[1], 200, "", "");
	expect_end(&r, DLG_HUNG_UP, 0);
	fini(&r);
}

static void all_are_busy(void **state)
{
	struct rig r;

	rig_init(&r, 2, 3, NULL);
	call(&r, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(wire_request(r.bob[i], "INVITE", 3000));
		wire_answer(r.bob[i], i == 1 ? 486 : 480, "", "");
		assert_true(wire_request(r.bob[i], "ACK", 3000));
	}
	kit_wait_ended(&r.k, r.alice, 1, 3000);
	assert_int_equal(r.alice->last.cause, DLG_REFUSED);
	assert_int_equal(r.alice->last.status / 10, 48);
	fini(&r);
}

/* s16.7 step 5: a 6xx ends all. */
static void a_decline_ends_all(void **state)
{
	struct rig r;
	char invite[4096];

	rig_init(&r, 3, 2, NULL);
	call(&r, 0);
	keep_invite(&r, 0, invite, sizeof(invite));
	wire_answer(r.bob[0], 180, "", "");
	rings(&r, 1);
	wire_answer(r.bob[1], 603, "", "");
	hears_cancel(&r, 0);
	at_invite(&r, 0, invite);
	wire_answer(r.bob[0], 487, "", "");
	expect_end(&r, DLG_REFUSED, 603);
	fini(&r);
}

/* Also those of lower q that were not tried yet. */
static void a_decline_is_the_last_word(void **state)
{
	static const char *const qs[] = {"1.0", "0.5"};
	struct rig r;

	rig_init(&r, 12, 2, qs);
	call(&r, 0);
	rings(&r, 0);
	wire_answer(r.bob[0], 603, "", "");
	expect_end(&r, DLG_REFUSED, 603);
	assert_int_equal(wire_left(r.bob[1]), 0);
	fini(&r);
}

/* Lower q is tried when higher ones have refused. */
static void by_the_order_of_q(void **state)
{
	static const char *const qs[] = {"0.5", "1.0", "0.5"};
	struct rig r;

	rig_init(&r, 4, 3, qs);
	call(&r, 0);
	rings(&r, 1);
	sim_run(&r.k.sim, 3000);
	assert_int_equal(wire_left(r.bob[0]), 0);
	wire_answer(r.bob[1], 486, "", "");
	rings(&r, 0);
	rings(&r, 2);
	wire_answer(r.bob[2], 486, "", "");
	wire_answer(r.bob[0], 404, "", "");
	kit_wait_ended(&r.k, r.alice, 1, 3000);
	assert_int_equal(r.alice->last.cause, DLG_REFUSED);
	fini(&r);
}

static void the_caller_cancels_all(void **state)
{
	struct rig r;
	char invite[2][4096];

	rig_init(&r, 5, 2, NULL);
	call(&r, 2000);
	for (unsigned i = 0; i < 2; i++) {
		keep_invite(&r, i, invite[i], sizeof(invite[i]));
		wire_answer(r.bob[i], 180, "", "");
	}
	for (unsigned i = 0; i < 2; i++) {
		hears_cancel(&r, i);
		at_invite(&r, i, invite[i]);
		wire_answer(r.bob[i], 487, "", "");
		assert_true(wire_request(r.bob[i], "ACK", 3000));
	}
	expect_end(&r, DLG_CANCELED, 0);
	fini(&r);
}

/* s9.1: no CANCEL before a provisional response; then at once. */
static void a_cancel_waits_for_a_provisional(void **state)
{
	struct rig r;
	char invite[4096];

	rig_init(&r, 6, 1, NULL);
	call(&r, 300);
	keep_invite(&r, 0, invite, sizeof(invite));
	sim_run(&r.k.sim, 3000);
	while (!str_empty(wire_take(r.bob[0], 0)))
		assert_true(str_starts(wire_text(r.bob[0]), STR("INVITE ")));
	at_invite(&r, 0, invite);
	wire_answer(r.bob[0], 180, "", "");
	hears_cancel(&r, 0);
	at_invite(&r, 0, invite);
	wire_answer(r.bob[0], 487, "", "");
	expect_end(&r, DLG_CANCELED, 0);
	fini(&r);
}

/* The 2xx of a phone that crosses the CANCEL goes upstream all the same (s16.7 step 5, s13.2.2.4):
 * the caller acknowledges it and hangs up. */
static void a_late_answer_is_hung_up(void **state)
{
	struct rig r;
	char invite[2][4096];

	rig_init(&r, 7, 2, NULL);
	call(&r, 0);
	for (unsigned i = 0; i < 2; i++) {
		keep_invite(&r, i, invite[i], sizeof(invite[i]));
		wire_answer(r.bob[i], 180, "", "");
	}
	sim_run(&r.k.sim, 500);
	for (unsigned i = 0; i < 2; i++) {
		at_invite(&r, i, invite[i]);
		answers(&r, i);
	}
	/* One stays, one is hung up; which is the caller's business. */
	sim_run(&r.k.sim, 2000);
	for (unsigned i = 0, byes = 0; i < 2; i++) {
		assert_true(wire_request(r.bob[i], "ACK", 3000));
		if (wire_request(r.bob[i], "BYE", 1000)) {
			wire_answer(r.bob[i], 200, "", "");
			byes++;
		}
		if (i == 1)
			assert_int_equal(byes, 1);
	}
	assert_int_equal(r.alice->answered, 1);
	phone_hangup(r.call);
	assert_true(wire_request(r.bob[0], "BYE", 1000) || wire_request(r.bob[1], "BYE", 1000));
	if (!str_empty(wire_text(r.bob[0])))
		wire_answer(r.bob[0], 200, "", "");
	else
		wire_answer(r.bob[1], 200, "", "");
	expect_end(&r, DLG_HUNG_UP, 0);
	fini(&r);
}

/* Timer C (s16.6 step 11, s16.8): rings for three minutes and is then given up. */
static void timer_c_ends_what_rings_for_ever(void **state)
{
	struct rig r;
	uint64_t rang;
	char invite[4096];

	rig_init(&r, 8, 1, NULL);
	call(&r, 0);
	keep_invite(&r, 0, invite, sizeof(invite));
	wire_answer(r.bob[0], 180, "", "");
	sim_run(&r.k.sim, 100000);
	wire_answer(r.bob[0], 180, "", ""); /* begins it anew */
	rang = sim_now_ms(&r.k.sim);
	assert_true(wire_request(r.bob[0], "CANCEL", 400000));
	assert_in_range(sim_now_ms(&r.k.sim) - rang, 181000, 181200);
	wire_answer(r.bob[0], 200, "", "");
	at_invite(&r, 0, invite);
	wire_answer(r.bob[0], 487, "", "");
	kit_wait_ended(&r.k, r.alice, 1, 3000);
	assert_int_equal(r.alice->last.cause, DLG_REFUSED);
	fini(&r);
}

/* Nobody is there: timer B of the branch, 408 upstream. */
static void nobody_there_gives_408(void **state)
{
	struct rig r;
	uint64_t start;

	rig_init(&r, 9, 1, NULL);
	sim_isolate(wire_node(r.bob[0]), true);
	start = sim_now_ms(&r.k.sim);
	call(&r, 0);
	expect_end(&r, DLG_REFUSED, 408);
	assert_in_range(sim_now_ms(&r.k.sim) - start, 32000, 32300);
	fini(&r);
}

/* ICMP says at once that nobody listens. */
static void a_closed_port_gives_480_at_once(void **state)
{
	struct rig r;
	uint64_t start;

	rig_init(&r, 10, 1, NULL);
	sim_kill(wire_node(r.bob[0]), false);
	start = sim_now_ms(&r.k.sim);
	call(&r, 0);
	expect_end(&r, DLG_REFUSED, 480);
	assert_in_range(sim_now_ms(&r.k.sim) - start, 0, 1000);
	fini(&r);
}

/* 503 of one phone says nothing of the others (s16.7 step 6). */
static void a_503_becomes_500(void **state)
{
	struct rig r;

	rig_init(&r, 11, 1, NULL);
	call(&r, 0);
	assert_true(wire_request(r.bob[0], "INVITE", 3000));
	wire_answer(r.bob[0], 503, "Retry-After: 10\n", "");
	expect_end(&r, DLG_REFUSED, 500);
	fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_answers_the_others_are_cancelled),
		cmocka_unit_test(all_are_busy),
		cmocka_unit_test(a_decline_ends_all),
		cmocka_unit_test(a_decline_is_the_last_word),
		cmocka_unit_test(by_the_order_of_q),
		cmocka_unit_test(the_caller_cancels_all),
		cmocka_unit_test(a_cancel_waits_for_a_provisional),
		cmocka_unit_test(a_late_answer_is_hung_up),
		cmocka_unit_test(timer_c_ends_what_rings_for_ever),
		cmocka_unit_test(nobody_there_gives_408),
		cmocka_unit_test(a_closed_port_gives_480_at_once),
		cmocka_unit_test(a_503_becomes_500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
