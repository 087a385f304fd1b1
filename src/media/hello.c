#include "media/hello.h"

#include <math.h>

#define RATE 8000

struct note {
	double at_s, hz, level;
};

/* A rising arpeggio that comes to rest on a chord. */
static const struct note tune[] = {
	{0.05, 523.25, 0.55}, {0.35, 659.25, 0.55},  {0.65, 783.99, 0.55},  {0.95, 1046.50, 0.6},
	{1.45, 880.00, 0.5},  {1.75, 1046.50, 0.55}, {2.15, 783.99, 0.4},   {2.15, 987.77, 0.35},
	{2.15, 1174.7, 0.35}, {2.65, 523.25, 0.45},  {2.65, 1046.50, 0.45}, {2.65, 1318.5, 0.35},
};

/* A struck bar: a fundamental and the partials of a marimba, each dying sooner. */
static double chime(double hz, double t)
{
	double attack = t < 0.004 ? t / 0.004 : 1;

	return attack * (exp(-3.2 * t) * sin(2 * M_PI * hz * t) +
			 0.25 * exp(-9 * t) * sin(2 * M_PI * 2 * hz * t) +
			 0.12 * exp(-16 * t) * sin(2 * M_PI * 3.01 * hz * t));
}

static double mix(double t)
{
	double v = 0, end = HELLO_SAMPLES / (double)RATE;

	for (size_t i = 0; i < sizeof(tune) / sizeof(tune[0]); i++)
		if (t >= tune[i].at_s)
			v += tune[i].level * chime(tune[i].hz, t - tune[i].at_s);
	if (t > end - 0.2) /* fades out, so that repeating it does not click */
		v *= (end - t) / 0.2;
	return v;
}

void hello_make(int16_t *ret)
{
	for (size_t i = 0; i < HELLO_SAMPLES; i++)
		ret[i] = (int16_t)lrint(11000 * tanh(1.1 * mix((double)i / RATE)));
}
