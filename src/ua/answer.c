/* tsuwa answer */
#include <errno.h>
#include <stdio.h>

#include "base/alloc.h"
#include "ua/commands.h"
#include "ua/leg.h"
#include "ua/registration.h"

struct answering {
	struct ua *ua;
	const struct ua_answer_wish *wish;
	struct ua_registration *registration; /* NULL: no account */
	struct list calls;
	unsigned n_calls, begun;
	uint64_t finished;
	bool ready, leaving;
	int code; /* of the end */
};

struct taken {
	struct list link;
	struct answering *a;
	struct ua_leg leg;
	struct timer timer; /* to answer, then to hang up */
	char label[24], record[512];
};

static void leave(struct answering *a, int code);

/* ---- a call ---- */

static void taken_free(struct taken *t)
{
	timer_cancel(loop_wheel(t->a->ua->loop), &t->timer);
	ua_leg_fini(&t->leg);
	list_unlink(&t->link);
	t->a->n_calls--;
	xfree(t);
}

static void report(const struct taken *t)
{
	struct ua_report r;

	ua_leg_report(&t->leg, t->record[0] ? t->record : NULL, &r);
	ua_report_print(&r, t->a->ua->conf.json);
}

static void on_ended(void *ctx, const struct dlg_end *end)
{
	struct taken *t = ctx;
	struct answering *a = t->a;

	ua_leg_ended(&t->leg, end);
	report(t);
	taken_free(t);
	a->finished++;
	if (a->leaving ? a->n_calls == 0 && !a->registration
		       : a->wish->calls && a->finished >= a->wish->calls)
		leave(a, UA_DONE);
}

static void hang_up(void *ctx)
{
	struct taken *t = ctx;

	if (t->leg.session)
		dlg_session_hangup(t->leg.session);
}

static void on_media(void *ctx, enum media_event event)
{
	if (event == MEDIA_TIMEOUT)
		hang_up(ctx);
}

/* The description for the 200: the answer, or an offer where the INVITE had none.  200 or
 * the status to refuse with. */
static unsigned describe(struct taken *t, struct buf *sdp, const char **why)
{
	struct str offer;

	if (dlg_session_offer(t->leg.session, &offer))
		return talk_answer(&t->leg.talk, offer, sdp, why);
	return talk_offer(&t->leg.talk, sdp) ? 500 : 200;
}

static void refuse(struct taken *t, unsigned status, const char *why)
{
	char room[200];
	struct buf warning = buf_over(room, sizeof(room));

	if (why)
		buf_fmt(&warning, "399 tsuwa \"%s\"", why);
	dlg_session_refuse(t->leg.session, status, STR_NONE, buf_str(&warning));
}

static void answer_now(void *ctx)
{
	struct taken *t = ctx;
	const struct ua_answer_wish *w = t->a->wish;
	struct buf sdp = buf_heap(SDP_TEXT_MAX);
	const char *why = NULL;
	unsigned status;

	if (!t->leg.session || dlg_session_is_up(t->leg.session))
		return;
	status = w->reject ? w->reject : describe(t, &sdp, &why);
	if (status == 200 && dlg_session_answer(t->leg.session, buf_str(&sdp)))
		status = 500;
	if (status == 200) {
		ua_leg_answered(&t->leg);
		timer_init(&t->timer, hang_up, t);
		if (w->duration_ms)
			loop_timer(t->a->ua->loop, &t->timer, w->duration_ms);
	} else {
		refuse(t, status, why);
	}
	buf_free(&sdp);
}

static unsigned on_offer(void *ctx, struct str sdp, struct buf *ret)
{
	return ua_leg_on_offer(&((struct taken *)ctx)->leg, sdp, ret);
}

static unsigned on_want_offer(void *ctx, struct buf *ret)
{
	return ua_leg_on_want_offer(&((struct taken *)ctx)->leg, ret);
}

static bool on_answer(void *ctx, struct str sdp)
{
	return ua_leg_on_answer(&((struct taken *)ctx)->leg, sdp);
}

static unsigned on_request(void *ctx, const struct sip_rx *rx)
{
	return ua_leg_on_request(&((struct taken *)ctx)->leg, rx);
}

/* ---- new calls ---- */

static bool open_audio(struct taken *t)
{
	const struct ua_answer_wish *w = t->a->wish;
	struct buf name = buf_over(t->record, sizeof(t->record));

	if (w->record && !w->reject)
		ua_numbered_name(w->record, t->a->begun, &name);
	if (name.failed)
		name.n = 0;
	buf_c(&name);
	return ua_audio_open(&t->leg.audio, w->reject ? NULL : w->play,
			     t->record[0] ? t->record : NULL);
}

static struct taken *taken_new(struct answering *a, const struct sip_rx *rx)
{
	struct taken *t = xzalloc(sizeof(*t));
	struct buf label;

	if (!t)
		return NULL;
	t->a = a;
	list_append(&a->calls, &t->link);
	a->n_calls++;
	a->begun++;
	label = buf_over(t->label, sizeof(t->label));
	if (a->begun > 1 || a->wish->max > 1)
		buf_fmt(&label, "call %u: ", a->begun);
	buf_c(&label);
	timer_init(&t->timer, answer_now, t);
	ua_clean(rx->head.from.uri_text, t->leg.peer, sizeof(t->leg.peer));
	if (ua_leg_init(&t->leg, a->ua, t->label, &rx->flow.local,
			a->wish->echo ? MEDIA_ECHO : MEDIA_ENDPOINT) != 0 ||
	    !open_audio(t)) {
		taken_free(t);
		return NULL;
	}
	t->leg.on_media = on_media;
	t->leg.ctx = t;
	if (a->wish->has_codec)
		ua_leg_set_codec(&t->leg, a->wish->codec);
	return t;
}

