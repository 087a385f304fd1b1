#include "ua/leg.h"

#include <stdio.h>

void ua_leg_init(struct ua_leg *l, struct ua *u, const char *label)
{
	l->ua = u;
	l->label = label;
	l->begun_ms = ua_now_ms();
}

void ua_leg_fini(struct ua_leg *l)
{
	tsuwa_call_free(&l->call);
	ua_audio_close(&l->audio);
}

/* ---- on the way up ---- */

static void say_progress(struct ua_leg *l, unsigned status, struct tsuwa_str reason)
{
	if (status == l->shown)
		return;
	l->shown = status;
	if (status == 100)
		ua_say(l->ua, "trying");
	else if (status == 180)
		ua_say(l->ua, "ringing");
	else
		ua_say(l->ua, "%u %.*s", status, TSUWA_STR_ARG(reason));
}

static void on_progress(void *ctx, struct tsuwa_call *call, unsigned status,
			struct tsuwa_str reason, bool early)
{
	struct ua_leg *l = ctx;

	say_progress(l, status, reason);
	if (!early)
		return;
	if (!l->audio.recording)
		ua_say(l->ua, "early media, %s", tsuwa_call_codec(call));
	ua_audio_record(&l->audio, call);
}

void ua_leg_answered(struct ua_leg *l)
{
	const char *codec = tsuwa_call_codec(l->call);

	l->up = true;
	l->up_ms = ua_now_ms();
	if (codec)
		ua_say(l->ua, "%sanswered, %s", l->label, codec);
	else
		ua_say(l->ua, "%sanswered, without audio", l->label);
	ua_audio_record(&l->audio, l->call);
	ua_audio_play(&l->audio, l->call);
}

static void on_answered(void *ctx, struct tsuwa_call *call)
{
	struct ua_leg *l = ctx;

	ua_leg_answered(l);
	if (l->on_answered)
		l->on_answered(l->ctx);
}

static void on_redirected(void *ctx, struct tsuwa_call *call, struct tsuwa_str uri)
{
	struct ua_leg *l = ctx;

	ua_say(l->ua, "redirected to %.*s", TSUWA_STR_ARG(uri));
}

/* ---- while it is up ---- */

static void on_media(void *ctx, struct tsuwa_call *call, enum tsuwa_media_event event)
{
	static const char *const words[] = {
		[TSUWA_MEDIA_FLOWS] = "media flowing",
		[TSUWA_MEDIA_PLAYED] = "played to the end",
		[TSUWA_MEDIA_DIGITS_SENT] = "digits sent",
		[TSUWA_MEDIA_SILENT] = "no media any more",
	};
	struct ua_leg *l = ctx;

	ua_say(l->ua, "%s%s", l->label, words[event]);
	if (l->on_media)
		l->on_media(l->ctx, event);
}

static void on_digit(void *ctx, struct tsuwa_call *call, char digit)
{
	struct ua_leg *l = ctx;
	size_t n = strlen(l->digits);

	if (n + 1 < sizeof(l->digits)) {
		l->digits[n] = digit;
		l->digits[n + 1] = '\0';
	}
	ua_say(l->ua, "%sheard digit %c", l->label, digit);
}

static void on_session(void *ctx, struct tsuwa_call *call, enum tsuwa_session_event event,
		       const char *text)
{
	struct ua_leg *l = ctx;
	enum tsuwa_direction d = tsuwa_call_direction(call);

	switch (event) {
	case TSUWA_SESSION_CHANGED_BY_PEER:
		ua_say(l->ua, "%sthe peer changed the session", l->label);
		if (d != TSUWA_SENDRECV)
			ua_say(l->ua, "%snow %s", l->label, tsuwa_direction_name(d));
		break;
	case TSUWA_SESSION_OFFER_REFUSED:
		ua_say(l->ua, "%san offer was refused: %s", l->label, text);
		break;
	case TSUWA_SESSION_UNUSABLE:
		ua_say(l->ua, "%s", text);
		break;
	case TSUWA_SESSION_CHANGED:
	case TSUWA_SESSION_KEPT:
		break; /* no command holds */
	}
}

