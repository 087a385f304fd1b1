/* media/jitter.h - the adaptive jitter buffer of one audio stream at 8 kHz: packets go in
 * as they come, samples come out at a steady pace.  Its clock is the pulling; lost
 * audio is concealed, and the delay grows and shrinks by whole pitch periods.
 * Pure logic: no packets, no codec, no time. */
#ifndef TSUWA_MEDIA_JITTER_H
#define TSUWA_MEDIA_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JITTER_RING 4096 /* samples, a power of two */
#define JITTER_PAST 320
#define JITTER_PULL_MAX 480 /* samples of one jitter_get() */
#define JITTER_LAG_MAX 160

/* Milliseconds, 10-400; zeros stand for 40, 20, 200. */
struct jitter_cfg {
	uint32_t start_ms; /* delay of a new stream */
	uint32_t min_ms; /* what is kept in hand when the network is quiet */
	uint32_t max_ms; /* beyond it audio is sped up */
};

enum jitter_got {
	JITTER_IDLE, /* nothing ever came: silence */
	JITTER_PLAYED,
	JITTER_CONCEALED, /* some of it, or all */
};

struct jitter_stats {
	uint32_t late; /* packets that came when their time had passed */
	uint32_t duplicate, reordered;
	uint32_t resets; /* jumps of the timestamp, changes of the source */
	uint64_t concealed; /* samples */
	uint32_t grown, shrunk; /* samples put in and taken out */
};

struct jitter {
	struct jitter_cfg cfg;
	struct jitter_stats stats;
	bool started;
	uint32_t ssrc;
	uint16_t next_seq;
	uint32_t play_ts; /* of the next sample out */
	uint32_t end_ts; /* behind the newest sample in */
	bool jumped; /* the last packet was far off, and jump_seq follows it */
	uint16_t jump_seq;
	int32_t low; /* least samples in hand, when a packet came, lately */
	uint32_t pulls; /* since low was started anew */
	int32_t grow, shrink; /* samples to put in, to take out */
	uint32_t gap; /* samples concealed since the last real one */
	uint32_t lag; /* of what is being repeated */
	int16_t repeat[JITTER_LAG_MAX];
	int16_t tape[JITTER_PAST + JITTER_PULL_MAX]; /* what was played, then the pull */
	int16_t ring[JITTER_RING];
	uint8_t have[JITTER_RING];
};

/* cfg NULL: the defaults. */
void jitter_init(struct jitter *j, const struct jitter_cfg *cfg);

/* n samples (1-1600) of a packet; others are dropped. */
void jitter_put(struct jitter *j, uint32_t ssrc, uint16_t seq, uint32_t ts, const int16_t *pcm,
		size_t n);

/* The next n samples, n <= JITTER_PULL_MAX. */
enum jitter_got jitter_get(struct jitter *j, int16_t *ret, size_t n);

/* Between the newest sample in and the next out. */
uint32_t jitter_depth_ms(const struct jitter *j);

#endif
