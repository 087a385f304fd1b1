/* ua/audio.h - what one call plays and records: files on this side, the call on the other. */
#ifndef TSUWA_UA_AUDIO_H
#define TSUWA_UA_AUDIO_H

#include <tsuwa/call.h>

#include "base/buf.h"

struct ua_audio {
	struct tsuwa_sound *sound; /* owned; NULL: plays nothing */
	struct tsuwa_recorder *recorder; /* owned; NULL: records nothing */
	bool recording;
	const char *record; /* its name, for messages */
};

/* Reads and creates the files (NULL: none).  False: what is wrong was said. */
bool ua_audio_open(struct ua_audio *a, const char *play, const char *record);
void ua_audio_play(struct ua_audio *a, struct tsuwa_call *call);
/* Harmless when it records already. */
void ua_audio_record(struct ua_audio *a, struct tsuwa_call *call);
/* False: the recording failed, and that was said. */
bool ua_audio_close(struct ua_audio *a);

/* "rec.wav" and 2 give "rec-2.wav"; 1 gives the name itself. */
void ua_numbered_name(const char *name, unsigned n, struct buf *ret);

#endif
