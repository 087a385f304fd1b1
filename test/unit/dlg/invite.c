/* Sessions by the statements of RFC 3261 s12 to s15 that no other test here has. */
#include "call.h"

#define REINVITE "INVITE sip:bob@127"

static unsigned cseq_of(struct str m)
{
	const char *at = memmem(m.p, m.n, "CSeq: ", 6);

	assert_non_null(at);
	return (unsigned)strtoul(at + 6, NULL, 10);
}

/* RFC3261-8.1.1.4-1, RFC3261-12.1.2-7, RFC3261-12.2.1.1-7, RFC3261-12.2.1.1-8,
 * RFC3261-12.2.1.1-10, RFC3261-13.2.2.4-4 */
static void our_numbers_rise_by_one(void **state)
{
	struct call c;
	struct dlg_session_user u;
	struct dlg_invite invite = {.uri = STR("sip:bob@example.com"),
				    .from = STR("<sip:alice@example.com>"),
				    .sdp = STR(SDP_A)};
	unsigned first, n;

	begin(&c);
	u = user(&c);
	assert_int_equal(dlg_session_call(c.f.table, &invite, &u, &c.s), 0);
	first = cseq_of(fake_take(&c.f));
	assert_true(first < 1u << 31);
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT "Require: 100rel\r\nRSeq: 7\r\n", SDP_B);
	assert_int_equal(cseq_of(fake_take(&c.f)), first + 1);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, NULL);
	assert_int_equal(cseq_of(fake_take(&c.f)), first); /* ACK */
	for (n = 2; n < 5; n++) {
		struct str m;

		dlg_session_send(c.s, STR("INFO"), STR("text/plain"), STR("hello"));
		m = fake_take(&c.f);
		assert_int_equal(cseq_of(m), first + n);
		has(m, " INFO\r\n");
	}
	dlg_session_reoffer(c.s, STR(SDP_A));
	assert_int_equal(cseq_of(fake_take(&c.f)), first + n);
	fake_answer(&c.f, REINVITE, 200, NULL, CONTACT, SDP_B);
	assert_int_equal(cseq_of(fake_take(&c.f)), first + n);
	dlg_session_hangup(c.s);
	assert_int_equal(cseq_of(fake_take(&c.f)), first + n + 1);
	finish(&c);
}

/* RFC3261-12.2.1.2-2, RFC3261-12.2.1.2-3 */
static void which_answers_end_the_dialog(void **state)
{
	static const struct {
		const char *method;
		unsigned status; /* 0: none at all */
		enum dlg_cause cause;
		bool bye;
	} rows[] = {
		{"INFO", 481, DLG_BROKEN, false},     {"INFO", 408, DLG_TIMED_OUT, true},
		{"INFO", 0, DLG_TIMED_OUT, true},     {"INVITE", 481, DLG_BROKEN, false},
		{"INVITE", 408, DLG_TIMED_OUT, true}, {"INVITE", 0, DLG_TIMED_OUT, true},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;

		place_and_answer(&c);
		if (!strcmp(rows[i].method, "INFO"))
			dlg_session_send(c.s, STR("INFO"), STR("text/plain"), STR("hello"));
		else
			dlg_session_reoffer(c.s, STR(SDP_A));
		fake_take(&c.f);
		if (rows[i].status)
			fake_answer(&c.f, strcmp(rows[i].method, "INFO") ? REINVITE : "INFO",
				    rows[i].status, NULL, NULL, NULL);
		else
			world_run(&c.w, 32001);
		if (rows[i].bye)
			assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
		finish(&c);
		assert_int_equal(c.end.cause, rows[i].cause);
	}
}

/* s12.2.2: a gap is no error.  RFC3261-12.2.2-2, RFC3261-12.2.2-4, RFC3261-12.2.2-5
 * RFC3261-12.1.2-8 */
static void the_peers_numbers_may_jump(void **state)
{
	struct call c;

	place_and_answer(&c);
	from_bob(&c, "INFO", 2000000000u, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	from_bob(&c, "INFO", 2000000099u, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	from_bob(&c, "INFO", 2000000098u, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 500 CSeq Out of Order");
	from_bob(&c, "INFO", 2000000100u, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* The caller says how long he waits.  RFC3261-13.3.1-1 */
static void an_invitation_expires(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		struct call c;

		get_call(&c, "Expires: 20\r\n", SDP_A);
		world_run(&c.w, 19000);
		if (i == 0)
			dlg_session_answer(c.s, STR(SDP_B));
		if (i == 1)
			dlg_session_refuse(c.s, 486, STR_NONE, STR_NONE);
		if (i < 2)
			fake_take(&c.f);
		world_run(&c.w, 1001);
		while (i == 0 && !fake_nothing(&c.f))
			assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK"); /* again */
		if (i == 0)
			from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
		if (i == 2) {
			assert_string_equal(fake_line(&c.f), "SIP/2.0 487 Request Terminated");
			assert_int_equal(c.end.cause, DLG_TIMED_OUT);
		}
		assert_true(fake_nothing(&c.f));
		if (i == 0) {
			assert_true(dlg_session_is_up(c.s));
			dlg_session_detach(&c.s);
		}
		finish(&c);
	}
}

/* RFC3261-13.2.2.4-7, RFC3261-13.2.2.4-9 */
static void an_offer_in_a_2xx_that_is_not_acceptable(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, NULL);
	c.offer_status = 488;
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_A);
	m = fake_take(&c.f);
	has(m, "ACK ");
	has(m, "Content-Type: application/sdp\r\n");
	has(m, "m=audio 0 RTP/AVP 0\r\n");
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	finish(&c);
	assert_int_equal(c.end.cause, DLG_BROKEN);
}

/* RFC3261-13.3.1.3-3, RFC3261-13.3.1.3-4, RFC3261-14.2-5 */
static void refusals_of_offers_say_why(void **state)
{
	static const char *const methods[] = {"INVITE", "UPDATE"};

	for (unsigned i = 0; i < 2; i++) {
		struct call c;
		struct str m;

		get_and_answer(&c);
		c.offer_status = 488;
		from_bob(&c, methods[i], 11, "bob1", NULL, SDP_A);
		m = fake_take(&c.f);
		has(m, "SIP/2.0 488 ");
		has(m, "Warning: 305 tsuwa \"");
		dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* RFC3261-13.3.1.1-1, RFC3261-13.3.1.1-2 */
static void ringing_goes_on_in_one_dialog(void **state)
{
	struct call c;
	char tag[64] = "";

	get_call(&c, NULL, SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	for (unsigned i = 0; i < 5; i++) {
		struct str m = fake_take(&c.f);
		const char *at = memmem(m.p, m.n, ";tag=tag", 8);

		has(m, "SIP/2.0 180 ");
		assert_non_null(at);
		if (i)
			assert_memory_equal(at, tag, strlen(tag));
		str_to_c(str_of(at, 12), tag, sizeof(tag));
		world_run(&c.w, 60000);
	}
	fake_take(&c.f);
	dlg_session_detach(&c.s);
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_numbers_rise_by_one),
		cmocka_unit_test(which_answers_end_the_dialog),
		cmocka_unit_test(the_peers_numbers_may_jump),
		cmocka_unit_test(an_invitation_expires),
		cmocka_unit_test(an_offer_in_a_2xx_that_is_not_acceptable),
		cmocka_unit_test(refusals_of_offers_say_why),
		cmocka_unit_test(ringing_goes_on_in_one_dialog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
