#include "harness.h"

#include "net/ring.h"

static struct ring *make(size_t bytes)
{
	struct ring *r;

	assert_int_equal(ring_new(bytes, &r), 0);
	return r;
}

static void carries_flow_kind_and_bytes(void **state)
{
	struct ring *r = make(4096);
	struct flow f = {.transport = TRANSPORT_TCP, .slot = 7, .gen = 9};
	struct ring_msg m;

	assert_false(ring_ready(r));
	assert_false(ring_peek(r, &m));
	assert_int_equal(ring_push(r, 5, &f, STR("hello")), 0);
	assert_int_equal(ring_push(r, 6, NULL, STR_NONE), 0);
	assert_true(ring_ready(r));
	assert_true(ring_peek(r, &m));
	assert_int_equal(m.kind, 5);
	assert_memory_equal(&m.flow, &f, sizeof(f));
	assert_str(m.bytes, STR("hello"));
	ring_pop(r);
	assert_true(ring_peek(r, &m));
	assert_int_equal(m.kind, 6);
	assert_int_equal(m.flow.transport, TRANSPORT_NONE);
	assert_int_equal(m.bytes.n, 0);
	ring_pop(r);
	assert_false(ring_peek(r, &m));
	ring_free(&r);
	assert_null(r);
}

static void says_full_and_too_long(void **state)
{
	struct ring *r = make(1024);
	static char big[2048];
	struct ring_msg m;
	int n = 0;

	assert_int_equal(ring_push(r, 1, NULL, str_of(big, 513)), -EMSGSIZE);
	assert_int_equal(ring_push(r, 1, NULL, str_of(big, 2048)), -EMSGSIZE);
	while (ring_push(r, 1, NULL, str_of(big, 100)) == 0)
		n++;
	assert_int_equal(n, 1024 / ((68 + 100 + 7) & ~7));
	assert_int_equal(ring_push(r, 1, NULL, str_of(big, 100)), -EAGAIN);
	assert_true(ring_peek(r, &m));
	ring_pop(r);
	assert_int_equal(ring_push(r, 1, NULL, str_of(big, 20)), 0);
	ring_free(&r);
}

/* Every length meets every place of the ring's end. */
static void wraps_anywhere(void **state)
{
	struct ring *r = make(1024);
	uint64_t seed = 1;
	char text[400];
	unsigned in = 0, out = 0;
	size_t length[64];
	struct ring_msg m;

	for (int i = 0; i < 20000; i++) {
		size_t n = test_random(&seed) % sizeof(text);

		memset(text, (char)in, n);
		if (ring_push(r, (uint16_t)(in & 0x7fff), NULL, str_of(text, n)) == 0)
			length[in++ % 64] = n;
		while (in > out && (test_random(&seed) & 1) && ring_peek(r, &m)) {
			assert_int_equal(m.kind, out & 0x7fff);
			assert_int_equal(m.bytes.n, length[out % 64]);
			memset(text, (char)out, m.bytes.n);
			assert_memory_equal(m.bytes.p, text, m.bytes.n);
			ring_pop(r);
			out++;
		}
	}
	assert_true(out > 5000);
	ring_free(&r);
}

static void make_once(void)
{
	struct ring *r;
	int err = ring_new(1024, &r);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	if (!err)
		ring_free(&r);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_flow_kind_and_bytes),
		cmocka_unit_test(says_full_and_too_long),
		cmocka_unit_test(wraps_anywhere),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
