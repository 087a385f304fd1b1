#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "net/clock.h"
#include "net/loop.h"

struct counted {
	struct loop *loop;
	struct loop_fd fd, *victim;
	unsigned n;
	char order[16];
};

static void count(void *ctx)
{
	((struct counted *)ctx)->n++;
}

static void stop_loop(void *ctx)
{
	loop_stop(((struct counted *)ctx)->loop);
}

static void timers_run_and_stop(void **state)
{
	struct counted c = {0};
	struct timer t, end;
	uint64_t start = clock_mono_ms();

	assert_int_equal(loop_new(&c.loop), 0);
	timer_init(&t, count, &c);
	timer_init(&end, stop_loop, &c);
	loop_timer(c.loop, &t, 5);
	loop_timer(c.loop, &end, 20);
	loop_run(c.loop);
	assert_int_equal(c.n, 1);
	assert_true(clock_mono_ms() - start >= 19);
	assert_true(loop_now_ms(c.loop) >= start + 19);
	loop_free(&c.loop);
	assert_null(c.loop);
}

static void a_timer_in_the_past_does_not_wait(void **state)
{
	struct counted c = {0};
	struct timer t;

	assert_int_equal(loop_new(&c.loop), 0);
	timer_init(&t, count, &c);
	loop_timer(c.loop, &t, 0);
	loop_once(c.loop, -1);
	if (c.n == 0)
		loop_once(c.loop, -1);
	assert_int_equal(c.n, 1);
	loop_free(&c.loop);
}

static void on_readable(void *ctx, uint32_t events)
{
	struct counted *c = ctx;

	c->n++;
	if (c->victim)
		loop_del(c->loop, c->victim);
}

