/* net/clock.h - the time and the random of the system.  Only net/ and those above
 * it that are not part of the engine read them here; the engine asks its io. */
#ifndef TSUWA_NET_CLOCK_H
#define TSUWA_NET_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Never steps back; says nothing about the date. */
uint64_t clock_mono_ms(void);
uint64_t clock_mono_us(void);
/* Since 1970. */
uint64_t clock_wall_ms(void);
uint64_t clock_wall_us(void);

/* Bytes of the kernel's generator, fetched in blocks; a byte is given out once and
 * wiped.  One owner, one thread. */
struct entropy {
	size_t left;
	uint8_t block[1024];
};

/* Waits only at boot, until the kernel is seeded. */
void entropy_take(struct entropy *e, void *ret, size_t n);

#endif
