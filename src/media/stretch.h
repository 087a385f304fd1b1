/* media/stretch.h - audio made longer or shorter by one period without being heard:
 * the lag of best likeness is found, and the two ends are cross-faded (waveform
 * similarity overlap-add).  Pure; 8 kHz. */
#ifndef TSUWA_MEDIA_STRETCH_H
#define TSUWA_MEDIA_STRETCH_H

#include <stddef.h>
#include <stdint.h>

#define STRETCH_FADE 80 /* samples of the cross-fade, the least n */
#define STRETCH_LAG_MAX 160
#define STRETCH_PAST 320 /* samples that must stand before a pointer */

/* Period (20 to STRETCH_LAG_MAX) of the STRETCH_PAST samples before `at`. */
size_t stretch_period(const int16_t *at);

/* n samples out of n + STRETCH_LAG_MAX, one period being left out; returns the period. */
size_t stretch_shrink(const int16_t *in, int16_t *out, size_t n);

/* n samples, a period of what stands before `out` (STRETCH_PAST of it) being put in;
 * n less the returned period of `in` are used up. */
size_t stretch_grow(const int16_t *in, int16_t *out, size_t n);

#endif
