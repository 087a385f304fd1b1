/* CANCEL and its races (RFC 3261 s9.1), and timer C (s16.8). */
#include "client.h"

#define BRANCH "z9hG4bKc4"

static struct seen seen;
static uint64_t start_ms;

static void start(void)
{
	struct flow flow = fake_udp("192.0.2.1:5060");

	start_ms = fake.io.now_ms;
	assert_int_equal(start_on(&seen, &flow, "INVITE", BRANCH), 0);
}

static size_t count_sent(const char *start_line)
{
	size_t n = 0;

	for (size_t i = 0; i < fake.n_sent; i++)
		n += fake_is(&fake, i, start_line);
	return n;
}

static void after_a_provisional(void **state)
{
	start();
	respond(180, BRANCH, "INVITE");
	txn_client_cancel(seen.txn, STR("Reason: SIP;cause=200\r\n"));
	assert_int_equal(fake.n_sent, 2);
	assert_str(fake_bytes(&fake, 1),
		   STR("CANCEL sip:bob@example.net;p=1 SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bKc4\r\n"
		       "Max-Forwards: 70\r\n"
		       "Route: <sip:one.example.net;lr>, <sip:two.example.net;lr>\r\n"
		       "Route: <sip:three.example.net;lr>\r\n"
		       "From: \"A\" <sip:alice@example.com>;tag=a1\r\n"
		       "To: <sip:bob@example.net>\r\n"
		       "Call-ID: c1@example.com\r\n"
		       "CSeq: 314 CANCEL\r\n"
		       "Reason: SIP;cause=200\r\n"
		       "Content-Length: 0\r\n\r\n"));
	txn_client_cancel(seen.txn, STR_NONE);
	assert_int_equal(fake.n_sent, 2);
	assert_true(respond(200, BRANCH, "CANCEL"));
	assert_int_equal(seen.n_responses, 1);
	assert_true(respond(487, BRANCH, "INVITE"));
	assert_int_equal(seen.last, 487);
	assert_true(fake_is(&fake, 2, "ACK "));
}

static void before_a_provisional_it_waits(void **state)
{
	start();
	txn_client_cancel(seen.txn, STR("Reason: Q.850;cause=16\r\n"));
	fake_run(&fake, 1000);
	assert_int_equal(count_sent("CANCEL "), 0);
	respond(100, BRANCH, "INVITE");
	assert_int_equal(count_sent("CANCEL "), 1);
	assert_str(fake_header(fake_bytes(&fake, fake.n_sent - 1), SIP_HDR_REASON),
		   STR("Q.850;cause=16"));
	respond(200, BRANCH, "CANCEL");
	respond(487, BRANCH, "INVITE");
	assert_int_equal(seen.last, 487);
}

static void the_final_wins_the_race(void **state)
{
	start();
	txn_client_cancel(seen.txn, STR_NONE);
	respond(200, BRANCH, "INVITE");
	assert_int_equal(seen.last, 200);
	respond(180, BRANCH, "INVITE");
	fake_run(&fake, 1000);
	assert_int_equal(count_sent("CANCEL "), 0);
	txn_client_cancel(seen.txn, STR_NONE);
	assert_int_equal(count_sent("CANCEL "), 0);
}

