/* The INVITE client machine by its timers: RFC 3261 s17.1.1 and table 4, RFC 6026 s7.2. */
#include "client.h"

#define BRANCH "z9hG4bKc1"

static struct seen seen;
static uint64_t start_ms;

static void start(bool tcp)
{
	struct flow flow = tcp ? fake_tcp(3) : fake_udp("192.0.2.1:5060");

	start_ms = fake.io.now_ms;
	assert_int_equal(start_on(&seen, &flow, "INVITE", BRANCH), 0);
}

static void assert_ended(int err, uint64_t after_ms)
{
	assert_int_equal(seen.ends, 1);
	assert_int_equal(seen.err, err);
	assert_int_equal((int)(seen.end_ms - start_ms), (int)after_ms);
}

/* RFC3261-17.1.1.2-1, RFC3261-17.1.1.2-2, RFC3261-17.1.1.2-3, RFC3261-17.1.1.2-5,
 * RFC3261-17.1.1.2-6, RFC3261-17.1.1.2-7, RFC3261-17.1.1.2-8, RFC3261-17.1.1.2-10,
 * RFC3261-17.1.1.2-13, RFC3261-17.1.1.2-14 */
static void timers_a_and_b(void **state)
{
	static const int times[] = {0, 500, 1500, 3500, 7500, 15500, 31500, -1};

	start(false);
	fake_run(&fake, 100000);
	fake_assert_times(&fake, start_ms, times);
	for (size_t i = 1; i < fake.n_sent; i++)
		assert_str(fake_bytes(&fake, i), fake_bytes(&fake, 0));
	assert_ended(-ETIMEDOUT, 32000);
	assert_int_equal(table.counters.timeouts, 1);
	assert_int_equal(table.counters.retransmits_out, 6);
}

/* RFC3261-17.1.1.2-12 */
static void timers_follow_t1(void **state)
{
	static const int times[] = {0, 100, 300, 700, 1500, 3100, 6300, -1};

	table.timers.t1_ms = 100;
	start(false);
	fake_run(&fake, 100000);
	fake_assert_times(&fake, start_ms, times);
	assert_ended(-ETIMEDOUT, 6400);
}

/* RFC3261-17.1.1.2-4, RFC3261-17.1.1.2-5 */
static void reliable_sends_once(void **state)
{
	start(true);
	fake_run(&fake, 100000);
	assert_int_equal(fake.n_sent, 1);
	assert_ended(-ETIMEDOUT, 32000);
}

/* RFC3261-17.1.1.2-9, RFC3261-17.1.1.2-15, RFC3261-17.1.1.2-16, RFC3261-17.1.1.2-17 */
static void provisional_stops_a_and_b(void **state)
{
	start(false);
	fake_run(&fake, 700);
	assert_true(respond(100, BRANCH, "INVITE"));
	assert_true(respond(180, BRANCH, "INVITE"));
	fake_run(&fake, 180000);
	assert_true(respond(180, BRANCH, "INVITE"));
	assert_int_equal(seen.n_responses, 3);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(seen.ends, 0);
	respond(486, BRANCH, "INVITE");
}

/* RFC3261-17.1.1.2-18, RFC6026-8.4-1 */
static void refused_while_proceeding(void **state)
{
	start(false);
	respond(180, BRANCH, "INVITE");
	respond(302, BRANCH, "INVITE");
	assert_int_equal(seen.last, 302);
	assert_true(txn_client_is_final(seen.txn));
	assert_true(fake_is(&fake, 1, "ACK "));
	respond(302, BRANCH, "INVITE");
	assert_int_equal(seen.n_responses, 2);
	assert_true(fake_is(&fake, 2, "ACK "));
}

/* RFC3261-17.1.1.2-18, RFC3261-17.1.1.2-19, RFC3261-17.1.1.2-20, RFC3261-17.1.1.3-2,
 * RFC3261-17.1.1.3-3, RFC3261-17.1.1.3-4, RFC3261-17.1.1.3-5, RFC3261-17.1.1.3-6,
 * RFC3261-17.1.1.3-7, RFC6026-8.4-1, RFC6026-8.4-2, RFC6026-8.4-3 */
