#include "media/stretch.h"

#include <string.h>

#define LAG_MIN 20
#define LIKENESS 120 /* samples that are compared for a period */

/* The lag (away from b by `sign`) whose samples are most like those at a, by the
 * correlation squared over the energy.  `a` has n samples. */
static size_t best_lag(const int16_t *a, const int16_t *b, int sign, size_t n, size_t max)
{
	int64_t best_corr = 0, best_energy = 1;
	size_t best = max;

	for (size_t lag = LAG_MIN; lag <= max; lag++) {
		const int16_t *c = b + sign * (ptrdiff_t)lag;
		int64_t corr = 0, energy = 1;

		for (size_t i = 0; i < n; i++) {
			corr += (int32_t)a[i] * c[i];
			energy += (int32_t)c[i] * c[i];
		}
		if (corr <= 0)
			continue;
		/* corr^2 / energy in doubles: the squares pass 64 bits. */
		if ((double)corr * (double)corr * (double)best_energy >
		    (double)best_corr * (double)best_corr * (double)energy) {
			best = lag;
			best_corr = corr;
			best_energy = energy;
		}
	}
	return best;
}

size_t stretch_period(const int16_t *at)
{
	return best_lag(at - LIKENESS, at - LIKENESS, -1, LIKENESS, STRETCH_LAG_MAX);
}

static int16_t fade(int16_t from, int16_t to, size_t i)
{
	return (int16_t)((from * (int32_t)(STRETCH_FADE - i) + to * (int32_t)i) / STRETCH_FADE);
}

size_t stretch_shrink(const int16_t *in, int16_t *out, size_t n)
{
	size_t lag = best_lag(in, in, 1, STRETCH_FADE, STRETCH_LAG_MAX - STRETCH_FADE);

	for (size_t i = 0; i < n; i++)
		out[i] = i < STRETCH_FADE ? fade(in[i], in[i + lag], i) : in[i + lag];
	return lag;
}

/* `in` follows out[-1]; line holds both in one row. */
size_t stretch_grow(const int16_t *in, int16_t *out, size_t n)
{
	int16_t line[2 * STRETCH_FADE], *now = line + STRETCH_FADE;
	size_t lag;

	memcpy(line, out - STRETCH_FADE, STRETCH_FADE * sizeof(*line));
	memcpy(now, in, STRETCH_FADE * sizeof(*line));
	lag = best_lag(now, now, -1, STRETCH_FADE, STRETCH_FADE);
	for (size_t i = 0; i < n; i++) {
		int16_t old = i < lag ? *(now + i - lag) : in[i - lag];

		out[i] = i < STRETCH_FADE ? fade(in[i], old, i) : old;
	}
	return lag;
}
