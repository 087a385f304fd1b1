/* tsuwa/ua.h and tsuwa/call.h: two user agents in one process speak to each other over loopback, driven by
 * one poll(2). */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <tsuwa/tsuwa.h>

#define LIMIT_MS 20000 /* of one wait; only a failing test gets there */

struct agent {
	struct tsuwa_ua *ua;
	struct tsuwa_call *call;
	char bound[80];
	/* wishes */
	unsigned refuse; /* on_call: 0: take it */
	bool ring_only, echo, free_in_callback, free_ua_in_callback;
	/* what was told */
	unsigned calls, progress, answered, ended, messages, flows, played, sent, silent,
		redirected;
	unsigned last_progress, changed, changed_by_peer, kept, call_messages, bytes_in, bytes_out;
	enum tsuwa_cause cause;
	unsigned end_status;
	bool was_up, stepped_inside;
	char text[64], digits[16];
	uint64_t heard, loud; /* samples that came in, and of them those that are not silence */
	unsigned pulls, pull_limit; /* frames to give; 0: for ever */
	struct tsuwa_answer answer;
	unsigned answers;
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Runs both until *done is at least want. */
static void until(struct agent *a, struct agent *b, const unsigned *done, unsigned want,
		  const char *what)
{
	long long limit = now_ms() + LIMIT_MS;
	struct agent *all[2] = {a, b};
	struct pollfd p[2];

	while (*done < want) {
		nfds_t n = 0;

		for (int i = 0; i < 2; i++)
			if (all[i] && all[i]->ua)
				p[n++] = (struct pollfd){tsuwa_ua_fd(all[i]->ua), POLLIN, 0};
		if (now_ms() > limit)
			fail_msg("waited in vain: %s", what);
		assert_true(poll(p, n, 1000) >= 0);
		for (int i = 0; i < 2; i++)
			if (all[i] && all[i]->ua)
				assert_int_equal(tsuwa_ua_step(all[i]->ua), 0);
	}
}

#define UNTIL(a, b, field, want) until((a), (b), &(field), (want), #field)

/* ---- what is told ---- */

static void on_progress(void *ctx, struct tsuwa_call *call, unsigned status,
			struct tsuwa_str reason, bool early)
{
	struct agent *g = ctx;

