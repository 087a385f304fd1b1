/* The INVITE server machine by its timers: RFC 3261 s17.2.1 and table 4, RFC 6026 s7.1. */
#include "server.h"

static const struct asks invite = {0};
static const struct asks ack = {.method = "ACK"};
static struct seen seen;

static void start(bool tcp)
{
	struct flow flow = server_flow(tcp);

	assert_int_equal(start_on(&seen, &flow, &invite), 0);
}

/* RFC3261-17.2.1-4, RFC3261-17.2.1-5 */
static void proceeding_repeats_the_last_provisional(void **state)
{
	start(false);
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(fake.n_sent, 0);
	respond(&seen, 100);
	respond(&seen, 180);
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(fake.n_sent, 3);
	assert_true(fake_is(&fake, 2, "SIP/2.0 180 "));
	assert_int_equal(txn_server_status(seen.txn), 180);
	assert_int_equal(table.counters.retransmits_in, 2);
	fake_run(&fake, 300000);
	assert_int_equal(fake.n_sent, 3);
	assert_non_null(txn_server_request(seen.txn));
	respond(&seen, 200);
}

/* RFC3261-17.2.1-8, RFC3261-17.2.1-9, RFC3261-17.2.1-12 */
static void timers_g_and_h(void **state)
{
	static const int times[] = {0,     500,   1500,  3500,  7500,  11500,
				    15500, 19500, 23500, 27500, 31500, -1};

	start(false);
	respond(&seen, 486);
	assert_true(txn_server_is_final(seen.txn));
	assert_null(txn_server_request(seen.txn));
	fake_run(&fake, 100000);
	fake_assert_times(&fake, seen.start_ms, times);
	for (size_t i = 1; i < fake.n_sent; i++)
		assert_str(fake_bytes(&fake, i), fake_bytes(&fake, 0));
	assert_ended(&seen, -ETIMEDOUT, 32000);
	assert_int_equal(seen.acks, 0);
	assert_int_equal(table.counters.timeouts, 1);
}

/* H runs for reliable transports too, G does not.
 * RFC3261-17.2.1-9 */
static void reliable_waits_for_the_ack(void **state)
{
	start(true);
	respond(&seen, 486);
	fake_run(&fake, 100000);
	assert_int_equal(fake.n_sent, 1);
	assert_ended(&seen, -ETIMEDOUT, 32000);
}

/* RFC3261-17.2.1-11, RFC3261-17.2.1-13, RFC3261-17.2.1-14 */
static void ack_confirms_until_i(void **state)
{
	start(false);
	respond(&seen, 486);
	fake_run(&fake, 600);
	assert_int_equal(receive(&ack), 1);
	assert_int_equal(seen.acks, 1);
	assert_int_equal(receive(&ack), 1);
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(seen.acks, 1);
	fake_run(&fake, 4999);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(&seen, 0, 5600);
	assert_int_equal(receive(&ack), -1);
}

static void reliable_ack_ends_at_once(void **state)
{
	start(true);
	respond(&seen, 486);
	assert_int_equal(receive(&ack), 1);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 0);
	assert_ended(&seen, 0, 0);
}

/* RFC3261-17.2.1-10 */
static void completed_answers_retransmissions(void **state)
{
	start(false);
	respond(&seen, 486);
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(respond(&seen, 180), -EALREADY);
	assert_int_equal(respond(&seen, 200), -EALREADY);
	assert_int_equal(respond(&seen, 486), -EALREADY);
	assert_int_equal(fake.n_sent, 2);
}

/* RFC3261-17.2.1-6, RFC6026-6-1, RFC6026-7.1-1, RFC6026-7.1-2, RFC6026-7.1-3, RFC6026-7.1-4,
 * RFC6026-7.1-5, RFC6026-7.1-6, RFC6026-8.5-1, RFC6026-8.5-2, RFC6026-8.7-1, RFC6026-8.7-2,
 * RFC6026-8.7-3, RFC6026-8.7-4 */
