#include "ua/leg.h"

#include <stdio.h>

static void note_digit(struct ua_leg *l, int digit)
{
	size_t n = strlen(l->digits);

	if (n + 1 < sizeof(l->digits)) {
		l->digits[n] = (char)digit;
		l->digits[n + 1] = '\0';
	}
	ua_say(l->ua, "%sheard digit %c", l->label, digit);
}

static void on_media(void *ctx, enum media_event event, int value)
{
	struct ua_leg *l = ctx;

	switch (event) {
	case MEDIA_FIRST_PACKET:
		ua_say(l->ua, "%smedia flowing", l->label);
		break;
	case MEDIA_DIGIT:
		note_digit(l, value);
		break;
	case MEDIA_PLAYED:
		ua_say(l->ua, "%splayed to the end", l->label);
		break;
	case MEDIA_DIGITS_SENT:
		ua_say(l->ua, "%sdigits sent", l->label);
		break;
	case MEDIA_TIMEOUT:
		ua_say(l->ua, "%sno media any more", l->label);
		break;
	case MEDIA_BYE:
		break;
	}
	if (l->on_media)
		l->on_media(l->ctx, event);
}

int ua_leg_init(struct ua_leg *l, struct ua *u, const char *label, const struct addr *local,
		enum media_mode mode)
{
	const struct media_user user = {on_media, l};

	l->ua = u;
	l->label = label;
	l->begun_ms = loop_now_ms(u->loop);
	return talk_init(&l->talk, u->media, local, ua_random(u), mode, &user);
}

void ua_leg_set_codec(struct ua_leg *l, enum dlg_codec c)
{
	l->talk.local.codecs[0] = c;
	l->talk.local.n_codecs = 1;
}

static void close_media(struct ua_leg *l)
{
	if (l->media_closed)
		return;
	l->media_closed = true;
	if (l->talk.media)
		media_stats(l->talk.media, &l->stats);
	talk_fini(&l->talk);
	ua_audio_close(&l->audio);
}

void ua_leg_fini(struct ua_leg *l)
{
	dlg_session_detach(&l->session);
	close_media(l);
}

void ua_leg_answered(struct ua_leg *l)
{
	l->up = true;
	l->up_ms = loop_now_ms(l->ua->loop);
	if (l->talk.agreed.active)
		ua_say(l->ua, "%sanswered, %.*s", l->label,
		       STR_ARG(dlg_codec_name(l->talk.agreed.codec)));
	else
		ua_say(l->ua, "%sanswered, without audio", l->label);
	ua_audio_record(&l->audio, l->talk.media);
	ua_audio_play(&l->audio, l->talk.media);
}

static const char *why(const struct ua_leg *l)
{
	switch (l->end.cause) {
	case DLG_HUNG_UP:
		return "hung up";
	case DLG_PEER_BYE:
		return "the peer hung up";
	case DLG_CANCELED:
		return "canceled";
	case DLG_REFUSED:
		return "refused";
	case DLG_TIMED_OUT:
		return l->up ? "the peer fell silent" : "no answer";
	case DLG_FAILED:
		return ua_error_text(l->end.err);
	case DLG_BROKEN:
		return "the peer lost or broke the call";
	}
	return "";
}

void ua_leg_ended(struct ua_leg *l, const struct dlg_end *end)
{
	l->session = NULL;
	l->end = *end;
	l->over_ms = loop_now_ms(l->ua->loop);
	if (end->status)
		l->status = end->status;
	if (end->rx && end->status && !sip_is_request(&end->rx->msg)) {
		ua_clean(end->rx->msg.reason, l->reason, sizeof(l->reason));
		ua_clean(sip_get(&end->rx->msg, SIP_HDR_WARNING), l->warning, sizeof(l->warning));
	} else if (end->status) {
		str_to_c(sip_reason_of(end->status), l->reason, sizeof(l->reason));
	}
	l->end.rx = NULL;
	close_media(l);
	if (end->cause == DLG_REFUSED)
		ua_say(l->ua, "%srefused: %u %s%s%s%s", l->label, l->status, l->reason,
		       l->warning[0] ? ", " : "", l->warning, ua_hint(l->ua, l->status));
	else
		ua_say(l->ua, "%sended: %s", l->label, why(l));
}

