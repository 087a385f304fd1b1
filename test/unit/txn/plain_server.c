/* The non-INVITE server machine: RFC 3261 s17.2.2 and table 4, RFC 4320. */
#include "server.h"

static const struct asks options = {.method = "OPTIONS"};
static struct seen seen;

static void start(bool tcp)
{
	struct flow flow = server_flow(tcp);

	assert_int_equal(start_on(&seen, &flow, &options), 0);
}

static void trying_is_silent(void **state)
{
	start(false);
	assert_int_equal(receive(&options), 1);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(table.counters.retransmits_in, 1);
	respond(&seen, 200);
}

/* RFC3261-17.2.2-6, RFC3261-17.2.2-7, RFC3261-17.2.2-8, RFC3261-17.2.2-9, RFC3261-17.2.2-10 */
static void completed_answers_again_until_j(void **state)
{
	start(false);
	fake_run(&fake, 1000);
	assert_int_equal(respond(&seen, 404), 0);
	assert_null(txn_server_request(seen.txn));
	assert_int_equal(respond(&seen, 200), -EALREADY);
	assert_int_equal(fake.n_sent, 1);
	fake_run(&fake, 31999);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(receive(&options), 1);
	assert_int_equal(fake.n_sent, 2);
	assert_str(fake_bytes(&fake, 1), fake_bytes(&fake, 0));
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(&seen, 0, 33000);
	assert_int_equal(receive(&options), -1);
}

/* RFC3261-17.2.2-6 */
static void reliable_ends_at_once(void **state)
{
	start(true);
	respond(&seen, 200);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 0);
	assert_ended(&seen, 0, 0);
}

/* RFC 4320 s4.1: no other than 100, and by UDP not before E has reached T2.
 * RFC3261-8.2.6.1-1, RFC3261-17.2.2-1, RFC3261-17.2.2-2, RFC3261-17.2.2-3, RFC3261-17.2.2-4,
 * RFC3261-17.2.2-5, RFC4320-4.1-1, RFC4320-4.1-2 */
static void provisionals(void **state)
{
	start(false);
	assert_int_equal(txn_server_trying_ms(&table), 3500);
	assert_int_equal(respond(&seen, 183), 0);
	fake_run(&fake, 3499);
	assert_int_equal(respond(&seen, 100), 0);
	assert_int_equal(fake.n_sent, 0);
	fake_run(&fake, 1);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(respond(&seen, 183), 0);
	assert_int_equal(receive(&options), 1);
	assert_int_equal(fake.n_sent, 2);
	assert_true(fake_is(&fake, 1, "SIP/2.0 100 "));
	assert_int_equal(respond(&seen, 100), 0);
	assert_int_equal(fake.n_sent, 3);
	respond(&seen, 200);
	assert_int_equal(respond(&seen, 100), -EALREADY);
	assert_int_equal(fake.n_sent, 4);
	assert_int_equal(receive(&options), 1);
	assert_true(fake_is(&fake, 4, "SIP/2.0 200 "));
}

/* RFC 6026 s8.8: the user is told, the transaction stays.
 * RFC6026-8.8-1 */
static void send_errors_change_nothing(void **state)
{
	start(false);
	fake.send_err = -ENOTCONN;
	assert_int_equal(respond(&seen, 200), -ENOTCONN);
	fake.send_err = 0;
	assert_int_equal(seen.ends, 0);
	assert_int_equal(receive(&options), 1);
	assert_true(fake_is(&fake, 0, "SIP/2.0 200 "));
}

/* RFC4320-4.1-1 */
static void reliable_provisional_at_any_time(void **state)
{
	start(true);
	assert_int_equal(respond(&seen, 100), 0);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(respond(&seen, 180), 0);
	assert_int_equal(fake.n_sent, 1);
	respond(&seen, 200);
}

/* RFC 4320 s4.1: for a user who is silent for so long, whatever the transport.
 * RFC4320-4.1-3 */
static void silence_is_broken_by_100(void **state)
{
	for (unsigned tcp = 0; tcp < 2; tcp++) {
		start(tcp);
		fake_forget(&fake);
		respond(&seen, 183);
		fake_run(&fake, 3499);
		assert_int_equal(fake.n_sent, 0);
		fake_run(&fake, 1);
		assert_int_equal(fake.n_sent, 1);
		assert_true(fake_is(&fake, 0, "SIP/2.0 100 Trying\r\nVia: "));
		respond(&seen, 200);
		fake_run(&fake, 32000);
		assert_int_equal(fake.n_sent, 2);
	}
}

/* RFC 4320 s4.2
 * RFC4320-4.2-1 */
static void never_408(void **state)
{
	start(false);
	assert_int_equal(respond(&seen, 408), 0);
	assert_true(txn_server_is_final(seen.txn));
	assert_int_equal(receive(&options), 1);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(respond(&seen, 200), -EALREADY);
	fake_run(&fake, 32000);
	assert_ended(&seen, 0, 32000);
}

/* Whoever never answers does not fill the table. */
static void unanswered_ends(void **state)
{
	start(true);
	fake_run(&fake, 36999);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(&seen, -ETIMEDOUT, 37000);
	assert_int_equal(fake.n_sent, 1);
	assert_true(fake_is(&fake, 0, "SIP/2.0 100 "));
}

static void detached_goes_on(void **state)
{
	start(false);
	respond(&seen, 200);
	txn_server_detach(&seen.txn);
	assert_int_equal(receive(&options), 1);
	assert_int_equal(fake.n_sent, 2);
	fake_run(&fake, 32000);
	assert_int_equal(seen.ends, 0);
	assert_int_equal(txn_count(&table), 0);
}

static void without_a_user(void **state)
{
	struct flow flow = server_flow(false);
	struct txn_server *t;

	assert_int_equal(txn_server_new(&table, fake_kept(&flow, request_text(&options)), NULL, &t),
			 0);
	assert_int_equal(txn_server_respond(t, &flow, 200, response_text(200)), 0);
	fake_run(&fake, 32000);
	assert_int_equal(txn_count(&table), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_table(trying_is_silent),
		with_table(completed_answers_again_until_j),
		with_table(reliable_ends_at_once),
		with_table(provisionals),
		with_table(reliable_provisional_at_any_time),
		with_table(send_errors_change_nothing),
		with_table(silence_is_broken_by_100),
		with_table(never_408),
		with_table(unanswered_ends),
		with_table(detached_goes_on),
		with_table(without_a_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
