/* Sessions against a recorder: what is sent, and when, in the cases that races and losses make. */
#include "call.h"

/* ---- calling ---- */

/* RFC3261-15.1.1-1 */
static void a_call_is_answered_and_hung_up(void **state)
{
	struct call c;
	struct str m;

	place_and_answer(&c);
	assert_string_equal(c.sdp, SDP_B);
	dlg_session_hangup(c.s);
	assert_int_equal(c.ended, 0);
	m = fake_take(&c.f);
	has(m, "BYE sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
	has(m, "To: <sip:bob@example.com>;tag=b1\r\n");
	fake_answer(&c.f, "BYE", 200, NULL, NULL, NULL);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_HUNG_UP);
	finish(&c);
}

/* RFC3261-8.1.1.1-2, RFC3261-8.1.1.1-3, RFC3261-13.2.1-1, RFC3261-13.2.1-3 */
static void an_invite_says_what_it_must(void **state)
{
	struct call c;
	struct dlg_session_user u;
	struct dlg_invite invite = {.uri = STR("sip:bob@example.com"),
				    .from = STR("<sip:alice@example.com>"),
				    .routes = STR("<sip:p.example;lr>"),
				    .sdp = STR(SDP_A)};
	struct str m;

	begin(&c);
	u = user(&c);
	assert_int_equal(dlg_session_call(c.f.table, &invite, &u, &c.s), 0);
	m = fake_take(&c.f);
	has(m, "INVITE sip:bob@example.com SIP/2.0\r\n");
	has(m, "Max-Forwards: 70\r\n");
	has(m, "Route: <sip:p.example;lr>\r\n");
	has(m, "From: <sip:alice@example.com>;tag=tag");
	has(m, "To: <sip:bob@example.com>\r\n");
	has(m, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, PRACK, UPDATE\r\n");
	has(m, "Supported: 100rel, timer\r\n");
	has(m, "Contact: ");
	has(m, "Content-Type: application/sdp\r\n");
	fake_answer(&c.f, "INVITE", 486, "b", NULL, NULL);
	finish(&c);
}

/* RFC3261-12.1.2-3, RFC3261-12.1.2-5, RFC3261-13.2.2.4-1, RFC3261-17.1.1.3-1 */
static void early_media_and_route_set(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 100, NULL, NULL, NULL);
	assert_int_equal(c.progress, 100);
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT, SDP_B);
	assert_int_equal(c.progress, 183);
	assert_string_equal(c.sdp, SDP_B);
	fake_answer(&c.f, "INVITE", 200, "b1",
		    "Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\nContact: <sip:new@h>\r\n", SDP_B);
	m = fake_take(&c.f);
	has(m, "ACK sip:new@h SIP/2.0\r\n");
	has(m, "Route: <sip:p1;lr>, <sip:p2;lr>\r\n");
	dlg_session_detach(&c.s);
	m = fake_take(&c.f);
	has(m, "BYE sip:new@h SIP/2.0\r\n");
	has(m, "Route: <sip:p1;lr>, <sip:p2;lr>\r\n");
	finish(&c);
	assert_int_equal(c.ended, 0);
}

static void a_refusal_ends_it(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 180, "b1", CONTACT, NULL);
	fake_answer(&c.f, "INVITE", 486, "b1", NULL, NULL);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_REFUSED);
	assert_int_equal(c.end.status, 486);
	finish(&c);
}

static void no_answer_times_out(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	world_run(&c.w, 33000);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_TIMED_OUT);
	finish(&c);
}

static void a_request_that_cannot_be_sent(void **state)
{
	struct call c;
	struct dlg_session_user u;
	struct dlg_invite invite = {.uri = STR("sip:b@h"), .from = STR("<sip:a@h>")};

	begin(&c);
	u = user(&c);
	c.f.fail_request = -ENOTCONN;
	assert_int_equal(dlg_session_call(c.f.table, &invite, &u, &c.s), -ENOTCONN);
	c.s = NULL;
	finish(&c);
}

/* RFC3261-13.2.2.4-3, RFC3261-13.2.2.4-8 */
static void a_2xx_again_gets_its_ack_again(void **state)
{
	struct call c;

	place_and_answer(&c);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	dlg_session_hangup(c.s);
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	fake_answer(&c.f, "BYE", 200, NULL, NULL, NULL);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_B); /* also when all is over */
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.answered, 1);
	finish(&c);
}

