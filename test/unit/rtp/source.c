#include "harness.h"

#include "rtp/source.h"

static void run(struct rtp_source *s, uint16_t from, unsigned n)
{
	while (n--)
		rtp_source_seq(s, from++);
}

static void counts_over_wraps(void **state)
{
	struct rtp_source s;

	rtp_source_init(&s, 1, 65530);
	run(&s, 65530, 20);
	assert_int_equal(rtp_source_expected(&s), 20);
	assert_int_equal(rtp_source_lost(&s), 0);
	assert_int_equal(rtp_source_ext_seq(&s), 65536 + 13);
	run(&s, 14, 65536);
	assert_int_equal(rtp_source_expected(&s), 20 + 65536);
	assert_int_equal(rtp_source_lost(&s), 0);
}

static void starts_at_the_wrap(void **state)
{
	struct rtp_source s;

	rtp_source_init(&s, 1, 65535);
	run(&s, 65535, 10);
	assert_int_equal(rtp_source_expected(&s), 10);
	assert_int_equal(rtp_source_lost(&s), 0);
}

static void counts_loss_order_and_doubles(void **state)
{
	struct rtp_source s;
	struct rtcp_block b;

	rtp_source_init(&s, 1, 100);
	run(&s, 100, 10);
	assert_true(rtp_source_seq(&s, 115)); /* 110-114 are missing */
	assert_int_equal(rtp_source_lost(&s), 5);
	assert_true(rtp_source_seq(&s, 112)); /* late */
	assert_int_equal(rtp_source_lost(&s), 4);
	b = rtp_source_report(&s);
	assert_int_equal(b.lost, 4);
	assert_int_equal(b.fraction, 4 * 256 / 16);
	assert_int_equal(b.ext_seq, 115);
	assert_true(rtp_source_seq(&s, 115)); /* twice */
	assert_int_equal(rtp_source_lost(&s), 3);
	b = rtp_source_report(&s);
	assert_int_equal(b.fraction, 0);
}

static void needs_two_in_a_row(void **state)
{
	struct rtp_source s;

	rtp_source_init(&s, 1, 5);
	assert_false(rtp_source_seq(&s, 5));
	assert_false(rtp_source_seq(&s, 500));
	assert_int_equal(rtp_source_lost(&s), 0);
	assert_true(rtp_source_seq(&s, 501));
	assert_int_equal(rtp_source_expected(&s), 2);
	assert_int_equal(rtp_source_lost(&s), 0);
}

static void follows_a_restart(void **state)
{
	struct rtp_source s;

	rtp_source_init(&s, 1, 0);
	run(&s, 0, 10);
	assert_false(rtp_source_seq(&s, 40000));
	assert_true(rtp_source_seq(&s, 10)); /* a stray, the sequence goes on */
	assert_int_equal(rtp_source_expected(&s), 11);
	assert_false(rtp_source_seq(&s, 40000));
	assert_true(rtp_source_seq(&s, 40001));
	assert_int_equal(rtp_source_expected(&s), 1);
}

static void jitter_follows_a8(void **state)
{
	struct rtp_source s;

	rtp_source_init(&s, 1, 0);
	for (uint32_t i = 0; i < 100; i++)
		rtp_source_arrival(&s, i * 160, 0xfffffff0u + i * 160);
	assert_int_equal(rtp_source_jitter(&s), 0);
	for (uint32_t i = 100; i < 1000; i++) /* every other is 10 ms late: |D| = 80 */
		rtp_source_arrival(&s, i * 160, 0xfffffff0u + i * 160 + (i & 1) * 80);
	assert_in_range(rtp_source_jitter(&s), 78, 81);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_over_wraps),
		cmocka_unit_test(starts_at_the_wrap),
		cmocka_unit_test(counts_loss_order_and_doubles),
		cmocka_unit_test(needs_two_in_a_row),
		cmocka_unit_test(follows_a_restart),
		cmocka_unit_test(jitter_follows_a8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
