/* ua/audio.h - what one call plays and records: files on this side, the media session on the
 * other. */
#ifndef TSUWA_UA_AUDIO_H
#define TSUWA_UA_AUDIO_H

#include "base/buf.h"
#include "media/play.h"

struct ua_audio {
	struct sound sound; /* owned */
	bool has_sound, recording;
	struct sound_source source;
	struct wav_writer *writer; /* owned */
	struct wav_sink sink;
	const char *record; /* its name, for messages */
};

/* Reads and creates the files (NULL: none).  False: what is wrong was said. */
bool ua_audio_open(struct ua_audio *a, const char *play, const char *record);
void ua_audio_play(struct ua_audio *a, struct media_session *m);
/* Harmless when it records already. */
void ua_audio_record(struct ua_audio *a, struct media_session *m);
/* The media session must be closed.  False: the recording failed, and that was said. */
bool ua_audio_close(struct ua_audio *a);

/* "rec.wav" and 2 give "rec-2.wav"; 1 gives the name itself. */
void ua_numbered_name(const char *name, unsigned n, struct buf *ret);

#endif
