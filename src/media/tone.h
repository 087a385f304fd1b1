/* media/tone.h - tones at 8 kHz: sines, digits (ITU-T Q.23), ringing, and the other
 * way round: how strong a frequency is (Goertzel), which digit is heard (Q.24).
 * Deterministic; knows no packets. */
#ifndef TSUWA_MEDIA_TONE_H
#define TSUWA_MEDIA_TONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TONE_RATE 8000

/* A sum of up to two sines; goes on where it stopped. */
struct tone {
	double step[2], phase[2]; /* radians a sample; step 0: none */
	double level; /* amplitude of each, of 32767 */
};

/* Hz; f2 0: one sine alone.  level 0-1, halved for two. */
struct tone tone_of(double f1, double f2, double level);
/* The two frequencies of a digit; false when it is none. */
bool tone_digit(char digit, struct tone *ret);
void tone_put(struct tone *t, int16_t *ret, size_t n);

/* Ringing as the caller hears it in most of Europe: 425 Hz, 1 s on, 4 s off.  at:
 * samples since it began. */
void tone_ringback(uint64_t at, int16_t *ret, size_t n);

/* Amplitude of the frequency in n samples: about the peak of a sine of it. */
double tone_amplitude(const int16_t *pcm, size_t n, double hz);
/* Mean power, in squared samples. */
double tone_power(const int16_t *pcm, size_t n);

#define TONE_BLOCK 102 /* 12.75 ms: half the shortest digit */

/* Finds digits in audio.  A digit counts when it stands two blocks long, and again
 * only after a block without it. */
struct tone_detector {
	int16_t block[TONE_BLOCK];
	size_t n;
	char last; /* what the last block held, 0: nothing */
	char told; /* the digit that is being held */
};

/* Digits that began within pcm, at most max; their number comes back.  The detector
 * is zero-initialised. */
size_t tone_detect(struct tone_detector *d, const int16_t *pcm, size_t n, char *ret, size_t max);

#endif
