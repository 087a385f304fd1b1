#include "base/wheel.h"
#include "harness.h"

#define TIMERS 100

/* What fired, and a naive model that says what must fire. */
struct world {
	struct wheel w;
	struct one {
		struct world *world;
		struct timer t;
		bool set;
		bool late; /* set in this run for a time that had passed */
		uint64_t due, order;
	} timers[TIMERS];
	uint64_t seed, orders, fired;
	uint64_t run_to; /* of the run under way */
	uint64_t tick; /* time of the timer that fired last */
	bool running;
};

static void model_set(struct world *m, struct one *o, uint64_t at_ms)
{
	uint64_t now = m->running ? m->tick : m->w.now_ms;

	timer_set(&m->w, &o->t, at_ms);
	o->set = true;
	o->due = at_ms > now ? at_ms : now;
	o->late = m->running && at_ms <= m->tick;
	o->order = m->orders++;
}

static void model_cancel(struct world *m, struct one *o)
{
	timer_cancel(&m->w, &o->t);
	o->set = false;
}

static struct one *model_first(struct world *m, bool all)
{
	struct one *first = NULL;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct one *o = &m->timers[i];

		if (!o->set || (!all && o->late))
			continue;
		if (!first || o->due < first->due ||
		    (o->due == first->due && o->order < first->order))
			first = o;
	}
	return first;
}

/* Spread over all levels, with many near and many equal. */
static uint64_t some_time(struct world *m)
{
	uint64_t v = test_random(&m->seed);
	unsigned bits = (unsigned)(v >> 58) % 40;

	if (v >> 50 & 1)
		bits = 5;
	return m->w.now_ms - 3 + (v & ((1ull << bits) - 1));
}

static void disturb(struct world *m)
{
	for (unsigned n = (unsigned)(test_random(&m->seed) % 4); n > 0; n--) {
		struct one *o = &m->timers[test_random(&m->seed) % TIMERS];

		if (test_random(&m->seed) % 3)
			model_set(m, o, some_time(m));
		else
			model_cancel(m, o);
	}
}

static void on_fire(void *ctx)
{
	struct one *o = ctx;
	struct world *m = o->world;

	assert_true(m->running);
	assert_true(o->set);
	assert_ptr_equal(model_first(m, false), o);
	assert_true(o->due <= m->run_to);
	assert_false(timer_active(&o->t));
	o->set = false;
	m->tick = o->due > m->tick ? o->due : m->tick;
	m->fired++;
	if (m->fired < 200000)
		disturb(m);
}

static void model_run(struct world *m, uint64_t to_ms)
{
	struct one *first;

	m->run_to = to_ms;
	for (unsigned i = 0; i < TIMERS; i++)
		m->timers[i].late = false;
	m->tick = m->w.now_ms;
	m->running = true;
	wheel_run(&m->w, to_ms);
	first = model_first(m, false);
	assert_true(!first || first->due > to_ms);
	m->running = false;
	assert_int_equal(m->w.now_ms, to_ms);
}

static void check_counts(struct world *m)
{
	struct one *first = model_first(m, true);
	uint64_t due;
	size_t n = 0;

	for (unsigned i = 0; i < TIMERS; i++) {
		assert_int_equal(timer_active(&m->timers[i].t), m->timers[i].set);
		n += m->timers[i].set;
	}
	assert_int_equal(m->w.n, n);
	if (!first) {
		assert_true(wheel_next(&m->w) == WHEEL_NEVER);
		return;
	}
	due = first->due > m->w.now_ms ? first->due : m->w.now_ms;
	assert_true(wheel_next(&m->w) >= m->w.now_ms);
	assert_true(wheel_next(&m->w) <= due);
	if (due >> 6 == m->w.now_ms >> 6)
		assert_true(wheel_next(&m->w) == due);
}

static void play(struct world *m, uint64_t start_ms, uint64_t seed, unsigned rounds)
{
	memset(m, 0, sizeof(*m));
	m->seed = seed;
	wheel_init(&m->w, start_ms);
	for (unsigned i = 0; i < TIMERS; i++) {
		m->timers[i].world = m;
		timer_init(&m->timers[i].t, on_fire, &m->timers[i]);
	}
	for (unsigned round = 0; round < rounds; round++) {
		uint64_t v = test_random(&m->seed);
		unsigned bits = v >> 40 & 7 ? 7 : (unsigned)(v >> 44) % 38;

		disturb(m);
		check_counts(m);
		if (v >> 60 == 1 && wheel_next(&m->w) != WHEEL_NEVER)
			model_run(m, wheel_next(&m->w));
		else
			model_run(m, m->w.now_ms + (v & ((1ull << bits) - 1)));
		check_counts(m);
	}
}

static void agrees_with_a_naive_model(void **state)
{
	static struct world m;

	for (uint64_t seed = 1; seed <= 8; seed++) {
		play(&m, 1000 * seed, seed, 1000);
		assert_true(m.fired > 300);
	}
	/* Where all levels roll over at once. */
	play(&m, (1ull << 36) - 50, 9, 1000);
	play(&m, (5ull << 36) - 1, 10, 1000);
}

