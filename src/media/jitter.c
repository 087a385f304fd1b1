#include "media/jitter.h"

#include <assert.h>
#include <string.h>

#include "media/stretch.h"

#define PER_MS 8
#define PACKET_MAX 1600
#define GUARD (10 * PER_MS) /* given on top when the delay must grow */
#define NEAR (2 * PER_MS) /* in hand so little that the next may be late */
#define SPARE (10 * PER_MS) /* above the minimum, before it is worth a change */
#define WINDOW 500 /* pulls: ten seconds of 20 ms */
#define HOLD (10 * PER_MS) /* a gap is filled at full level so long */
#define FADE (80 * PER_MS) /* and is silent from here */
#define JOIN (5 * PER_MS) /* cross-fade from the filling to what is real */

static uint32_t ms_or(uint32_t ms, uint32_t standard)
{
	if (ms == 0)
		return standard;
	return ms < 10 ? 10 : ms > 400 ? 400 : ms;
}

void jitter_init(struct jitter *j, const struct jitter_cfg *cfg)
{
	static const struct jitter_cfg none;

	if (!cfg)
		cfg = &none;
	memset(j, 0, sizeof(*j));
	j->cfg.start_ms = ms_or(cfg->start_ms, 40);
	j->cfg.min_ms = ms_or(cfg->min_ms, 20);
	j->cfg.max_ms = ms_or(cfg->max_ms, 200);
}

static void new_window(struct jitter *j)
{
	j->low = INT32_MAX;
	j->pulls = 0;
}

/* A stream begins, or begins anew: what was in hand is of no use any more. */
static void start(struct jitter *j, uint32_t ssrc, uint16_t seq, uint32_t ts)
{
	if (j->started)
		j->stats.resets++;
	memset(j->have, 0, sizeof(j->have));
	j->started = true;
	j->ssrc = ssrc;
	j->next_seq = seq;
	j->play_ts = ts - j->cfg.start_ms * PER_MS;
	j->end_ts = ts;
	j->jumped = false;
	j->grow = j->shrink = 0;
	new_window(j);
}

static bool is_empty(const struct jitter *j)
{
	return (int32_t)(j->end_ts - j->play_ts) <= 0;
}

static bool is_far(const struct jitter *j, int32_t ahead, size_t n)
{
	return ahead < -(int32_t)(j->cfg.max_ms * PER_MS) || ahead + (int32_t)n > JITTER_RING;
}

/* A timestamp out of all reach is a stray when the old sequence goes on, a new start
 * when a second one follows it or there is nothing left to play. */
static bool is_new_start(struct jitter *j, uint16_t seq)
{
	bool follows = j->jumped && seq == j->jump_seq;

	j->jumped = true;
	j->jump_seq = (uint16_t)(seq + 1);
	return follows || is_empty(j);
}

/* The packet's time has passed, by -ahead samples.  With nothing in hand the clock is
 * set back, and it is played all the same; else the delay grows for its successors. */
static void too_late(struct jitter *j, uint32_t ts, int32_t ahead)
{
	int32_t in_hand = (int32_t)(j->end_ts - j->play_ts);

	j->stats.late++;
	if (is_empty(j))
		j->play_ts = ts - GUARD;
	else if (in_hand < (int32_t)(j->cfg.max_ms * PER_MS) && GUARD - ahead > j->grow)
		j->grow = GUARD - ahead;
	j->shrink = 0;
	new_window(j);
}

static void note_margin(struct jitter *j, int32_t ahead)
{
	int32_t most = (int32_t)(j->cfg.max_ms * PER_MS);

	if (ahead < j->low)
		j->low = ahead;
	if (ahead > most && ahead - most > j->shrink) {
		j->shrink = ahead - most;
		j->grow = 0;
	}
}

/* Returns how many samples were new. */
static size_t store(struct jitter *j, uint32_t ts, const int16_t *pcm, size_t n)
{
	size_t fresh = 0;

	for (size_t i = 0; i < n; i++, ts++) {
		uint32_t at = ts & (JITTER_RING - 1);

		if ((int32_t)(ts - j->play_ts) < 0 || j->have[at])
			continue;
		j->ring[at] = pcm[i];
		j->have[at] = 1;
		fresh++;
	}
	if ((int32_t)(ts - j->end_ts) > 0)
		j->end_ts = ts;
	return fresh;
}

static void note_seq(struct jitter *j, uint16_t seq)
{
	if ((int16_t)(seq - j->next_seq) < 0)
		j->stats.reordered++;
	else
		j->next_seq = (uint16_t)(seq + 1);
}

void jitter_put(struct jitter *j, uint32_t ssrc, uint16_t seq, uint32_t ts, const int16_t *pcm,
		size_t n)
{
	int32_t ahead;

	if (n == 0 || n > PACKET_MAX)
		return;
	if (!j->started || ssrc != j->ssrc)
		start(j, ssrc, seq, ts);
	ahead = (int32_t)(ts - j->play_ts);
	if (is_far(j, ahead, n)) {
		if (!is_new_start(j, seq)) {
			j->stats.late += ahead < 0;
			return;
		}
		start(j, ssrc, seq, ts);
		ahead = (int32_t)(ts - j->play_ts);
	}
	j->jumped = false;
	if (ahead < 0)
		too_late(j, ts, ahead);
	else
		note_margin(j, ahead);
	if (store(j, ts, pcm, n) == 0 && ahead >= 0)
		j->stats.duplicate++;
	else
		note_seq(j, seq);
}

