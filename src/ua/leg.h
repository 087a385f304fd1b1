/* ua/leg.h - one call as a person watches it: a line for each thing that happens, its files, what was
 * heard, and the report at the end. */
#ifndef TSUWA_UA_LEG_H
#define TSUWA_UA_LEG_H

#include "ua/audio.h"
#include "ua/report.h"
#include "ua/ua.h"

#define UA_DIGITS_KEPT 256

struct ua_leg {
	struct ua *ua;
	struct tsuwa_call *call; /* owned; NULL: none */
	struct ua_audio audio;
	const char *label; /* before each line, "" or "call 2: " */
	char peer[300], reason[100], warning[200], digits[UA_DIGITS_KEPT];
	unsigned status, shown; /* the last progress that was said */
	bool up, over;
	uint64_t begun_ms, up_ms, over_ms;
	enum tsuwa_cause cause;
	int err;
	const char *codec;
	struct tsuwa_call_stats stats;
	/* Beyond what the leg does by itself; any may be NULL. */
	void (*on_answered)(void *ctx);
	void (*on_media)(void *ctx, enum tsuwa_media_event event);
	void (*on_ended)(void *ctx);
	void *ctx;
};

/* The events of its call, with the leg as ctx. */
extern const struct tsuwa_call_events ua_leg_events;

void ua_leg_init(struct ua_leg *l, struct ua *u, const char *label);
/* Gives all back; a call that stands is hung up. */
void ua_leg_fini(struct ua_leg *l);

/* It is answered: starts the clock and the audio, says so. */
void ua_leg_answered(struct ua_leg *l);
/* Ends a call that did not end in time. */
void ua_leg_give_up(struct ua_leg *l);
void ua_leg_report(const struct ua_leg *l, const char *recorded, struct ua_report *ret);

#endif
