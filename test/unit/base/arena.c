#include "base/arena.h"
#include "harness.h"

static void uses_lent_room_first(void **state)
{
	char room[67];
	struct arena a;
	char *p;

	arena_init(&a, room + 1, sizeof(room) - 1, 0);
	p = arena_alloc(&a, 1);
	assert_in_range((uintptr_t)p, (uintptr_t)room, (uintptr_t)room + 8);
	assert_int_equal((uintptr_t)p % 8, 0);
	assert_ptr_equal(arena_alloc(&a, 1), p + 8);
	assert_int_equal(alloc_live(), 0);
	assert_non_null(arena_alloc(&a, 100));
	assert_int_equal(alloc_live(), 1);
	arena_reset(&a);
	assert_int_equal(alloc_live(), 0);
	assert_ptr_equal(arena_alloc(&a, 1), p);
	arena_fini(&a);
}

static void allocations_do_not_overlap(void **state)
{
	static unsigned char *at[2000];
	static size_t size[2000];
	uint64_t seed = 1;
	struct arena a;

	arena_init(&a, NULL, 0, (size_t)16 << 20);
	for (unsigned i = 0; i < 2000; i++) {
		size[i] = test_random(&seed) % (i % 50 ? 60 : 9000);
		at[i] = arena_alloc(&a, size[i]);
		assert_non_null(at[i]);
		assert_int_equal((uintptr_t)at[i] % 8, 0);
		memset(at[i], (int)(i & 255), size[i]);
	}
	for (unsigned i = 0; i < 2000; i++)
		for (size_t k = 0; k < size[i]; k++)
			assert_int_equal(at[i][k], i & 255);
	arena_fini(&a);
	assert_int_equal(alloc_live(), 0);
}

static void has_a_bound(void **state)
{
	struct arena a;
	size_t total = 0;

	arena_init(&a, NULL, 0, 10000);
	while (arena_alloc(&a, 100))
		total += 104;
	assert_in_range(total, 9000, 10000);
	assert_null(arena_alloc(&a, 20000));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 6));
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 10000));
	assert_null(arena_alloc(&a, 8));
	arena_fini(&a);
}

static void nothing_is_something(void **state)
{
	struct arena a;

	arena_init(&a, NULL, 0, 0);
	assert_non_null(arena_alloc(&a, 0));
	assert_non_null(arena_zalloc(&a, 0));
	assert_string_equal(arena_str(&a, STR_NONE).p, "");
	arena_fini(&a);
	arena_fini(&a);
}

static void copies_and_formats(void **state)
{
	char room[40];
	struct arena a;
	struct str s, t;
	char *z;

	arena_init(&a, room, sizeof(room), 0);
	s = arena_str(&a, STR("abc"));
	assert_string_equal(s.p, "abc");
	t = arena_fmt(&a, "%s=%d", "x", 5);
	assert_string_equal(t.p, "x=5");
	assert_int_equal(t.n, 3);
	t = arena_fmt(&a, "%300s|", "y");
	assert_int_equal(t.n, 301);
	assert_int_equal(strlen(t.p), 301);
	t = arena_fmt(&a, "%9000s|", "y");
	assert_int_equal(strlen(t.p), 9001);
	z = arena_zalloc(&a, 500);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(z[i], 0);
	assert_string_equal(s.p, "abc");
	arena_fini(&a);
}

static void formats_within_its_bound(void **state)
{
	struct arena a;

	arena_init(&a, NULL, 0, 8192);
	assert_null(arena_fmt(&a, "%9000s", "").p);
	arena_reset(&a);
	assert_non_null(arena_fmt(&a, "%3000s", "").p);
	arena_fini(&a);
}

static void fill_once(void)
{
	char room[16];
	struct arena a;
	unsigned got = 0;

	arena_init(&a, room, sizeof(room), 0);
	got += arena_str(&a, STR("a text of some length")).p != NULL;
	got += arena_alloc(&a, 5000) != NULL;
	got += arena_fmt(&a, "%9000d", 1).p != NULL;
	assert_true(alloc_has_failed() ? got < 3 : got == 3);
	arena_fini(&a);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(fill_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_lent_room_first),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(has_a_bound),
		cmocka_unit_test(nothing_is_something),
		cmocka_unit_test(copies_and_formats),
		cmocka_unit_test(formats_within_its_bound),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
