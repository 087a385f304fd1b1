#include "app/sources.h"

void sources_init(struct sources *s, const struct hash_seed *seed)
{
	memset(s, 0, sizeof(*s));
	s->seed = *seed;
}

static void fill(struct source_slot *slot, uint64_t now_ms, unsigned rate)
{
	uint64_t full = rate * 1000ull, milli = slot->milli;

	if (slot->filled_ms == 0)
		milli = full;
	else
		milli += (now_ms - slot->filled_ms) * rate;
	slot->milli = (uint32_t)(milli < full ? milli : full);
	slot->filled_ms = now_ms ? now_ms : 1;
	if (slot->milli == full)
		slot->told = false;
}

bool sources_spend(struct sources *s, const struct addr *a, uint64_t now_ms, unsigned rate,
		   bool *first)
{
	uint64_t h = hash_bytes(&s->seed, a->ip, a->family == 6 ? 8 : 4);
	struct source_slot *slot = &s->slots[h % SOURCES_SLOTS];

	*first = false;
	fill(slot, now_ms, rate);
	if (slot->milli >= 1000) {
		slot->milli -= 1000;
		return true;
	}
	*first = !slot->told;
	slot->told = true;
	return false;
}
