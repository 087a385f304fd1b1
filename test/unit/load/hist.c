#include "harness.h"

#include "load/hist.h"

static struct hist h, other;

static void empty_has_no_values(void **state)
{
	h = (struct hist){0};
	assert_int_equal(hist_at(&h, 500000), 0);
	assert_int_equal(hist_at(&h, 1000000), 0);
}

/* Every power of two and its neighbours come back no smaller, and larger by 1/64 at most. */
static void values_are_right_to_a_64th(void **state)
{
	for (unsigned bit = 0; bit < HIST_TOP_BITS; bit++) {
		for (int d = -1; d <= 1; d++) {
			uint64_t v = (1ull << bit) + (uint64_t)d, got;

			h = (struct hist){0};
			hist_add(&h, v);
			h.max = UINT64_MAX; /* so that the bucket's end is seen */
			got = hist_at(&h, 1000000);
			if (v >> HIST_TOP_BITS)
				continue;
			assert_true(got >= v);
			assert_true(got - v <= v / 64);
		}
	}
}

static void percentiles_of_a_row(void **state)
{
	h = (struct hist){0};
	for (unsigned i = 1; i <= 1000; i++)
		hist_add(&h, i);
	assert_in_range(hist_at(&h, 500000), 500, 508);
	assert_in_range(hist_at(&h, 990000), 990, 1000);
	assert_int_equal(hist_at(&h, 1000000), 1000);
	assert_int_equal(hist_at(&h, 1), 1);
	assert_int_equal(h.max, 1000);
}

static void the_largest_values_have_a_bucket(void **state)
{
	h = (struct hist){0};
	hist_add(&h, UINT64_MAX);
	hist_add(&h, 1ull << HIST_TOP_BITS);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.bucket[HIST_BUCKETS - 1], 2);
}

static void sums_are_what_one_would_have_seen(void **state)
{
	h = (struct hist){0};
	other = (struct hist){0};
	for (unsigned i = 1; i <= 500; i++) {
		hist_add(&h, i);
		hist_add(&other, 500 + i);
	}
	hist_merge(&h, &other);
	assert_int_equal(h.n, 1000);
	assert_int_equal(h.max, 1000);
	assert_in_range(hist_at(&h, 500000), 500, 508);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_has_no_values),
		cmocka_unit_test(values_are_right_to_a_64th),
		cmocka_unit_test(percentiles_of_a_row),
		cmocka_unit_test(the_largest_values_have_a_bucket),
		cmocka_unit_test(sums_are_what_one_would_have_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