void ua_leg_report(const struct ua_leg *l, const char *recorded, struct ua_report *ret)
{
	*ret = (struct ua_report){
		.peer = l->peer,
		.status = l->status,
		.reason = l->reason,
		.warning = l->warning,
		.digits = l->digits,
		.recorded = recorded,
		.has_media = l->up,
		.stats = l->stats,
	};
	if (l->up) {
		ret->result = "answered";
		ret->ended_by = l->end.cause == DLG_PEER_BYE  ? "peer"
				: l->end.cause == DLG_HUNG_UP ? "us"
							      : "failure";
		ret->setup_ms = l->up_ms - l->begun_ms;
		ret->duration_ms = l->over_ms - l->up_ms;
		if (l->end.cause != DLG_PEER_BYE && l->end.cause != DLG_HUNG_UP)
			ret->error = why(l);
	} else {
		ret->result = l->end.cause == DLG_REFUSED     ? "refused"
			      : l->end.cause == DLG_CANCELED  ? "canceled"
			      : l->end.cause == DLG_TIMED_OUT ? "no answer"
							      : "failed";
		if (l->end.cause == DLG_FAILED || l->end.cause == DLG_BROKEN)
			ret->error = why(l);
	}
}

/* ---- the dialog ---- */

static void say_direction(struct ua_leg *l)
{
	if (!l->up || l->talk.agreed.dir == SDP_SENDRECV)
		return;
	ua_say(l->ua, "%snow %.*s", l->label, STR_ARG(sdp_dir_name(l->talk.agreed.dir)));
}

unsigned ua_leg_on_offer(void *ctx, struct str sdp, struct buf *ret)
{
	struct ua_leg *l = ctx;
	const char *text = NULL;
	unsigned status = talk_answer(&l->talk, sdp, ret, &text);

	if (l->up && status == 200) {
		ua_say(l->ua, "%sthe peer changed the session", l->label);
		say_direction(l);
	} else if (status != 200) {
		ua_say(l->ua, "%san offer was refused: %s", l->label, text ? text : "");
	}
	return status;
}

unsigned ua_leg_on_want_offer(void *ctx, struct buf *ret)
{
	struct ua_leg *l = ctx;

	return talk_offer(&l->talk, ret) ? 500 : 200;
}

bool ua_leg_on_answer(void *ctx, struct str sdp)
{
	struct ua_leg *l = ctx;

	return talk_accept(&l->talk, sdp) == 0;
}

/* A digit by INFO (application/dtmf-relay), as some gateways send it. */
static bool info_digit(const struct sip_msg *m, char *ret)
{
	struct str rest = m->body, line;

	if (!sip_media_type_is(sip_get(m, SIP_HDR_CONTENT_TYPE), STR("application/dtmf-relay")))
		return false;
	while (!str_empty(rest)) {
		struct str value = line = str_split(&rest, '\n'), name = str_split(&value, '=');

		value = str_trim(value);
		if (str_ieq(str_trim(name), STR("Signal")) && value.n == 1) {
			*ret = value.p[0];
			return true;
		}
	}
	return false;
}

unsigned ua_leg_on_request(void *ctx, const struct sip_rx *rx)
{
	struct ua_leg *l = ctx;
	char digit;

	if (rx->msg.method == SIP_MESSAGE)
		ua_say(l->ua, "%smessage: %.*s", l->label, STR_ARG(rx->msg.body));
	if (rx->msg.method == SIP_INFO && info_digit(&rx->msg, &digit) && digit > ' ' &&
	    digit < 127)
		note_digit(l, digit);
	return 200;
}