static void ack_of_a_refusal(void **state)
{
	struct str ack;

	start(false);
	assert_false(txn_client_is_final(seen.txn));
	respond(486, BRANCH, "INVITE");
	assert_true(txn_client_is_final(seen.txn));
	assert_int_equal(seen.last, 486);
	assert_int_equal(fake.n_sent, 2);
	assert_memory_equal(&fake.sent[1].flow, &fake.sent[0].flow, sizeof(struct flow));
	ack = fake_bytes(&fake, 1);
	assert_str(ack, STR("ACK sip:bob@example.net;p=1 SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bKc1\r\n"
			    "Max-Forwards: 70\r\n"
			    "Route: <sip:one.example.net;lr>, <sip:two.example.net;lr>\r\n"
			    "Route: <sip:three.example.net;lr>\r\n"
			    "From: \"A\" <sip:alice@example.com>;tag=a1\r\n"
			    "To: <sip:bob@example.net>;tag=b486\r\n"
			    "Call-ID: c1@example.com\r\n"
			    "CSeq: 314 ACK\r\n"
			    "Content-Length: 0\r\n\r\n"));
}

/* RFC3261-17.1.1.2-21, RFC3261-17.1.1.2-22, RFC3261-17.1.1.2-23, RFC3261-17.1.1.2-25,
 * RFC6026-8.4-4, RFC6026-8.4-5, RFC6026-8.4-6, RFC6026-8.4-13 */
static void completed_acks_again_until_d(void **state)
{
	start(false);
	respond(404, BRANCH, "INVITE");
	fake_run(&fake, 500);
	respond(404, BRANCH, "INVITE");
	respond(200, BRANCH, "INVITE");
	respond(180, BRANCH, "INVITE");
	assert_int_equal(fake.n_sent, 3);
	assert_str(fake_bytes(&fake, 2), fake_bytes(&fake, 1));
	assert_int_equal(seen.n_responses, 1);
	fake_run(&fake, 31499);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(0, 32000);
	assert_false(respond(404, BRANCH, "INVITE"));
	assert_int_equal(table.counters.stray_responses, 1);
}

/* The peer's T1 is not ours: D is 32 s whatever we take T1 for.
 * RFC3261-17.1.1.2-21, RFC6026-8.4-4 */
static void timer_d_does_not_follow_t1(void **state)
{
	table.timers.t1_ms = 100;
	start(false);
	respond(404, BRANCH, "INVITE");
	fake_run(&fake, 100000);
	assert_ended(0, 32000);
}

/* Timer D is 0, but the end comes from the loop, not from inside.
 * RFC3261-17.1.1.2-19, RFC3261-17.1.1.2-21, RFC6026-8.4-2, RFC6026-8.4-4 */
static void reliable_ends_at_once(void **state)
{
	start(true);
	respond(404, BRANCH, "INVITE");
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 0);
	assert_ended(0, 0);
}

/* RFC6026-6-1, RFC6026-7.2-1, RFC6026-7.2-2, RFC6026-7.2-3, RFC6026-7.2-4, RFC6026-7.2-5,
 * RFC6026-8.4-7, RFC6026-8.4-8, RFC6026-8.4-9, RFC6026-8.4-10, RFC6026-8.4-11, RFC6026-8.4-12,
 * RFC6026-8.4-13 */
