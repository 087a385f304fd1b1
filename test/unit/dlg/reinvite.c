/* What re-INVITEs and UPDATEs change, and when, by the statements of RFC 6141 and RFC 3311. */
#include "call.h"

#define REINVITE "INVITE sip:bob@127"
#define MOVED "Contact: <sip:bob@moved>\r\n"
#define RELIABLE "Require: 100rel\r\n"

static void target_is(struct call *c, const char *uri)
{
	assert_str(dlg_session_dialog(c->s)->target, str_c(uri));
}

static void reoffer(struct call *c)
{
	assert_int_equal(dlg_session_reoffer(c->s, STR(SDP_A)), 0);
	assert_true(str_starts(fake_take(&c->f), STR("INVITE ")));
}

/* ---- the peer's requests refresh the target when they are accepted ---- */

/* A re-INVITE has its final response at once: nothing was done before that a refusal had to undo.
 * RFC3261-8.2-1, RFC3261-8.2-2, RFC3261-12.2.2-6, RFC3311-5.2-6, RFC6141-3.3-1, RFC6141-4.2-1,
 * RFC6141-4.6-1, RFC6141-4.6-3, RFC6141-4.6-4 */
static void a_target_is_taken_with_a_2xx_only(void **state)
{
	static const struct {
		const char *method, *lines, *sdp;
		unsigned refuse, status;
	} rows[] = {
		{"INVITE", MOVED, SDP_A, 488, 488},
		{"INVITE", MOVED, SDP_A, 0, 200},
		{"INVITE", MOVED, NULL, 0, 200},
		{"INVITE", MOVED "Supported: timer\r\nSession-Expires: 30\r\n", SDP_A, 0, 422},
		{"UPDATE", MOVED, SDP_A, 488, 488},
		{"UPDATE", MOVED, SDP_A, 0, 200},
		{"UPDATE", MOVED, NULL, 0, 200},
		{"UPDATE", MOVED "Supported: timer\r\nSession-Expires: 30\r\n", SDP_A, 0, 422},
		{"INFO", MOVED, NULL, 0, 200},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;
		bool taken = rows[i].status == 200 && strcmp(rows[i].method, "INFO");
		char line[32];

		get_and_answer(&c);
		c.offer_status = rows[i].refuse;
		from_bob(&c, rows[i].method, 11, "bob1", rows[i].lines, rows[i].sdp);
		snprintf(line, sizeof(line), "SIP/2.0 %u ", rows[i].status);
		has(fake_take(&c.f), line);
		assert_true(fake_nothing(&c.f));
		target_is(&c, taken ? "sip:bob@moved" : "sip:bob@127.0.0.2:5070");
		assert_int_equal(c.offers, rows[i].status == 422 ? 0 : rows[i].sdp != NULL);
		dlg_session_detach(&c.s);
		if (taken)
			from_bob(&c, "ACK", 11, "bob1", NULL, rows[i].sdp ? NULL : SDP_A);
		finish(&c);
	}
}

/* RFC6141-5.4-1 */
static void a_newer_reinvite_shows_that_the_dialog_lives(void **state)
{
	for (unsigned newer = 0; newer < 2; newer++) {
		struct call c;

		get_and_answer(&c);
		from_bob(&c, "INVITE", 11, "bob1", MOVED, NULL); /* the offer is ours */
		fake_take(&c.f);
		if (newer) {
			from_bob(&c, "INVITE", 12, "bob1", MOVED, SDP_A);
			assert_string_equal(fake_line(&c.f), "SIP/2.0 491 Request Pending");
		}
		world_run(&c.w, 31900);
		while (!fake_nothing(&c.f))
			assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
		world_run(&c.w, 1000);
		if (newer) {
			assert_true(dlg_session_is_up(c.s));
			from_bob(&c, "INVITE", 13, "bob1", MOVED, SDP_A);
			assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
			from_bob(&c, "ACK", 13, "bob1", NULL, NULL);
			dlg_session_detach(&c.s);
		} else {
			assert_string_equal(fake_line(&c.f), "BYE sip:bob@moved SIP/2.0");
		}
		finish(&c);
	}
}

/* ---- responses of the peer ---- */