static void accepted_until_l(void **state)
{
	start(false);
	respond(&seen, 180);
	respond(&seen, 200);
	assert_null(txn_server_request(seen.txn));
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(fake.n_sent, 2);
	fake_run(&fake, 20000);
	assert_int_equal(respond(&seen, 200), 0);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(respond(&seen, 486), -EALREADY);
	assert_int_equal(respond(&seen, 180), -EALREADY);
	assert_int_equal(receive(&ack), 0);
	assert_int_equal(seen.acks, 0);
	fake_run(&fake, 11999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(&seen, 0, 32000);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(receive(&invite), -1);
}

/* RFC6026-8.7-2 */
static void accepted_on_reliable(void **state)
{
	start(true);
	respond(&seen, 200);
	fake_run(&fake, 31999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(&seen, 0, 32000);
}

/* s17.2.1: for a user who is silent for 200 ms, without a tag of its own.
 * RFC3261-17.2.1-1, RFC3261-17.2.1-2 */
static void silence_is_broken_by_100(void **state)
{
	for (unsigned tcp = 0; tcp < 2; tcp++) {
		start(tcp);
		fake_forget(&fake);
		fake_run(&fake, 199);
		assert_int_equal(fake.n_sent, 0);
		fake_run(&fake, 1);
		assert_int_equal(fake.n_sent, 1);
		assert_true(fake_is(&fake, 0, "SIP/2.0 100 Trying\r\nVia: "));
		assert_str(fake_header(fake_bytes(&fake, 0), SIP_HDR_TO),
			   STR("<sip:bob@example.net>"));
		assert_int_equal(txn_server_status(seen.txn), 100);
		fake_run(&fake, 100000);
		assert_int_equal(fake.n_sent, 1);
		assert_int_equal(receive(&invite), 1);
		assert_int_equal(fake.n_sent, 2 - tcp);
		respond(&seen, 200);
		fake_run(&fake, 32000);
	}
}

/* RFC3261-8.2.6.1-3, RFC3261-8.2.6.1-4, RFC3261-8.2.6.1-5 */
static void a_100_tells_how_long_it_took(void **state)
{
	static const struct {
		const char *asked, *told;
	} rows[] = {{"54", "54 0.200"}, {"54.21 9", "54.21 0.200"}};

	for (unsigned i = 0; i < 2; i++) {
		struct flow flow = server_flow(true);
		char text[1024];
		struct buf b = buf_over(text, sizeof(text));
		struct txn_server *t;

		buf_fmt(&b, "%.*sTimestamp: %s\r\nContent-Length: 0\r\n\r\n",
			(int)(request_text(&invite).n - strlen("Content-Length: 0\r\n\r\n")),
			request_text(&invite).p, rows[i].asked);
		assert_int_equal(txn_server_new(&table, fake_kept(&flow, buf_str(&b)), NULL, &t),
				 0);
		fake_forget(&fake);
		fake_run(&fake, 200);
		assert_str(fake_header(fake_bytes(&fake, 0), SIP_HDR_TIMESTAMP),
			   str_c(rows[i].told));
		txn_server_respond(t, NULL, 486, response_text(486));
		fake_run(&fake, 40000);
	}
}

static void who_speaks_in_time_needs_no_100(void **state)
{
	static const unsigned statuses[] = {180, 200, 486, 0};

	for (unsigned i = 0; i < 4; i++) {
		start(true);
		fake_forget(&fake);
		fake_run(&fake, 199);
		if (statuses[i])
			respond(&seen, statuses[i]);
		else
			txn_server_detach(&seen.txn);
		fake_run(&fake, 31000);
		assert_int_equal(fake.n_sent, statuses[i] ? 1 : 0);
		if (statuses[i] == 180)
			respond(&seen, 487);
		fake_run(&fake, 32000);
	}
}

static void ack_before_any_answer(void **state)
{
	start(false);
	respond(&seen, 180);
	assert_int_equal(receive(&ack), 1);
	assert_int_equal(seen.acks, 0);
	respond(&seen, 200);
}

/* RFC 6026 s7.1: no transport error ends it.
 * RFC6026-6-2, RFC6026-7.1-7, RFC6026-7.1-8, RFC6026-8.8-1 */
static void send_errors_change_nothing(void **state)
{
	start(false);
	fake.send_err = -ENOTCONN;
	assert_int_equal(respond(&seen, 180), -ENOTCONN);
	assert_int_equal(respond(&seen, 486), -ENOTCONN);
	fake.send_err = 0;
	fake_run(&fake, 500);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(receive(&ack), 1);
}

/* RFC6026-6-2, RFC6026-7.1-7, RFC6026-7.1-8, RFC6026-8.8-1 */
static void send_errors_leave_it_accepted(void **state)
{
	start(false);
	fake.send_err = -ENOTCONN;
	assert_int_equal(respond(&seen, 200), -ENOTCONN);
	fake.send_err = 0;
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(receive(&ack), 0);
	assert_int_equal(respond(&seen, 200), 0);
	fake_run(&fake, 31999);
	assert_int_equal(seen.ends, 0);
	assert_int_equal(fake.n_sent, 1);
}

static void another_flow(void **state)
{
	struct flow other = fake_udp("192.0.2.77:5070");

	start(false);
	txn_server_respond(seen.txn, &other, 486, response_text(486));
	fake_run(&fake, 500);
	assert_int_equal(fake.n_sent, 2);
	assert_true(flow_same(&fake.sent[1].flow, &other));
}

static void cancel_reaches_the_user_in_time(void **state)
{
	static const struct asks request = {.method = "CANCEL"};

	start(false);
	assert_true(cancel(&request));
	assert_int_equal(seen.cancels, 1);
	respond(&seen, 180);
	assert_true(cancel(&request));
	assert_int_equal(seen.cancels, 2);
	respond(&seen, 487);
	assert_true(cancel(&request));
	assert_int_equal(seen.cancels, 2);
}

static void detached_goes_on(void **state)
{
	start(false);
	respond(&seen, 486);
	txn_server_detach(&seen.txn);
	assert_null(seen.txn);
	fake_run(&fake, 500);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(receive(&ack), 1);
	fake_run(&fake, 5000);
	assert_int_equal(txn_count(&table), 0);
	assert_int_equal(seen.acks + seen.ends, 0);
}

static void abandoned_absorbs(void **state)
{
	start(false);
	txn_server_detach(&seen.txn);
	fake_run(&fake, 31999);
	assert_int_equal(receive(&invite), 1);
	assert_int_equal(fake.n_sent, 0);
	fake_run(&fake, 1);
	assert_int_equal(receive(&invite), -1);
	assert_int_equal(table.counters.timeouts, 0);
}

static void sweep(void)
{
	struct flow flow = server_flow(false);

	fake_init(&fake);
	if (txn_table_init(&table, &fake.io, NULL) < 0)
		return;
	if (start_on(&seen, &flow, &invite) == 0) {
		respond(&seen, 180);
		respond(&seen, 486);
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
		with_table(proceeding_repeats_the_last_provisional),
		with_table(timers_g_and_h),
		with_table(reliable_waits_for_the_ack),
		with_table(ack_confirms_until_i),
		with_table(reliable_ack_ends_at_once),
		with_table(completed_answers_retransmissions),
		with_table(accepted_until_l),
		with_table(accepted_on_reliable),
		with_table(silence_is_broken_by_100),
		with_table(a_100_tells_how_long_it_took),
		with_table(who_speaks_in_time_needs_no_100),
		with_table(ack_before_any_answer),
		with_table(send_errors_change_nothing),
		with_table(send_errors_leave_it_accepted),
		with_table(another_flow),
		with_table(cancel_reaches_the_user_in_time),
		with_table(detached_goes_on),
		with_table(abandoned_absorbs),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