/* RFC3261-13.2.2.4-2, RFC3261-13.2.2.4-3, RFC3261-13.2.2.4-9 */
static void forks_the_first_2xx_wins(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 180, "x", "Contact: <sip:x@h>\r\n", NULL);
	fake_answer(&c.f, "INVITE", 180, "y", "Contact: <sip:y@h>\r\n", NULL);
	fake_answer(&c.f, "INVITE", 200, "y", "Contact: <sip:y@h>\r\n", SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:y@h SIP/2.0");
	fake_answer(&c.f, "INVITE", 200, "x", "Contact: <sip:x@h>\r\n", SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:x@h SIP/2.0");
	m = fake_take(&c.f);
	has(m, "BYE sip:x@h SIP/2.0\r\n");
	has(m, ";tag=x\r\n");
	fake_answer(&c.f, "INVITE", 200, "x", "Contact: <sip:x@h>\r\n", SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:x@h SIP/2.0");
	assert_true(fake_nothing(&c.f)); /* one BYE is enough */
	assert_int_equal(c.answered, 1);
	fake_answer(&c.f, "BYE", 200, NULL, NULL, NULL);
	assert_int_equal(c.ended, 0);
	dlg_session_hangup(c.s);
	assert_string_equal(fake_line(&c.f), "BYE sip:y@h SIP/2.0");
	finish(&c);
	assert_int_equal(c.ended, 1);
}

/* RFC3261-15-2 */
static void cancel_waits_for_a_provisional(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	dlg_session_hangup(c.s);
	assert_true(fake_nothing(&c.f));
	fake_answer(&c.f, "INVITE", 180, "b1", CONTACT, NULL);
	assert_string_equal(fake_line(&c.f), "CANCEL sip:bob@example.com SIP/2.0");
	fake_answer(&c.f, "INVITE", 487, "b1", NULL, NULL);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_CANCELED);
	finish(&c);
}

static void a_2xx_that_crosses_cancel(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 180, "b1", CONTACT, NULL);
	dlg_session_hangup(c.s);
	assert_string_equal(fake_line(&c.f), "CANCEL sip:bob@example.com SIP/2.0");
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.answered, 0);
	fake_answer(&c.f, "BYE", 200, NULL, NULL, NULL);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_CANCELED);
	finish(&c);
}

/* RFC3261-13.2.1-5, RFC3261-13.2.1-8, RFC3261-13.2.1-10, RFC3261-13.2.2.4-6 */
static void a_delayed_offer_is_answered_in_the_ack(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, NULL);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_A);
	m = fake_take(&c.f);
	has(m, "ACK ");
	has(m, "m=audio 5000");
	assert_int_equal(c.offers, 1);
	assert_int_equal(c.answered, 1);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_A);
	m = fake_take(&c.f);
	has(m, "m=audio 5000");
	assert_int_equal(c.offers, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

static void a_2xx_without_an_offer_is_given_up(void **state)
{
	struct call c;

	begin(&c);
	place(&c, NULL);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, NULL);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	fake_answer(&c.f, "BYE", 200, NULL, NULL, NULL);
	assert_int_equal(c.end.cause, DLG_BROKEN);
	finish(&c);
}

/* RFC3261-12.1.2-11, RFC3261-12.2.1.1-5 */
static void a_peer_without_tags(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 200, NULL, CONTACT, SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	dlg_session_hangup(c.s);
	has(fake_take(&c.f), "To: <sip:bob@example.com>\r\n");
	finish(&c);
}

/* RFC3261-15-1, RFC3261-15.1.2-2, RFC3261-15.1.2-3, RFC3261-15.1.2-4 */
static void the_peer_hangs_up(void **state)
{
	struct call c;

	place_and_answer(&c);
	from_bob(&c, "BYE", 1, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_PEER_BYE);
	finish(&c);
}

/* RFC3261-15.1.1-2 */
static void byes_cross(void **state)
{
	struct call c;
	struct dlg_session *s;

	place_and_answer(&c);
	s = c.s;
	dlg_session_hangup(c.s);
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	c.s = s;
	from_bob(&c, "BYE", 1, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_int_equal(c.ended, 1);
	fake_answer(&c.f, "BYE", 481, NULL, NULL, NULL);
	assert_int_equal(c.ended, 1);
	finish(&c);
}

/* RFC3261-15.1.1-2 */
static void a_bye_without_answer(void **state)
{
	struct call c;

	place_and_answer(&c);
	dlg_session_hangup(c.s);
	fake_take(&c.f);
	world_run(&c.w, 33000);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_HUNG_UP);
	finish(&c);
}