	g->progress++;
	g->last_progress = status;
}

static size_t pull(void *ctx, int16_t *pcm, size_t n)
{
	struct agent *g = ctx;

	if (g->pull_limit && g->pulls >= g->pull_limit)
		return 0;
	g->pulls++;
	for (size_t i = 0; i < n; i++)
		pcm[i] = i & 8 ? 8000 : -8000;
	return n;
}

static void push(void *ctx, const int16_t *pcm, size_t n)
{
	struct agent *g = ctx;

	assert_int_equal(n, TSUWA_AUDIO_FRAME);
	g->heard += n;
	for (size_t i = 0; i < n; i++)
		g->loud += pcm[i] > 4000 || pcm[i] < -4000;
}

static void on_answered(void *ctx, struct tsuwa_call *call)
{
	struct agent *g = ctx;

	g->answered++;
	g->stepped_inside = tsuwa_ua_step(g->ua) != -EBUSY;
	if (g->free_in_callback)
		tsuwa_call_free(&g->call);
	else if (g->free_ua_in_callback)
		tsuwa_ua_free(&g->ua);
}

static void on_redirected(void *ctx, struct tsuwa_call *call, struct tsuwa_str uri)
{
	((struct agent *)ctx)->redirected++;
}

static void on_media(void *ctx, struct tsuwa_call *call, enum tsuwa_media_event event)
{
	struct agent *g = ctx;

	g->flows += event == TSUWA_MEDIA_FLOWS;
	g->played += event == TSUWA_MEDIA_PLAYED;
	g->sent += event == TSUWA_MEDIA_DIGITS_SENT;
	g->silent += event == TSUWA_MEDIA_SILENT;
}

static void on_digit(void *ctx, struct tsuwa_call *call, char digit)
{
	struct agent *g = ctx;
	size_t n = strlen(g->digits);

	if (n + 1 < sizeof(g->digits))
		g->digits[n] = digit;
}

static void on_session(void *ctx, struct tsuwa_call *call, enum tsuwa_session_event event,
		       const char *text)
{
	struct agent *g = ctx;

	g->changed += event == TSUWA_SESSION_CHANGED;
	g->changed_by_peer += event == TSUWA_SESSION_CHANGED_BY_PEER;
	g->kept += event == TSUWA_SESSION_KEPT;
}

static void on_call_message(void *ctx, struct tsuwa_call *call, const struct tsuwa_message *m)
{
	struct agent *g = ctx;

	g->call_messages++;
	tsuwa_str_copy(tsuwa_message_body(m), g->text, sizeof(g->text));
}

static void on_ended(void *ctx, struct tsuwa_call *call, const struct tsuwa_call_end *end)
{
	struct agent *g = ctx;

	g->ended++;
	g->cause = end->cause;
	g->end_status = end->status;
	g->was_up = end->was_up;
	assert_int_equal(tsuwa_call_set_source(call, pull, g), -ENOTCONN);
	assert_int_equal(tsuwa_call_hold(call, true), -ENOTCONN);
	assert_false(tsuwa_call_is_up(call));
	if (g->free_in_callback)
		tsuwa_call_free(&g->call);
}

static const struct tsuwa_call_events call_events = {
	.size = sizeof(call_events),
	.on_progress = on_progress,
	.on_answered = on_answered,
	.on_redirected = on_redirected,
	.on_media = on_media,
	.on_digit = on_digit,
	.on_session = on_session,
	.on_message = on_call_message,
	.on_ended = on_ended,
};

static unsigned on_call(void *ctx, struct tsuwa_ua *ua, struct tsuwa_call *call)
{
	struct agent *g = ctx;

	g->calls++;
	if (g->free_ua_in_callback) {
		tsuwa_ua_free(&g->ua);
		return 0;
	}
	if (g->refuse)
		return g->refuse;
	assert_ptr_equal(tsuwa_call_ua(call), ua);
	assert_true(tsuwa_message_is_request(tsuwa_call_invite(call)));
	g->call = call;
	tsuwa_call_set_events(call, &call_events, g);
	assert_int_equal(tsuwa_call_set_echo(call, g->echo), 0);
	assert_int_equal(tsuwa_call_set_source(call, pull, g), 0);
	assert_int_equal(tsuwa_call_set_sink(call, push, g), 0);
	assert_int_equal(tsuwa_call_ring(call, 100), -EINVAL);
	assert_int_equal(tsuwa_call_ring(call, 180), 0);
	if (!g->ring_only)
		assert_int_equal(tsuwa_call_answer(call), 0);
	return 0;
}

static void on_message(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_message *m)
{
	struct agent *g = ctx;

	g->messages++;
	tsuwa_str_copy(tsuwa_message_body(m), g->text, sizeof(g->text));
	assert_int_equal(tsuwa_message_add((struct tsuwa_message *)m, "X", "y"), -EROFS);
	if (g->free_ua_in_callback)
		tsuwa_ua_free(&g->ua);
}

static void on_bytes(void *ctx, struct tsuwa_ua *ua, bool out, const char *peer,
		     struct tsuwa_str bytes)
{
	struct agent *g = ctx;

