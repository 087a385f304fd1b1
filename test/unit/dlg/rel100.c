/* Reliable provisional responses by their statements (RFC 3262), both sides. */
#include "call.h"

#define RELIABLE "Require: 100rel\r\n"

static uint32_t rseq_of(struct str m)
{
	const char *at = memmem(m.p, m.n, "RSeq: ", 6);

	assert_non_null(at);
	return (uint32_t)strtoul(at + 6, NULL, 10);
}

/* Bob acknowledges the response with this RSeq. */
static void prack(struct call *c, unsigned cseq, uint32_t rseq, const char *sdp)
{
	char rack[64];

	snprintf(rack, sizeof(rack), "RAck: %u 10 INVITE\r\n", rseq);
	from_bob(c, "PRACK", cseq, "bob1", rack, sdp);
}

/* ---- the called side ---- */

/* RFC3261-8.2.4-3, RFC3261-8.2.4-5, RFC3262-3-1, RFC3262-3-9, RFC3262-3-10, RFC3262-3-11,
 * RFC3262-8.1-1, RFC3311-4-2 */
static void every_provisional_is_reliable_where_the_caller_asks(void **state)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < 64; i++) {
		struct call c;
		struct str m;
		uint32_t rseq;

		get_call(&c, RELIABLE, SDP_A);
		c.w.seed = i + 1;
		assert_int_equal(dlg_session_ring(c.s, 180 + i % 4, STR(SDP_B)), 0);
		m = fake_take(&c.f);
		has(m, RELIABLE);
		has(m, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, PRACK, UPDATE");
		rseq = rseq_of(m);
		assert_in_range(rseq, 1, INT32_MAX);
		most = rseq > most ? rseq : most;
		dlg_session_detach(&c.s);
		finish(&c);
	}
	assert_true(most > INT32_MAX / 2); /* the whole range is used */
}

