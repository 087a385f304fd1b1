/* store/le.h - little-endian integers of records and journals. */
#ifndef TSUWA_STORE_LE_H
#define TSUWA_STORE_LE_H

#include <stdint.h>

static inline uint64_t le_get(const char *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | (unsigned char)p[bytes];
	return v;
}

static inline void le_set(char *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		p[i] = (char)(v & 0xff);
}

#endif