	g->bytes_out += out;
	g->bytes_in += !out;
}

static void on_answer(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_answer *answer)
{
	struct agent *g = ctx;

	g->answers++;
	g->answer = *answer;
	g->answer.message = NULL;
}

/* ---- two of them ---- */

static void open_agent(struct agent *g, bool takes_calls)
{
	const struct tsuwa_ua_events events = {
		.size = sizeof(events),
		.on_call = takes_calls ? on_call : NULL,
		.on_message = on_message,
		.on_bytes = on_bytes,
	};
	const struct tsuwa_ua_conf conf = {
		.size = sizeof(conf),
		.listen = "127.0.0.1:0",
		.events = &events,
		.ctx = g,
	};
	struct tsuwa_error err;

	memset(g, 0, sizeof(*g));
	if (tsuwa_ua_new(&conf, &g->ua, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(tsuwa_ua_bound(g->ua, "udp", g->bound, sizeof(g->bound)), 0);
	assert_int_equal(tsuwa_ua_bound(g->ua, "sctp", g->bound, sizeof(g->bound)), -EINVAL);
	assert_int_equal(tsuwa_ua_bound(g->ua, "udp", g->bound, 3), -ENOBUFS);
}

static void open_both(struct agent *a, struct agent *b)
{
	open_agent(a, true);
	open_agent(b, true);
}

static void close_both(struct agent *a, struct agent *b)
{
	tsuwa_ua_free(&a->ua);
	tsuwa_ua_free(&b->ua);
}

static void dial(struct agent *a, const struct agent *b)
{
	char uri[100];
	const struct tsuwa_call_conf conf = {
		.size = sizeof(conf),
		.uri = uri,
		.max_redirects = 5,
		.events = &call_events,
		.ctx = a,
	};
	struct tsuwa_error err;

	snprintf(uri, sizeof(uri), "sip:b@%s", b->bound);
	if (tsuwa_call_new(a->ua, &conf, &a->call, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(tsuwa_str_is(tsuwa_call_peer(a->call), uri));
}

/* ---- calls ---- */

static void a_call_goes_up_and_down(void **state)
{
	struct agent a, b;
	struct tsuwa_call_stats s;

	open_both(&a, &b);
	dial(&a, &b);
	assert_int_equal(tsuwa_call_set_source(a.call, pull, &a), 0);
	assert_int_equal(tsuwa_call_set_sink(a.call, push, &a), 0);
	assert_int_equal(tsuwa_call_dtmf(a.call, "1"), -ENOTCONN);
	assert_int_equal(a.pulls, 0);
	UNTIL(&a, &b, a.answered, 1);
	assert_false(a.stepped_inside);
	assert_int_equal(a.last_progress, 180);
	assert_true(tsuwa_call_is_up(a.call) && tsuwa_call_is_up(b.call));
	assert_null(tsuwa_call_invite(a.call));
	assert_string_equal(tsuwa_call_codec(a.call), "PCMU");
	assert_true(tsuwa_call_id(a.call).n > 0);
	assert_int_equal(tsuwa_call_direction(a.call), TSUWA_SENDRECV);
	UNTIL(&a, &b, a.flows, 1);
	UNTIL(&a, &b, b.pulls, 20);
	UNTIL(&a, &b, a.pulls, 20);
	assert_true(a.heard > 1000 && a.loud > 500);
	assert_true(b.heard > 1000 && b.loud > 500);
	tsuwa_call_hangup(b.call);
	UNTIL(&a, &b, a.ended, 1);
	UNTIL(&a, &b, b.ended, 1);
	assert_int_equal(a.cause, TSUWA_PEER_HUNG_UP);
	assert_int_equal(a.end_status, 200);
	assert_int_equal(b.cause, TSUWA_HUNG_UP);
	assert_true(a.was_up && b.was_up);
	tsuwa_call_get_stats(a.call, &s, sizeof(s));
	assert_true(s.packets_sent > 10 && s.packets_received > 10);
	assert_int_equal(s.lost, 0);
	tsuwa_call_free(&a.call);
	tsuwa_call_free(&b.call);
	assert_true(a.bytes_in && a.bytes_out);
	close_both(&a, &b);
}

static void echo_comes_back(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	b.echo = true;
	dial(&a, &b);
	assert_int_equal(tsuwa_call_set_source(a.call, pull, &a), 0);
	assert_int_equal(tsuwa_call_set_sink(a.call, push, &a), 0);
	UNTIL(&a, &b, a.pulls, 30);
	assert_int_equal(b.pulls, 0);
	assert_true(a.loud > 500);
	close_both(&a, &b); /* with the call up: all goes */
	assert_int_equal(a.ended, 0);
}

static void digits_and_texts_cross(void **state)
{
	static const char digit[] = "Signal=7\r\nDuration=100\r\n";
	struct agent a, b;

	open_both(&a, &b);
	dial(&a, &b);
	UNTIL(&a, &b, a.answered, 1);
	assert_int_equal(tsuwa_call_dtmf(a.call, "1x"), -EINVAL);
	assert_int_equal(tsuwa_call_dtmf(a.call, "1#D"), 0);
	UNTIL(&a, &b, a.sent, 1);
	assert_string_equal(b.digits, "1#D");
	assert_int_equal(
		tsuwa_call_send(a.call, "INFO", "application/dtmf-relay", digit, sizeof(digit) - 1),
		0);
	assert_int_equal(tsuwa_call_send(a.call, "MESSAGE", "text/plain", "hello", 5), 0);
	assert_int_equal(tsuwa_call_send(a.call, "MESSAGE", NULL, "hello", 5), -EINVAL);
	UNTIL(&a, &b, b.call_messages, 1);
	assert_string_equal(b.text, "hello");
	assert_string_equal(b.digits, "1#D7");
	close_both(&a, &b);
}

static void calls_are_held(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	dial(&a, &b);
	assert_int_equal(tsuwa_call_hold(a.call, true), -ENOTCONN);
	UNTIL(&a, &b, a.flows, 1);
	UNTIL(&a, &b, b.flows, 1);
	assert_int_equal(tsuwa_call_hold(a.call, true), 0);
	assert_int_equal(tsuwa_call_hold(a.call, false), -EBUSY);
	UNTIL(&a, &b, a.changed, 1);
	assert_int_equal(b.changed_by_peer, 1);
	assert_int_equal(tsuwa_call_direction(a.call), TSUWA_SENDONLY);
	assert_int_equal(tsuwa_call_direction(b.call), TSUWA_RECVONLY);
	assert_int_equal(tsuwa_call_hold(a.call, false), 0);
	UNTIL(&a, &b, a.changed, 2);
	assert_int_equal(tsuwa_call_direction(a.call), TSUWA_SENDRECV);
	assert_int_equal(tsuwa_call_direction(b.call), TSUWA_SENDRECV);
	close_both(&a, &b);
}

static void sounds_are_played_and_recorded(void **state)
{
	char path[] = "/tmp/tsuwa-ua-XXXXXX";
	int fd = mkstemp(path);
	static int16_t pcm[8 * TSUWA_AUDIO_FRAME];
	struct tsuwa_sound *sound, *back;
	struct tsuwa_recorder *recorder;
	struct agent a, b;

	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < sizeof(pcm) / sizeof(pcm[0]); i++)
		pcm[i] = i & 8 ? 8000 : -8000;
	assert_int_equal(tsuwa_sound_new(pcm, sizeof(pcm) / sizeof(pcm[0]), &sound), 0);
	assert_int_equal(tsuwa_recorder_new(path, &recorder), 0);
	open_both(&a, &b);
	dial(&a, &b);
	assert_int_equal(tsuwa_call_play(a.call, sound, false), 0);
	assert_int_equal(tsuwa_call_record(a.call, recorder), 0);
	assert_int_equal(tsuwa_call_record(a.call, recorder), 0);
	tsuwa_sound_free(&sound); /* the call keeps it */
	UNTIL(&a, &b, b.calls, 1);
	assert_int_equal(tsuwa_call_record(b.call, recorder), -EBUSY);
	UNTIL(&a, &b, a.played, 1);
	UNTIL(&a, &b, b.pulls, 25);
	assert_int_equal(tsuwa_recorder_free(&recorder), 0); /* while it records */
	UNTIL(&a, &b, b.pulls, 30);
	close_both(&a, &b);
	assert_int_equal(tsuwa_sound_load(path, &back, NULL), 0);
	assert_true(tsuwa_sound_length(back) >= 10 * TSUWA_AUDIO_FRAME);
	tsuwa_sound_free(&back);
	unlink(path);
}

static void a_source_ends(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	dial(&a, &b);
	a.pull_limit = 5;
	assert_int_equal(tsuwa_call_set_source(a.call, pull, &a), 0);
	UNTIL(&a, &b, a.played, 1);
	assert_int_equal(a.pulls, 5);
	close_both(&a, &b);
}

/* ---- calls that do not come to be ---- */

static void calls_are_refused(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	b.refuse = 486;
	dial(&a, &b);
	UNTIL(&a, &b, a.ended, 1);
	assert_int_equal(a.cause, TSUWA_REFUSED);
	assert_int_equal(a.end_status, 486);
	assert_false(a.was_up);
	assert_int_equal(b.ended, 0);
	tsuwa_call_free(&a.call);
	b.refuse = 0;
	b.ring_only = true;
	dial(&a, &b);
	UNTIL(&a, &b, b.calls, 2);
	assert_int_equal(tsuwa_call_reject(b.call, 200, NULL), -EINVAL);
	assert_int_equal(tsuwa_call_reject(b.call, 603, "Not\r\nnow"), -EINVAL);
	assert_int_equal(tsuwa_call_reject(b.call, 603, "Not now"), 0);
	assert_int_equal(tsuwa_call_answer(b.call), -ENOTCONN);
	UNTIL(&a, &b, a.ended, 2);
	UNTIL(&a, &b, b.ended, 1);
	assert_int_equal(a.end_status, 603);
	close_both(&a, &b);
}

static void nobody_takes_calls(void **state)
{
	struct agent a, b;

	open_agent(&a, true);
	open_agent(&b, false);
	dial(&a, &b);
	UNTIL(&a, &b, a.ended, 1);
	assert_int_equal(a.end_status, 480);
	close_both(&a, &b);
}

static void a_call_is_canceled(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	b.ring_only = true;
	dial(&a, &b);
	UNTIL(&a, &b, a.progress, 1);
	tsuwa_call_hangup(a.call);
	UNTIL(&a, &b, a.ended, 1);
	UNTIL(&a, &b, b.ended, 1);
	assert_int_equal(a.cause, TSUWA_CANCELED);
	assert_int_equal(b.cause, TSUWA_CANCELED);
	close_both(&a, &b);
}

static void bad_wishes_are_told(void **state)
{
	struct agent a;
	struct tsuwa_call_conf conf = {.size = sizeof(conf), .uri = "not a uri"};
	struct tsuwa_ua_conf bad = {.size = sizeof(bad), .listen = "nowhere"};
	struct tsuwa_call *call = NULL;
	struct tsuwa_ua *ua = NULL;
	struct tsuwa_error err;

	open_agent(&a, true);
	assert_int_equal(tsuwa_call_new(a.ua, &conf, &call, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a uri"));
	conf.uri = "sip:a@b";
	conf.codecs = "opus";
	assert_int_equal(tsuwa_call_new(a.ua, &conf, &call, &err), -EINVAL);
	assert_null(call);
	assert_int_equal(tsuwa_ua_new(&bad, &ua, &err), -EINVAL);
	assert_non_null(strstr(err.text, "nowhere"));
	bad.listen = "127.0.0.1";
	bad.product = "a\r\nb";
	assert_int_equal(tsuwa_ua_new(&bad, &ua, &err), -EINVAL);
	bad.product = NULL;
	bad.listen = a.bound; /* taken */
	assert_int_equal(tsuwa_ua_new(&bad, &ua, &err), -EADDRINUSE);
	assert_non_null(strstr(err.text, a.bound));
	assert_null(ua);
	assert_int_equal(tsuwa_ua_register(a.ua, 60), -EINVAL);
	assert_int_equal(tsuwa_ua_unregister(a.ua, false), -EINVAL);
	tsuwa_ua_free(&a.ua);
	tsuwa_ua_free(&a.ua);
}

/* ---- requests ---- */

static void texts_are_sent(void **state)
{
	struct agent a, b;
	char uri[100];
	struct tsuwa_request_conf conf = {
		.size = sizeof(conf),
		.method = "MESSAGE",
		.uri = uri,
		.content_type = "text/plain",
		.body = "lunch?",
		.body_n = 6,
		.headers = "Subject: food\r\nX-A: 1\r\n",
		.on_answer = on_answer,
	};
	struct tsuwa_request *r;

	open_both(&a, &b);
	conf.ctx = &a;
	snprintf(uri, sizeof(uri), "sip:b@%s", b.bound);
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, NULL), 0);
	assert_int_equal(a.answers, 0);
	UNTIL(&a, &b, a.answers, 1);
	assert_int_equal(a.answer.status, 200);
	assert_int_equal(a.answer.err, 0);
	assert_string_equal(b.text, "lunch?");
	conf.method = "OPTIONS";
	conf.body_n = 0;
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), 0);
	UNTIL(&a, &b, a.answers, 2);
	assert_int_equal(a.answer.status, 200);
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), 0);
	tsuwa_request_free(&r); /* nothing is told */
	assert_null(r);
	conf.headers = "To: <sip:x@y>\r\n";
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), -EINVAL);
	conf.headers = "no colon";
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), -EINVAL);
	conf.headers = NULL;
	conf.method = "INVITE";
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), -EINVAL);
	conf.method = "A B";
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), -EINVAL);
	conf.method = "OPTIONS";
	conf.uri = "mailto:x@y";
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, &r), -EINVAL);
	assert_int_equal(a.answers, 2);
	close_both(&a, &b);
}