/* RFC3261-8.2.4-1, RFC3261-8.2.4-2, RFC3261-8.2.4-6, RFC3262-3-4 */
static void nothing_is_reliable_where_nobody_asks(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, NULL, SDP_A);
	dlg_session_ring(c.s, 183, STR(SDP_B));
	m = fake_take(&c.f);
	has_not(m, "RSeq");
	has_not(m, "100rel\r\nRequire");
	has_not(m, "Require:");
	world_run(&c.w, 30000);
	assert_true(fake_nothing(&c.f));
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3262-3-3 */
static void no_100_is_reliable(void **state)
{
	struct call c;

	get_call(&c, RELIABLE, SDP_A);
	assert_int_equal(dlg_session_ring(c.s, 100, STR_NONE), -EINVAL);
	assert_true(fake_nothing(&c.f));
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3262-3-12, RFC3262-3-13, RFC3262-3-14, RFC3262-3-16, RFC3262-3-17, RFC3262-3-18,
 * RFC3262-3-19 */
static void one_at_a_time_and_one_by_one(void **state)
{
	struct call c;
	uint32_t first, cseq = 20;

	get_call(&c, RELIABLE, SDP_A);
	dlg_session_ring(c.s, 183, STR(SDP_B));
	first = rseq_of(fake_take(&c.f));
	dlg_session_ring(c.s, 180, STR_NONE);
	assert_int_equal(dlg_session_ring(c.s, 183, STR(SDP_B)), -EBUSY);
	assert_true(fake_nothing(&c.f));
	prack(&c, cseq++, first + 1, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 481 Call/Transaction Does Not Ex");
	for (unsigned i = 0; i < 2; i++) {
		char rack[64];

		snprintf(rack, sizeof(rack), "RAck: %u %s\r\n", first,
			 i ? "10 UPDATE" : "9 INVITE");
		from_bob(&c, "PRACK", cseq++, "bob1", rack, NULL);
		assert_string_equal(fake_line(&c.f), "SIP/2.0 481 Call/Transaction Does Not Ex");
	}
	from_bob(&c, "PRACK", cseq++, "bob1", NULL, NULL);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 481 Call/Transaction Does Not Ex");
	for (uint32_t i = 0; i < 4; i++) {
		prack(&c, cseq++, first + i, NULL);
		assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
		prack(&c, cseq++, first + i, NULL); /* it is off the list */
		assert_string_equal(fake_line(&c.f), "SIP/2.0 481 Call/Transaction Does Not Ex");
		world_run(&c.w, 10000);
		assert_true(fake_nothing(&c.f));
		dlg_session_ring(c.s, 180, STR_NONE);
		assert_int_equal(rseq_of(fake_take(&c.f)), first + i + 1);
	}
	dlg_session_detach(&c.s);
	finish(&c);
}

/* s3: a call that rings on is told so reliably, every two and a half minutes.
 * RFC3262-3-7 */
static void ringing_is_told_again(void **state)
{
	struct call c;
	uint32_t first;

	get_call(&c, RELIABLE, SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	first = rseq_of(fake_take(&c.f));
	for (uint32_t i = 0; i < 3; i++) {
		prack(&c, 20 + i, first + i, NULL);
		assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
		world_run(&c.w, 149000);
		assert_true(fake_nothing(&c.f));
		world_run(&c.w, 1001);
		assert_int_equal(rseq_of(fake_take(&c.f)), first + i + 1);
	}
	dlg_session_detach(&c.s);
	finish(&c);
}

/* s3: not repeated any more, but its PRACK is no surprise; whatever the final response.
 * RFC3262-3-21, RFC3262-3-22 */
static void a_prack_after_the_final_response(void **state)
{
	for (unsigned refused = 0; refused < 2; refused++) {
		struct call c;
		char call_id[64], tag[64], room[1024];
		struct buf b = buf_over(room, sizeof(room));
		uint32_t rseq;

		get_call(&c, RELIABLE, SDP_A);
		dlg_session_ring(c.s, 180, STR_NONE);
		rseq = rseq_of(fake_take(&c.f));
		str_to_c(dlg_session_dialog(c.s)->call_id, call_id, sizeof(call_id));
		str_to_c(dlg_session_dialog(c.s)->local_tag, tag, sizeof(tag));
		if (refused)
			dlg_session_refuse(c.s, 486, STR_NONE, STR_NONE);
		else
			dlg_session_answer(c.s, STR(SDP_B));
		assert_string_equal(fake_line(&c.f),
				    refused ? "SIP/2.0 486 Busy Here" : "SIP/2.0 200 OK");
		if (!refused) {
			assert_int_equal(dlg_session_ring(c.s, 180, STR_NONE), -EINVAL);
			from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
		}
		world_run(&c.w, 20000);
		assert_true(fake_nothing(&c.f));
		buf_fmt(&b,
			"PRACK sip:alice@127.0.0.1:5060 SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKlate%u\r\n"
			"Max-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=bob1\r\n"
			"To: <sip:alice@example.com>;tag=%s\r\nCall-ID: %s\r\nCSeq: 30 PRACK\r\n"
			"RAck: %u 10 INVITE\r\nContent-Length: 0\r\n\r\n",
			refused, tag, call_id, rseq);
		fake_deliver(&c.f, buf_str(&b));
		assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
		if (!refused)
			dlg_session_detach(&c.s);
		finish(&c);
	}
}

/* RFC3262-5-1, RFC3262-5-6 */
static void without_an_offer_the_first_reliable_one_brings_it(void **state)
{
	struct call c;
	struct str m;
	uint32_t rseq;

	get_call(&c, RELIABLE, NULL);
	assert_int_equal(dlg_session_ring(c.s, 180, STR_NONE), 0);
	m = fake_take(&c.f);
	has(m, "m=audio 5000");
	assert_int_equal(c.wanted, 1);
	rseq = rseq_of(m);
	prack(&c, 11, rseq, SDP_A);
	assert_string_equal(fake_line(&c.f), "SIP/2.0 200 OK");
	assert_int_equal(c.answers, 1);
	assert_string_equal(c.sdp, SDP_A);
	dlg_session_ring(c.s, 180, STR_NONE);
	m = fake_take(&c.f);
	has_not(m, "m=audio");
	prack(&c, 12, rseq_of(m), NULL);
	fake_take(&c.f);
	dlg_session_answer(c.s, STR(SDP_B));
	m = fake_take(&c.f);
	has(m, "SIP/2.0 200 OK");
	has_not(m, "m=audio"); /* it was described before */
	from_bob(&c, "ACK", 10, "bob1", NULL, NULL);
	assert_int_equal(c.confirmed, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3262-5-3, RFC3262-5-6 */
static void an_offer_in_prack_is_answered_in_its_2xx(void **state)
{
	struct call c;
	struct str m;

	get_call(&c, RELIABLE, SDP_A);
	dlg_session_ring(c.s, 183, STR(SDP_B));
	prack(&c, 11, rseq_of(fake_take(&c.f)), SDP_A);
	m = fake_take(&c.f);
	has(m, "SIP/2.0 200 OK");
	has(m, "CSeq: 11 PRACK");
	has(m, "m=audio 5000");
	assert_int_equal(c.offers, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

/* s3 has the PRACK accepted in any case; the INVITE tells what was wrong.
 * RFC3262-3-13 */
static void bad_descriptions_in_prack_end_the_call(void **state)
{
	static const struct {
		const char *offer, *in_prack;
		bool refused;
		const char *end;
	} rows[] = {
		{SDP_A, SDP_A, true, "SIP/2.0 488 Not Acceptable Here"},
		{NULL, NULL, false, "SIP/2.0 400 Bad Request"},
		{NULL, SDP_A, true, "SIP/2.0 488 Not Acceptable Here"},
	};

	for (unsigned i = 0; i < 3; i++) {
		struct call c;
		struct str m;

		get_call(&c, RELIABLE, rows[i].offer);
		dlg_session_ring(c.s, 183, STR(SDP_B));
		c.offer_status = rows[i].refused ? 488 : 200;
		c.answer_bad = rows[i].refused;
		prack(&c, 11, rseq_of(fake_take(&c.f)), rows[i].in_prack);
		m = fake_take(&c.f);
		has(m, "SIP/2.0 200 OK");
		if (rows[i].in_prack) /* an answer that takes nothing */
			has(m, "m=audio 0 RTP/AVP 0\r\n");
		assert_string_equal(fake_line(&c.f), rows[i].end);
		assert_int_equal(c.ended, 1);
		assert_int_equal(c.end.cause, DLG_BROKEN);
		finish(&c);
	}
}

/* ---- the calling side ---- */

/* RFC3262-4-1, RFC3262-4-2, RFC3262-4-3, RFC3311-4-1 */
static void what_our_requests_say(void **state)
{
	struct call c;
	struct dlg_session_user u;
	struct dlg_invite invite = {.uri = STR("sip:bob@example.com"),
				    .from = STR("<sip:alice@example.com>"),
				    .sdp = STR(SDP_A)};
	struct str m;

	begin(&c);
	u = user(&c);
	assert_int_equal(dlg_session_call(c.f.table, &invite, &u, &c.s), 0);
	m = fake_take(&c.f);
	has(m, "Supported: 100rel, timer\r\n");
	has(m, "PRACK, UPDATE\r\n");
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT RELIABLE "RSeq: 7\r\n", SDP_B);
	has_not(fake_take(&c.f), "Require");
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, NULL);
	fake_take(&c.f);
	dlg_session_send(c.s, STR("INFO"), STR("text/plain"), STR("hello"));
	has_not(fake_take(&c.f), "Require");
	dlg_session_reoffer(c.s, STR(SDP_A));
	m = fake_take(&c.f);
	has(m, "Supported: 100rel, timer\r\n");
	has_not(m, "Require");
	fake_answer(&c.f, "INVITE sip:bob@127", 200, NULL, CONTACT, SDP_B);
	fake_take(&c.f);
	dlg_session_hangup(c.s);
	has_not(fake_take(&c.f), "Require");
	finish(&c);
}

/* RFC3262-4-4 */
static void a_100_is_not_acknowledged(void **state)
{
	struct call c;

	begin(&c);
	place(&c, SDP_A);
	fake_answer(&c.f, "INVITE", 100, "b1", CONTACT RELIABLE "RSeq: 7\r\n", NULL);
	assert_true(fake_nothing(&c.f));
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT RELIABLE "RSeq: 7\r\n", NULL);
	assert_string_equal(fake_line(&c.f), "PRACK sip:bob@127.0.0.2:5070 SIP/2.0");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3262-4-5, RFC3262-4-6, RFC3262-4-7, RFC3262-4-8, RFC3262-4-9, RFC3262-4-10, RFC3262-4-11,
 * RFC3262-4-12 */
static void taken_in_order_only(void **state)
{
	static const struct {
		const char *rseq;
		bool taken;
	} rows[] = {{"4294967290", true}, {"4294967290", false}, {"4294967292", false},
		    {"4294967291", true}, {"4294967290", false}, {"4294967292", true}};
	struct call c;
	char lines[128];

	begin(&c);
	place(&c, SDP_A);
	for (unsigned i = 0; i < 6; i++) {
		struct str m;

		snprintf(lines, sizeof(lines), CONTACT RELIABLE "RSeq: %s\r\n", rows[i].rseq);
		c.progress = 0;
		fake_answer(&c.f, "INVITE", 183, "b1", lines, NULL);
		assert_int_equal(c.progress, rows[i].taken ? 183 : 0);
		if (!rows[i].taken) {
			assert_true(fake_nothing(&c.f));
			continue;
		}
		m = fake_take(&c.f);
		has(m, "PRACK sip:bob@127.0.0.2:5070 SIP/2.0\r\n");
		has(m, "To: <sip:bob@example.com>;tag=b1\r\n"); /* there is a dialog */
		snprintf(lines, sizeof(lines), "RAck: %s ", rows[i].rseq);
		has(m, lines);
	}
	/* Another fork has numbers of its own. */
	fake_answer(&c.f, "INVITE", 183, "b2", CONTACT RELIABLE "RSeq: 3\r\n", NULL);
	has(fake_take(&c.f), "RAck: 3 ");
	dlg_session_detach(&c.s);
	finish(&c);
}

/* RFC3262-5-2, RFC3262-5-6 */
static void an_offer_in_a_reliable_one_is_answered_in_prack(void **state)
{
	struct call c;
	struct str m;

	begin(&c);
	place(&c, NULL);
	fake_answer(&c.f, "INVITE", 183, "b1", CONTACT RELIABLE "RSeq: 7\r\n", SDP_A);
	m = fake_take(&c.f);
	has(m, "PRACK ");
	has(m, "Content-Type: application/sdp\r\n");
	has(m, "m=audio 5000");
	assert_int_equal(c.offers, 1);
	fake_answer(&c.f, "PRACK", 200, NULL, NULL, NULL);
	fake_answer(&c.f, "INVITE", 200, "b1", CONTACT, NULL);
	m = fake_take(&c.f);
	has(m, "ACK ");
	has_not(m, "m=audio");
	assert_int_equal(c.answered, 1);
	assert_int_equal(c.offers, 1);
	dlg_session_detach(&c.s);
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_provisional_is_reliable_where_the_caller_asks),
		cmocka_unit_test(nothing_is_reliable_where_nobody_asks),
		cmocka_unit_test(no_100_is_reliable),
		cmocka_unit_test(one_at_a_time_and_one_by_one),
		cmocka_unit_test(ringing_is_told_again),
		cmocka_unit_test(a_prack_after_the_final_response),
		cmocka_unit_test(without_an_offer_the_first_reliable_one_brings_it),
		cmocka_unit_test(an_offer_in_prack_is_answered_in_its_2xx),
		cmocka_unit_test(bad_descriptions_in_prack_end_the_call),
		cmocka_unit_test(what_our_requests_say),
		cmocka_unit_test(a_100_is_not_acknowledged),
		cmocka_unit_test(taken_in_order_only),
		cmocka_unit_test(an_offer_in_a_reliable_one_is_answered_in_prack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
