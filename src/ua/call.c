/* tsuwa call */
#include <errno.h>
#include <stdio.h>

#include "ua/commands.h"
#include "ua/leg.h"

#define REDIRECTS_MAX 5
#define TAIL_MS 1000 /* after the file: what the other side sends back of it */

struct calling {
	struct ua *ua;
	const struct ua_call_wish *wish;
	struct ua_leg leg;
	struct timer hangup;
	bool to_play, to_dial; /* not yet done */
	bool lost; /* the media fell silent */
	unsigned shown; /* the last progress that was said */
	unsigned redirects;
};

static void hang_up(void *ctx)
{
	struct calling *c = ctx;

	if (c->leg.session)
		dlg_session_hangup(c->leg.session);
}

static void on_media(void *ctx, enum media_event event)
{
	struct calling *c = ctx;

	if (event == MEDIA_PLAYED)
		c->to_play = false;
	if (event == MEDIA_DIGITS_SENT)
		c->to_dial = false;
	if (event == MEDIA_TIMEOUT) {
		c->lost = true;
		hang_up(c);
	} else if ((event == MEDIA_PLAYED || event == MEDIA_DIGITS_SENT) && c->wish->play &&
		   !c->wish->duration_ms && !c->to_play && !c->to_dial) {
		loop_timer(c->ua->loop, &c->hangup, TAIL_MS);
	}
}

static void say_progress(struct calling *c, const struct sip_rx *rx)
{
	unsigned status = rx->msg.status;

	if (status == c->shown)
		return;
	c->shown = status;
	if (status == 100)
		ua_say(c->ua, "trying");
	else if (status == 180)
		ua_say(c->ua, "ringing");
	else
		ua_say(c->ua, "%u %.*s", status, STR_ARG(rx->msg.reason));
}

static void on_progress(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct calling *c = ctx;

	say_progress(c, rx);
	if (str_empty(sdp) || talk_accept(&c->leg.talk, sdp) != 0)
		return;
	if (!c->leg.audio.recording)
		ua_say(c->ua, "early media, %.*s",
		       STR_ARG(dlg_codec_name(c->leg.talk.agreed.codec)));
	ua_audio_record(&c->leg.audio, c->leg.talk.media);
}

static void on_answered(void *ctx, const struct sip_rx *rx, struct str sdp)
{
	struct calling *c = ctx;

	c->leg.status = rx->msg.status;
	ua_clean(rx->msg.reason, c->leg.reason, sizeof(c->leg.reason));
	if (!str_empty(sdp) && talk_accept(&c->leg.talk, sdp) != 0)
		memset(&c->leg.talk.agreed, 0, sizeof(c->leg.talk.agreed));
	if (!c->leg.talk.agreed.active) {
		ua_say(c->ua, "answered, but its description can't be lived with");
		hang_up(c);
		return;
	}
	ua_leg_answered(&c->leg);
	if (c->wish->duration_ms)
		loop_timer(c->ua->loop, &c->hangup, c->wish->duration_ms);
	if (c->wish->digits)
		media_dtmf(c->leg.talk.media, str_c(c->wish->digits));
}

static int place(struct calling *c, struct str uri);

/* RFC 3261 s8.1.3.4: the contact of a 3xx with the highest q; the first of equals. */
static bool best_contact(const struct sip_rx *rx, struct str *ret)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_CONTACT);
	struct sip_nameaddr c;
	struct str one;
	uint32_t q, best = 0;
	bool found = false;

	while (sip_values_next(&v, &one)) {
		if (!sip_nameaddr_parse(one, &c, NULL) || c.star ||
		    c.uri.scheme == SIP_SCHEME_OTHER || !sip_contact_q(&c, &q) ||
		    (found && q <= best))
			continue;
		best = q;
		*ret = c.uri_text;
		found = true;
	}
	return found;
}

static bool redirected(struct calling *c, const struct dlg_end *end)
{
	struct str uri;

	if (end->cause != DLG_REFUSED || end->status / 100 != 3 || !end->rx ||
	    c->redirects >= REDIRECTS_MAX || c->ua->interrupted || !best_contact(end->rx, &uri))
		return false;
	c->redirects++;
	ua_say(c->ua, "redirected to %.*s", STR_ARG(uri));
	c->leg.session = NULL;
	return place(c, uri) == 0;
}

static void on_ended(void *ctx, const struct dlg_end *end)
{
	struct calling *c = ctx;
	bool up = c->leg.up;
	bool good = up && !c->lost && (end->cause == DLG_HUNG_UP || end->cause == DLG_PEER_BYE);

	if (redirected(c, end))
		return;
	ua_leg_ended(&c->leg, end);
	ua_stop(c->ua, good ? UA_DONE : UA_FAILED);
}