/* Nobody listens there: told by an error, and by the callback. */
static void nobody_answers(void **state)
{
	struct agent a, gone;
	char uri[100];
	struct tsuwa_request_conf conf = {
		.size = sizeof(conf), .method = "OPTIONS", .uri = uri, .on_answer = on_answer};

	open_both(&a, &gone);
	conf.ctx = &a;
	snprintf(uri, sizeof(uri), "sip:b@%s;transport=tcp", gone.bound);
	tsuwa_ua_free(&gone.ua);
	assert_int_equal(tsuwa_ua_request(a.ua, &conf, NULL), 0);
	UNTIL(&a, NULL, a.answers, 1);
	assert_int_equal(a.answer.status, 0);
	assert_true(a.answer.err < 0);
	assert_true(tsuwa_strerror(a.answer.err)[0]);
	tsuwa_ua_free(&a.ua);
}

/* ---- the ends of things ---- */

static void a_call_is_freed_inside_its_callbacks(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	a.free_in_callback = b.free_in_callback = true;
	dial(&a, &b);
	UNTIL(&a, &b, a.answered, 1); /* freed there: it hangs up */
	assert_null(a.call);
	UNTIL(&a, &b, b.ended, 1);
	assert_null(b.call);
	assert_int_equal(b.cause, TSUWA_PEER_HUNG_UP);
	assert_int_equal(a.ended, 0);
	close_both(&a, &b);
}

