/* base/hash.h - SipHash-1-3 for tables that strangers can fill.  The seed comes
 * from io->random, so that a simulated run is the same each time. */
#ifndef TSUWA_BASE_HASH_H
#define TSUWA_BASE_HASH_H

#include "base/str.h"

struct hash_seed {
	uint64_t k0, k1;
};

uint64_t hash_bytes(const struct hash_seed *seed, const void *p, size_t n);

static inline uint64_t hash_str(const struct hash_seed *seed, struct str s)
{
	return hash_bytes(seed, s.p, s.n);
}

/* Mixes a further value into a hash. */
static inline uint64_t hash_mix(uint64_t h, uint64_t v)
{
	h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
	h *= 0xff51afd7ed558ccdull;
	return h ^ (h >> 33);
}

/* CRC-32C (Castagnoli), for records on disk; start with crc = 0. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

#endif
