#include "base/map.h"
#include "base/list.h"
#include "harness.h"

#include <stdlib.h>

struct thing {
	struct map_node node;
	unsigned key, version;
	bool in;
};

static bool thing_is(const struct map_node *node, const void *key)
{
	return container_of(node, const struct thing, node)->key == *(const unsigned *)key;
}

static struct thing *find(const struct map *m, unsigned key, uint64_t hash)
{
	struct map_node *node = map_find(m, hash, thing_is, &key);

	return node ? container_of(node, struct thing, node) : NULL;
}

/* Few hashes, so that chains get long. */
static uint64_t weak_hash(unsigned key)
{
	return key % 37 * 0x100000001ull;
}

static void agrees_with_a_model(void **state)
{
	static struct thing things[500];
	uint64_t seed = 7;
	size_t n = 0;
	struct map m;

	assert_int_equal(map_init(&m, 0), 0);
	for (unsigned i = 0; i < 500; i++)
		things[i].key = i;
	for (unsigned step = 0; step < 50000; step++) {
		unsigned i = (unsigned)(test_random(&seed) % 500);
		struct thing *t = &things[i];

		if (t->in)
			map_remove(&m, &t->node);
		else
			map_add(&m, &t->node, weak_hash(i));
		n += t->in ? -(size_t)1 : 1;
		t->in = !t->in;
		assert_int_equal(m.n, n);
		i = (unsigned)(test_random(&seed) % 500);
		assert_ptr_equal(find(&m, i, weak_hash(i)), things[i].in ? &things[i] : NULL);
	}
	map_fini(&m);
}

static void grows_and_walks(void **state)
{
	static struct thing things[10000];
	struct map m;
	size_t seen = 0;

	assert_int_equal(map_init(&m, 10), 0);
	assert_int_equal(m.mask, 15);
	assert_null(map_next(&m, NULL));
	for (unsigned i = 0; i < 10000; i++) {
		uint64_t seed = i;

		things[i].key = i;
		map_add(&m, &things[i].node, test_random(&seed));
	}
	assert_true(m.mask >= 8191);
	for (struct map_node *node = map_next(&m, NULL); node; node = map_next(&m, node)) {
		struct thing *t = container_of(node, struct thing, node);

		assert_false(t->in);
		t->in = true;
		seen++;
	}
	assert_int_equal(seen, 10000);
	for (struct map_node *node; (node = map_pop(&m)); seen--)
		assert_true(container_of(node, struct thing, node)->in);
	assert_int_equal(seen, 0);
	assert_int_equal(m.n, 0);
	map_fini(&m);
}

static void newest_comes_first(void **state)
{
	struct thing same[40], filler[400];
	struct map m;

	assert_int_equal(map_init(&m, 1), 0);
	for (unsigned i = 0; i < 40; i++) {
		same[i] = (struct thing){.key = 1000, .version = i};
		map_add(&m, &same[i].node, 5);
		for (unsigned k = 0; k < 10; k++) {
			filler[i * 10 + k] = (struct thing){.key = 0};
			map_add(&m, &filler[i * 10 + k].node, i * 10 + k);
		}
	}
	for (unsigned i = 40; i-- > 0;) {
		struct thing *t = find(&m, 1000, 5);

		assert_int_equal(t->version, i);
		map_remove(&m, &t->node);
	}
	map_fini(&m);
}

static void empty_is_harmless(void **state)
{
	struct map m = {0};

	assert_null(find(&m, 1, 1));
	assert_null(map_pop(&m));
	assert_null(map_next(&m, NULL));
	map_fini(&m);
	map_fini(&m);
	assert_int_equal(map_init(&m, SIZE_MAX), -ENOMEM);
}

/* Half a million nodes are taken out in no time: looking for each from the first slot on would
 * take minutes. */
static void empties_fast(void **state)
{
	enum { N = 500000 };
	struct thing *things = calloc(N, sizeof(*things));
	struct map m;
	size_t n = 0;

	assert_non_null(things);
	assert_int_equal(map_init(&m, 8), 0);
	for (unsigned i = 0; i < N; i++)
		map_add(&m, &things[i].node, i * 0x9e3779b97f4a7c15ull >> 20);
	for (; n < N / 2; n++)
		assert_non_null(map_pop(&m));
	/* What comes back stands before where it had come to. */
	map_add(&m, &things[0].node, 0);
	for (n = 0; map_pop(&m); n++)
		;
	assert_int_equal(n, N / 2 + 1);
	map_fini(&m);
	free(things);
}

/* Without memory for more slots it goes on with those that it has. */
static void fill_once(void)
{
	static struct thing things[100];
	struct map m;
	int err = map_init(&m, 8);

	if (err) {
		assert_int_equal(err, -ENOMEM);
		return;
	}
	for (unsigned i = 0; i < 100; i++) {
		things[i].key = i;
		map_add(&m, &things[i].node, i);
	}
	for (unsigned i = 0; i < 100; i++)
		assert_ptr_equal(find(&m, i, i), &things[i]);
	map_fini(&m);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(fill_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_model), cmocka_unit_test(grows_and_walks),
		cmocka_unit_test(newest_comes_first),  cmocka_unit_test(empty_is_harmless),
		cmocka_unit_test(empties_fast),	       cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