static void accepted_passes_2xx_until_m(void **state)
{
	start(false);
	respond(180, BRANCH, "INVITE");
	fake_run(&fake, 1000);
	respond(200, BRANCH, "INVITE");
	assert_int_equal(seen.n_responses, 2);
	fake_run(&fake, 20000);
	respond(200, BRANCH, "INVITE");
	respond(299, BRANCH, "INVITE");
	assert_int_equal(seen.n_responses, 4);
	respond(486, BRANCH, "INVITE");
	respond(183, BRANCH, "INVITE");
	assert_int_equal(seen.n_responses, 4);
	assert_int_equal(fake.n_sent, 1);
	fake_run(&fake, 11999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(0, 33000);
	assert_false(respond(200, BRANCH, "INVITE"));
}

/* M is 64*T1 for reliable transports too (RFC 6026 s7.2).
 * RFC6026-7.2-1, RFC6026-8.4-7 */
static void accepted_on_reliable(void **state)
{
	start(true);
	respond(200, BRANCH, "INVITE");
	fake_run(&fake, 31999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(0, 32000);
}

static void first_send_fails(void **state)
{
	struct flow flow = fake_udp("192.0.2.1:5060");

	fake.send_err = -EMSGSIZE;
	assert_int_equal(start_on(&seen, &flow, "INVITE", BRANCH), -EMSGSIZE);
	assert_int_equal(txn_count(&table), 0);
	assert_int_equal(seen.ends, 0);
}

/* RFC3261-17.1.4-1 */
static void later_send_fails(void **state)
{
	start(false);
	fake.send_err = -ENOBUFS;
	fake_run(&fake, 600);
	assert_int_equal(seen.ends, 0);
	fake.send_err = -ECONNREFUSED;
	fake_run(&fake, 1000);
	assert_ended(-ECONNREFUSED, 1500);
}

/* RFC6141-5.3-2 */
static void an_ack_that_cannot_be_sent(void **state)
{
	start(false);
	fake.send_err = -ENOTCONN;
	respond(488, BRANCH, "INVITE");
	assert_int_equal(seen.last, 488);
	fake_run(&fake, 1000);
	txn_flow_failed(&table, txn_client_flow(seen.txn), -ECONNREFUSED);
	assert_int_equal(seen.ends, 0);
	fake.send_err = 0;
	respond(488, BRANCH, "INVITE");
	assert_true(fake_is(&fake, fake.n_sent - 1, "ACK "));
	fake_run(&fake, 40000);
	assert_int_equal(seen.err, 0);
}

static void detach_in_response(void **state)
{
	start(false);
	seen.detaches = true;
	respond(200, BRANCH, "INVITE");
	assert_null(seen.txn);
	respond(200, BRANCH, "INVITE");
	fake_run(&fake, 40000);
	assert_int_equal(seen.n_responses, 1);
	assert_int_equal(seen.ends, 0);
}

/* Nobody is told, but the peer still gets its ACK. */
static void detached_still_acknowledges(void **state)
{
	start(false);
	respond(180, BRANCH, "INVITE");
	txn_client_detach(&seen.txn);
	respond(486, BRANCH, "INVITE");
	assert_true(fake_is(&fake, 1, "ACK "));
	assert_int_equal(seen.n_responses, 1);
}

static void detached_ringing_ends(void **state)
{
	start(false);
	respond(180, BRANCH, "INVITE");
	txn_client_detach(&seen.txn);
	fake_run(&fake, 31999);
	assert_int_equal(txn_count(&table), 1);
	fake_run(&fake, 1);
	assert_int_equal(txn_count(&table), 0);
	start(false);
	txn_client_detach(&seen.txn);
	respond(180, BRANCH, "INVITE");
	fake_run(&fake, 32000);
	assert_int_equal(txn_count(&table), 0);
}

static void sweep(void)
{
	struct flow flow = fake_udp("192.0.2.1:5060");

	fake_init(&fake);
	if (txn_table_init(&table, &fake.io, NULL) < 0)
		return;
	if (start_on(&seen, &flow, "INVITE", BRANCH) == 0) {
		respond(180, BRANCH, "INVITE");
		if (seen.txn)
			txn_client_cancel(seen.txn, STR("Reason: SIP;cause=200\r\n"));
		respond(486, BRANCH, "INVITE");
		respond(486, BRANCH, "INVITE");
		fake_run(&fake, 100000);
		assert_int_equal(seen.ends, 1);
	}
	txn_table_fini(&table);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(sweep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_table(timers_a_and_b),
		with_table(timers_follow_t1),
		with_table(reliable_sends_once),
		with_table(provisional_stops_a_and_b),
		with_table(refused_while_proceeding),
		with_table(ack_of_a_refusal),
		with_table(completed_acks_again_until_d),
		with_table(timer_d_does_not_follow_t1),
		with_table(reliable_ends_at_once),
		with_table(accepted_passes_2xx_until_m),
		with_table(accepted_on_reliable),
		with_table(first_send_fails),
		with_table(later_send_fails),
		with_table(an_ack_that_cannot_be_sent),
		with_table(detach_in_response),
		with_table(detached_still_acknowledges),
		with_table(detached_ringing_ends),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
