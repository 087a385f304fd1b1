#include "media/play.h"

static size_t pull(struct media_source *source, int16_t *ret, size_t n)
{
	struct sound_source *s = (struct sound_source *)source;
	size_t done = 0, some;

	while (done < n) {
		if (s->at == s->sound->n) {
			if (!s->again || s->sound->n == 0)
				break;
			s->at = 0;
		}
		some = s->sound->n - s->at < n - done ? s->sound->n - s->at : n - done;
		memcpy(ret + done, s->sound->pcm + s->at, some * sizeof(*ret));
		s->at += some;
		done += some;
	}
	return done;
}

void sound_source_init(struct sound_source *s, const struct sound *sound, bool again)
{
	*s = (struct sound_source){.source = {pull}, .sound = sound, .again = again};
}

static void push(struct media_sink *sink, const int16_t *pcm, size_t n)
{
	struct wav_sink *s = (struct wav_sink *)sink;

	if (!s->err)
		s->err = wav_writer_put(s->writer, pcm, n);
}

void wav_sink_init(struct wav_sink *s, struct wav_writer *writer)
{
	*s = (struct wav_sink){.sink = {push}, .writer = writer};
}
