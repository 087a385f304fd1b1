/* tsuwa call */
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
};

static void hang_up(void *ctx)
{
	struct calling *c = ctx;

	tsuwa_call_hangup(c->leg.call);
}

static void on_media(void *ctx, enum tsuwa_media_event event)
{
	struct calling *c = ctx;

	if (event == TSUWA_MEDIA_PLAYED)
		c->to_play = false;
	if (event == TSUWA_MEDIA_DIGITS_SENT)
		c->to_dial = false;
	if (event == TSUWA_MEDIA_SILENT) {
		c->lost = true;
		hang_up(c);
	} else if (event != TSUWA_MEDIA_FLOWS && c->wish->play && !c->wish->duration_ms &&
		   !c->to_play && !c->to_dial) {
		ua_timer(c->ua, &c->hangup, TAIL_MS);
	}
}

static void on_answered(void *ctx)
{
	struct calling *c = ctx;

	if (c->wish->duration_ms)
		ua_timer(c->ua, &c->hangup, c->wish->duration_ms);
	if (c->wish->digits)
		tsuwa_call_dtmf(c->leg.call, c->wish->digits);
}

static void on_ended(void *ctx)
{
	struct calling *c = ctx;
	enum tsuwa_cause cause = c->leg.cause;
	bool good =
		c->leg.up && !c->lost && (cause == TSUWA_HUNG_UP || cause == TSUWA_PEER_HUNG_UP);

	ua_stop(c->ua, good ? UA_DONE : UA_FAILED);
}

static void on_interrupt(void *ctx)
{
	hang_up(ctx);
}

static int begin(struct calling *c)
{
	const struct ua_call_wish *w = c->wish;
	const struct tsuwa_call_conf conf = {
		.size = sizeof(conf),
		.uri = w->uri,
		.codecs = w->codec,
		.max_redirects = REDIRECTS_MAX,
		.events = &ua_leg_events,
		.ctx = &c->leg,
	};

	ua_leg_init(&c->leg, c->ua, "");
	c->leg.on_answered = on_answered;
	c->leg.on_media = on_media;
	c->leg.on_ended = on_ended;
	c->leg.ctx = c;
	c->to_play = w->play != NULL;
	c->to_dial = w->digits != NULL;
	ua_clean(ua_text(w->uri), c->leg.peer, sizeof(c->leg.peer));
	ua_say(c->ua, "calling %s", w->uri);
	return tsuwa_call_new(c->ua->agent, &conf, &c->leg.call, NULL);
}

/* A Ctrl-C whose answers did not come in time still ends with a summary. */
static void report(struct calling *c)
{
	struct ua_report r;

	ua_leg_give_up(&c->leg);
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
		ua_error("can't call: %s", tsuwa_strerror(err));
		code = UA_FAILED;
	} else {
		c.ua->exit_code = UA_FAILED; /* unless it ends well */
		code = ua_run(c.ua);
		if (!c.leg.over && c.leg.up)
			code = UA_DONE; /* a Ctrl-C that nobody confirmed */
		report(&c);
	}
	ua_leg_fini(&c.leg);
	ua_free(&c.ua);
	return code;
}
