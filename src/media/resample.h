/* media/resample.h - from any rate down to 8 kHz by a linear-phase windowed-sinc filter
 * in polyphase form.  Whole sounds at once; pure. */
#ifndef TSUWA_MEDIA_RESAMPLE_H
#define TSUWA_MEDIA_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* in: n samples at rate_hz (8000-48000).  *ret is xmalloc'ed, ret_n samples.
 * 0 or -ENOMEM. */
int resample_to_8k(const int16_t *in, size_t n, unsigned rate_hz, int16_t **ret, size_t *ret_n);

#endif