/* Two descriptors are ready at once; whoever comes first takes the other out. */
static void a_deleted_fd_hears_no_more(void **state)
{
	struct counted a = {0}, b = {0};
	int p[2], q[2];

	assert_int_equal(loop_new(&a.loop), 0);
	b.loop = a.loop;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	a.fd = (struct loop_fd){p[0], on_readable, &a};
	b.fd = (struct loop_fd){q[0], on_readable, &b};
	a.victim = &b.fd;
	b.victim = &a.fd;
	assert_int_equal(loop_add(a.loop, &a.fd, EPOLLIN), 0);
	assert_int_equal(loop_add(a.loop, &b.fd, EPOLLIN), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(write(q[1], "x", 1), 1);
	loop_once(a.loop, 1000);
	assert_int_equal(a.n + b.n, 1);
	loop_free(&a.loop);
	for (int i = 0; i < 2; i++) {
		close(p[i]);
		close(q[i]);
	}
}

static void mod_silences_and_wakes(void **state)
{
	struct counted c = {0};
	int p[2];

	assert_int_equal(loop_new(&c.loop), 0);
	assert_int_equal(pipe(p), 0);
	c.fd = (struct loop_fd){p[0], on_readable, &c};
	assert_int_equal(loop_add(c.loop, &c.fd, EPOLLIN), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(loop_mod(c.loop, &c.fd, 0), 0);
	loop_once(c.loop, 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(loop_mod(c.loop, &c.fd, EPOLLIN), 0);
	loop_once(c.loop, 1000);
	assert_int_equal(c.n, 1);
	loop_del(c.loop, &c.fd);
	loop_free(&c.loop);
	close(p[0]);
	close(p[1]);
}

#define POSTS 20000

struct poster {
	struct loop *loop;
	struct loop_call calls[POSTS];
	unsigned ran;
	unsigned char mark[POSTS];
};

static struct poster poster;

static void on_call(void *ctx)
{
	size_t at = (size_t)((unsigned char *)ctx - poster.mark);

	assert_int_equal(at, poster.ran); /* in the order of the poster */
	if (++poster.ran == POSTS)
		loop_stop(poster.loop);
}

static void *post_all(void *arg)
{
	for (size_t i = 0; i < POSTS; i++) {
		poster.calls[i].fn = on_call;
		poster.calls[i].ctx = &poster.mark[i];
		loop_post(poster.loop, &poster.calls[i]);
	}
	return NULL;
}

static void another_thread_posts(void **state)
{
	pthread_t thread;

	assert_int_equal(loop_new(&poster.loop), 0);
	assert_int_equal(pthread_create(&thread, NULL, post_all, NULL), 0);
	loop_run(poster.loop);
	pthread_join(thread, NULL);
	assert_int_equal(poster.ran, POSTS);
	loop_free(&poster.loop);
}

static void *stop_from_outside(void *arg)
{
	loop_stop(arg);
	return NULL;
}

static void another_thread_stops(void **state)
{
	struct loop *l;
	pthread_t thread;

	assert_int_equal(loop_new(&l), 0);
	assert_int_equal(pthread_create(&thread, NULL, stop_from_outside, l), 0);
	loop_run(l);
	pthread_join(thread, NULL);
	loop_free(&l);
}

static void put(struct counted *c, char what)
{
	size_t n = strlen(c->order);

	if (n + 1 < sizeof(c->order))
		c->order[n] = what;
}

static void hook_sleep(void *ctx)
{
	put(ctx, 's');
}

static bool hook_ready(void *ctx)
{
	put(ctx, 'r');
	return true;
}

static void hook_wake(void *ctx)
{
	put(ctx, 'w');
}

static void hooks_stand_around_the_sleep(void **state)
{
	struct counted c = {0};
	struct loop_hook h = {hook_sleep, hook_ready, hook_wake, &c};

	assert_int_equal(loop_new(&c.loop), 0);
	loop_hook_add(c.loop, &h);
	loop_once(c.loop, -1); /* ready() keeps it from sleeping for ever */
	assert_string_equal(c.order, "srw");
	loop_hook_del(&h);
	loop_once(c.loop, 0);
	assert_string_equal(c.order, "srw");
	loop_free(&c.loop);
}

static void on_signal(void *ctx, int signo)
{
	struct counted *c = ctx;

	c->n = (unsigned)signo;
	loop_stop(c->loop);
}

static void signals_are_events(void **state)
{
	struct counted c = {0};
	struct loop_signals s;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(loop_new(&c.loop), 0);
	assert_int_equal(loop_signals_init(c.loop, &s, &set, on_signal, &c), 0);
	raise(SIGUSR1);
	loop_run(c.loop);
	assert_int_equal(c.n, SIGUSR1);
	loop_signals_fini(&s);
	loop_signals_fini(&s);
	loop_free(&c.loop);
}

static void make_once(void)
{
	struct loop *l;
	int err = loop_new(&l);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	if (!err)
		loop_free(&l);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make_once);
}

static void entropy_differs(void **state)
{
	struct entropy e = {0};
	uint8_t a[600], b[16], c[16], zero[16] = {0};

	entropy_take(&e, a, sizeof(a));
	for (int i = 0; i < 200; i++) {
		entropy_take(&e, b, sizeof(b));
		entropy_take(&e, c, sizeof(c));
		assert_memory_not_equal(b, c, sizeof(b));
		assert_memory_not_equal(b, zero, sizeof(b));
	}
	assert_true(clock_wall_ms() > 1600000000000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_run_and_stop),
		cmocka_unit_test(a_timer_in_the_past_does_not_wait),
		cmocka_unit_test(a_deleted_fd_hears_no_more),
		cmocka_unit_test(mod_silences_and_wakes),
		cmocka_unit_test(another_thread_posts),
		cmocka_unit_test(another_thread_stops),
		cmocka_unit_test(hooks_stand_around_the_sleep),
		cmocka_unit_test(signals_are_events),
		cmocka_unit_test(survives_no_memory),
		cmocka_unit_test(entropy_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