static void on_message(void *ctx, struct tsuwa_call *call, const struct tsuwa_message *m)
{
	struct ua_leg *l = ctx;

	if (tsuwa_str_is(tsuwa_message_method(m), "MESSAGE"))
		ua_say(l->ua, "%smessage: %.*s", l->label, TSUWA_STR_ARG(tsuwa_message_body(m)));
}

/* ---- the end ---- */

static const char *why(const struct ua_leg *l)
{
	switch (l->cause) {
	case TSUWA_HUNG_UP:
		return "hung up";
	case TSUWA_PEER_HUNG_UP:
		return "the peer hung up";
	case TSUWA_CANCELED:
		return "canceled";
	case TSUWA_REFUSED:
		return "refused";
	case TSUWA_TIMED_OUT:
		return l->up ? "the peer fell silent" : "no answer";
	case TSUWA_FAILED:
		return tsuwa_strerror(l->err);
	case TSUWA_BROKEN:
		return "the peer lost or broke the call";
	}
	return "";
}

static void finish(struct ua_leg *l, const struct tsuwa_call_end *end)
{
	l->over = true;
	l->over_ms = ua_now_ms();
	l->cause = end->cause;
	l->err = end->err;
	l->status = end->status;
	ua_clean(end->reason, l->reason, sizeof(l->reason));
	ua_clean(end->warning, l->warning, sizeof(l->warning));
	ua_audio_close(&l->audio);
	if (end->cause == TSUWA_REFUSED)
		ua_say(l->ua, "%srefused: %u %s%s%s%s", l->label, l->status, l->reason,
		       l->warning[0] ? ", " : "", l->warning, ua_hint(l->ua, l->status));
	else
		ua_say(l->ua, "%sended: %s", l->label, why(l));
}

static void keep_figures(struct ua_leg *l)
{
	l->codec = tsuwa_call_codec(l->call);
	tsuwa_call_get_stats(l->call, &l->stats, sizeof(l->stats));
}

static void on_ended(void *ctx, struct tsuwa_call *call, const struct tsuwa_call_end *end)
{
	struct ua_leg *l = ctx;

	keep_figures(l);
	finish(l, end);
	if (l->on_ended)
		l->on_ended(l->ctx);
}

void ua_leg_give_up(struct ua_leg *l)
{
	struct tsuwa_call_end end = {.cause = l->up ? TSUWA_HUNG_UP : TSUWA_CANCELED};

	if (l->over || !l->call)
		return;
	keep_figures(l);
	tsuwa_call_free(&l->call);
	finish(l, &end);
}

static const char *ended_by(const struct ua_leg *l)
{
	return l->cause == TSUWA_PEER_HUNG_UP ? "peer"
	       : l->cause == TSUWA_HUNG_UP    ? "us"
					      : "failure";
}

static const char *result(const struct ua_leg *l)
{
	return l->up                         ? "answered"
	       : l->cause == TSUWA_REFUSED   ? "refused"
	       : l->cause == TSUWA_CANCELED  ? "canceled"
	       : l->cause == TSUWA_TIMED_OUT ? "no answer"
					     : "failed";
}

void ua_leg_report(const struct ua_leg *l, const char *recorded, struct ua_report *ret)
{
	*ret = (struct ua_report){
		.peer = l->peer,
		.result = result(l),
		.status = l->status,
		.reason = l->reason,
		.warning = l->warning,
		.digits = l->digits,
		.recorded = recorded,
		.has_media = l->up,
		.codec = l->codec ? l->codec : tsuwa_codec_name(0),
		.stats = l->stats,
	};
	if (l->up) {
		ret->ended_by = ended_by(l);
		ret->setup_ms = l->up_ms - l->begun_ms;
		ret->duration_ms = l->over_ms - l->up_ms;
		if (l->cause != TSUWA_PEER_HUNG_UP && l->cause != TSUWA_HUNG_UP)
			ret->error = why(l);
	} else if (l->cause == TSUWA_FAILED || l->cause == TSUWA_BROKEN) {
		ret->error = why(l);
	}
}

const struct tsuwa_call_events ua_leg_events = {
	.size = sizeof(ua_leg_events),
	.on_progress = on_progress,
	.on_answered = on_answered,
	.on_redirected = on_redirected,
	.on_media = on_media,
	.on_digit = on_digit,
	.on_session = on_session,
	.on_message = on_message,
	.on_ended = on_ended,
};