/* Once a window: shrinks when no packet of it came near its time, grows when one came
 * too near, as clocks drift apart. */
static void adapt(struct jitter *j)
{
	int32_t least = (int32_t)(j->cfg.min_ms * PER_MS);

	if (++j->pulls < WINDOW)
		return;
	if (j->low != INT32_MAX && j->low > least + SPARE)
		j->shrink = j->low - least;
	else if (j->low < NEAR)
		j->grow = GUARD;
	new_window(j);
}

static bool have_all(const struct jitter *j, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!j->have[(j->play_ts + i) & (JITTER_RING - 1)])
			return false;
	return true;
}

static void copy_out(const struct jitter *j, int16_t *ret, size_t n)
{
	size_t at = j->play_ts & (JITTER_RING - 1);
	size_t first = n < JITTER_RING - at ? n : JITTER_RING - at;

	memcpy(ret, j->ring + at, first * sizeof(*ret));
	memcpy(ret + first, j->ring, (n - first) * sizeof(*ret));
}

static void advance(struct jitter *j, size_t n)
{
	for (size_t i = 0; i < n; i++)
		j->have[(j->play_ts + i) & (JITTER_RING - 1)] = 0;
	j->play_ts += (uint32_t)n;
}

/* A pull with one period put in or taken out.  False: not now. */
static bool get_stretched(struct jitter *j, int16_t *out, size_t n)
{
	int16_t ahead[JITTER_PULL_MAX + STRETCH_LAG_MAX];
	size_t lag;

	if (n < STRETCH_FADE || j->gap || (j->grow <= 0 && j->shrink <= 0))
		return false;
	if (!have_all(j, n + STRETCH_LAG_MAX))
		return false;
	copy_out(j, ahead, n + STRETCH_LAG_MAX);
	if (j->grow > 0) {
		lag = stretch_grow(ahead, out, n);
		j->grow -= (int32_t)lag;
		j->stats.grown += (uint32_t)lag;
		advance(j, n - lag);
	} else {
		lag = stretch_shrink(ahead, out, n);
		j->shrink -= (int32_t)lag;
		j->stats.shrunk += (uint32_t)lag;
		advance(j, n + lag);
	}
	return true;
}

static int16_t filling(struct jitter *j, uint32_t k)
{
	int32_t level = k < HOLD ? 256 : k < FADE ? (int32_t)((FADE - k) * 256 / (FADE - HOLD)) : 0;

	return level ? (int16_t)(j->repeat[k % j->lag] * level / 256) : 0;
}

/* The last period before out is what a gap is filled with. */
static void begin_gap(struct jitter *j, const int16_t *out)
{
	j->lag = (uint32_t)stretch_period(out);
	memcpy(j->repeat, out - j->lag, j->lag * sizeof(*out));
}

/* Sample by sample, filling what is missing. */
static bool get_patched(struct jitter *j, int16_t *out, size_t n)
{
	uint32_t joined = JOIN; /* samples since a gap ended in this pull */
	bool whole = true;

	for (size_t i = 0; i < n; i++) {
		uint32_t at = (j->play_ts + (uint32_t)i) & (JITTER_RING - 1);

		if (!j->have[at]) {
			whole = false;
			if (j->gap == 0)
				begin_gap(j, out + i);
			j->stats.concealed += j->gap < FADE;
			joined = 0;
			out[i] = filling(j, j->gap);
			j->gap += j->gap < FADE;
		} else if (j->gap && joined < JOIN) {
			int32_t real = j->ring[at], filled = filling(j, j->gap + joined);

			out[i] = (int16_t)((real * (int32_t)joined +
					    filled * (int32_t)(JOIN - joined)) /
					   JOIN);
			if (++joined == JOIN)
				j->gap = 0;
		} else {
			j->gap = 0;
			out[i] = j->ring[at];
		}
	}
	advance(j, n);
	return whole;
}

enum jitter_got jitter_get(struct jitter *j, int16_t *ret, size_t n)
{
	int16_t *out = j->tape + JITTER_PAST;
	bool whole = true;

	assert(n <= JITTER_PULL_MAX);
	if (!j->started) {
		memset(ret, 0, n * sizeof(*ret));
		return JITTER_IDLE;
	}
	adapt(j);
	if (!get_stretched(j, out, n))
		whole = get_patched(j, out, n);
	memcpy(ret, out, n * sizeof(*ret));
	memmove(j->tape, j->tape + n, JITTER_PAST * sizeof(*j->tape));
	return whole ? JITTER_PLAYED : JITTER_CONCEALED;
}

uint32_t jitter_depth_ms(const struct jitter *j)
{
	return !j->started || is_empty(j) ? 0 : (j->end_ts - j->play_ts) / PER_MS;
}
