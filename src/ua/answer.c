/* tsuwa answer */
#include "base/alloc.h"
#include "ua/commands.h"
#include "ua/leg.h"

struct answering {
	struct ua *ua;
	const struct ua_answer_wish *wish;
	struct list calls;
	unsigned n_calls, begun;
	uint64_t finished;
	bool ready, leaving, unregistering;
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
	timer_cancel(&t->a->ua->wheel, &t->timer);
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

static void on_ended(void *ctx)
{
	struct taken *t = ctx;
	struct answering *a = t->a;

	report(t);
	taken_free(t);
	a->finished++;
	if (a->leaving ? a->n_calls == 0 && !a->unregistering
		       : a->wish->calls && a->finished >= a->wish->calls)
		leave(a, UA_DONE);
}

static void hang_up(void *ctx)
{
	struct taken *t = ctx;

	tsuwa_call_hangup(t->leg.call);
}

static void on_media(void *ctx, enum tsuwa_media_event event)
{
	if (event == TSUWA_MEDIA_SILENT)
		hang_up(ctx);
}

static void answer_now(void *ctx)
{
	struct taken *t = ctx;
	const struct ua_answer_wish *w = t->a->wish;

	if (w->reject) {
		tsuwa_call_reject(t->leg.call, w->reject, NULL);
		return;
	}
	if (tsuwa_call_answer(t->leg.call) != 0)
		return; /* its end follows */
	ua_leg_answered(&t->leg);
	timer_init(&t->timer, hang_up, t);
	if (w->duration_ms)
		ua_timer(t->a->ua, &t->timer, w->duration_ms);
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

static void put_label(struct taken *t)
{
	struct buf label = buf_over(t->label, sizeof(t->label));

	if (t->a->begun > 1 || t->a->wish->max > 1)
		buf_fmt(&label, "call %u: ", t->a->begun);
	buf_c(&label);
}

static struct taken *taken_new(struct answering *a, struct tsuwa_call *call)
{
	struct taken *t = xzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->a = a;
	list_append(&a->calls, &t->link);
	a->n_calls++;
	a->begun++;
	put_label(t);
	timer_init(&t->timer, answer_now, t);
	ua_clean(tsuwa_call_peer(call), t->leg.peer, sizeof(t->leg.peer));
	ua_leg_init(&t->leg, a->ua, t->label);
	t->leg.on_media = on_media;
	t->leg.on_ended = on_ended;
	t->leg.ctx = t;
	if (!open_audio(t)) {
		taken_free(t);
		return NULL;
	}
	return t;
}

static void accept_call(struct taken *t, struct tsuwa_call *call)
{
	const struct ua_answer_wish *w = t->a->wish;

	t->leg.call = call;
	tsuwa_call_set_events(call, &ua_leg_events, &t->leg);
	tsuwa_call_set_echo(call, w->echo);
	if (w->codec)
		tsuwa_call_set_codecs(call, w->codec);
	if (w->ring_ms) {
		tsuwa_call_ring(call, 180);
		ua_timer(t->a->ua, &t->timer, w->ring_ms);
	} else {
		answer_now(t);
	}
}

static unsigned on_call(void *ctx, struct tsuwa_ua *agent, struct tsuwa_call *call)
{
	struct answering *a = ctx;
	struct taken *t;

	if (a->leaving || a->n_calls >= a->wish->max) {
		ua_say(a->ua, "busy: a call from %.*s was turned away",
		       TSUWA_STR_ARG(tsuwa_call_peer(call)));
		return a->leaving ? 480 : 486;
	}
	t = taken_new(a, call);
	if (!t)
		return 503;
	ua_say(a->ua, "%scall from %.*s", t->label, TSUWA_STR_ARG(tsuwa_call_peer(call)));
	accept_call(t, call);
	return 0;
}

static void on_message(void *ctx, struct tsuwa_ua *agent, const struct tsuwa_message *m)
{
	struct answering *a = ctx;
	struct tsuwa_address from;

	if (tsuwa_message_address(m, TSUWA_HDR_FROM, &from, NULL) == 0)
		ua_say(a->ua, "message from %.*s: %.*s", TSUWA_STR_ARG(from.uri.text),
		       TSUWA_STR_ARG(tsuwa_message_body(m)));
}

/* ---- readiness and the end ---- */

static void say_ready(struct answering *a)
{
	const struct ua *u = a->ua;
	char aor[600], udp[80], tcp[80];

	if (a->ready)
		return;
	a->ready = true;
	if (tsuwa_account_aor(u->conf.account, aor, sizeof(aor)) != 0)
		aor[0] = '\0';
	tsuwa_ua_bound(u->agent, "udp", udp, sizeof(udp));
	tsuwa_ua_bound(u->agent, "tcp", tcp, sizeof(tcp));
	ua_say(a->ua, "ready %s%sudp://%s tcp://%s", aor, aor[0] ? " registered " : "", udp, tcp);
}

static void on_registration(void *ctx, struct tsuwa_ua *agent, const struct tsuwa_registration *r)
{
	struct answering *a = ctx;
	char room[400];
	struct buf b = buf_over(room, sizeof(room));

	if (a->leaving) {
		ua_stop(a->ua, a->code);
		return;
	}
	if (r->state == TSUWA_REGISTERED) {
		say_ready(a);
		return;
	}
	ua_put_answer(&r->answer, &b);
	ua_say(a->ua, "not registered: %s%s", buf_c(&b), ua_hint(a->ua, r->answer.status));
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
		ua_timer(a->ua, &a->ua->end, UA_HANGUP_MS);
		LIST_EACH (l, &a->calls)
			hang_up(container_of(l, struct taken, link));
		a->unregistering = tsuwa_ua_unregister(a->ua->agent, false) == 0;
		if (a->unregistering)
			return;
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
	if (tsuwa_account_user(a->ua->conf.account).n)
		return tsuwa_ua_register(a->ua->agent, 3600);
	say_ready(a);
	return 0;
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
		.events = {.on_call = on_call,
			   .on_message = on_message,
			   .on_registration = on_registration},
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
		ua_error("can't register: %s", tsuwa_strerror(err));
		code = UA_FAILED;
	} else {
		code = ua_run(a.ua);
	}
	LIST_EACH (l, &a.calls)
		taken_free(container_of(l, struct taken, link));
	ua_free(&a.ua);
	return code;
}
