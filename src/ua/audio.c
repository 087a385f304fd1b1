#include "ua/audio.h"

#include <errno.h>

#include "ua/ua.h"

bool ua_audio_open(struct ua_audio *a, const char *play, const char *record)
{
	char why[200];
	int err;

	memset(a, 0, sizeof(*a));
	if (play) {
		err = wav_load(play, &a->sound, why, sizeof(why));
		if (err) {
			ua_error("can't play %s: %s", play, err == -EINVAL ? why : strerror(-err));
			return false;
		}
		a->has_sound = true;
	}
	if (!record)
		return true;
	err = wav_writer_new(record, &a->writer);
	if (err) {
		ua_error("can't record to %s: %s", record, strerror(-err));
		ua_audio_close(a);
		return false;
	}
	a->record = record;
	return true;
}

void ua_audio_play(struct ua_audio *a, struct media_session *m)
{
	if (!a->has_sound)
		return;
	sound_source_init(&a->source, &a->sound, false);
	media_play(m, &a->source.source);
}

void ua_audio_record(struct ua_audio *a, struct media_session *m)
{
	if (!a->writer || a->recording)
		return;
	wav_sink_init(&a->sink, a->writer);
	media_record(m, &a->sink.sink);
	a->recording = true;
}

bool ua_audio_close(struct ua_audio *a)
{
	bool good = true;

	if (a->writer) {
		int err = wav_writer_free(&a->writer);

		if (!err && a->recording)
			err = a->sink.err;
		if (err)
			ua_error("can't record to %s: %s", a->record, strerror(-err));
		good = err == 0;
	}
	if (a->has_sound)
		sound_free(&a->sound);
	a->has_sound = false;
	return good;
}

void ua_numbered_name(const char *name, unsigned n, struct buf *ret)
{
	struct str s = str_c(name);
	size_t stem = s.n;

	for (size_t i = s.n; i > 0 && s.p[i - 1] != '/'; i--)
		if (s.p[i - 1] == '.' && i > 1 && s.p[i - 2] != '/') {
			stem = i - 1;
			break;
		}
	if (n < 2)
		buf_puts(ret, s);
	else
		buf_fmt(ret, "%.*s-%u%.*s", STR_ARG(str_first(s, stem)), n,
			STR_ARG(str_skip(s, stem)));
}
