/* media/hello.h - the sound that a fresh installation has to play: four seconds of
 * chimes, computed, so that it is the same on every machine. */
#ifndef TSUWA_MEDIA_HELLO_H
#define TSUWA_MEDIA_HELLO_H

#include <stddef.h>
#include <stdint.h>

#define HELLO_SAMPLES (4 * 8000)

/* 8 kHz, HELLO_SAMPLES of them. */
void hello_make(int16_t *ret);

#endif
