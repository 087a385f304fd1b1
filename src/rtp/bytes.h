/* rtp/bytes.h - integers in network order at any alignment.  The caller has checked
 * that the bytes are there. */
#ifndef TSUWA_RTP_BYTES_H
#define TSUWA_RTP_BYTES_H

#include <stdint.h>

static inline uint16_t be16_get(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t be32_get(const void *p)
{
	return (uint32_t)be16_get(p) << 16 | be16_get((const uint8_t *)p + 2);
}

static inline void be16_put(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static inline void be32_put(void *p, uint32_t v)
{
	be16_put(p, (uint16_t)(v >> 16));
	be16_put((uint8_t *)p + 2, (uint16_t)v);
}

#endif
