#include "ua/audio.h"

#include "ua/say.h"

bool ua_audio_open(struct ua_audio *a, const char *play, const char *record)
{
	struct tsuwa_error why;
	int err;

	memset(a, 0, sizeof(*a));
	if (play && tsuwa_sound_load(play, &a->sound, &why) != 0) {
		ua_error("can't play %s: %s", play, why.text);
		return false;
	}
	if (!record)
		return true;
	err = tsuwa_recorder_new(record, &a->recorder);
	if (err) {
		ua_error("can't record to %s: %s", record, strerror(-err));
		ua_audio_close(a);
		return false;
	}
	a->record = record;
	return true;
}

void ua_audio_play(struct ua_audio *a, struct tsuwa_call *call)
{
	if (a->sound)
		tsuwa_call_play(call, a->sound, false);
}

void ua_audio_record(struct ua_audio *a, struct tsuwa_call *call)
{
	if (!a->recorder || a->recording)
		return;
	tsuwa_call_record(call, a->recorder);
	a->recording = true;
}

bool ua_audio_close(struct ua_audio *a)
{
	int err = tsuwa_recorder_free(&a->recorder);

	if (err)
		ua_error("can't record to %s: %s", a->record, strerror(-err));
	tsuwa_sound_free(&a->sound);
	return err == 0;
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
