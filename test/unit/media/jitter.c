#include "harness.h"

#include <math.h>
#include <stdlib.h>

#include "media/jitter.h"
#include "media/tone.h"

#define N 160
#define PACKETS_MAX 3000

/* A sender's packets with the times at which they come, in microseconds; the pulls are
 * every 20 ms from zero. */
struct arrival {
	uint64_t at_us;
	uint32_t ts;
	uint16_t seq;
};

struct run {
	struct jitter j;
	struct arrival a[PACKETS_MAX];
	size_t n;
	int16_t out[PACKETS_MAX * N];
	size_t n_out; /* pulls */
	unsigned concealed; /* pulls with a gap, once it began */
};

static struct run run;

static int16_t wave(uint32_t ts)
{
	return (int16_t)lrint(8000 * sin(2 * M_PI * 400 * (double)(ts % 160000) / 8000));
}

static int by_time(const void *x, const void *y)
{
	const struct arrival *a = x, *b = y;

	return a->at_us < b->at_us ? -1 : a->at_us > b->at_us;
}

static void put(struct run *r, uint32_t ssrc, const struct arrival *a)
{
	int16_t pcm[N];

	for (uint32_t i = 0; i < N; i++)
		pcm[i] = wave(a->ts + i);
	jitter_put(&r->j, ssrc, a->seq, a->ts, pcm, N);
}

static void play(struct run *r, size_t pulls)
{
	bool began = false;
	size_t next = 0;

	r->n_out = r->concealed = 0;
	qsort(r->a, r->n, sizeof(r->a[0]), by_time);
	for (size_t i = 0; i < pulls; i++) {
		for (; next < r->n && r->a[next].at_us <= i * 20000; next++)
			put(r, 1, &r->a[next]);
		switch (jitter_get(&r->j, r->out + i * N, N)) {
		case JITTER_PLAYED:
			began = true;
			break;
		case JITTER_CONCEALED:
			r->concealed += began;
			break;
		case JITTER_IDLE:
			assert_false(began);
		}
		r->n_out++;
	}
}

/* n packets; delay_us(i) on top of their pace. */
static void send(struct run *r, size_t n, uint32_t ts, uint64_t pace_us,
		 uint64_t (*delay_us)(size_t i, uint64_t *seed), uint64_t seed)
{
	jitter_init(&r->j, NULL);
	r->n = n;
	for (size_t i = 0; i < n; i++)
		r->a[i] = (struct arrival){i * pace_us + delay_us(i, &seed), ts + (uint32_t)i * N,
					   (uint16_t)(65500 + i)};
}

/* The largest step between two samples: a tone of 400 Hz at 8000 makes none above 2500. */
static int largest_step(const struct run *r, size_t from)
{
	int most = 0, step;

	for (size_t i = from * N + 1; i < r->n_out * N; i++) {
		step = abs(r->out[i] - r->out[i - 1]);
		most = step > most ? step : most;
	}
	return most;
}

static uint64_t none(size_t i, uint64_t *seed)
{
	return 5000;
}

static void a_quiet_network_is_bit_exact(void **state)
{
	struct run *r = &run;
	size_t first = 0;

	send(r, 500, 0xffffff00u, 20000, none, 1);
	play(r, 500);
	assert_int_equal(r->concealed, 0);
	while (r->out[first] == 0)
		first++;
	assert_in_range(first, 320, 640); /* 40 ms and the phase */
	first--; /* the wave starts with a zero */
	for (size_t i = first; i < 490 * N; i++)
		assert_int_equal(r->out[i], wave((uint32_t)(0xffffff00u + i - first)));
	assert_int_equal(r->j.stats.late + r->j.stats.duplicate + r->j.stats.reordered, 0);
}

static uint64_t up_to_30ms(size_t i, uint64_t *seed)
{
	return test_random(seed) % 30000;
}

static void jitter_and_reordering_leave_no_gap(void **state)
{
	struct run *r = &run;

	for (uint64_t seed = 1; seed < 20; seed++) {
		send(r, 1000, 5000, 20000, up_to_30ms, seed);
		play(r, 1000);
		assert_true(r->concealed <= 2); /* until it has learnt */
		assert_true(largest_step(r, 5) < 2600);
		assert_true(jitter_depth_ms(&r->j) < 120);
	}
}

static uint64_t up_to_90ms(size_t i, uint64_t *seed)
{
	return test_random(seed) % 90000;
}

static void it_learns_a_bad_network(void **state)
{
	struct run *r = &run;
	uint32_t late;

	for (uint64_t seed = 1; seed < 10; seed++) {
		send(r, 1500, 0, 20000, up_to_90ms, seed);
		play(r, 500);
		late = r->j.stats.late;
		send(r, 1500, 0, 20000, up_to_90ms, seed);
		play(r, 1500);
		assert_true(r->j.stats.late - late <= 8);
		assert_true(r->concealed <= 12);
		assert_true(jitter_depth_ms(&r->j) <= 200);
		assert_true(largest_step(r, 5) < 4000);
	}
}

