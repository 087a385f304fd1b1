#include "harness.h"

#include <math.h>

#include "base/alloc.h"
#include "media/resample.h"
#include "media/tone.h"

#define SECONDS 1

static const unsigned rates[] = {8000,  11025, 12000, 16000, 22050,
				 24000, 32000, 44100, 48000, 47999};

/* A sine at any rate, through the resampler; amplitude of hz in what comes out. */
static double through(unsigned rate, double hz, double *ret_power)
{
	static int16_t in[48000 * SECONDS];
	int16_t *out;
	size_t n;
	double a;

	for (unsigned i = 0; i < rate * SECONDS; i++)
		in[i] = (int16_t)lrint(10000 * sin(2 * M_PI * hz * i / rate));
	assert_int_equal(resample_to_8k(in, rate * SECONDS, rate, &out, &n), 0);
	assert_int_equal(n, 8000 * SECONDS);
	a = tone_amplitude(out + 400, n - 800, hz < 4000 ? hz : 8000 - hz);
	*ret_power = tone_power(out + 400, n - 800);
	xfree(out);
	return a;
}

static void passes_speech_and_stops_aliases(void **state)
{
	double power, a;

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		a = through(rates[i], 440, &power);
		assert_true(fabs(a - 10000) < 100);
		assert_true(fabs(power - 5e7) < 5e6);
		a = through(rates[i], 3300, &power);
		assert_true(fabs(a - 10000) < 400);
		if (rates[i] < 12000)
			continue;
		through(rates[i], 5000, &power);
		assert_true(power < 100); /* -57 dB and less */
	}
}

static void keeps_to_its_ends(void **state)
{
	int16_t *out;
	size_t n;

	assert_int_equal(resample_to_8k(NULL, 0, 16000, &out, &n), 0);
	assert_int_equal(n, 0);
	xfree(out);
	for (size_t len = 1; len < 40; len++) {
		char bytes[80] = {0};
		int16_t *in = (int16_t *)guard_end(str_of(bytes, len * 2));

		assert_int_equal(resample_to_8k(in, len, 44100, &out, &n), 0);
		xfree(out);
		guard_free_all();
	}
}

static void resample_once(void)
{
	int16_t in[100] = {0}, *out;
	size_t n;
	int err = resample_to_8k(in, 100, 16000, &out, &n);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	if (!err)
		xfree(out);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(resample_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_speech_and_stops_aliases),
		cmocka_unit_test(keeps_to_its_ends),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
