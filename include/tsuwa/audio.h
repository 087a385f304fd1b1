/* tsuwa/audio.h - sounds to play into calls and files to record them: WAV (PCM of 8 and 16 bit,
 * A-law, mu-law, 8 to 48 kHz, mono or stereo) read into 8 kHz mono, and 8 kHz 16 bit written.
 * tsuwa/call.h plays and records them. */
#ifndef TSUWA_AUDIO_H
#define TSUWA_AUDIO_H

#include <tsuwa/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSUWA_AUDIO_RATE 8000 /* samples a second, 16 bit, mono */
#define TSUWA_AUDIO_FRAME 160 /* samples of 20 ms */

struct tsuwa_sound;

/* The whole of a file.  0, -errno; -EINVAL: err->text says what is wrong with the file. */
int tsuwa_sound_load(const char *path, struct tsuwa_sound **ret, struct tsuwa_error *err);
/* A copy of samples at 8 kHz.  0, -ENOMEM. */
int tsuwa_sound_new(const int16_t *pcm, size_t n, struct tsuwa_sound **ret);
/* Samples. */
size_t tsuwa_sound_length(const struct tsuwa_sound *s);
/* Calls that play it keep it until they are done.  Accepts NULL. */
void tsuwa_sound_free(struct tsuwa_sound **s);

/* A file that one call at a time records to; it is a valid WAV file at each moment. */
struct tsuwa_recorder;

/* Makes or empties the file.  0, -errno. */
int tsuwa_recorder_new(const char *path, struct tsuwa_recorder **ret);
/* Closes it, also when a call still records to it (which then stops).  0, or the first -errno that a write
 * met.  Accepts NULL. */
int tsuwa_recorder_free(struct tsuwa_recorder **r);

#ifdef __cplusplus
}
#endif

#endif
