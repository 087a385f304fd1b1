#include "media/g711.h"

/* Codes 0-127 stand for negative values in mu-law once inverted; the segment is in
 * bits 4-6, the step in bits 0-3 (G.711 table 2). */
#define U_MAG(c) ((((((c)&15) << 3) + 0x84) << ((c) >> 4 & 7)) - 0x84)
#define U_INV(c) (~(c)&0xff)
#define U(c) ((U_INV(c) & 0x80) ? -U_MAG(U_INV(c)) : U_MAG(U_INV(c)))

/* A-law: every other bit is inverted, a set sign bit means positive (table 1). */
#define A_INV(c) ((c) ^ 0x55)
#define A_SEG(c) ((c) >> 4 & 7)
#define A_MAG(c)                                                                                   \
	(A_SEG(c) ? (((((c)&15) << 4) + 0x108) << (A_SEG(c) ? A_SEG(c) - 1 : 0))                   \
		  : (((c)&15) << 4) + 8)
#define A(c) ((A_INV(c) & 0x80) ? A_MAG(A_INV(c)) : -A_MAG(A_INV(c)))

#define ROW4(f, c) f(c), f((c) + 1), f((c) + 2), f((c) + 3)
#define ROW16(f, c) ROW4(f, c), ROW4(f, (c) + 4), ROW4(f, (c) + 8), ROW4(f, (c) + 12)
#define ROW64(f, c) ROW16(f, c), ROW16(f, (c) + 16), ROW16(f, (c) + 32), ROW16(f, (c) + 48)
#define ROW256(f) ROW64(f, 0), ROW64(f, 64), ROW64(f, 128), ROW64(f, 192)

const int16_t g711_ulaw_linear[256] = {ROW256(U)};
const int16_t g711_alaw_linear[256] = {ROW256(A)};

/* Position of the highest set bit; v > 0. */
static unsigned top_bit(unsigned v)
{
	return 31u - (unsigned)__builtin_clz(v);
}

/* Magnitudes are taken by inverting all bits, so that negative decision values fall as
 * the positive ones do. */
uint8_t g711_ulaw(int16_t sample)
{
	unsigned mag = (unsigned)((sample < 0 ? ~sample : sample) >> 2) + 33;
	unsigned seg, code;

	if (mag > 0x1fff)
		mag = 0x1fff;
	seg = top_bit(mag) - 5;
	code = seg << 4 | (mag >> (seg + 1) & 15);
	return (uint8_t) ~(code | (sample < 0 ? 0x80 : 0));
}

uint8_t g711_alaw(int16_t sample)
{
	unsigned mag = (unsigned)((sample < 0 ? ~sample : sample) >> 4);
	unsigned seg, code = mag;

	if (mag > 15) {
		seg = top_bit(mag) - 3;
		code = seg << 4 | (mag >> (seg - 1) & 15);
	}
	return (uint8_t)((code | (sample < 0 ? 0 : 0x80)) ^ 0x55);
}

void g711_encode(enum g711_law law, const int16_t *pcm, size_t n, uint8_t *ret)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = law == G711_PCMU ? g711_ulaw(pcm[i]) : g711_alaw(pcm[i]);
}

void g711_decode(enum g711_law law, const uint8_t *code, size_t n, int16_t *ret)
{
	const int16_t *table = law == G711_PCMU ? g711_ulaw_linear : g711_alaw_linear;

	for (size_t i = 0; i < n; i++)
		ret[i] = table[code[i]];
}