static void accept_call(struct taken *t)
{
	const struct ua_answer_wish *w = t->a->wish;

	if (w->ring_ms) {
		dlg_session_ring(t->leg.session, 180, STR_NONE);
		loop_timer(t->a->ua->loop, &t->timer, w->ring_ms);
	} else {
		answer_now(t);
	}
}

static void on_invite(void *ctx, const struct sip_rx *rx)
{
	struct answering *a = ctx;
	struct dlg_session_user user = {.on_offer = on_offer,
					.on_want_offer = on_want_offer,
					.on_answer = on_answer,
					.on_request = on_request,
					.on_ended = on_ended};
	struct taken *t;

	if (a->leaving || a->n_calls >= a->wish->max) {
		ua_say(a->ua, "busy: a call from %.*s was turned away",
		       STR_ARG(rx->head.from.uri_text));
		core_answer(a->ua->core, rx, a->leaving ? 480 : 486, STR_NONE, NULL, 0);
		return;
	}
	t = taken_new(a, rx);
	if (!t) {
		core_answer(a->ua->core, rx, 503, STR_NONE, NULL, 0);
		return;
	}
	ua_say(a->ua, "%scall from %.*s", t->label, STR_ARG(rx->head.from.uri_text));
	user.ctx = t;
	if (dlg_session_incoming(a->ua->table, rx, &user, &t->leg.session) != 0)
		taken_free(t); /* it was answered */
	else
		accept_call(t);
}

static void on_message(void *ctx, const struct sip_rx *rx)
{
	struct answering *a = ctx;

	ua_say(a->ua, "message from %.*s: %.*s", STR_ARG(rx->head.from.uri_text),
	       STR_ARG(rx->msg.body));
}

/* ---- readiness and the end ---- */

static void say_ready(struct answering *a)
{
	struct ua *u = a->ua;
	char aor_room[600], udp[ADDR_TEXT_MAX], tcp[ADDR_TEXT_MAX];
	struct buf aor = buf_over(aor_room, sizeof(aor_room));

	if (a->ready)
		return;
	a->ready = true;
	ua_account_put_aor(u->conf.account, &aor);
	ua_say(u, "ready %s%sudp://%s tcp://%s", buf_c(&aor), aor.n ? " registered " : "",
	       addr_text(&u->listeners[0].bound, udp), addr_text(&u->listeners[1].bound, tcp));
}

static void on_registered(void *ctx, const struct sip_rx *rx, int err, uint32_t expires_s)
{
	struct answering *a = ctx;
	char room[400];
	struct buf b = buf_over(room, sizeof(room));

	if (a->leaving) {
		ua_stop(a->ua, a->code);
		return;
	}
	if (rx && rx->msg.status < 300 && expires_s) {
		say_ready(a);
		return;
	}
	if (rx)
		ua_put_status(rx, &b);
	else
		buf_puts(&b, str_c(ua_error_text(err)));
	ua_say(a->ua, "not registered: %s%s", buf_c(&b), ua_hint(a->ua, rx ? rx->msg.status : 0));
	if (!a->ready)
		ua_stop(a->ua, UA_FAILED);
}

/* Hangs up, unregisters, and waits a little for both. */
static void leave(struct answering *a, int code)
{
	a->code = code;
	a->ua->exit_code = code;
	if (!a->leaving) {
		a->leaving = true;
		timer_set(loop_wheel(a->ua->loop), &a->ua->end,
			  loop_now_ms(a->ua->loop) + UA_HANGUP_MS);
		LIST_EACH (l, &a->calls)
			hang_up(container_of(l, struct taken, link));
		if (a->registration && ua_registration_stands(a->registration) &&
		    ua_registration_remove(a->registration, false) == 0)
			return;
		ua_registration_free(&a->registration);
	}
	if (a->n_calls == 0)
		ua_stop(a->ua, code);
}

static void on_interrupt(void *ctx)
{
	leave(ctx, UA_DONE);
}

static int begin(struct answering *a)
{
	const struct ua_registration_user user = {on_registered, a};
	int err;

	if (str_empty(a->ua->conf.account->user)) {
		say_ready(a);
		return 0;
	}
	err = ua_registration_new(a->ua, &user, &a->registration);
	return err ? err : ua_registration_start(a->registration, 3600);
}

/* Files that can't be read are told before anybody calls. */
static bool files_are_good(const struct ua_answer_wish *w)
{
	struct ua_audio audio;

	return ua_audio_open(&audio, w->play, NULL) && ua_audio_close(&audio);
}

int ua_answer(const struct ua_conf *conf, const struct ua_answer_wish *wish)
{
	struct answering a = {.wish = wish};
	const struct ua_user user = {
		.on_invite = on_invite,
		.on_message = on_message,
		.on_interrupt = on_interrupt,
		.ctx = &a,
	};
	int code, err;

	if (!files_are_good(wish))
		return UA_FAILED;
	list_init(&a.calls);
	code = ua_new(conf, &user, &a.ua);
	if (code)
		return code;
	err = begin(&a);
	if (err) {
		ua_error("can't register: %s", ua_error_text(err));
		code = UA_FAILED;
	} else {
		code = ua_run(a.ua);
	}
	LIST_EACH (l, &a.calls)
		taken_free(container_of(l, struct taken, link));
	ua_registration_free(&a.registration);
	ua_free(&a.ua);
	return code;
}
