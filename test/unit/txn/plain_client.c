/* The non-INVITE client machine by its timers: RFC 3261 s17.1.2 and table 4. */
#include "client.h"

#define BRANCH "z9hG4bKc2"

static struct seen seen;
static uint64_t start_ms;

static void start(bool tcp, const char *method)
{
	struct flow flow = tcp ? fake_tcp(3) : fake_udp("192.0.2.1:5060");

	start_ms = fake.io.now_ms;
	assert_int_equal(start_on(&seen, &flow, method, BRANCH), 0);
}

static void assert_ended(int err, uint64_t after_ms)
{
	assert_int_equal(seen.ends, 1);
	assert_int_equal(seen.err, err);
	assert_int_equal((int)(seen.end_ms - start_ms), (int)after_ms);
}

/* RFC3261-17.1.2.2-1, RFC3261-17.1.2.2-2, RFC3261-17.1.2.2-3, RFC3261-17.1.2.2-4 */
static void timers_e_and_f(void **state)
{
	static const int times[] = {0,     500,   1500,  3500,  7500,  11500,
				    15500, 19500, 23500, 27500, 31500, -1};

	start(false, "OPTIONS");
	fake_run(&fake, 100000);
	fake_assert_times(&fake, start_ms, times);
	assert_ended(-ETIMEDOUT, 32000);
}

/* s17.1.2.2: in Proceeding, E is always T2; F goes on.
 * RFC3261-17.1.2.2-5, RFC3261-17.1.2.2-7, RFC3261-17.1.2.2-8 */
static void proceeding_slows_down(void **state)
{
	static const int times[] = {0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500, -1};

	start(false, "OPTIONS");
	fake_run(&fake, 100);
	respond(100, BRANCH, "OPTIONS");
	assert_int_equal(seen.n_responses, 1);
	fake_run(&fake, 100000);
	fake_assert_times(&fake, start_ms, times);
	assert_ended(-ETIMEDOUT, 32000);
}

static void reliable_sends_once(void **state)
{
	start(true, "REGISTER");
	respond(100, BRANCH, "REGISTER");
	fake_run(&fake, 100000);
	assert_int_equal(fake.n_sent, 1);
	assert_ended(-ETIMEDOUT, 32000);
}

/* RFC3261-17.1.2.2-6, RFC3261-17.1.2.2-10, RFC3261-17.1.2.2-11, RFC3261-17.1.2.2-12 */
static void completed_absorbs_until_k(void **state)
{
	start(false, "REGISTER");
	fake_run(&fake, 600);
	respond(200, BRANCH, "REGISTER");
	fake_run(&fake, 4999);
	respond(200, BRANCH, "REGISTER");
	respond(100, BRANCH, "REGISTER");
	assert_int_equal(seen.n_responses, 1);
	assert_int_equal(table.counters.retransmits_in, 2);
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 1);
	assert_ended(0, 5600);
	assert_int_equal(fake.n_sent, 2);
	assert_false(respond(200, BRANCH, "REGISTER"));
}

/* RFC3261-17.1.2.2-9 */
static void answered_while_proceeding(void **state)
{
	start(false, "REGISTER");
	respond(100, BRANCH, "REGISTER");
	fake_run(&fake, 600);
	respond(401, BRANCH, "REGISTER");
	assert_int_equal(seen.last, 401);
	assert_true(txn_client_is_final(seen.txn));
	fake_run(&fake, 4999);
	respond(401, BRANCH, "REGISTER");
	assert_int_equal(seen.n_responses, 2);
	assert_int_equal(fake.n_sent, 2);
	fake_run(&fake, 1);
	assert_ended(0, 5600);
}

/* RFC3261-17.1.2.2-10 */
static void reliable_ends_at_once(void **state)
{
	start(true, "REGISTER");
	respond(200, BRANCH, "REGISTER");
	assert_int_equal(seen.ends, 0);
	fake_run(&fake, 0);
	assert_ended(0, 0);
}

static void detached_goes_on(void **state)
{
	start(false, "BYE");
	txn_client_detach(&seen.txn);
	assert_null(seen.txn);
	fake_run(&fake, 600);
	assert_int_equal(fake.n_sent, 2);
	respond(200, BRANCH, "BYE");
	fake_run(&fake, 4000);
	assert_int_equal(fake.n_sent, 2);
	assert_int_equal(seen.n_responses, 0);
}

/* s17.1.3: branch and CSeq method both count; of methods we don't know, the name.
 * RFC3261-18.1.2-2 */
static void matching(void **state)
{
	start(false, "FROBNICATE");
	assert_false(respond(200, "z9hG4bKc3", "FROBNICATE"));
	assert_false(respond(200, BRANCH, "OPTIONS"));
	assert_false(respond(200, BRANCH, "FROBNICATED"));
	assert_int_equal(table.counters.stray_responses, 3);
	assert_true(respond(200, BRANCH, "FROBNICATE"));
}

static void cancel_is_not_for_others(void **state)
{
	start(false, "OPTIONS");
	respond(100, BRANCH, "OPTIONS");
	txn_client_cancel(seen.txn, STR_NONE);
	txn_client_timer_c(seen.txn, 100);
	fake_run(&fake, 200);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(txn_count(&table), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_table(timers_e_and_f),
		with_table(proceeding_slows_down),
		with_table(reliable_sends_once),
		with_table(completed_absorbs_until_k),
		with_table(answered_while_proceeding),
		with_table(reliable_ends_at_once),
		with_table(detached_goes_on),
		with_table(matching),
		with_table(cancel_is_not_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
