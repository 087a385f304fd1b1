/* The ring of a worker's messages: order, wrapping, cutting, copies from a position on. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "admin/trace.h"

static const struct flow flow = {.transport = TRANSPORT_UDP,
				 .listener = 3,
				 .remote = {.family = 4, .port = 5060, .ip = {192, 0, 2, 1}}};

static void add(struct trace *t, uint64_t at_us, const char *text)
{
	trace_add(t, at_us, at_us % 2, &flow, str_c(text));
}

static void keeps_what_was_said(void **state)
{
	struct trace_copy c;
	struct trace_record r;
	struct trace *t;
	size_t at = 0;

	assert_int_equal(trace_new(4096, &t), 0);
	trace_copy(t, 0, &c);
	assert_false(trace_next(&c, &at, &r));
	trace_copy_fini(&c);
	add(t, 1, "one");
	add(t, 2, "");
	trace_copy(t, 0, &c);
	assert_true(trace_next(&c, &at, &r));
	assert_str(r.bytes, STR("one"));
	assert_int_equal(r.at_us, 1);
	assert_true(r.out);
	assert_int_equal(r.full_n, 3);
	assert_int_equal(r.flow.listener, 3);
	assert_true(flow_same(&r.flow, &flow));
	assert_true(trace_next(&c, &at, &r));
	assert_str(r.bytes, STR(""));
	assert_false(r.out);
	assert_false(trace_next(&c, &at, &r));
	trace_copy_fini(&c);
	trace_free(&t);
	assert_null(t);
}

/* A text that tells its number and its length. */
static struct str numbered(uint64_t i, char room[400])
{
	int n = snprintf(room, 400, "%llu:", (unsigned long long)i);
	size_t length = (size_t)n + i * 37 % 300;

	memset(room + n, 'a' + (int)(i % 26), length - (size_t)n);
	return str_of(room, length);
}

/* Whatever size the ring has, what it holds is the newest, whole and in order. */
static void wraps(void **state)
{
	char room[400];

	for (size_t size = 1024; size < 1200; size += 8) {
		struct trace *t;

		assert_int_equal(trace_new(size, &t), 0);
		for (uint64_t i = 0; i < 200; i++) {
			struct trace_copy c;
			struct trace_record r;
			size_t at = 0, n = 0;
			uint64_t first = 0;

			trace_add(t, i, false, &flow, numbered(i, room));
			trace_copy(t, 0, &c);
			assert_true(c.n <= size);
			for (; trace_next(&c, &at, &r); n++) {
				first = n ? first : r.at_us;
				assert_int_equal(r.at_us, first + n);
				assert_str(r.bytes, numbered(r.at_us, room));
			}
			assert_int_equal(first + n, i + 1);
			assert_true(n >= 2 || i == 0);
			trace_copy_fini(&c);
		}
		trace_free(&t);
	}
}

static void cuts(void **state)
{
	size_t long_n = 3 * TRACE_MESSAGE_MAX;
	char *zeroes = calloc(1, long_n), *text = guard_end(str_of(zeroes, long_n));
	struct trace_copy c;
	struct trace_record r;
	struct trace *t;
	size_t at = 0;

	memset(text, 'x', long_n);
	free(zeroes);
	assert_int_equal(trace_new(1 << 20, &t), 0);
	trace_add(t, 1, false, &flow, str_of(text, long_n));
	trace_copy(t, 0, &c);
	assert_true(trace_next(&c, &at, &r));
	assert_int_equal(r.bytes.n, TRACE_MESSAGE_MAX);
	assert_int_equal(r.full_n, long_n);
	trace_copy_fini(&c);
	trace_free(&t);
	/* Larger than the ring: its beginning, alone. */
	assert_int_equal(trace_new(1024, &t), 0);
	add(t, 1, "first");
	trace_add(t, 2, false, &flow, str_of(text, long_n));
	trace_copy(t, 0, &c);
	at = 0;
	assert_true(trace_next(&c, &at, &r));
	assert_int_equal(r.at_us, 2);
	assert_true(r.bytes.n > 512 && r.bytes.n < 1024);
	assert_int_equal(r.full_n, long_n);
	assert_false(trace_next(&c, &at, &r));
	trace_copy_fini(&c);
	add(t, 3, "last");
	trace_copy(t, 0, &c);
	at = 0;
	assert_true(trace_next(&c, &at, &r));
	assert_str(r.bytes, STR("last"));
	trace_copy_fini(&c);
	trace_free(&t);
	guard_free_all();
}

static size_t count(const struct trace *t, uint64_t after, uint64_t *to)
{
	struct trace_copy c;
	struct trace_record r;
	size_t at = 0, n = 0;

	trace_copy(t, after, &c);
	while (trace_next(&c, &at, &r))
		n++;
	*to = c.to;
	trace_copy_fini(&c);
	return n;
}

static void goes_on(void **state)
{
	uint64_t to, later;
	struct trace *t;

	assert_int_equal(trace_new(2048, &t), 0);
	add(t, 1, "one");
	assert_int_equal(count(t, 0, &to), 1);
	assert_int_equal(count(t, to, &later), 0);
	add(t, 2, "two");
	add(t, 3, "three");
	assert_int_equal(count(t, to, &later), 2);
	/* A position inside of a record, and one that never was. */
	assert_int_equal(count(t, to + 1, &later), 1);
	assert_int_equal(count(t, UINT64_MAX, &later), 0);
	/* What was overwritten meanwhile is not missed. */
	for (uint64_t i = 0; i < 100; i++)
		add(t, i, "more");
	assert_true(count(t, to, &later) > 10);
	trace_free(&t);
}

static void make_and_copy(void)
{
	struct trace_copy c;
	struct trace *t;

	if (trace_new(4096, &t))
		return;
	add(t, 1, "one");
	trace_copy(t, 0, &c);
	assert_int_equal(c.failed, alloc_has_failed());
	trace_copy_fini(&c);
	trace_free(&t);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make_and_copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_was_said),
		cmocka_unit_test(wraps),
		cmocka_unit_test(cuts),
		cmocka_unit_test(goes_on),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
