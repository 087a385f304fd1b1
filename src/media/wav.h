/* media/wav.h - sound files: RIFF WAVE of PCM 8 and 16 bit, A-law and mu-law, 8 to
 * 48 kHz, mono or stereo, read into 8 kHz mono; and PCM 16 at 8 kHz written so that the
 * file is valid at each moment.  Knows no packets. */
#ifndef TSUWA_MEDIA_WAV_H
#define TSUWA_MEDIA_WAV_H

#include <stdbool.h>

#include "base/str.h"
#include "media/g711.h"

#define WAV_RATE 8000
#define WAV_FILE_MAX (256u << 20) /* bytes that are read */

/* What stands in a file; `data` borrows from its bytes. */
struct wav {
	unsigned format; /* 1 PCM, 6 A-law, 7 mu-law */
	unsigned channels; /* 1 or 2 */
	unsigned rate; /* Hz */
	unsigned bits; /* of a sample: 8 or 16 */
	struct str data; /* whole frames */
};

/* 8 kHz mono samples; owns them. */
struct sound {
	int16_t *pcm;
	size_t n;
};

/* Finds format and samples among the chunks.  Sizes that a streaming writer left at 0
 * or 0xffffffff, and those beyond the end, mean "to the end".  False with *ret_why (a
 * static text for people). */
bool wav_parse(struct str bytes, struct wav *ret, const char **ret_why);

/* Decodes, mixes to mono, resamples.  0 or -ENOMEM. */
int wav_decode(const struct wav *w, struct sound *ret);

/* The whole of a file.  0, -errno, or -EINVAL when it is no such sound; why (of size
 * bytes) then says what is wrong with the file in words. */
int wav_load(const char *path, struct sound *ret, char *why, size_t size);
void sound_free(struct sound *s);

/* Writes the whole of a file.  0 or -errno. */
int wav_save(const char *path, const int16_t *pcm, size_t n);

struct wav_writer;

/* Creates or truncates path.  0 or -errno. */
int wav_writer_new(const char *path, struct wav_writer **ret);
/* Samples are gathered and written, header first, once a second: a process that is
 * killed leaves a valid file.  0 or -errno, of which the first is kept; -EFBIG at the
 * 4 GiB that a header can say. */
int wav_writer_put(struct wav_writer *w, const int16_t *pcm, size_t n);
uint64_t wav_writer_samples(const struct wav_writer *w);
/* Writes what is left and closes.  0 or the first error; *w becomes NULL. */
int wav_writer_free(struct wav_writer **w);

#endif