static void a_user_agent_is_freed_inside_its_callbacks(void **state)
{
	struct agent a, b;

	open_both(&a, &b);
	a.free_ua_in_callback = true;
	dial(&a, &b);
	UNTIL(&a, &b, a.answered, 1);
	assert_null(a.ua);
	UNTIL(NULL, &b, b.ended, 1); /* it was hung up */
	open_agent(&a, true);
	b.free_ua_in_callback = true;
	dial(&a, &b);
	UNTIL(&a, &b, b.calls, 2);
	assert_null(b.ua);
	tsuwa_ua_free(&a.ua);
}

/* Without anything to do it sleeps; what is asked of it from outside a step makes it due, and a timer of
 * its own wakes the descriptor. */
static void the_descriptor_tells_when(void **state)
{
	struct agent a, silent;
	struct pollfd p;

	open_both(&a, &silent);
	assert_int_equal(tsuwa_ua_wait(a.ua, 1000), 0);
	assert_int_equal(tsuwa_ua_step(a.ua), 0);
	p = (struct pollfd){tsuwa_ua_fd(a.ua), POLLIN, 0};
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_true(tsuwa_ua_timeout_ms(a.ua) == -1 || tsuwa_ua_timeout_ms(a.ua) > 0);
	dial(&a, &silent); /* which is not stepped: its INVITE is sent again */
	assert_int_equal(tsuwa_ua_timeout_ms(a.ua), 0);
	assert_int_equal(poll(&p, 1, 1000), 1);
	UNTIL(&a, NULL, a.bytes_out, 2);
	assert_int_equal(a.bytes_in, 0);
	close_both(&a, &silent);
}

