/* tsuwa/audio.h */
#include "lib/audio.h"

#include <errno.h>

#include "base/alloc.h"
#include "lib/inside.h"

static struct tsuwa_sound *sound_new(void)
{
	struct tsuwa_sound *s = xzalloc(sizeof(*s));

	if (s)
		s->refs = 1;
	return s;
}

int tsuwa_sound_load(const char *path, struct tsuwa_sound **ret, struct tsuwa_error *err)
{
	struct tsuwa_sound *s = sound_new();
	char why[200] = "";
	int code;

	if (!s)
		return lib_fail_errno(err, -ENOMEM);
	code = wav_load(path, &s->sound, why, sizeof(why));
	if (code) {
		xfree(s);
		return lib_fail(err, code, "%s", code == -EINVAL ? why : strerror(-code));
	}
	*ret = s;
	return 0;
}

int tsuwa_sound_new(const int16_t *pcm, size_t n, struct tsuwa_sound **ret)
{
	struct tsuwa_sound *s = sound_new();

	if (s)
		s->sound.pcm = xcalloc(n ? n : 1, sizeof(*pcm));
	if (!s || !s->sound.pcm) {
		xfree(s);
		return -ENOMEM;
	}
	if (n)
		memcpy(s->sound.pcm, pcm, n * sizeof(*pcm));
	s->sound.n = n;
	*ret = s;
	return 0;
}

size_t tsuwa_sound_length(const struct tsuwa_sound *s)
{
	return s->sound.n;
}

struct tsuwa_sound *lib_sound_ref(struct tsuwa_sound *s)
{
	s->refs++;
	return s;
}

void tsuwa_sound_free(struct tsuwa_sound **ps)
{
	struct tsuwa_sound *s = *ps;

	*ps = NULL;
	if (!s || --s->refs)
		return;
	sound_free(&s->sound);
	xfree(s);
}

int tsuwa_recorder_new(const char *path, struct tsuwa_recorder **ret)
{
	struct tsuwa_recorder *r = xzalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	err = wav_writer_new(path, &r->writer);
	if (err) {
		xfree(r);
		return err;
	}
	wav_sink_init(&r->sink, r->writer);
	*ret = r;
	return 0;
}

int tsuwa_recorder_free(struct tsuwa_recorder **pr)
{
	struct tsuwa_recorder *r = *pr;
	int err;

	*pr = NULL;
	if (!r)
		return 0;
	if (r->on_free)
		r->on_free(r->ctx);
	err = wav_writer_free(&r->writer);
	if (!err)
		err = r->sink.err;
	xfree(r);
	return err;
}
