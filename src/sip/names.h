/* sip/names.h - from a header field's name to its id, for the parser's inner loop.  Private to
 * sip/; others call sip_hdr_id_of(). */
#ifndef TSUWA_SIP_NAMES_H
#define TSUWA_SIP_NAMES_H

#include "sip/lex.h"
#include "sip/msg.h"

#define NAME_MAX_BYTES 24

/* Lower case in `low`, so that eight bytes at a time compare without case. */
struct hdr_name {
	struct str name;
	char low[NAME_MAX_BYTES];
};

extern const struct hdr_name sip_names[SIP_HDR_COUNT];
/* Slot of a name's hash -> enum sip_hdr_id.  The multiplier was searched so that no two names
 * of four bytes and more share a slot; the unit test looks every name up. */
extern const uint8_t sip_name_slots[256];

/* Names of up to three bytes. */
enum sip_hdr_id sip_short_name(struct str name);

/* Four bytes with the case bit set: names hold letters and dashes only, so a letter equals
 * just its two cases, and a dash itself or CR, which is in no name of a line. */
static inline uint32_t names_low4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v | 0x20202020u;
}

static inline bool names_same8(const char *a, const char *low)
{
	uint64_t x, y;

	memcpy(&x, a, 8);
	memcpy(&y, low, 8);
	return (x | 0x2020202020202020u) == y;
}

/* The pieces overlap where they must. */
static inline bool names_same(const char *p, const char *low, size_t n)
{
	if (n <= 8)
		return names_low4(p) == names_low4(low) &&
		       names_low4(p + n - 4) == names_low4(low + n - 4);
	return names_same8(p, low) && names_same8(p + n - 8, low + n - 8) &&
	       (n <= 16 || names_same8(p + 8, low + 8));
}

static inline enum sip_hdr_id sip_name_id(struct str name)
{
	const struct hdr_name *candidate;
	uint32_t hash;
	unsigned id;

	if (name.n < 4)
		return sip_short_name(name);
	hash = (names_low4(name.p) ^ names_low4(name.p + name.n - 4) << 3) + (uint32_t)name.n;
	id = sip_name_slots[hash * 0x5327ce31u >> 24];
	candidate = &sip_names[id];
	if (candidate->name.n != name.n || !names_same(name.p, candidate->low, name.n))
		return SIP_HDR_OTHER;
	return (enum sip_hdr_id)id;
}

#endif