/* The process is as it was: no signal caught, no descriptor left. */
static unsigned descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void the_process_is_left_alone(void **state)
{
	unsigned before = descriptors();
	struct sigaction pipe_before, pipe_after;
	sigset_t mask_before, mask_after;
	struct agent a, b;

	sigaction(SIGPIPE, NULL, &pipe_before);
	sigprocmask(SIG_BLOCK, NULL, &mask_before);
	open_both(&a, &b);
	dial(&a, &b);
	UNTIL(&a, &b, a.answered, 1);
	sigaction(SIGPIPE, NULL, &pipe_after);
	sigprocmask(SIG_BLOCK, NULL, &mask_after);
	assert_ptr_equal(pipe_before.sa_handler, pipe_after.sa_handler);
	for (int signal = 1; signal < 32; signal++)
		assert_int_equal(sigismember(&mask_before, signal),
				 sigismember(&mask_after, signal));
	close_both(&a, &b);
	assert_int_equal(descriptors(), before);
}

static void *come_and_go(void *arg)
{
	const struct tsuwa_ua_conf conf = {.size = sizeof(conf), .listen = "127.0.0.1:0"};
	struct tsuwa_ua *ua = NULL;
	unsigned *good = arg;

	for (int i = 0; i < 10; i++) {
		*good += tsuwa_ua_new(&conf, &ua, NULL) == 0 && tsuwa_ua_wait(ua, 1000) == 0;
		tsuwa_ua_free(&ua);
	}
	return NULL;
}

