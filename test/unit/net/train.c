#include "harness.h"

#include "net/train.h"

#define MANY TRAIN_WINDOW

static struct datagram queue[MANY];
static struct trains x;

static void put(unsigned i, uint16_t port, uint32_t length, uint32_t order)
{
	queue[i] = (struct datagram){.n = length, .order = order};
	queue[i].to.family = 4;
	queue[i].to.port = port;
	queue[i].peer = train_peer(&queue[i].to, &queue[i].from);
}

/* When the datagram leaves, counted over all trains. */
static unsigned place_of(unsigned i)
{
	unsigned place = 0;

	for (unsigned k = 0; k < x.n; k++)
		for (uint32_t m = 0; m < x.train[k].n; m++, place++)
			if (x.members[x.train[k].first + m] == i)
				return place;
	fail_msg("datagram %u is in no train", i);
	return 0;
}

static void assert_trains_are_sound(unsigned n)
{
	unsigned all = 0, gone = 0;

	for (unsigned k = 0; k < x.n; k++) {
		const struct train *t = &x.train[k];

		assert_true(t->n >= 1 && t->n <= TRAIN_MAX);
		all += t->n;
		for (uint32_t m = 0; m < t->n; m++) {
			const struct datagram *d = &queue[x.members[t->first + m]];

			assert_int_equal(d->n, t->length);
			assert_false(d->gone);
			assert_true(addr_eq(&d->to, &t->head->to));
			assert_true(addr_eq(&d->from, &t->head->from));
		}
		assert_int_equal(t->bytes, t->n * t->length);
	}
	for (unsigned i = 0; i < n; i++)
		gone += queue[i].gone;
	assert_int_equal(all + gone, n);
}

static void equal_ones_leave_together(void **state)
{
	for (unsigned i = 0; i < 130; i++)
		put(i, 5060, 400, i + 1);
	trains_make(&x, queue, 130, UINT32_MAX);
	assert_trains_are_sound(130);
	assert_int_equal(x.n, 3); /* 64 are the kernel's bound */
	assert_int_equal(x.train[0].n, 64);
	assert_int_equal(x.train[2].n, 2);
}

static void a_train_is_no_longer_than_a_packet(void **state)
{
	for (unsigned i = 0; i < 10; i++)
		put(i, 5060, 30000, i + 1);
	trains_make(&x, queue, 10, UINT32_MAX);
	assert_trains_are_sound(10);
	assert_int_equal(x.n, 5);
}

static void long_ones_go_alone(void **state)
{
	for (unsigned i = 0; i < 8; i++)
		put(i, 5060, i % 2 ? 1400 : 1300, i + 1);
	trains_make(&x, queue, 8, 1399);
	assert_trains_are_sound(8);
	assert_int_equal(x.n, 5);
}

static void others_may_be_overtaken(void **state)
{
	/* Calls 1, 2, 3: a 100 and a 180 each. */
	for (unsigned i = 0; i < 6; i++)
		put(i, 5060, i % 2 ? 420 : 300, i / 2 + 1);
	trains_make(&x, queue, 6, UINT32_MAX);
	assert_trains_are_sound(6);
	assert_int_equal(x.n, 2);
	for (unsigned i = 0; i < 6; i += 2)
		assert_true(place_of(i) < place_of(i + 1));
}

static void one_call_stays_in_order(void **state)
{
	put(0, 5060, 300, 7);
	put(1, 5060, 420, 7);
	put(2, 5060, 300, 7); /* would fit into the first train, and pass the second */
	put(3, 5061, 300, 7); /* another peer: nothing to keep */
	trains_make(&x, queue, 4, UINT32_MAX);
	assert_trains_are_sound(4);
	assert_true(place_of(0) < place_of(1));
	assert_true(place_of(1) < place_of(2));
}

static void nothing_passes_order_0(void **state)
{
	put(0, 5060, 300, 1);
	put(1, 5060, 420, 0);
	put(2, 5060, 300, 2);
	put(3, 5060, 420, 3);
	put(4, 5060, 300, 0);
	trains_make(&x, queue, 5, UINT32_MAX);
	assert_trains_are_sound(5);
	assert_true(place_of(0) < place_of(1));
	assert_true(place_of(1) < place_of(2));
	assert_true(place_of(2) < place_of(4));
	assert_true(place_of(3) < place_of(4));
}

static void what_is_gone_is_passed_over(void **state)
{
	for (unsigned i = 0; i < 4; i++)
		put(i, 5060, 300, i + 1);
	queue[1].gone = queue[2].gone = true;
	trains_make(&x, queue, 4, UINT32_MAX);
	assert_trains_are_sound(4);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.members[1], 3);
}

static void any_mix_keeps_every_call_in_order(void **state)
{
	uint64_t seed = 1;

	for (unsigned round = 0; round < 300; round++) {
		unsigned n = 1 + (unsigned)(test_random(&seed) % MANY);
		unsigned calls = 1 + (unsigned)(test_random(&seed) % 500);

		for (unsigned i = 0; i < n; i++)
			put(i, (uint16_t)(test_random(&seed) % 3 + 1),
			    (uint32_t)(test_random(&seed) % 4 + 300),
			    (uint32_t)(test_random(&seed) % calls));
		trains_make(&x, queue, n, UINT32_MAX);
		assert_trains_are_sound(n);
		for (unsigned i = 0; i < n; i++)
			for (unsigned k = i + 1; k < n && k < i + 40; k++)
				if (queue[i].to.port == queue[k].to.port &&
				    (queue[i].order == queue[k].order || !queue[i].order ||
				     !queue[k].order))
					assert_true(place_of(i) < place_of(k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_ones_leave_together),
		cmocka_unit_test(a_train_is_no_longer_than_a_packet),
		cmocka_unit_test(long_ones_go_alone),
		cmocka_unit_test(others_may_be_overtaken),
		cmocka_unit_test(one_call_stays_in_order),
		cmocka_unit_test(nothing_passes_order_0),
		cmocka_unit_test(what_is_gone_is_passed_over),
		cmocka_unit_test(any_mix_keeps_every_call_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