static void on_interrupt(void *ctx)
{
	struct calling *c = ctx;

	if (c->leg.session)
		hang_up(c);
	else
		ua_stop(c->ua, UA_FAILED);
}

/* ---- the call ---- */

static unsigned offer(void *ctx, struct str sdp, struct buf *ret)
{
	return ua_leg_on_offer(&((struct calling *)ctx)->leg, sdp, ret);
}

static unsigned want_offer(void *ctx, struct buf *ret)
{
	return ua_leg_on_want_offer(&((struct calling *)ctx)->leg, ret);
}

static bool answer(void *ctx, struct str sdp)
{
	return ua_leg_on_answer(&((struct calling *)ctx)->leg, sdp);
}

static unsigned request(void *ctx, const struct sip_rx *rx)
{
	return ua_leg_on_request(&((struct calling *)ctx)->leg, rx);
}

static int place(struct calling *c, struct str uri)
{
	struct dlg_session_user user = {.on_progress = on_progress,
					.on_answered = on_answered,
					.on_offer = offer,
					.on_want_offer = want_offer,
					.on_answer = answer,
					.on_request = request,
					.on_ended = on_ended,
					.ctx = c};
	struct buf sdp = buf_heap(SDP_TEXT_MAX);
	char from_room[600], hop_room[300];
	struct buf from = buf_over(from_room, sizeof(from_room));
	struct buf hop = buf_over(hop_room, sizeof(hop_room));
	struct dlg_invite invite = {.uri = uri};
	int err = talk_offer(&c->leg.talk, &sdp);

	ua_put_from(c->ua, &from);
	ua_put_next_hop(c->ua, invite.uri, &hop);
	if (from.failed || hop.failed)
		err = -EMSGSIZE;
	invite.from = buf_str(&from);
	invite.next_hop = buf_str(&hop);
	invite.sdp = buf_str(&sdp);
	if (!err)
		err = dlg_session_call(c->ua->table, &invite, &user, &c->leg.session);
	buf_free(&sdp);
	return err;
}

static int begin(struct calling *c)
{
	const struct ua_call_wish *w = c->wish;
	int err = ua_leg_init(&c->leg, c->ua, "", &c->ua->local, MEDIA_ENDPOINT);

	if (err)
		return err;
	c->leg.on_media = on_media;
	c->leg.ctx = c;
	c->to_play = w->play != NULL;
	c->to_dial = w->digits != NULL;
	str_to_c(str_c(w->uri), c->leg.peer, sizeof(c->leg.peer));
	if (w->has_codec)
		ua_leg_set_codec(&c->leg, w->codec);
	ua_say(c->ua, "calling %s", w->uri);
	return place(c, str_c(w->uri));
}

/* A Ctrl-C whose answers did not come in time still ends with a summary. */
static void report(struct calling *c)
{
	struct ua_report r;

	if (c->leg.session) {
		struct dlg_end end = {.cause = c->leg.up ? DLG_HUNG_UP : DLG_CANCELED};

		dlg_session_detach(&c->leg.session);
		ua_leg_ended(&c->leg, &end);
	}
	ua_leg_report(&c->leg, c->wish->record, &r);
	if (c->lost) {
		r.ended_by = "failure";
		r.error = "no media came for 30 seconds";
	}
	ua_report_print(&r, c->ua->conf.json);
}

int ua_call(const struct ua_conf *conf, const struct ua_call_wish *wish)
{
	struct calling c = {.wish = wish};
	const struct ua_user user = {.on_interrupt = on_interrupt, .ctx = &c};
	int code, err;

	timer_init(&c.hangup, hang_up, &c);
	if (!ua_audio_open(&c.leg.audio, wish->play, wish->record))
		return UA_FAILED;
	code = ua_new(conf, &user, &c.ua);
	if (code) {
		ua_audio_close(&c.leg.audio);
		return code;
	}
	err = begin(&c);
	if (err) {
		ua_error("can't call: %s", ua_error_text(err));
		code = UA_FAILED;
	} else {
		c.ua->exit_code = UA_FAILED; /* unless it ends well */
		code = ua_run(c.ua);
		if (c.leg.session && c.leg.up)
			code = UA_DONE; /* a Ctrl-C that nobody confirmed */
		report(&c);
	}
	timer_cancel(loop_wheel(c.ua->loop), &c.hangup);
	ua_leg_fini(&c.leg);
	ua_free(&c.ua);
	return code;
}
