/* Session timers by the statements of RFC 4028: who refreshes, when, and what a refusal costs. */
#include "call.h"

#define TIMER "Supported: timer\r\n"
#define REINVITE "INVITE sip:bob@127"

/* Bob answers Alice's call with these lines. */
static void call_with(struct call *c, const char *lines)
{
	char all[512];

	snprintf(all, sizeof(all), CONTACT "%s", lines);
	begin(c);
	place(c, SDP_A);
	fake_answer(&c->f, "INVITE", 200, "b1", all, SDP_B);
	fake_take(&c->f);
}

/* The next message goes out after exactly so long. */
static struct str after(struct call *c, uint64_t ms)
{
	world_run(&c->w, ms - 1);
	assert_true(fake_nothing(&c->f));
	world_run(&c->w, 1);
	return fake_take(&c->f);
}

/* ---- being asked ---- */

/* RFC4028-4-2, RFC4028-5-1, RFC4028-5-2, RFC4028-6-1, RFC4028-9-1, RFC4028-9-2, RFC4028-9-3,
 * RFC4028-9-4, RFC4028-9-5, RFC4028-9-6, RFC4028-9-7, RFC4028-9-8 */
static void what_our_2xx_says(void **state)
{
	static const struct {
		const char *lines, *answer; /* NULL: no session timer */
		bool require, too_small;
	} rows[] = {
		{"", NULL, false, false},
		{TIMER, NULL, false, false},
		{TIMER "Session-Expires: 91\r\n", "91;refresher=uac", true, false},
		{TIMER "x: 90\r\n", "90;refresher=uac", true, false},
		{TIMER "Session-Expires: 86400;refresher=uac\r\n", "86400;refresher=uac", true,
		 false},
		{TIMER "Session-Expires: 1800;refresher=uas\r\n", "1800;refresher=uas", true,
		 false},
		{TIMER "Session-Expires: 1800\r\nMin-SE: 1800\r\n", "1800;refresher=uac", true,
		 false},
		{"Require: timer\r\nSession-Expires: 300\r\n", "300;refresher=uac", true, false},
		/* of a proxy, for a caller who knows nothing of it */
		{"Session-Expires: 300\r\n", "300;refresher=uas", false, false},
		{"Session-Expires: 30\r\n", NULL, false, false},
		{TIMER "Session-Expires: 89\r\n", NULL, false, true},
		{TIMER "Session-Expires: 1;refresher=uas\r\n", NULL, false, true},
		{TIMER "Session-Expires: many\r\n", NULL, false, false},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;
		struct str m;
		char line[128];

		begin(&c);
		from_bob(&c, "INVITE", 10, "bob1", rows[i].lines, SDP_A);
		if (rows[i].too_small) {
			m = fake_take(&c.f);
			has(m, "SIP/2.0 422 ");
			has(m, "Min-SE: 90\r\n");
			finish(&c);
			continue;
		}
		dlg_session_answer(c.s, STR(SDP_B));
		m = fake_take(&c.f);
		has_not(m, "Min-SE");
		snprintf(line, sizeof(line), "Session-Expires: %s\r\n", rows[i].answer);
		if (rows[i].answer)
			has(m, line);
		else
			has_not(m, "Session-Expires");
		if (rows[i].require)
			has(m, "Require: timer\r\n");
		else
			has_not(m, "Require");
		from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
		dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* The called side is asked to refresh.
 * RFC4028-9-10, RFC4028-9-11, RFC4028-7.4-8 */
static void the_called_side_refreshes(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, TIMER "Allow: UPDATE\r\nSession-Expires: 200;refresher=uas\r\n", SDP_A);
	dlg_session_answer(c.s, STR(SDP_B));
	fake_take(&c.f);
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	m = after(&c, 100000);
	has(m, "UPDATE ");
	has(m, "Session-Expires: 200;refresher=uac\r\n");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* ---- asking ---- */

/* RFC4028-7.1-1, RFC4028-7.1-2, RFC4028-7.1-3, RFC4028-7.4-1 */
static void every_request_but_ack_knows_timers(void **state)
{
	struct call c;
	struct dlg_session_user u;
	struct dlg_invite invite = {.uri = STR("sip:bob@example.com"),
				    .from = STR("<sip:alice@example.com>"),
				    .sdp = STR(SDP_A)};
	unsigned n = 0;

	begin(&c);
	u = user(&c);
	assert_int_equal(dlg_session_call(c.f.table, &invite, &u, &c.s), 0);
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT "Require: 100rel\r\nRSeq: 7\r\n", SDP_B);
	fake_answer(&c.f, "INVITE", 200, "b1",
		    CONTACT "Session-Expires: 100;refresher=uac\r\nAllow: UPDATE\r\n", NULL);
	dlg_session_send(c.s, STR("INFO"), STR("text/plain"), STR("hello"));
	fake_answer(&c.f, "INFO", 200, NULL, NULL, NULL);
	fake_answer(&c.f, "PRACK", 200, NULL, NULL, NULL);
	world_run(&c.w, 50000);
	dlg_session_reoffer(c.s, STR(SDP_A));
	dlg_session_hangup(c.s);
	for (; !fake_nothing(&c.f); n++) {
		struct str m = fake_take(&c.f);

		has_not(m, "Require");
		if (!str_starts(m, STR("ACK ")))
			has(m, "Supported: 100rel, timer\r\n");
	}
	assert_int_equal(n, 7); /* INVITE PRACK ACK INFO UPDATE INVITE BYE */
	finish(&c);
}

/* RFC4028-7.2-1, RFC4028-7.2-2, RFC4028-7.2-3, RFC4028-7.2-4, RFC4028-7.2-5, RFC4028-7.4-5,
 * RFC4028-7.4-8, RFC4028-7.4-9, RFC4028-7.4-10 */
static void who_refreshes_and_how(void **state)
{
	static const struct {
		const char *lines;
		const char *starts; /* of the refresh; NULL: the peer's */
		bool offers;
	} rows[] = {
		{"Session-Expires: 300;refresher=uac\r\nRequire: timer\r\nAllow: UPDATE\r\n",
		 "UPDATE ", false},
		{"Session-Expires: 300;refresher=uac\r\nAllow: INVITE\r\n", "INVITE ", true},
		{"Session-Expires: 300;refresher=uac\r\n", "INVITE ", true},
		{"Session-Expires: 300\r\n", "INVITE ", true},
		{"Session-Expires: 300;refresher=uas\r\nAllow: UPDATE\r\n", NULL, false},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;
		struct str m;

		call_with(&c, rows[i].lines);
		if (rows[i].starts) {
			m = after(&c, 150000);
			assert_true(str_starts(m, str_c(rows[i].starts)));
			has(m, "Session-Expires: 300;refresher=uac\r\n");
			if (rows[i].offers)
				has(m, "m=audio 5000");
			else
				has_not(m, "m=audio");
		} else {
			has(after(&c, 268000), "BYE ");
		}
		if (c.s)
			dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* A re-INVITE of ours while the peer refreshes leaves it so.  RFC4028-7.4-5, RFC4028-7.4-8 */
static void a_reoffer_names_the_refresher(void **state)
{
	struct call c;

	call_with(&c, "Session-Expires: 300;refresher=uas\r\n");
	dlg_session_reoffer(c.s, STR(SDP_A));
	has(fake_take(&c.f), "Session-Expires: 300;refresher=uas\r\n");
	fake_answer(&c.f, REINVITE, 200, NULL, "Session-Expires: 300;refresher=uas\r\n", SDP_B);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC4028-7.4-2, RFC4028-7.4-4, RFC4028-7.4-6 */
static void the_largest_min_se_goes_with_refreshes(void **state)
{
	struct call c;
	struct str m;

	call_with(&c, "Session-Expires: 300;refresher=uac\r\nAllow: UPDATE\r\n");
	from_bob(&c, "UPDATE", 5, "b1",
		 TIMER "Session-Expires: 300;refresher=uas\r\nMin-SE: 120\r\n", NULL);
	fake_take(&c.f);
	from_bob(&c, "UPDATE", 6, "b1",
		 TIMER "Session-Expires: 300;refresher=uas\r\nMin-SE: 100\r\n", NULL);
	fake_take(&c.f);
	m = after(&c, 150000);
	has(m, "UPDATE ");
	has(m, "Min-SE: 120\r\n");
	has(m, "Session-Expires: 300;refresher=uac\r\n");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC4028-7.3-1, RFC4028-7.4-2, RFC4028-7.4-4, RFC4028-7.4-6, RFC4028-10-1, RFC4028-10-2 */
static void an_interval_that_was_too_small(void **state)
{
	static const char *const allows[] = {"Allow: UPDATE\r\n", "Allow: INVITE\r\n"};

	for (unsigned i = 0; i < 2; i++) {
		const char *method = i ? REINVITE : "UPDATE";
		char lines[256];
		struct call c;
		struct str m;

		snprintf(lines, sizeof(lines), "Session-Expires: 300;refresher=uac\r\n%s",
			 allows[i]);
		call_with(&c, lines);
		after(&c, 150000);
		fake_answer(&c.f, method, 422, NULL, "Min-SE: 600\r\n", NULL);
		world_run(&c.w, 1);
		m = fake_take(&c.f);
		has(m, "Session-Expires: 600;refresher=uac\r\n");
		has(m, "Min-SE: 600\r\n");
		has(m, ";tag=b1\r\n");
		fake_answer(&c.f, method, 422, NULL, "Min-SE: 600\r\n", NULL);
		world_run(&c.w, 10000);
		assert_true(fake_nothing(&c.f)); /* not again and again */
		dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* RFC4028-10-1, RFC3311-5.3-1, RFC3311-5.3-2, RFC3311-5.3-3 */
static void a_refused_refresh_is_tried_again(void **state)
{
	static const struct {
		unsigned status, from_ms, to_ms;
		const char *starts;
	} rows[] = {
		{405, 0, 1, "INVITE "},
		{501, 0, 1, "INVITE "},
		{491, 2100, 4001, "UPDATE "}, /* the Call-ID is ours */
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;

		call_with(&c, "Session-Expires: 300;refresher=uac\r\nAllow: UPDATE\r\n");
		after(&c, 150000);
		fake_answer(&c.f, "UPDATE", rows[i].status, NULL, NULL, NULL);
		assert_int_equal(c.offers + c.answers + c.ended, 0);
		if (rows[i].from_ms)
			world_run(&c.w, rows[i].from_ms - 1);
		assert_true(fake_nothing(&c.f));
		world_run(&c.w, rows[i].to_ms - rows[i].from_ms + 1);
		assert_true(str_starts(fake_take(&c.f), str_c(rows[i].starts)));
		dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* RFC4028-10-3, RFC4028-10-4 */
static void without_refreshes_it_ends_a_little_early(void **state)
{
	static const struct {
		const char *lines;
		uint64_t end_ms;
	} rows[] = {
		{"Session-Expires: 90;refresher=uas\r\n", 60000},
		{"Session-Expires: 96;refresher=uas\r\n", 64000},
		{"Session-Expires: 1800;refresher=uas\r\n", 1768000},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;

		call_with(&c, rows[i].lines);
		has(after(&c, rows[i].end_ms), "BYE ");
		finish(&c);
		assert_int_equal(c.end.cause, DLG_TIMED_OUT);
	}
}

/* A refusal changes the timer as little as the rest. */
static void a_refused_reinvite_leaves_the_timer(void **state)
{
	struct call c;

	call_with(&c, "Session-Expires: 300;refresher=uas\r\n");
	c.offer_status = 488;
	from_bob(&c, "INVITE", 5, "b1", NULL, SDP_A); /* without Session-Expires */
	assert_string_equal(fake_line(&c.f), "SIP/2.0 488 Not Acceptable Here");
	has(after(&c, 268000), "BYE ");
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_our_2xx_says),
		cmocka_unit_test(the_called_side_refreshes),
		cmocka_unit_test(every_request_but_ack_knows_timers),
		cmocka_unit_test(who_refreshes_and_how),
		cmocka_unit_test(a_reoffer_names_the_refresher),
		cmocka_unit_test(the_largest_min_se_goes_with_refreshes),
		cmocka_unit_test(an_interval_that_was_too_small),
		cmocka_unit_test(a_refused_refresh_is_tried_again),
		cmocka_unit_test(without_refreshes_it_ends_a_little_early),
		cmocka_unit_test(a_refused_reinvite_leaves_the_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