/* A CANCEL crosses a 200: the call stands and the user sees it. */
static void crosses_a_200(void **state)
{
	start();
	respond(180, BRANCH, "INVITE");
	txn_client_cancel(seen.txn, STR_NONE);
	respond(200, BRANCH, "INVITE");
	respond(200, BRANCH, "CANCEL");
	assert_int_equal(seen.last, 200);
	fake_run(&fake, 31999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_int_equal(seen.err, 0);
}

static void nothing_ever_comes(void **state)
{
	start();
	txn_client_cancel(seen.txn, STR_NONE);
	fake_run(&fake, 32000);
	assert_int_equal(seen.err, -ETIMEDOUT);
	assert_int_equal(count_sent("CANCEL "), 0);
}

static void no_final_after_cancel(void **state)
{
	start();
	respond(180, BRANCH, "INVITE");
	fake_run(&fake, 60000);
	fake_forget(&fake);
	txn_client_cancel(seen.txn, STR_NONE);
	respond(200, BRANCH, "CANCEL");
	fake_run(&fake, 31999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_int_equal(seen.err, -ETIMEDOUT);
	assert_int_equal((int)(seen.end_ms - start_ms), 92000);
	assert_int_equal(fake.n_sent, 1);
}

static void cancel_is_retransmitted(void **state)
{
	static const int times[] = {0,     500,   1500,  3500,  7500,  11500,
				    15500, 19500, 23500, 27500, 31500, -1};

	start();
	respond(180, BRANCH, "INVITE");
	fake_forget(&fake);
	txn_client_cancel(seen.txn, STR_NONE);
	fake_run(&fake, 40000);
	fake_assert_times(&fake, start_ms, times);
}

static void cancel_then_detach(void **state)
{
	start();
	txn_client_cancel(seen.txn, STR_NONE);
	txn_client_detach(&seen.txn);
	respond(180, BRANCH, "INVITE");
	assert_int_equal(count_sent("CANCEL "), 1);
	respond(487, BRANCH, "INVITE");
	assert_int_equal(count_sent("ACK "), 1);
	assert_int_equal(seen.n_responses + (unsigned)seen.ends, 0);
}

/* A full table must not keep calls from being given up. */
static void beyond_the_bound(void **state)
{
	start();
	table.max = 1;
	respond(180, BRANCH, "INVITE");
	txn_client_cancel(seen.txn, STR_NONE);
	assert_int_equal(count_sent("CANCEL "), 1);
	assert_int_equal(txn_count(&table), 2);
}

static void timer_c_of_a_ringing_call(void **state)
{
	start();
	txn_client_timer_c(seen.txn, 180000);
	respond(180, BRANCH, "INVITE");
	fake_run(&fake, 100000);
	respond(180, BRANCH, "INVITE");
	txn_client_timer_c(seen.txn, 180000);
	fake_run(&fake, 179999);
	assert_int_equal(count_sent("CANCEL "), 0);
	fake_run(&fake, 1);
	assert_int_equal(count_sent("CANCEL "), 1);
	assert_int_equal(seen.ends, 0);
	respond(200, BRANCH, "CANCEL");
	respond(487, BRANCH, "INVITE");
	assert_int_equal(seen.last, 487);
}

static void timer_c_without_an_answer(void **state)
{
	start();
	txn_client_timer_c(seen.txn, 3000);
	fake_run(&fake, 3000);
	assert_int_equal(seen.err, -ETIMEDOUT);
	assert_int_equal((int)(seen.end_ms - start_ms), 3000);
	/* Who answers now is told all the same. */
	respond(180, BRANCH, "INVITE");
	assert_int_equal(count_sent("CANCEL "), 1);
	assert_int_equal(seen.n_responses, 0);
}

static void timer_c_is_taken_back(void **state)
{
	start();
	txn_client_timer_c(seen.txn, 5000);
	respond(180, BRANCH, "INVITE");
	txn_client_timer_c(seen.txn, 0);
	fake_run(&fake, 100000);
	assert_int_equal(count_sent("CANCEL "), 0);
	txn_client_timer_c(seen.txn, 5000);
	respond(200, BRANCH, "INVITE");
	fake_run(&fake, 31000);
	assert_int_equal(count_sent("CANCEL "), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_table(after_a_provisional),       with_table(before_a_provisional_it_waits),
		with_table(the_final_wins_the_race),   with_table(crosses_a_200),
		with_table(nothing_ever_comes),        with_table(no_final_after_cancel),
		with_table(cancel_is_retransmitted),   with_table(cancel_then_detach),
		with_table(beyond_the_bound),          with_table(timer_c_of_a_ringing_call),
		with_table(timer_c_without_an_answer), with_table(timer_c_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
