#include "media/resample.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"

#define OUT_RATE 8000u
#define HALF_LOBES 20 /* zero crossings of the sinc on either side */
#define PASS 0.93 /* of 4 kHz; the window's skirt takes the rest */

struct filter {
	unsigned phases; /* output instants between two input samples */
	unsigned half; /* taps on either side */
	float *taps; /* phases rows of 2 * half */
};

static unsigned gcd(unsigned a, unsigned b)
{
	return b ? gcd(b, a % b) : a;
}

static double blackman(double x)
{
	return 0.42 + 0.5 * cos(M_PI * x) + 0.08 * cos(2 * M_PI * x);
}

/* cutoff in cycles a sample of the input; x in input samples. */
static double sinc(double cutoff, double x)
{
	return fabs(x) < 1e-9 ? 2 * cutoff : sin(2 * M_PI * cutoff * x) / (M_PI * x);
}

/* Each row is scaled to unity gain, so that a level stays what it is. */
static void fill_row(float *row, unsigned half, double offset, double cutoff)
{
	double sum = 0, x;

	for (unsigned k = 0; k < 2 * half; k++) {
		x = (double)k - (half - 1) - offset;
		row[k] = fabs(x) < half ? (float)(sinc(cutoff, x) * blackman(x / half)) : 0;
		sum += row[k];
	}
	for (unsigned k = 0; k < 2 * half; k++)
		row[k] = (float)(row[k] / sum);
}

static int filter_init(struct filter *f, unsigned rate)
{
	double cutoff = PASS * (OUT_RATE / 2.0) / rate;

	f->phases = OUT_RATE / gcd(rate, OUT_RATE);
	f->half = (unsigned)ceil(HALF_LOBES * (double)rate / OUT_RATE);
	f->taps = xcalloc((size_t)f->phases * 2 * f->half, sizeof(*f->taps));
	if (!f->taps)
		return -ENOMEM;
	for (unsigned p = 0; p < f->phases; p++)
		fill_row(f->taps + (size_t)p * 2 * f->half, f->half, (double)p / f->phases, cutoff);
	return 0;
}

/* One output sample around in[at + phase / phases]; silence beyond the ends. */
static int16_t apply(const struct filter *f, const int16_t *in, size_t n, size_t at, unsigned phase)
{
	const float *row = f->taps + (size_t)phase * 2 * f->half;
	ptrdiff_t from = (ptrdiff_t)at - (ptrdiff_t)(f->half - 1);
	size_t k = from < 0 ? (size_t)-from : 0;
	float sum = 0;

	for (; k < 2 * f->half && (size_t)(from + (ptrdiff_t)k) < n; k++)
		sum += row[k] * in[from + (ptrdiff_t)k];
	return (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : lrintf(sum));
}

static int copy(const int16_t *in, size_t n, int16_t **ret, size_t *ret_n)
{
	int16_t *out = xcalloc(n, sizeof(*out));

	if (!out)
		return -ENOMEM;
	if (n)
		memcpy(out, in, n * sizeof(*out));
	*ret = out;
	*ret_n = n;
	return 0;
}

int resample_to_8k(const int16_t *in, size_t n, unsigned rate_hz, int16_t **ret, size_t *ret_n)
{
	size_t n_out = (size_t)((uint64_t)n * OUT_RATE / rate_hz);
	struct filter f = {0};
	uint64_t at;
	int16_t *out;

	if (rate_hz == OUT_RATE)
		return copy(in, n, ret, ret_n);
	out = xcalloc(n_out, sizeof(*out));
	if (!out || filter_init(&f, rate_hz) < 0) {
		xfree(out);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_out; i++) {
		at = (uint64_t)i * rate_hz;
		out[i] = apply(&f, in, n, (size_t)(at / OUT_RATE),
			       (unsigned)(at % OUT_RATE * f.phases / OUT_RATE));
	}
	xfree(f.taps);
	*ret = out;
	*ret_n = n_out;
	return 0;
}
