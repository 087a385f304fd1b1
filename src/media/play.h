/* media/play.h - the sources and sinks that elements need: a sound in memory, and a
 * file that is recorded. */
#ifndef TSUWA_MEDIA_PLAY_H
#define TSUWA_MEDIA_PLAY_H

#include "media/media.h"
#include "media/wav.h"

/* Plays a sound that it borrows: many may play the same. */
struct sound_source {
	struct media_source source;
	const struct sound *sound;
	size_t at;
	bool again; /* from the start at its end, for ever */
};

void sound_source_init(struct sound_source *s, const struct sound *sound, bool again);

/* Writes to a writer that it borrows; its first error is in err. */
struct wav_sink {
	struct media_sink sink;
	struct wav_writer *writer;
	int err;
};

void wav_sink_init(struct wav_sink *s, struct wav_writer *writer);

#endif
