#include "base/hash.h"

static uint64_t load_bytes(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

/* Up to eight bytes; of four and more, two halves that overlap. */
static inline uint64_t load_le(const unsigned char *p, size_t n)
{
	uint64_t v = 0;
	uint32_t low, high;

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || n < 4)
		return load_bytes(p, n);
	if (n == sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		return v;
	}
	memcpy(&low, p, sizeof(low));
	memcpy(&high, p + n - 4, sizeof(high));
	return low | (uint64_t)high << (n - 4) * 8;
}

static inline uint64_t rotl(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* SipHash-1-3: one round a word, three at the end (Aumasson, Bernstein 2012). */
uint64_t hash_bytes(const struct hash_seed *seed, const void *p, size_t n)
{
	const unsigned char *at = p;
	uint64_t last = (uint64_t)n << 56;
	uint64_t v[4] = {
		seed->k0 ^ 0x736f6d6570736575ull,
		seed->k1 ^ 0x646f72616e646f6dull,
		seed->k0 ^ 0x6c7967656e657261ull,
		seed->k1 ^ 0x7465646279746573ull,
	};

	for (; n >= 8; n -= 8, at += 8)
		sip_word(v, load_le(at, 8));
	if (n)
		last |= load_le(at, n);
	sip_word(v, last);
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* A CRC is linear: the entry of a byte is the sum of the entries of its bits.
 * Row k below is what a byte contributes that k more bytes follow. */
#define ENTRY(i, b0, b1, b2, b3, b4, b5, b6, b7)                                                   \
	(((i)&1 ? b0 : 0) ^ ((i)&2 ? b1 : 0) ^ ((i)&4 ? b2 : 0) ^ ((i)&8 ? b3 : 0) ^               \
	 ((i)&16 ? b4 : 0) ^ ((i)&32 ? b5 : 0) ^ ((i)&64 ? b6 : 0) ^ ((i)&128 ? b7 : 0))
#define ROW4(i, ...)                                                                               \
	ENTRY(i, __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__), ENTRY((i) + 2, __VA_ARGS__),           \
		ENTRY((i) + 3, __VA_ARGS__)
#define ROW16(i, ...)                                                                              \
	ROW4(i, __VA_ARGS__), ROW4((i) + 4, __VA_ARGS__), ROW4((i) + 8, __VA_ARGS__),              \
		ROW4((i) + 12, __VA_ARGS__)
#define ROW64(i, ...)                                                                              \
	ROW16(i, __VA_ARGS__), ROW16((i) + 16, __VA_ARGS__), ROW16((i) + 32, __VA_ARGS__),         \
		ROW16((i) + 48, __VA_ARGS__)
#define ROW(...)                                                                                   \
	{                                                                                          \
		ROW64(0, __VA_ARGS__), ROW64(64, __VA_ARGS__), ROW64(128, __VA_ARGS__),            \
			ROW64(192, __VA_ARGS__)                                                    \
	}

static const uint32_t crc_table[8][256] = {
	ROW(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f, 0x20bd8ede, 0x417b1dbc,
	    0x82f63b78),
	ROW(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181, 0x7f8be302, 0xff17c604,
	    0xfbc3faf9),
	ROW(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a, 0xe144fb14, 0xc76580d9,
	    0x8b277743),
	ROW(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d, 0xd725148b, 0xaba65fe7,
	    0x52a0c93f),
	ROW(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3, 0x1ba8b557, 0x37516aae,
	    0x6ea2d55c),
	ROW(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e, 0x85f4168d, 0x0e045beb,
	    0x1c08b7d6),
	ROW(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a,
	    0xf56e0ef4),
	ROW(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4, 0x0d006599, 0x1a00cb32,
	    0x34019664),
};

static uint32_t crc_word(uint64_t w)
{
	return crc_table[7][w & 0xff] ^ crc_table[6][w >> 8 & 0xff] ^ crc_table[5][w >> 16 & 0xff] ^
	       crc_table[4][w >> 24 & 0xff] ^ crc_table[3][w >> 32 & 0xff] ^
	       crc_table[2][w >> 40 & 0xff] ^ crc_table[1][w >> 48 & 0xff] ^ crc_table[0][w >> 56];
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc,
								   const unsigned char *at, size_t n)
{
	uint64_t sum = ~crc;

	for (; n >= 8; n -= 8, at += 8)
		sum = __builtin_ia32_crc32di(sum, load_le(at, 8));
	for (; n > 0; n--, at++)
		sum = __builtin_ia32_crc32qi((uint32_t)sum, *at);
	return ~(uint32_t)sum;
}
#endif

/* Polynomial 0x1EDC6F41, reflected; eight bytes a step. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
	const unsigned char *at = p;

#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_hardware(crc, at, n);
#endif
	crc = ~crc;
	for (; n >= 8; n -= 8, at += 8)
		crc = crc_word(crc ^ load_le(at, 8));
	for (; n > 0; n--, at++)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *at) & 0xff];
	return ~crc;
}
