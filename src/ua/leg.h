/* ua/leg.h - one call of the user agent, made or taken: its dialog, its audio, what was heard,
 * and the line of each thing that happens. */
#ifndef TSUWA_UA_LEG_H
#define TSUWA_UA_LEG_H

#include "ua/audio.h"
#include "ua/report.h"

#define UA_DIGITS_KEPT 256

struct ua_leg {
	struct ua *ua;
	struct dlg_session *session; /* NULL: none, or over */
	struct talk talk;
	struct ua_audio audio;
	const char *label; /* before each line, "" or "call 2: " */
	char peer[300], reason[100], warning[200], digits[UA_DIGITS_KEPT];
	unsigned status;
	bool up, media_closed;
	uint64_t begun_ms, up_ms, over_ms;
	struct dlg_end end;
	struct media_stats stats;
	/* Beyond what the leg does by itself; any may be NULL. */
	void (*on_media)(void *ctx, enum media_event event);
	void *ctx;
};

/* Opens its media on the address of ours that a flow uses.  0 or -errno. */
int ua_leg_init(struct ua_leg *l, struct ua *u, const char *label, const struct addr *local,
		enum media_mode mode);
void ua_leg_set_codec(struct ua_leg *l, enum dlg_codec c);
/* Gives all back. */
void ua_leg_fini(struct ua_leg *l);

/* It is answered: starts the clock and the audio, says so. */
void ua_leg_answered(struct ua_leg *l);
/* Keeps figures, closes the media, says why it is over. */
void ua_leg_ended(struct ua_leg *l, const struct dlg_end *end);
void ua_leg_report(const struct ua_leg *l, const char *recorded, struct ua_report *ret);

/* Callbacks of dlg_session_user, with the leg as ctx. */
unsigned ua_leg_on_offer(void *ctx, struct str sdp, struct buf *ret);
unsigned ua_leg_on_want_offer(void *ctx, struct buf *ret);
bool ua_leg_on_answer(void *ctx, struct str sdp);
unsigned ua_leg_on_request(void *ctx, const struct sip_rx *rx);

#endif