static void loss_is_filled_and_ends(void **state)
{
	struct run *r = &run;
	double power;

	send(r, 100, 0, 20000, none, 1);
	for (size_t i = 50; i < r->n; i++) /* the 50th is lost */
		r->a[i - 1] = r->a[i];
	r->n--;
	play(r, 100);
	assert_int_equal(r->concealed, 1);
	assert_true(largest_step(r, 5) < 2600);
	for (size_t i = 10; i < 95; i++) /* no hole is heard */
		assert_true(tone_power(r->out + i * N, N) > 5000.0 * 5000 / 2);
	send(r, 100, 0, 20000, none, 1);
	r->n = 50; /* and then nothing more */
	play(r, 100);
	power = tone_power(r->out + 70 * N, 30 * N);
	assert_true(power == 0);
	assert_true(largest_step(r, 5) < 2600);
}

static void doubles_and_strays_are_counted(void **state)
{
	struct run *r = &run;

	send(r, 100, 0, 20000, none, 1);
	for (size_t i = 0; i < 100; i++) {
		r->a[100 + i] = r->a[i];
		r->a[100 + i].at_us += 1000;
	}
	r->n = 200;
	r->a[r->n++] = (struct arrival){1000000, 0x70000000, 9}; /* from nowhere */
	play(r, 100);
	assert_int_equal(r->concealed, 0);
	assert_int_equal(r->j.stats.duplicate, 99); /* the last came too late to be pulled */
	assert_int_equal(r->j.stats.resets, 0);
	assert_true(largest_step(r, 5) < 2600);
}

static void jumps_of_the_timestamp_are_followed(void **state)
{
	struct run *r = &run;

	send(r, 200, 0, 20000, none, 1);
	for (size_t i = 100; i < 200; i++)
		r->a[i].ts += 0x50000000;
	play(r, 200);
	assert_int_equal(r->j.stats.resets, 1);
	assert_true(r->concealed <= 4);
	assert_true(tone_power(r->out + 150 * N, 40 * N) > 5000.0 * 5000);
}

/* A sender whose timestamp stands still while it is silent for two seconds. */
static void a_pause_without_timestamps_is_followed(void **state)
{
	struct run *r = &run;

	send(r, 200, 0, 20000, none, 1);
	for (size_t i = 100; i < 200; i++)
		r->a[i].at_us += 2000000;
	play(r, 300);
	assert_true(tone_power(r->out + 150 * N, 40 * N) == 0);
	assert_true(tone_power(r->out + 210 * N, 80 * N) > 5000.0 * 5000);
	assert_true(jitter_depth_ms(&r->j) < 100);
}

static void another_source_takes_over(void **state)
{
	struct run *r = &run;

	send(r, 10, 0, 20000, none, 1);
	play(r, 10);
	for (size_t i = 0; i < 10; i++) {
		struct arrival a = {0, 0x1000 + (uint32_t)i * N, (uint16_t)i};

		put(r, 2, &a);
		jitter_get(&r->j, r->out, N);
	}
	assert_int_equal(r->j.stats.resets, 1);
	assert_int_equal(jitter_get(&r->j, r->out, N), JITTER_PLAYED);
}

/* 400 ppm, far more than real clocks: a minute of it is 24 ms. */
static void clocks_may_drift(void **state)
{
	struct run *r = &run;

	for (int sign = -1; sign <= 1; sign += 2) {
		send(r, 2990, 0, (uint64_t)(20000 + sign * 8), none, 1);
		play(r, 2980);
		assert_true(r->concealed <= 2);
		assert_true(largest_step(r, 5) < 2600);
		assert_true(jitter_depth_ms(&r->j) < 100);
	}
}

static uint64_t quiet_at_last(size_t i, uint64_t *seed)
{
	return i < 500 ? test_random(seed) % 80000 : 5000;
}

static void delay_shrinks_when_it_can(void **state)
{
	struct run *r = &run;

	send(r, 2900, 0, 20000, quiet_at_last, 7);
	play(r, 500);
	assert_true(jitter_depth_ms(&r->j) > 60);
	send(r, 2900, 0, 20000, quiet_at_last, 7);
	play(r, 2900);
	assert_true(jitter_depth_ms(&r->j) <= 60);
	assert_true(r->j.stats.shrunk > 0);
	assert_true(largest_step(r, 5) < 3500);
}

/* Whatever comes, it stands and gives samples. */
static void survives_nonsense(void **state)
{
	struct run *r = &run;
	int16_t pcm[1600] = {0};
	uint64_t seed = 11;

	jitter_init(&r->j, NULL);
	for (int i = 0; i < 20000; i++) {
		uint64_t v = test_random(&seed);

		jitter_put(&r->j, (uint32_t)(v & 3) == 0, (uint16_t)v,
			   v & 4 ? (uint32_t)(v >> 20) : (uint32_t)(i * 160 + (int)(v >> 50)), pcm,
			   (size_t)(v >> 8) % 1700);
		jitter_get(&r->j, r->out, (size_t)(v >> 30) % (JITTER_PULL_MAX + 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quiet_network_is_bit_exact),
		cmocka_unit_test(jitter_and_reordering_leave_no_gap),
		cmocka_unit_test(it_learns_a_bad_network),
		cmocka_unit_test(loss_is_filled_and_ends),
		cmocka_unit_test(doubles_and_strays_are_counted),
		cmocka_unit_test(jumps_of_the_timestamp_are_followed),
		cmocka_unit_test(a_pause_without_timestamps_is_followed),
		cmocka_unit_test(another_source_takes_over),
		cmocka_unit_test(clocks_may_drift),
		cmocka_unit_test(delay_shrinks_when_it_can),
		cmocka_unit_test(survives_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
