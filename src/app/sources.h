/* app/sources.h - how many refusals a source may cause: token buckets by address, in a table of fixed
 * size in which sources of one slot share what they have.  Keeps no names, costs no memory per source. */
#ifndef TSUWA_APP_SOURCES_H
#define TSUWA_APP_SOURCES_H

#include "base/addr.h"
#include "base/hash.h"

#define SOURCES_SLOTS 4096

struct source_slot {
	uint64_t filled_ms;
	uint32_t milli;         /* thousandths of a token */
	bool told;              /* its silence was logged */
};

struct sources {
	struct hash_seed seed;
	struct source_slot slots[SOURCES_SLOTS];
};

void sources_init(struct sources *s, const struct hash_seed *seed);
/* Takes one token of this address (an IPv6 one by its /64); a bucket holds rate of them and gets rate a
 * second.  False: it is empty; *first is true once until it has filled up again. */
bool sources_spend(struct sources *s, const struct addr *a, uint64_t now_ms, unsigned rate,
		   bool *first);

#endif
