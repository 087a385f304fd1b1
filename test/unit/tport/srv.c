/* The order of SRV targets (RFC 2782). */
#include "tport/srv.h"
#include "fake.h"

static struct fake fake;

static struct io_record srv(unsigned priority, unsigned weight, unsigned port)
{
	return (struct io_record){.type = IO_RR_SRV,
				  .priority = (uint16_t)priority,
				  .weight = (uint16_t)weight,
				  .port = (uint16_t)port};
}

static int begin(void **state)
{
	fake_init(&fake);
	return 0;
}

/* How often, in 10000 draws, each of n stands at `place`. */
static void count(const struct io_record *r, size_t n, size_t place, unsigned *ret)
{
	memset(ret, 0, n * sizeof(*ret));
	for (unsigned i = 0; i < 10000; i++) {
		struct srv_list l;

		srv_gather(r, n, &l);
		srv_order(&l, &fake.io);
		assert_int_equal(l.n, n);
		ret[l.at[place] - r]++;
	}
}

#define assert_about(got, want) assert_in_range((got), (want)-250, (want) + 250)

static void by_weight(void **state)
{
	const struct io_record r[] = {srv(1, 10, 1), srv(1, 30, 2), srv(1, 60, 3)};
	unsigned n[3];

	count(r, 3, 0, n);
	assert_about(n[0], 1000);
	assert_about(n[1], 3000);
	assert_about(n[2], 6000);
	/* The next is drawn among the others by their weights. */
	count(r, 3, 2, n);
	assert_about(n[2], 1000 * 30 / 90 + 3000 * 10 / 70);
}

/* Weight 0 has a very small chance beside others, an equal one among its like. */
static void weight_zero(void **state)
{
	const struct io_record mixed[] = {srv(1, 100, 1), srv(1, 0, 2)};
	const struct io_record zero[] = {srv(1, 0, 1), srv(2, 0, 2)};
	unsigned n[2];

	count(mixed, 2, 0, n);
	assert_in_range(n[1], 20, 300);
	count(zero, 2, 0, n);
	assert_int_equal(n[0], 10000);
}

static void by_priority(void **state)
{
	const struct io_record r[] = {srv(20, 100, 1), srv(10, 1, 2), srv(30, 65535, 3),
				      srv(10, 1, 4)};

	for (unsigned i = 0; i < 100; i++) {
		struct srv_list l;

		srv_gather(r, 4, &l);
		srv_order(&l, &fake.io);
		assert_int_equal(l.at[0]->priority, 10);
		assert_int_equal(l.at[1]->priority, 10);
		assert_ptr_not_equal(l.at[0], l.at[1]);
		assert_int_equal(l.at[2]->port, 1);
		assert_int_equal(l.at[3]->port, 3);
	}
}

static void the_worst_are_left_out(void **state)
{
	static struct io_record r[100];
	struct srv_list l;

	for (unsigned i = 0; i < 100; i++)
		r[i] = srv(100 - i, i, 1000 + i);
	r[50].type = IO_RR_A;
	srv_gather(r, 100, &l);
	srv_order(&l, &fake.io);
	assert_int_equal(l.n, SRV_MAX);
	for (unsigned i = 0; i < SRV_MAX; i++)
		assert_int_equal(l.at[i]->priority, i + 1);
	srv_gather(r, 0, &l);
	srv_order(&l, &fake.io);
	assert_int_equal(l.n, 0);
}

static void largest_weights(void **state)
{
	struct io_record r[SRV_MAX];
	unsigned n[SRV_MAX];

	for (unsigned i = 0; i < SRV_MAX; i++)
		r[i] = srv(1, 65535, i);
	count(r, SRV_MAX, 0, n);
	for (unsigned i = 0; i < SRV_MAX; i++)
		assert_in_range(n[i], 200, 430);
}

#define with_random(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_random(by_weight),       with_random(weight_zero),
		with_random(by_priority),     with_random(the_worst_are_left_out),
		with_random(largest_weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
