/* lib/audio.h - the inside of tsuwa/audio.h. */
#ifndef TSUWA_LIB_AUDIO_H
#define TSUWA_LIB_AUDIO_H

#include <tsuwa/audio.h>

#include "media/play.h"

struct tsuwa_sound {
	unsigned refs; /* its owner's, and one a call that plays it */
	struct sound sound; /* owned */
};

struct tsuwa_recorder {
	struct wav_writer *writer; /* owned */
	struct wav_sink sink;
	/* Of the call that records to it; NULL: none does. */
	void (*on_free)(void *ctx);
	void *ctx;
};

struct tsuwa_sound *lib_sound_ref(struct tsuwa_sound *s);

#endif
