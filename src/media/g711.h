/* media/g711.h - PCMU and PCMA (ITU-T G.711) as 16-bit linear samples: mu-law is 14
 * bits shifted left by two, A-law 13 bits shifted by three.  Knows no packets. */
#ifndef TSUWA_MEDIA_G711_H
#define TSUWA_MEDIA_G711_H

#include <stddef.h>
#include <stdint.h>

enum g711_law { G711_PCMU, G711_PCMA };

uint8_t g711_ulaw(int16_t sample);
uint8_t g711_alaw(int16_t sample);
extern const int16_t g711_ulaw_linear[256];
extern const int16_t g711_alaw_linear[256];

void g711_encode(enum g711_law law, const int16_t *pcm, size_t n, uint8_t *ret);
void g711_decode(enum g711_law law, const uint8_t *code, size_t n, int16_t *ret);

#endif