/* RFC3261-12.2.2-1 */
static void a_stranger_does_not_enter(void **state)
{
	struct call c;

	place_and_answer(&c);
	from_bob(&c, "BYE", 1, "other", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 481 Call/Transaction Does Not Ex");
	assert_int_equal(c.ended, 0);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-12.2.2-3, RFC3261-15.1.2-2 */
static void the_peers_numbers_only_rise(void **state)
{
	struct call c;

	place_and_answer(&c);
	from_bob(&c, "INFO", 5, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	from_bob(&c, "BYE", 4, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 500 CSeq Out of Order");
	assert_int_equal(c.ended, 0);
	assert_int_equal(c.requests, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

static void unknown_methods_within(void **state)
{
	struct call c;
	struct str m;

	place_and_answer(&c);
	from_bob(&c, "REFER", 5, "b1", NULL, NULL);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 405 ");
	has(m, "Allow: INVITE");
	from_bob(&c, "FOO", 6, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 501 Not Implemented");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* ---- re-INVITEs ---- */

/* RFC3261-12.2.1.1-17, RFC3261-12.2.1.2-1, RFC3261-14.1-2, RFC3261-14.1-3 */
static void a_reoffer(void **state)
{
	struct call c;

	place_and_answer(&c);
	assert_int_equal(dlg_session_reoffer(c.s, STR(SDP_A)), 0);
	assert_int_equal(dlg_session_reoffer(c.s, STR(SDP_A)), -EBUSY);
	assert_string_equal(fake_line(&c.f), "INVITE sip:bob@127.0.0.2:5070 SIP/2.0");
	fake_answer(&c.f, "INVITE sip:bob@127", 200, NULL, "Contact: <sip:moved@h>\r\n", SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:moved@h SIP/2.0");
	assert_int_equal(c.answers, 1);
	fake_answer(&c.f, "INVITE sip:bob@127", 200, NULL, "Contact: <sip:moved@h>\r\n", SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:moved@h SIP/2.0");
	assert_int_equal(c.answers, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-14.1-5 */
static void a_reoffer_that_is_refused(void **state)
{
	struct call c;

	place_and_answer(&c);
	dlg_session_reoffer(c.s, STR(SDP_A));
	fake_take(&c.f);
	fake_answer(&c.f, "INVITE sip:bob@127", 488, NULL, NULL, NULL);
	assert_int_equal(c.reoffer_status, 488);
	assert_true(dlg_session_is_up(c.s));
	dlg_session_detach(&c.s);
	finish(&c);
}

static void a_peer_that_forgot_us(void **state)
{
	struct call c;

	place_and_answer(&c);
	dlg_session_reoffer(c.s, STR(SDP_A));
	fake_take(&c.f);
	fake_answer(&c.f, "INVITE sip:bob@127", 481, NULL, NULL, NULL);
	assert_int_equal(c.end.cause, DLG_BROKEN);
	finish(&c);
}

/* RFC3261-14.1-6, RFC3261-14.1-7, RFC3261-14.2-2 */
static void glare_is_waited_out(void **state)
{
	struct call c;

	place_and_answer(&c);
	dlg_session_reoffer(c.s, STR(SDP_A));
	fake_take(&c.f);
	from_bob(&c, "INVITE", 7, "b1", NULL, SDP_B);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 491 Request Pending");
	fake_answer(&c.f, "INVITE sip:bob@127", 491, NULL, NULL, NULL);
	world_run(&c.w, 1000);
	from_bob(&c, "INVITE", 8, "b1", NULL, SDP_B); /* his turn comes first (s14.1) */
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	from_bob(&c, "ACK", 8, "b1", NULL, NULL);
	world_run(&c.w, 1090);
	assert_true(fake_nothing(&c.f)); /* who made the Call-ID waits longer */
	world_run(&c.w, 2000);
	assert_int_equal(c.wanted, 1); /* the description of now */
	assert_string_equal(fake_line(&c.f), "INVITE sip:bob@127.0.0.2:5070 SIP/2.0");
	fake_answer(&c.f, "INVITE sip:bob@127", 200, NULL, CONTACT, SDP_B);
	assert_int_equal(c.answers, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

static void bye_crosses_a_reoffer(void **state)
{
	struct call c;

	place_and_answer(&c);
	dlg_session_reoffer(c.s, STR(SDP_A));
	fake_take(&c.f);
	from_bob(&c, "BYE", 7, "b1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_int_equal(c.end.cause, DLG_PEER_BYE);
	fake_answer(&c.f, "INVITE sip:bob@127", 200, NULL, CONTACT, SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.answers, 0);
	finish(&c);
}

/* RFC3261-14.2-4 */
static void the_peer_reoffers(void **state)
{
	struct call c;
	struct str m;

	get_and_answer(&c);
	from_bob(&c, "INVITE", 11, "bob1", NULL, SDP_A);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 200 OK");
	has(m, "m=audio 5000");
	has(m, "Contact: ");
	assert_int_equal(c.offers, 1);
	world_run(&c.w, 600);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK"); /* no ACK yet */
	from_bob(&c, "ACK", 11, "bob1", NULL, NULL);
	world_run(&c.w, 5000);
	assert_true(fake_nothing(&c.f));
	c.offer_status = 488;
	from_bob(&c, "INVITE", 12, "bob1", NULL, SDP_A);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 488 Not Acceptable Here");
	assert_true(dlg_session_is_up(c.s));
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-14.2-7 */
static void the_peer_asks_for_an_offer(void **state)
{
	struct call c;

	get_and_answer(&c);
	from_bob(&c, "INVITE", 11, "bob1", NULL, NULL);
	has(fake_take(&c.f), "m=audio 5000");
	assert_int_equal(c.wanted, 1);
	from_bob(&c, "INVITE", 12, "bob1", NULL, SDP_A); /* the answer is still due */
	assert_string_equal(fake_line(&c.f), "SIP/2.0 491 Request Pending");
	from_bob(&c, "ACK", 11, "bob1", NULL, SDP_A);
	assert_int_equal(c.answers, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-15-1 */
static void a_bad_answer_in_the_ack(void **state)
{
	struct call c;

	get_and_answer(&c);
	from_bob(&c, "INVITE", 11, "bob1", NULL, NULL);
	fake_take(&c.f);
	from_bob(&c, "ACK", 11, "bob1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	fake_answer(&c.f, "BYE", 200, NULL, NULL, NULL);
	assert_int_equal(c.end.cause, DLG_BROKEN);
	finish(&c);
}

/* ---- being called ---- */

/* RFC3261-12.1.1-6, RFC3261-13.2.1-6, RFC3261-13.3.1.1-2, RFC3261-13.3.1.4-2 */
static void ringing_then_answered(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, "Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\n", SDP_A);
	assert_int_equal(dlg_session_ring(c.s, 180, STR_NONE), 0);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 180 Ringing\r\n");
	has(m, ";tag=taga");
	has(m, "Record-Route: <sip:p1;lr>\r\n");
	has(m, "Contact: ");
	world_run(&c.w, 60500);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 180 Ringing");
	assert_true(fake_nothing(&c.f));
	assert_int_equal(dlg_session_answer(c.s, STR(SDP_B)), 0);
	has(fake_take(&c.f), "SIP/2.0 200 OK");
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	assert_int_equal(c.confirmed, 1);
	dlg_session_hangup(c.s);
	m = fake_take(&c.f);
	has(m, "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	has(m, "Route: <sip:p1;lr>, <sip:p2;lr>\r\n");
	finish(&c);
}

/* RFC3261-13.3.1.4-4, RFC3261-14.2-6 */
static void a_2xx_is_repeated_until_its_ack(void **state)
{
	static const unsigned at_ms[] = {500,   1500,  3500,  7500,  11500,
					 15500, 19500, 23500, 27500, 31500};
	struct call c;
	uint64_t now = 0;

	get_call(&c, NULL, SDP_A);
	dlg_session_answer(c.s, STR(SDP_B));
	fake_take(&c.f);
	for (unsigned i = 0; i < 10; i++) {
		world_run(&c.w, at_ms[i] - now - 1);
		assert_true(fake_nothing(&c.f));
		world_run(&c.w, 1);
		assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
		now = at_ms[i];
	}
	world_run(&c.w, 5000); /* 64*T1: given up (s13.3.1.4) */
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.confirmed, 0);
	finish(&c);
	assert_int_equal(c.end.cause, DLG_TIMED_OUT);
}

/* RFC3261-15-4 */
static void hanging_up_waits_for_the_ack(void **state)
{
	struct call c;

	get_call(&c, NULL, SDP_A);
	dlg_session_answer(c.s, STR(SDP_B));
	fake_take(&c.f);
	dlg_session_hangup(c.s);
	assert_true(fake_nothing(&c.f));
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.confirmed, 0);
	finish(&c);
	assert_int_equal(c.end.cause, DLG_HUNG_UP);
}

static void a_lost_ack_before_a_reinvite(void **state)
{
	struct call c;

	get_call(&c, NULL, SDP_A);
	dlg_session_answer(c.s, STR(SDP_B));
	fake_take(&c.f);
	from_bob(&c, "INVITE", 11, "bob1", NULL, SDP_A);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_int_equal(c.confirmed, 1);
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL); /* late: another's */
	world_run(&c.w, 600);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	from_bob(&c, "ACK", 11, "bob1", NULL, NULL);
	world_run(&c.w, 5000);
	assert_true(fake_nothing(&c.f));
	dlg_session_detach(&c.s);
	finish(&c);
}

static const char cancel_text[] =
	"CANCEL sip:alice@127.0.0.1:5060 SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 127.0.0.2:5070;branch=%s\r\nMax-Forwards: 70\r\n"
	"From: <sip:bob@example.com>;tag=bob1\r\nTo: <sip:alice@example.com>\r\n"
	"Call-ID: call-1\r\nCSeq: 10 CANCEL\r\nContent-Length: 0\r\n\r\n";

static void cancel_it(struct call *c)
{
	char room[1024], branch[80];
	struct buf b = buf_over(room, sizeof(room));

	str_to_c(dlg_session_request(c->s)->head.via.branch, branch, sizeof(branch));
	buf_fmt(&b, cancel_text, branch);
	fake_deliver(&c->f, buf_str(&b));
}

/* RFC6141-3.8-1 */
static void the_caller_cancels(void **state)
{
	struct call c;

	get_call(&c, NULL, SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	fake_take(&c.f);
	cancel_it(&c);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_string_equal(fake_line(&c.f), "SIP/2.0 487 Request Terminated");
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.cause, DLG_CANCELED);
	finish(&c);
}

static void cancel_comes_too_late(void **state)
{
	struct call c;

	get_call(&c, NULL, SDP_A);
	dlg_session_answer(c.s, STR(SDP_B));
	fake_take(&c.f);
	cancel_it(&c);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK"); /* to the CANCEL */
	assert_int_equal(c.ended, 0);
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	assert_int_equal(c.confirmed, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-15.1.2-5, RFC3261-15.1.2-6 */
static void the_caller_says_bye_before_the_answer(void **state)
{
	struct call c;

	get_call(&c, NULL, SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	fake_take(&c.f);
	from_bob(&c, "BYE", 11, "bob1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_string_equal(fake_line(&c.f), "SIP/2.0 487 Request Terminated");
	assert_int_equal(c.end.cause, DLG_PEER_BYE);
	finish(&c);
}

/* RFC3261-14.2-1, RFC3261-15-3 */
static void a_second_invite_before_the_answer(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, NULL, SDP_A);
	from_bob(&c, "INVITE", 11, "bob1", NULL, SDP_A);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 500 ");
	has(m, "Retry-After: ");
	dlg_session_detach(&c.s);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 480 Temporarily Unavailable");
	finish(&c);
}

static void refused_by_the_user(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, NULL, SDP_A);
	dlg_session_refuse(c.s, 488, STR_NONE, STR("304 h \"no codec\""));
	m = fake_take(&c.f);
	has(m, "SIP/2.0 488 ");
	has(m, "Warning: 304 h \"no codec\"\r\n");
	assert_int_equal(c.ended, 0); /* not from inside */
	world_run(&c.w, 10);
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.end.status, 488);
	finish(&c);
}

/* RFC3261-13.2.1-5, RFC3261-13.2.1-10, RFC3261-13.3.1-2, RFC3261-13.3.1.4-3 */
static void an_invite_without_an_offer(void **state)
{
	struct call c;
	struct str sdp;

	get_call(&c, NULL, NULL);
	assert_false(dlg_session_offer(c.s, &sdp));
	dlg_session_answer(c.s, STR(SDP_B));
	has(fake_take(&c.f), "m=audio 5000");
	from_bob(&c, "ACK", 10, "bob1", NULL, SDP_A);
	assert_int_equal(c.answers, 1);
	assert_int_equal(c.confirmed, 1);
	assert_string_equal(c.sdp, SDP_A);
	dlg_session_detach(&c.s);
	finish(&c);
}

static void the_table_is_full(void **state)
{
	struct dlg_conf conf = {.max_sessions = 1};
	struct call c;
	struct dlg_session *first;

	memset(&c, 0, sizeof(c));
	world_init(&c.w, 1);
	fake_init(&c.f, &c.w, 'a', &conf);
	c.f.on_invite = on_invite;
	c.f.ctx = &c;
	from_bob(&c, "INVITE", 10, "bob1", NULL, SDP_A);
	first = c.s;
	c.s = NULL;
	from_bob(&c, "INVITE", 10, "bob2", NULL, SDP_A);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 503 Service Unavailable");
	dlg_session_detach(&first);
	finish(&c);
}

static void a_table_ends_with_calls_in_it(void **state)
{
	struct call c;

	get_and_answer(&c);
	fake_fini(&c.f);
	assert_int_equal(c.ended, 0);
	world_fini(&c.w);
}

/* ---- reliable provisionals ---- */

/* RFC3262-3-1, RFC3262-3-9, RFC3262-3-12, RFC3262-3-13, RFC3262-3-14 */
static void ringing_reliably(void **state)
{
	struct call c;
	struct str m;
	char *rseq;
	char rack[64];

	get_call(&c, "Require: 100rel\r\n", SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	m = fake_take(&c.f);
	has(m, "Require: 100rel\r\n");
	rseq = memmem(m.p, m.n, "RSeq: ", 6);
	assert_non_null(rseq);
	snprintf(rack, sizeof(rack), "RAck: %d 10 INVITE\r\n", (int)strtol(rseq + 6, NULL, 10));
	world_run(&c.w, 510);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 180 Ringing");
	world_run(&c.w, 1000);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 180 Ringing");
	from_bob(&c, "PRACK", 11, "bob1", "RAck: 99999999 10 INVITE\r\n", NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 481 Call/Transaction Does Not Ex");
	from_bob(&c, "PRACK", 12, "bob1", rack, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	world_run(&c.w, 5000);
	assert_true(fake_nothing(&c.f));
	dlg_session_answer(c.s, STR(SDP_B));
	has(fake_take(&c.f), "m=audio 5000");
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3261-13.2.1-9, RFC3262-3-20, RFC3262-5-5 */
static void early_media_holds_the_answer_back(void **state)
{
	struct call c;
	struct str m;
	char *rseq;
	char rack[64];

	get_call(&c, "Require: 100rel\r\n", SDP_A);
	dlg_session_ring(c.s, 183, STR(SDP_B));
	m = fake_take(&c.f);
	has(m, "m=audio 5000");
	rseq = memmem(m.p, m.n, "RSeq: ", 6);
	snprintf(rack, sizeof(rack), "RAck: %d 10 INVITE\r\n", (int)strtol(rseq + 6, NULL, 10));
	assert_int_equal(dlg_session_answer(c.s, STR(SDP_B)), 0);
	assert_true(fake_nothing(&c.f));
	from_bob(&c, "PRACK", 12, "bob1", rack, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK"); /* PRACK */
	m = fake_take(&c.f);
	has(m, "CSeq: 10 INVITE");
	has(m, "SIP/2.0 200 OK");
	has_not(m, "m=audio"); /* it was described before */
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	assert_int_equal(c.confirmed, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3262-3-15 */
static void no_prack_ever(void **state)
{
	struct call c;

	get_call(&c, "Require: 100rel\r\n", SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	for (unsigned i = 0; i < 7; i++) {
		assert_string_equal(fake_line(&c.f), "SIP/2.0 180 Ringing");
		world_run(&c.w, (500u << i) + 1);
	}
	assert_string_equal(fake_line(&c.f), "SIP/2.0 504 No PRACK");
	assert_int_equal(c.end.cause, DLG_TIMED_OUT);
	finish(&c);
}

/* RFC3262-4-6, RFC3262-4-7, RFC3262-4-8, RFC3262-5-4 */
static void provisionals_are_acknowledged(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT "Require: 100rel\r\nRSeq: 7\r\n", SDP_B);
	m = fake_take(&c.f);
	has(m, "PRACK sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
	has(m, "RAck: 7 ");
	has(m, " INVITE\r\n");
	assert_string_equal(c.sdp, SDP_B);
	fake_answer(&c.f, "PRACK", 200, NULL, NULL, NULL);
	c.progress = 0;
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT "Require: 100rel\r\nRSeq: 7\r\n", SDP_B);
	assert_true(fake_nothing(&c.f)); /* a retransmission */
	assert_int_equal(c.progress, 0);
	fake_answer(&c.f, "INVITE", 180, "b1", CONTACT "Require: 100rel\r\nRSeq: 8\r\n", NULL);
	has(fake_take(&c.f), "RAck: 8 ");
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, NULL);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	assert_int_equal(c.answered, 1);
	assert_string_equal(c.sdp, "");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* ---- UPDATE and session timers ---- */

/* RFC3311-5.2-2, RFC3311-5.2-5 */
static void updates(void **state)
{
	struct call c;
	struct str m;

	get_and_answer(&c);
	from_bob(&c, "UPDATE", 11, "bob1", "Contact: <sip:bob@moved>\r\n", SDP_A);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 200 OK");
	has(m, "m=audio 5000");
	has(m, "Contact: ");
	assert_int_equal(c.offers, 1);
	dlg_session_reoffer(c.s, STR(SDP_A));
	assert_string_equal(fake_line(&c.f), "INVITE sip:bob@moved SIP/2.0");
	from_bob(&c, "UPDATE", 12, "bob1", NULL, SDP_A);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 491 Request Pending");
	from_bob(&c, "UPDATE", 13, "bob1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	dlg_session_detach(&c.s);
	finish(&c);
}

static void an_update_before_the_answer(void **state)
{
	struct call c;

	get_call(&c, NULL, SDP_A);
	from_bob(&c, "UPDATE", 11, "bob1", NULL, SDP_A);
	has(fake_take(&c.f), "Retry-After: ");
	dlg_session_detach(&c.s);
	finish(&c);
}

static void a_session_timer_that_the_peer_refreshes(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, "Supported: timer\r\nSession-Expires: 90\r\n", SDP_A);
	dlg_session_answer(c.s, STR(SDP_B));
	m = fake_take(&c.f);
	has(m, "Session-Expires: 90;refresher=uac\r\n");
	has(m, "Require: timer\r\n");
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	world_run(&c.w, 50000);
	from_bob(&c, "UPDATE", 11, "bob1",
		 "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n", NULL);
	has(fake_take(&c.f), "Session-Expires: 90;refresher=uac\r\n");
	world_run(&c.w, 50000);
	assert_true(fake_nothing(&c.f));
	world_run(&c.w, 11000);
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	finish(&c);
	assert_int_equal(c.end.cause, DLG_TIMED_OUT);
}

static void a_session_timer_that_we_refresh(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 200, "b1",
		    CONTACT "Session-Expires: 100;refresher=uac\r\nRequire: timer\r\n"
			    "Allow: INVITE, UPDATE\r\n",
		    SDP_B);
	fake_take(&c.f);
	world_run(&c.w, 50001);
	m = fake_take(&c.f);
	has(m, "UPDATE sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
	has(m, "Session-Expires: 100;refresher=uac\r\n");
	fake_answer(&c.f, "UPDATE", 200, NULL, "Session-Expires: 100;refresher=uac\r\n", NULL);
	world_run(&c.w, 50001);
	has(fake_take(&c.f), "UPDATE ");
	fake_answer(&c.f, "UPDATE", 405, NULL, "Allow: INVITE\r\n", NULL);
	world_run(&c.w, 1);
	m = fake_take(&c.f); /* the other way at once */
	has(m, "INVITE sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
	has(m, "Session-Expires: 100;refresher=uac\r\n");
	world_run(&c.w, 20000); /* s10: without an answer the call ends in time */
	assert_string_equal(fake_line(&c.f), "BYE sip:bob@127.0.0.2:5070 SIP/2.0");
	finish(&c);
}

static void a_refresh_by_reinvite(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 200, "b1",
		    CONTACT "Session-Expires: 100;refresher=uac\r\nAllow: INVITE\r\n", SDP_B);
	fake_take(&c.f);
	world_run(&c.w, 50001);
	m = fake_take(&c.f);
	has(m, "INVITE sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
	has(m, "Session-Expires: 100;refresher=uac\r\n");
	has(m, "m=audio 5000");
	fake_answer(&c.f, "INVITE sip:bob@127", 200, NULL, "Session-Expires: 100;refresher=uac\r\n",
		    SDP_B);
	assert_string_equal(fake_line(&c.f), "ACK sip:bob@127.0.0.2:5070 SIP/2.0");
	dlg_session_detach(&c.s);
	finish(&c);
}

static void an_interval_that_is_too_small(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	from_bob(&c, "INVITE", 10, "bob1", "Supported: timer\r\nSession-Expires: 30\r\n", SDP_A);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 422 ");
	has(m, "Min-SE: 90\r\n");
	assert_null(c.s);
	finish(&c);
}

/* ---- memory ---- */

static void all_of_a_call(void)
{
	struct call c;
	struct dlg_session_user u;
	struct dlg_invite invite = {.uri = STR("sip:bob@example.com"),
				    .from = STR("<sip:alice@example.com>"),
				    .sdp = STR(SDP_A)};

	begin(&c);
	u = user(&c);
	if (c.f.table && dlg_session_call(c.f.table, &invite, &u, &c.s) == 0) {
		fake_answer(&c.f, "INVITE", 180, "b1", CONTACT, NULL);
		for (unsigned i = 0; i < 2; i++)
			fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, SDP_B);
		if (c.answered)
			dlg_session_reoffer(c.s, STR(SDP_A));
		dlg_session_detach(&c.s);
	}
	c.s = NULL;
	fake_fini(&c.f);
	world_fini(&c.w);
}

static void all_of_being_called(void)
{
	struct call c;

	begin(&c);
	if (c.f.table)
		from_bob(&c, "INVITE", 10, "bob1", "Require: 100rel\r\n", SDP_A);
	if (c.s) {
		dlg_session_ring(c.s, 180, STR_NONE);
		if (dlg_session_answer(c.s, STR(SDP_B)) == 0) {
			from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
			from_bob(&c, "INVITE", 11, "bob1", NULL, SDP_A);
		}
		dlg_session_detach(&c.s);
	}
	fake_fini(&c.f);
	world_fini(&c.w);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(all_of_a_call);
	alloc_sweep(all_of_being_called);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_answered_and_hung_up),
		cmocka_unit_test(an_invite_says_what_it_must),
		cmocka_unit_test(early_media_and_route_set),
		cmocka_unit_test(a_refusal_ends_it),
		cmocka_unit_test(no_answer_times_out),
		cmocka_unit_test(a_request_that_cannot_be_sent),
		cmocka_unit_test(a_2xx_again_gets_its_ack_again),
		cmocka_unit_test(forks_the_first_2xx_wins),
		cmocka_unit_test(cancel_waits_for_a_provisional),
		cmocka_unit_test(a_2xx_that_crosses_cancel),
		cmocka_unit_test(a_delayed_offer_is_answered_in_the_ack),
		cmocka_unit_test(a_2xx_without_an_offer_is_given_up),
		cmocka_unit_test(a_peer_without_tags),
		cmocka_unit_test(the_peer_hangs_up),
		cmocka_unit_test(byes_cross),
		cmocka_unit_test(a_bye_without_answer),
		cmocka_unit_test(a_stranger_does_not_enter),
		cmocka_unit_test(the_peers_numbers_only_rise),
		cmocka_unit_test(unknown_methods_within),
		cmocka_unit_test(a_reoffer),
		cmocka_unit_test(a_reoffer_that_is_refused),
		cmocka_unit_test(a_peer_that_forgot_us),
		cmocka_unit_test(glare_is_waited_out),
		cmocka_unit_test(bye_crosses_a_reoffer),
		cmocka_unit_test(the_peer_reoffers),
		cmocka_unit_test(the_peer_asks_for_an_offer),
		cmocka_unit_test(a_bad_answer_in_the_ack),
		cmocka_unit_test(ringing_then_answered),
		cmocka_unit_test(a_2xx_is_repeated_until_its_ack),
		cmocka_unit_test(hanging_up_waits_for_the_ack),
		cmocka_unit_test(a_lost_ack_before_a_reinvite),
		cmocka_unit_test(the_caller_cancels),
		cmocka_unit_test(cancel_comes_too_late),
		cmocka_unit_test(the_caller_says_bye_before_the_answer),
		cmocka_unit_test(a_second_invite_before_the_answer),
		cmocka_unit_test(refused_by_the_user),
		cmocka_unit_test(an_invite_without_an_offer),
		cmocka_unit_test(the_table_is_full),
		cmocka_unit_test(a_table_ends_with_calls_in_it),
		cmocka_unit_test(ringing_reliably),
		cmocka_unit_test(early_media_holds_the_answer_back),
		cmocka_unit_test(no_prack_ever),
		cmocka_unit_test(provisionals_are_acknowledged),
		cmocka_unit_test(updates),
		cmocka_unit_test(an_update_before_the_answer),
		cmocka_unit_test(a_session_timer_that_the_peer_refreshes),
		cmocka_unit_test(a_session_timer_that_we_refresh),
		cmocka_unit_test(a_refresh_by_reinvite),
		cmocka_unit_test(an_interval_that_is_too_small),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
