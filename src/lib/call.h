/* lib/call.h - the inside of a call, shared by the files that hold its sides: call.c (life, calling,
 * being called), call_events.c (what the dialog tells), call_audio.c. */
#ifndef TSUWA_LIB_CALL_H
#define TSUWA_LIB_CALL_H

#include <tsuwa/call.h>

#include "app/talk.h"
#include "lib/audio.h"
#include "lib/ua.h"

struct tsuwa_call {
	struct list link;
	struct tsuwa_ua *ua;
	struct tsuwa_call_events events;
	void *ctx;
	struct dlg_session *session; /* NULL: none, or over */
	struct str peer; /* owned */
	struct tsuwa_message invite; /* a view, while it is not answered */
	struct addr local; /* where its media goes */
	bool incoming, up, over, hung_up;
	unsigned redirects; /* that may still be followed */
	unsigned busy; /* depth of callbacks */
	bool freed; /* while busy: its memory goes with the last of them */

	unsigned status; /* of the final response that came, or was given in refusal */
	char reason[100], warning[200];

	/* audio */
	struct talk talk;
	bool has_talk;
	bool echo;
	struct dlg_local wanted; /* its codecs */
	struct media_stats stats; /* of the end */
	enum sdp_dir was_dir; /* before a change of ours that is under way */
	bool changing;
	struct media_source source; /* the caller's samples */
	size_t (*pull)(void *ctx, int16_t *pcm, size_t n);
	void *pull_ctx;
	struct media_sink sink;
	void (*push)(void *ctx, const int16_t *pcm, size_t n);
	void *push_ctx;
	struct sound_source sound_source;
	struct tsuwa_sound *sound; /* a reference */
	struct tsuwa_recorder *recorder; /* borrowed: it tells when it goes */
	struct media_source *playing; /* one of the above, or NULL */
	struct media_sink *listening;
	bool flows; /* playing and listening are the media session's */
};

/* Around each callback to the user: true while the call is his. */
void lib_call_enter(struct tsuwa_call *c);
bool lib_call_leave(struct tsuwa_call *c);

/* The dialog's callbacks, with the call as ctx. */
extern const struct dlg_session_user lib_call_user;

/* Calls uri (again, after a 3xx).  0 or -errno. */
int lib_call_place(struct tsuwa_call *c, struct str uri);

/* ---- call_audio.c ---- */

/* Opens the media, once.  0 or -errno. */
int lib_call_open_audio(struct tsuwa_call *c);
/* After each agreement: what is played and listened to begins. */
void lib_call_start_audio(struct tsuwa_call *c);
/* Keeps the figures. */
void lib_call_close_audio(struct tsuwa_call *c);

void lib_call_tell_media(struct tsuwa_call *c, enum tsuwa_media_event event);
void lib_call_tell_digit(struct tsuwa_call *c, int digit);
/* False: the call is no more. */
bool lib_call_tell_session(struct tsuwa_call *c, enum tsuwa_session_event event, const char *text);

#endif
