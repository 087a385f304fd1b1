#include "harness.h"

#include <math.h>
#include <stdlib.h>

#include "media/g711.h"
#include "media/hello.h"
#include "media/tone.h"

static void measures_what_it_makes(void **state)
{
	struct tone t = tone_of(440, 0, 0.5);
	int16_t pcm[1600];

	tone_put(&t, pcm, 700);
	tone_put(&t, pcm + 700, 900); /* goes on without a step */
	assert_true(fabs(tone_amplitude(pcm, 1600, 440) - 16383) < 100);
	assert_true(tone_amplitude(pcm, 1600, 1000) < 200);
	assert_true(fabs(tone_power(pcm, 1600) - 16383.0 * 16383 / 2) < 16383.0 * 16383 * 0.02);
}

static size_t press(struct tone_detector *d, char digit, char *ret, double noise)
{
	int16_t pcm[160];
	uint64_t seed = (uint64_t)digit;
	struct tone t;
	size_t n = 0;

	assert_true(tone_digit(digit, &t));
	for (int i = 0; i < 8; i++) { /* 80 ms on, 80 ms off */
		if (i < 4)
			tone_put(&t, pcm, 160);
		else
			memset(pcm, 0, sizeof(pcm));
		for (int k = 0; k < 160; k++) {
			pcm[k] = (int16_t)(pcm[k] / 2 +
					   noise * (double)((int)(test_random(&seed) % 2001) -
							    1000));
			pcm[k] = g711_ulaw_linear[g711_ulaw(pcm[k])];
		}
		n += tone_detect(d, pcm, 160, ret + n, 8 - n);
	}
	return n;
}

static void hears_each_digit_once(void **state)
{
	static const char all[] = "0123456789*#ABCD";
	struct tone_detector d = {0};
	char got[8];

	for (int noise = 0; noise < 2; noise++)
		for (int i = 0; i < 16; i++) {
			assert_int_equal(press(&d, all[i], got, noise * 0.4), 1);
			assert_int_equal(got[0], all[i]);
			assert_int_equal(press(&d, all[i], got, noise * 0.4), 1); /* again */
		}
	assert_false(tone_digit('E', &(struct tone){0}));
	assert_false(tone_digit('\0', &(struct tone){0}));
}

static void takes_nothing_else_for_digits(void **state)
{
	struct tone_detector d = {0};
	static int16_t pcm[HELLO_SAMPLES];
	struct tone t = tone_of(770, 0, 0.5);
	uint64_t seed = 5;
	char got[8];

	tone_put(&t, pcm, 8000);
	assert_int_equal(tone_detect(&d, pcm, 8000, got, 8), 0);
	for (int i = 0; i < 16000; i++)
		pcm[i] = (int16_t)test_random(&seed);
	assert_int_equal(tone_detect(&d, pcm, 16000, got, 8), 0);
	hello_make(pcm);
	assert_int_equal(tone_detect(&d, pcm, HELLO_SAMPLES, got, 8), 0);
	tone_ringback(0, pcm, HELLO_SAMPLES);
	assert_int_equal(tone_detect(&d, pcm, HELLO_SAMPLES, got, 8), 0);
}

static void hello_is_heard_and_ends(void **state)
{
	static int16_t pcm[HELLO_SAMPLES], again[HELLO_SAMPLES];
	int peak = 0;

	hello_make(pcm);
	hello_make(again);
	assert_memory_equal(pcm, again, sizeof(pcm));
	for (int i = 0; i < HELLO_SAMPLES; i++)
		peak = abs(pcm[i]) > peak ? abs(pcm[i]) : peak;
	assert_in_range(peak, 6000, 12000);
	assert_true(abs(pcm[HELLO_SAMPLES - 1]) < 50);
	for (int s = 0; s < 3; s++)
		assert_true(tone_power(pcm + s * 8000, 8000) > 500 * 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_what_it_makes),
		cmocka_unit_test(hears_each_digit_once),
		cmocka_unit_test(takes_nothing_else_for_digits),
		cmocka_unit_test(hello_is_heard_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
