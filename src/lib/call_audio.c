/* tsuwa/call.h: the audio of a call */
#include <errno.h>

#include "lib/call.h"
#include "lib/codecs.h"

/* ---- the media session ---- */

static void on_media(void *ctx, enum media_event event, int value)
{
	struct tsuwa_call *c = ctx;

	switch (event) {
	case MEDIA_FIRST_PACKET:
		lib_call_tell_media(c, TSUWA_MEDIA_FLOWS);
		break;
	case MEDIA_DIGIT:
		lib_call_tell_digit(c, value);
		break;
	case MEDIA_PLAYED:
		c->playing = NULL;
		lib_call_tell_media(c, TSUWA_MEDIA_PLAYED);
		break;
	case MEDIA_DIGITS_SENT:
		lib_call_tell_media(c, TSUWA_MEDIA_DIGITS_SENT);
		break;
	case MEDIA_TIMEOUT:
		lib_call_tell_media(c, TSUWA_MEDIA_SILENT);
		break;
	case MEDIA_BYE:
		break;
	}
}

int lib_call_open_audio(struct tsuwa_call *c)
{
	const struct media_user user = {on_media, c};
	struct tsuwa_ua *u = c->ua;
	uint64_t id;
	int err;

	if (c->has_talk)
		return 0;
	u->io->ops->random(u->io, &id, sizeof(id));
	err = talk_init(&c->talk, u->media, &c->local, id, c->echo ? MEDIA_ECHO : MEDIA_ENDPOINT,
			&user);
	if (err)
		return err;
	c->has_talk = true;
	memcpy(c->talk.local.codecs, c->wanted.codecs, sizeof(c->wanted.codecs));
	c->talk.local.n_codecs = c->wanted.n_codecs;
	return 0;
}

void lib_call_start_audio(struct tsuwa_call *c)
{
	if (c->flows || !c->has_talk || !c->talk.agreed.active)
		return;
	c->flows = true;
	if (c->listening)
		media_record(c->talk.media, c->listening);
	if (c->playing)
		media_play(c->talk.media, c->playing);
}

static void drop_sound(struct tsuwa_call *c)
{
	tsuwa_sound_free(&c->sound);
}

static void drop_recorder(struct tsuwa_call *c)
{
	if (c->recorder)
		c->recorder->on_free = NULL;
	c->recorder = NULL;
}

void lib_call_close_audio(struct tsuwa_call *c)
{
	if (c->has_talk) {
		if (c->talk.media)
			media_stats(c->talk.media, &c->stats);
		talk_fini(&c->talk);
	}
	c->has_talk = c->flows = false;
	c->playing = NULL;
	c->listening = NULL;
	drop_sound(c);
	drop_recorder(c);
}

/* ---- in and out ---- */

static void play(struct tsuwa_call *c, struct media_source *source)
{
	c->playing = source;
	if (c->flows)
		media_play(c->talk.media, source);
}

static void listen_with(struct tsuwa_call *c, struct media_sink *sink)
{
	c->listening = sink;
	if (c->flows)
		media_record(c->talk.media, sink);
}

static size_t pull(struct media_source *s, int16_t *pcm, size_t n)
{
	struct tsuwa_call *c = container_of(s, struct tsuwa_call, source);
	size_t got;

	lib_call_enter(c);
	got = c->pull(c->pull_ctx, pcm, n);
	if (!lib_call_leave(c))
		memset(pcm, 0, n * sizeof(*pcm));
	return got < n ? got : n;
}

static void push(struct media_sink *s, const int16_t *pcm, size_t n)
{
	struct tsuwa_call *c = container_of(s, struct tsuwa_call, sink);

	lib_call_enter(c);
	c->push(c->push_ctx, pcm, n);
	lib_call_leave(c);
}

int tsuwa_call_set_source(struct tsuwa_call *call, size_t (*fn)(void *ctx, int16_t *pcm, size_t n),
			  void *ctx)
{
	if (call->over)
		return -ENOTCONN;
	call->source.pull = pull;
	call->pull = fn;
	call->pull_ctx = ctx;
	play(call, fn ? &call->source : NULL);
	drop_sound(call);
	return 0;
}

int tsuwa_call_set_sink(struct tsuwa_call *call,
			void (*fn)(void *ctx, const int16_t *pcm, size_t n), void *ctx)
{
	if (call->over)
		return -ENOTCONN;
	call->sink.push = push;
	call->push = fn;
	call->push_ctx = ctx;
	listen_with(call, fn ? &call->sink : NULL);
	drop_recorder(call);
	return 0;
}

