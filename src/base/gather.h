/* base/gather.h - how long a thread waits before it looks for work again, so that under load it
 * finds some together: waking up costs more than a message does.  Like the interrupt
 * moderation of a network card.  Time comes in. */
#ifndef TSUWA_BASE_GATHER_H
#define TSUWA_BASE_GATHER_H

#include <stdbool.h>
#include <stdint.h>

struct gather {
	uint32_t most_us; /* the longest wait; 0: never */
	uint32_t enough; /* messages that are worth a round */
	uint64_t last_us; /* the end of the round before */
	uint32_t interval_ns; /* between two messages, smoothed */
	uint32_t found; /* messages of a round after a wait, smoothed, times 256 */
	uint32_t off_us; /* for so long nothing is tried: waiting did not pay */
	uint64_t off_from_us;
	bool waited;
};

void gather_init(struct gather *g, uint32_t most_us, uint32_t enough);
/* At the end of a round that dealt with so many messages.  How long to wait, 0: not at all.
 * Nothing waits when messages are rare, or come one by one whenever an answer has gone. */
uint32_t gather_wait_us(struct gather *g, uint64_t now_us, unsigned messages);

#endif
