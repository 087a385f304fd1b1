#include "media/tone.h"

#include <math.h>
#include <string.h>

static const double low_hz[4] = {697, 770, 852, 941};
static const double high_hz[4] = {1209, 1336, 1477, 1633};
static const char keys[] = "123A456B789C*0#D"; /* row by row */

struct tone tone_of(double f1, double f2, double level)
{
	struct tone t = {.level = (f2 > 0 ? level / 2 : level) * 32767};

	t.step[0] = 2 * M_PI * f1 / TONE_RATE;
	t.step[1] = 2 * M_PI * f2 / TONE_RATE;
	return t;
}

bool tone_digit(char digit, struct tone *ret)
{
	const char *at;

	if (digit >= 'a' && digit <= 'd')
		digit = (char)(digit - 'a' + 'A');
	at = digit ? strchr(keys, digit) : NULL;
	if (!at)
		return false;
	*ret = tone_of(low_hz[(at - keys) / 4], high_hz[(at - keys) % 4], 0.5);
	return true;
}

void tone_put(struct tone *t, int16_t *ret, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double v = sin(t->phase[0]) + (t->step[1] > 0 ? sin(t->phase[1]) : 0);

		ret[i] = (int16_t)lrint(v * t->level);
		for (int k = 0; k < 2; k++) {
			t->phase[k] += t->step[k];
			if (t->phase[k] > 2 * M_PI)
				t->phase[k] -= 2 * M_PI;
		}
	}
}

void tone_ringback(uint64_t at, int16_t *ret, size_t n)
{
	for (size_t i = 0; i < n; i++, at++) {
		uint64_t in = at % (5 * TONE_RATE);

		ret[i] = in >= TONE_RATE ? 0
					 : (int16_t)lrint(8000 * sin(2 * M_PI * 425 * (double)in /
								     TONE_RATE));
	}
}

double tone_amplitude(const int16_t *pcm, size_t n, double hz)
{
	double w = 2 * M_PI * hz / TONE_RATE, coeff = 2 * cos(w), s1 = 0, s2 = 0, s0, power;

	for (size_t i = 0; i < n; i++) {
		s0 = pcm[i] + coeff * s1 - s2;
		s2 = s1;
		s1 = s0;
	}
	power = s1 * s1 + s2 * s2 - coeff * s1 * s2;
	return n && power > 0 ? 2 * sqrt(power) / (double)n : 0;
}

double tone_power(const int16_t *pcm, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	return n ? sum / (double)n : 0;
}

/* The strongest of four, and whether it stands out from the other three. */
static bool strongest(const int16_t *pcm, const double hz[4], size_t *ret, double *ret_amplitude)
{
	double best = 0, second = 0, a;

	for (size_t i = 0; i < 4; i++) {
		a = tone_amplitude(pcm, TONE_BLOCK, hz[i]);
		if (a > best) {
			second = best;
			best = a;
			*ret = i;
		} else if (a > second) {
			second = a;
		}
	}
	*ret_amplitude = best;
	return best > 2 * second;
}

/* Q.24: about -30 dBm0 at least, twist within 8 dB, and speech has more beside the
 * two tones than a digit has. */
static char block_digit(const int16_t *pcm)
{
	double low, high, pair;
	size_t row = 0, column = 0;

	if (!strongest(pcm, low_hz, &row, &low) || !strongest(pcm, high_hz, &column, &high))
		return '\0';
	if (low < 300 || high < 300 || low > 2.5 * high || high > 2.5 * low)
		return '\0';
	pair = (low * low + high * high) / 2;
	if (pair < 0.7 * tone_power(pcm, TONE_BLOCK))
		return '\0';
	return keys[row * 4 + column];
}

size_t tone_detect(struct tone_detector *d, const int16_t *pcm, size_t n, char *ret, size_t max)
{
	size_t found = 0;
	char digit;

	for (size_t i = 0; i < n; i++) {
		d->block[d->n++] = pcm[i];
		if (d->n < TONE_BLOCK)
			continue;
		d->n = 0;
		digit = block_digit(d->block);
		if (digit && digit == d->last && digit != d->told && found < max)
			ret[found++] = d->told = digit;
		if (!digit && !d->last)
			d->told = '\0';
		d->last = digit;
	}
	return found;
}
