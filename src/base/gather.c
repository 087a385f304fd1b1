#include "base/gather.h"

enum {
	LEAST_US = 30, /* shorter waits cost more than they save */
	LONGEST_NS = 100 * 1000 * 1000,
	ONE = 256, /* of g->found */
	PAYS = 2 * ONE - ONE / 4, /* so many a round are worth the wait */
	OFF_US = 50 * 1000,
};

void gather_init(struct gather *g, uint32_t most_us, uint32_t enough)
{
	*g = (struct gather){.most_us = most_us,
			     .enough = enough,
			     .interval_ns = LONGEST_NS,
			     .found = 4 * ONE};
}

/* Towards what this round says, an eighth of the way; silence counts whole. */
static void note_interval(struct gather *g, uint64_t now_us, unsigned messages)
{
	uint64_t ns = (now_us - g->last_us) * 1000 / messages;

	if (ns > LONGEST_NS)
		ns = LONGEST_NS;
	g->interval_ns = (uint32_t)((g->interval_ns * 7ull + ns) / 8);
	g->last_us = now_us;
}

static void note_found(struct gather *g, uint64_t now_us, unsigned messages)
{
	uint32_t n = messages < g->enough ? messages : g->enough;

	g->found = (g->found * 15 + n * ONE) / 16;
	if (g->found >= PAYS)
		return;
	g->off_us = OFF_US;
	g->off_from_us = now_us;
	g->found = 4 * ONE;
}

static bool is_off(struct gather *g, uint64_t now_us)
{
	if (g->off_us && now_us - g->off_from_us >= g->off_us)
		g->off_us = 0;
	return g->off_us != 0;
}

/* Until about as many as are enough have come. */
static uint32_t wanted_us(const struct gather *g, unsigned messages)
{
	uint64_t us = (uint64_t)g->interval_ns * g->enough / 1000;

	if (us > g->most_us)
		us = g->most_us;
	/* Fewer than two would come. */
	if (us * 1000 < 2ull * g->interval_ns || messages >= 2 * g->enough)
		return 0;
	return us < LEAST_US ? 0 : (uint32_t)us;
}

uint32_t gather_wait_us(struct gather *g, uint64_t now_us, unsigned messages)
{
	uint32_t us;

	if (g->most_us == 0)
		return 0;
	if (messages == 0) {
		g->waited = false;
		return 0;
	}
	note_interval(g, now_us, messages);
	if (g->waited)
		note_found(g, now_us, messages);
	us = is_off(g, now_us) ? 0 : wanted_us(g, messages);
	g->waited = us > 0;
	return us;
}
