#include "harness.h"

#include "base/gather.h"

/* Rounds of n messages, every_us apart; the waits are added.  The last wait. */
static uint32_t run(struct gather *g, uint64_t *now_us, unsigned rounds, unsigned n,
		    uint32_t every_us)
{
	uint32_t us = 0;

	for (unsigned i = 0; i < rounds; i++) {
		*now_us += every_us + us;
		us = gather_wait_us(g, *now_us, n);
	}
	return us;
}

static void does_nothing_unless_asked(void **state)
{
	struct gather g;
	uint64_t now = 1000;

	gather_init(&g, 0, 32);
	assert_int_equal(run(&g, &now, 1000, 10, 1), 0);
}

static void does_not_wait_when_messages_are_rare(void **state)
{
	struct gather g;
	uint64_t now = 1000;

	gather_init(&g, 500, 32);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(run(&g, &now, 1, 1, 1000), 0);
}

/* 6000 a second: each found alone, or three in half a millisecond. */
static void waits_when_several_come(void **state)
{
	struct gather g;
	uint64_t now = 1000;

	gather_init(&g, 500, 32);
	while (run(&g, &now, 1, 1, 150) == 0)
		;
	for (unsigned i = 0; i < 1000; i++) {
		now += 500;
		assert_int_equal(gather_wait_us(&g, now, 3), 500);
	}
}

static void waits_shorter_the_more_come(void **state)
{
	struct gather g;
	uint64_t now = 1000;
	uint32_t us;

	gather_init(&g, 500, 32);
	for (unsigned i = 0; i < 200; i++) {
		now += 100;
		us = gather_wait_us(&g, now, 20);
	}
	assert_in_range(us, 140, 180); /* 32 messages at 5 us */
	for (unsigned i = 0; i < 200; i++) {
		now += 100;
		us = gather_wait_us(&g, now, 64);
	}
	assert_int_equal(us, 0); /* as many as a round wants come anyway */
}

/* A client that asks when it was answered: a wait finds one, and only delays it. */
static void gives_up_where_waiting_does_not_pay(void **state)
{
	struct gather g;
	uint64_t now = 1000, waited = 0;

	gather_init(&g, 500, 32);
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t us = gather_wait_us(&g, now += 50, 1);

		now += us;
		waited += us;
	}
	assert_true(waited < now / 4);
	/* Others come: it is tried again. */
	assert_int_equal(run(&g, &now, 2000, 4, 50), 500);
}

static void silence_ends_it(void **state)
{
	struct gather g;
	uint64_t now = 1000;

	gather_init(&g, 500, 32);
	assert_true(run(&g, &now, 1000, 4, 50) > 0);
	assert_int_equal(gather_wait_us(&g, now, 0), 0);
	now += 1000000;
	assert_int_equal(gather_wait_us(&g, now, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_nothing_unless_asked),
		cmocka_unit_test(does_not_wait_when_messages_are_rare),
		cmocka_unit_test(waits_when_several_come),
		cmocka_unit_test(waits_shorter_the_more_come),
		cmocka_unit_test(gives_up_where_waiting_does_not_pay),
		cmocka_unit_test(silence_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