struct trail {
	struct wheel w;
	struct timer a, b, c;
	char text[64];
	size_t n;
};

static void note(struct trail *r, char c)
{
	assert_true(r->n < sizeof(r->text) - 1);
	r->text[r->n++] = c;
	r->text[r->n] = '\0';
}

static void fire_a(void *ctx)
{
	note(ctx, 'a');
}

static void fire_b(void *ctx)
{
	note(ctx, 'b');
}

static void fire_c(void *ctx)
{
	note(ctx, 'c');
}

static void fire_a_cancel_b(void *ctx)
{
	struct trail *r = ctx;

	note(r, 'a');
	timer_cancel(&r->w, &r->b);
}

static void fire_a_again(void *ctx)
{
	struct trail *r = ctx;

	note(r, 'a');
	timer_set(&r->w, &r->a, r->w.now_ms);
}

static struct trail *trail(uint64_t now_ms)
{
	static struct trail r;

	memset(&r, 0, sizeof(r));
	wheel_init(&r.w, now_ms);
	timer_init(&r.a, fire_a, &r);
	timer_init(&r.b, fire_b, &r);
	timer_init(&r.c, fire_c, &r);
	return &r;
}

static void ties_run_as_they_were_set(void **state)
{
	struct trail *r = trail(0);

	timer_set(&r->w, &r->b, 5000);
	wheel_run(&r->w, 4000);
	timer_set(&r->w, &r->a, 5000);
	wheel_run(&r->w, 4999);
	timer_set(&r->w, &r->c, 5000);
	assert_string_equal(r->text, "");
	wheel_run(&r->w, 5000);
	assert_string_equal(r->text, "bac");
	assert_int_equal(r->w.n, 0);
}

static void moved_runs_once(void **state)
{
	struct trail *r = trail(10);

	timer_set(&r->w, &r->a, 100);
	timer_set(&r->w, &r->a, 50);
	timer_set(&r->w, &r->b, 60);
	assert_int_equal(r->w.n, 2);
	assert_int_equal(wheel_next(&r->w), 50);
	wheel_run(&r->w, 1000);
	assert_string_equal(r->text, "ab");
}

static void past_is_due_at_once(void **state)
{
	struct trail *r = trail(1000);

	timer_set(&r->w, &r->a, 3);
	assert_int_equal(wheel_next(&r->w), 1000);
	wheel_run(&r->w, 1000);
	timer_set(&r->w, &r->b, 1000);
	wheel_run(&r->w, 900);
	assert_string_equal(r->text, "ab");
	assert_int_equal(r->w.now_ms, 1000);
}

static void cancelled_in_the_same_batch(void **state)
{
	struct trail *r = trail(0);

	r->a.fn = fire_a_cancel_b;
	timer_set(&r->w, &r->a, 70);
	timer_set(&r->w, &r->b, 70);
	timer_set(&r->w, &r->c, 70);
	wheel_run(&r->w, 70);
	assert_string_equal(r->text, "ac");
	assert_false(timer_active(&r->b));
	timer_cancel(&r->w, &r->b);
	assert_int_equal(r->w.n, 0);
}

static void a_run_ends(void **state)
{
	struct trail *r = trail(0);

	r->a.fn = fire_a_again;
	timer_set(&r->w, &r->a, 10);
	timer_set(&r->w, &r->b, 20);
	wheel_run(&r->w, 100);
	assert_string_equal(r->text, "ab");
	assert_int_equal(wheel_next(&r->w), 100);
	wheel_run(&r->w, 100);
	assert_string_equal(r->text, "aba");
	timer_cancel(&r->w, &r->a);
	assert_true(wheel_next(&r->w) == WHEEL_NEVER);
}

static void never_does_not_come(void **state)
{
	struct trail *r = trail(123);

	timer_set(&r->w, &r->a, WHEEL_NEVER);
	timer_set(&r->w, &r->b, 1ull << 40);
	wheel_run(&r->w, 1ull << 36);
	assert_string_equal(r->text, "");
	wheel_run(&r->w, 1ull << 40);
	assert_string_equal(r->text, "b");
	wheel_run(&r->w, WHEEL_NEVER - 1);
	assert_string_equal(r->text, "b");
	assert_true(wheel_next(&r->w) == WHEEL_NEVER);
	timer_cancel(&r->w, &r->a);
	assert_int_equal(r->w.n, 0);
}

static void cancelled_leaves_nothing_to_wake_for(void **state)
{
	struct trail *r = trail(0);

	timer_set(&r->w, &r->a, 32000);
	timer_set(&r->w, &r->b, 100000);
	timer_cancel(&r->w, &r->a);
	assert_true(wheel_next(&r->w) > 32000);
	timer_cancel(&r->w, &r->b);
	assert_true(wheel_next(&r->w) == WHEEL_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_naive_model),
		cmocka_unit_test(ties_run_as_they_were_set),
		cmocka_unit_test(moved_runs_once),
		cmocka_unit_test(past_is_due_at_once),
		cmocka_unit_test(cancelled_in_the_same_batch),
		cmocka_unit_test(a_run_ends),
		cmocka_unit_test(never_does_not_come),
		cmocka_unit_test(cancelled_leaves_nothing_to_wake_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