int tsuwa_call_play(struct tsuwa_call *call, struct tsuwa_sound *sound, bool again)
{
	struct tsuwa_sound *old = call->sound;

	if (call->over)
		return -ENOTCONN;
	call->sound = sound ? lib_sound_ref(sound) : NULL;
	if (sound)
		sound_source_init(&call->sound_source, &sound->sound, again);
	play(call, sound ? &call->sound_source.source : NULL);
	tsuwa_sound_free(&old);
	return 0;
}

static void on_recorder_free(void *ctx)
{
	struct tsuwa_call *c = ctx;

	listen_with(c, NULL);
	drop_recorder(c);
}

int tsuwa_call_record(struct tsuwa_call *call, struct tsuwa_recorder *recorder)
{
	if (call->over)
		return -ENOTCONN;
	if (recorder && recorder->on_free && recorder != call->recorder)
		return -EBUSY;
	if (recorder && recorder == call->recorder)
		return 0;
	listen_with(call, recorder ? &recorder->sink.sink : NULL);
	drop_recorder(call);
	if (recorder) {
		call->recorder = recorder;
		recorder->on_free = on_recorder_free;
		recorder->ctx = call;
	}
	return 0;
}

int tsuwa_call_dtmf(struct tsuwa_call *call, const char *digits)
{
	int err;

	if (!tsuwa_call_is_up(call) || !call->has_talk)
		return -ENOTCONN;
	lib_ua_enter(call->ua);
	err = media_dtmf(call->talk.media, str_c(digits));
	lib_ua_leave(call->ua);
	return err;
}

/* ---- what is agreed ---- */

int tsuwa_call_set_codecs(struct tsuwa_call *call, const char *codecs)
{
	if (call->has_talk || call->over)
		return -EALREADY;
	return lib_codecs(codecs, &call->wanted) ? 0 : -EINVAL;
}

int tsuwa_call_set_echo(struct tsuwa_call *call, bool echo)
{
	if (call->has_talk || call->over)
		return -EALREADY;
	call->echo = echo;
	return 0;
}

const char *tsuwa_call_codec(const struct tsuwa_call *call)
{
	return call->talk.agreed.active ? dlg_codec_name(call->talk.agreed.codec).p : NULL;
}

enum tsuwa_direction tsuwa_call_direction(const struct tsuwa_call *call)
{
	return call->talk.agreed.active ? (enum tsuwa_direction)call->talk.agreed.dir
					: TSUWA_INACTIVE;
}

static int change(struct tsuwa_call *c, enum sdp_dir dir)
{
	struct buf sdp = buf_heap(SDP_TEXT_MAX);
	int err;

	c->was_dir = c->talk.local.dir;
	c->talk.local.dir = dir;
	err = talk_offer(&c->talk, &sdp);
	if (!err)
		err = dlg_session_reoffer(c->session, buf_str(&sdp));
	buf_free(&sdp);
	if (err)
		c->talk.local.dir = c->was_dir;
	else
		c->changing = true;
	return err;
}

int tsuwa_call_hold(struct tsuwa_call *call, bool held)
{
	int err;

	if (!tsuwa_call_is_up(call) || !call->session || !call->has_talk)
		return -ENOTCONN;
	if (call->changing)
		return -EBUSY;
	lib_ua_enter(call->ua);
	err = change(call, held ? SDP_SENDONLY : SDP_SENDRECV);
	lib_ua_leave(call->ua);
	return err;
}

/* ---- figures ---- */

void tsuwa_call_get_stats(const struct tsuwa_call *call, struct tsuwa_call_stats *ret, size_t size)
{
	struct media_stats s = call->stats;
	struct tsuwa_call_stats out;

	if (call->has_talk)
		media_stats(call->talk.media, &s);
	out = (struct tsuwa_call_stats){
		.packets_sent = s.packets_sent,
		.bytes_sent = s.bytes_sent,
		.packets_received = s.packets_received,
		.bytes_received = s.bytes_received,
		.ignored = s.ignored,
		.expected = s.expected,
		.lost = s.lost,
		.loss_permille = s.loss_permille,
		.jitter_us = s.jitter_us,
		.late = s.late,
		.duplicate = s.duplicate,
		.reordered = s.reordered,
		.concealed_ms = s.concealed_ms,
		.max_gap_ms = s.max_gap_ms,
		.rtt_us = s.rtt_us,
		.remote_lost = s.remote_lost,
		.remote_loss_permille = s.remote_loss_permille,
		.duration_ms = s.duration_ms,
	};
	lib_take(ret, size, &out, sizeof(out));
}