static void threads_have_their_own(void **state)
{
	pthread_t thread[4];
	unsigned good[4] = {0};

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, come_and_go, &good[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(good[i], 10);
	}
}

static void open_once(void)
{
	const struct tsuwa_ua_conf conf = {.size = sizeof(conf), .listen = "127.0.0.1:0"};
	struct tsuwa_account *account = NULL;
	struct tsuwa_ua_conf with = conf;
	struct tsuwa_ua *ua = NULL;
	struct tsuwa_error err;
	int code = tsuwa_account_new(&account);

	if (!code)
		code = tsuwa_account_set(account, "user", "a@example.com", &err);
	with.account = account;
	if (!code)
		code = tsuwa_ua_new(&with, &ua, &err);
	if (code)
		assert_true(alloc_has_failed() && code < 0);
	tsuwa_account_free(&account);
	tsuwa_ua_free(&ua);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(open_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_goes_up_and_down),
		cmocka_unit_test(echo_comes_back),
		cmocka_unit_test(digits_and_texts_cross),
		cmocka_unit_test(calls_are_held),
		cmocka_unit_test(sounds_are_played_and_recorded),
		cmocka_unit_test(a_source_ends),
		cmocka_unit_test(calls_are_refused),
		cmocka_unit_test(nobody_takes_calls),
		cmocka_unit_test(a_call_is_canceled),
		cmocka_unit_test(bad_wishes_are_told),
		cmocka_unit_test(texts_are_sent),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(a_call_is_freed_inside_its_callbacks),
		cmocka_unit_test(a_user_agent_is_freed_inside_its_callbacks),
		cmocka_unit_test(the_descriptor_tells_when),
		cmocka_unit_test(the_process_is_left_alone),
		cmocka_unit_test(threads_have_their_own),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