/* RFC6141-4.2-2, RFC6141-4.7-1, RFC6141-4.7-2 */
static void which_responses_refresh_the_target(void **state)
{
	static const struct {
		unsigned status;
		const char *lines;
		bool taken;
	} rows[] = {
		{100, MOVED RELIABLE "RSeq: 1\r\n", false},
		{180, MOVED, false},
		{183, MOVED "RSeq: 1\r\n", false},
		{183, MOVED RELIABLE "RSeq: 1\r\n", true},
		{200, MOVED, true},
		{200, "", false},
		{488, MOVED, false},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;

		place_and_answer(&c);
		reoffer(&c);
		fake_answer(&c.f, REINVITE, rows[i].status, NULL, rows[i].lines,
			    rows[i].status == 200 ? SDP_B : NULL);
		target_is(&c, rows[i].taken ? "sip:bob@moved" : "sip:bob@127.0.0.2:5070");
		if (rows[i].status < 200)
			fake_answer(&c.f, REINVITE, 200, NULL, "", SDP_B);
		dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* RFC6141-4.7-1 */
static void a_2xx_to_update_refreshes_the_target(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 200, "b1",
		    CONTACT "Session-Expires: 100;refresher=uac\r\nAllow: UPDATE\r\n", SDP_B);
	fake_take(&c.f);
	world_run(&c.w, 50001);
	has(fake_take(&c.f), "UPDATE ");
	fake_answer(&c.f, "UPDATE", 200, NULL, MOVED "Session-Expires: 100;refresher=uac\r\n",
		    NULL);
	target_is(&c, "sip:bob@moved");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* s4.9: an early dialog keeps its target until a reliable response names another.
 * RFC6141-4.7-1, RFC6141-4.7-2 */
static void early_targets(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 180, "b1", CONTACT, NULL);
	fake_answer(&c.f, "INVITE", 180, "b1", "Contact: <sip:bob@unreliable>\r\n", NULL);
	fake_answer(&c.f, "INVITE", 183, "b1", RELIABLE "RSeq: 1\r\n", NULL);
	assert_string_equal(fake_line(&c.f), "PRACK sip:bob@127.0.0.2:5070 SIP/2.0");
	fake_answer(&c.f, "INVITE", 183, "b1", MOVED RELIABLE "RSeq: 2\r\n", NULL);
	assert_string_equal(fake_line(&c.f), "PRACK sip:bob@moved SIP/2.0");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* ---- reliable responses to our re-INVITE, and what fails after them ---- */

/* RFC3262-4-6, RFC3262-5-4 */
static void a_reliable_answer_to_a_reinvite(void **state)
{
	struct call c;
	struct str m;

	place_and_answer(&c);
	reoffer(&c);
	fake_answer(&c.f, REINVITE, 183, NULL, RELIABLE "RSeq: 5\r\n", SDP_B);
	m = fake_take(&c.f);
	has(m, "PRACK sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
	has(m, "RAck: 5 ");
	assert_int_equal(c.answers, 1);
	fake_answer(&c.f, REINVITE, 183, NULL, RELIABLE "RSeq: 5\r\n", SDP_B);
	assert_true(fake_nothing(&c.f));
	assert_int_equal(c.answers, 1);
	from_bob(&c, "UPDATE", 7, "b1", NULL, SDP_A); /* ours is answered: he may offer */
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_int_equal(c.offers, 1);
	fake_answer(&c.f, REINVITE, 200, NULL, CONTACT, NULL);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.answers, 1);
	assert_true(dlg_session_is_up(c.s));
	dlg_session_detach(&c.s);
	finish(&c);
}

/* s3.4: part of it had been done; the user takes it back, and the peer hears what holds now.  Once.
 * RFC6141-3.4-1, RFC6141-3.4-2, RFC6141-5.3-3 */
static void a_refusal_after_changes_is_told_again(void **state)
{
	static const struct {
		const char *lines, *sdp; /* of a reliable 183 */
		const char *update; /* lines of an UPDATE of the peer's */
		bool again;
	} rows[] = {
		{NULL, NULL, NULL, false},
		{RELIABLE "RSeq: 1\r\n", NULL, NULL, false},
		{RELIABLE "RSeq: 1\r\n", SDP_B, NULL, true},
		{MOVED RELIABLE "RSeq: 1\r\n", NULL, NULL, true},
		{NULL, NULL, MOVED, true},
		{NULL, NULL, "", false},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;

		place_and_answer(&c);
		reoffer(&c);
		if (rows[i].lines) {
			fake_answer(&c.f, REINVITE, 183, NULL, rows[i].lines, rows[i].sdp);
			assert_true(str_starts(fake_take(&c.f), STR("PRACK ")));
		}
		if (rows[i].update) {
			from_bob(&c, "UPDATE", 7, "b1", rows[i].update, NULL);
			assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
		}
		fake_answer(&c.f, REINVITE, 488, NULL, NULL, NULL);
		assert_int_equal(c.reoffer_status, 488);
		assert_int_equal(c.wanted, 0);
		c.reoffer_status = 0;
		world_run(&c.w, 1);
		assert_int_equal(c.wanted,
				 rows[i].again); /* asked for after the refusal was told */
		if (rows[i].again) {
			has(fake_take(&c.f), "m=audio 5000");
			fake_answer(&c.f, "INVITE sip:bob@", 183, NULL, RELIABLE "RSeq: 9\r\n",
				    SDP_B);
			assert_true(str_starts(fake_take(&c.f), STR("PRACK ")));
			fake_answer(&c.f, "INVITE sip:bob@", 488, NULL, NULL, NULL);
			assert_int_equal(c.reoffer_status, 0);
		}
		world_run(&c.w, 5000);
		if (!fake_nothing(&c.f))
			fail_msg("row %u: once more", i);
		assert_true(dlg_session_is_up(c.s));
		dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* ---- UPDATE ---- */

static unsigned retry_after(struct str m)
{
	const char *at = memmem(m.p, m.n, "Retry-After: ", 13);

	assert_non_null(at);
	return (unsigned)strtoul(at + 13, NULL, 10);
}

/* RFC3311-5.2-3 */
static void an_offer_before_the_answer_to_the_last(void **state)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < 60; i++) {
		struct call c;
		struct str m;
		unsigned wait;

		get_call(&c, NULL, SDP_A);
		c.w.seed = i + 1;
		from_bob(&c, "UPDATE", 11, "bob1", NULL, SDP_A);
		m = fake_take(&c.f);
		has(m, "SIP/2.0 500 ");
		wait = retry_after(m);
		assert_in_range(wait, 0, 10);
		seen |= 1u << wait;
		assert_int_equal(c.offers, 0);
		dlg_session_detach(&c.s);
		finish(&c);
	}
	assert_true(__builtin_popcount(seen) > 5); /* by chance */
}

/* RFC3311-5.2-2 */
static void an_offer_while_ours_has_no_answer(void **state)
{
	struct call c;

	get_and_answer(&c);
	reoffer(&c);
	from_bob(&c, "UPDATE", 12, "bob1", NULL, SDP_A); /* ours in a re-INVITE */
	assert_string_equal(fake_line(&c.f), "SIP/2.0 491 Request Pending");
	fake_answer(&c.f, REINVITE, 200, NULL, CONTACT, SDP_B);
	fake_take(&c.f);
	from_bob(&c, "INVITE", 13, "bob1", NULL, NULL);
	fake_take(&c.f);
	from_bob(&c, "UPDATE", 14, "bob1", NULL, SDP_A); /* ours in a 2xx */
	assert_string_equal(fake_line(&c.f), "SIP/2.0 491 Request Pending");
	from_bob(&c, "ACK", 13, "bob1", NULL, SDP_A);
	assert_int_equal(c.offers, 0);
	from_bob(&c, "UPDATE", 15, "bob1", NULL, SDP_A);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-14.1-2, RFC3261-14.1-3, RFC3261-14.1-4, RFC3264-4-1, RFC3264-4-2 */
static void no_offer_of_ours_before_the_last_is_answered(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	assert_int_equal(dlg_session_reoffer(c.s, STR(SDP_A)), -ENOTCONN);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_B);
	fake_take(&c.f);
	reoffer(&c);
	assert_int_equal(dlg_session_reoffer(c.s, STR(SDP_A)), -EBUSY);
	fake_answer(&c.f, REINVITE, 200, NULL, CONTACT, SDP_B);
	fake_take(&c.f);
	from_bob(&c, "INVITE", 7, "b1", NULL, SDP_A);
	fake_take(&c.f);
	assert_int_equal(dlg_session_reoffer(c.s, STR(SDP_A)), -EBUSY); /* no ACK yet */
	assert_true(fake_nothing(&c.f));
	from_bob(&c, "ACK", 7, "b1", NULL, NULL);
	assert_int_equal(dlg_session_reoffer(c.s, STR(SDP_A)), 0);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3311-4-3, RFC3311-5.2-5 */
static void an_update_is_answered_at_once(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, NULL, SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	has(fake_take(&c.f), "PRACK, UPDATE\r\n");
	dlg_session_answer(c.s, STR(SDP_B));
	has(fake_take(&c.f), "PRACK, UPDATE\r\n");
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	from_bob(&c, "UPDATE", 11, "bob1", NULL, SDP_A);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 200 OK");
	has(m, "m=audio 5000");
	assert_int_equal(c.offers, 1);
	assert_string_equal(c.sdp, SDP_A);
	dlg_session_detach(&c.s);
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_taken_with_a_2xx_only),
		cmocka_unit_test(a_newer_reinvite_shows_that_the_dialog_lives),
		cmocka_unit_test(which_responses_refresh_the_target),
		cmocka_unit_test(a_2xx_to_update_refreshes_the_target),
		cmocka_unit_test(early_targets),
		cmocka_unit_test(a_reliable_answer_to_a_reinvite),
		cmocka_unit_test(a_refusal_after_changes_is_told_again),
		cmocka_unit_test(an_offer_before_the_answer_to_the_last),
		cmocka_unit_test(an_offer_while_ours_has_no_answer),
		cmocka_unit_test(no_offer_of_ours_before_the_last_is_answered),
		cmocka_unit_test(an_update_is_answered_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
