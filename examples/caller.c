/* Registers, calls somebody, plays one file and records what comes back, and takes its contact away
 * again: a user agent on a loop of its own around poll(2).
 *
 *	cc caller.c $(pkg-config --cflags --libs tsuwa) -o caller
 *	./caller alice.account echo hello.wav heard.wav
 */
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include <tsuwa/tsuwa.h>

#define LIMIT_S 60 /* of all */
#define TAIL_MS 500 /* what comes back of the file's end */

struct caller {
	struct tsuwa_ua *ua;
	struct tsuwa_call *call;
	struct tsuwa_sound *sound;
	struct tsuwa_recorder *recorder;
	char uri[256];
	long long hangup_at_ms; /* 0: not yet */
	bool good, done;
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- the call ---- */

static void on_answered(void *ctx, struct tsuwa_call *call)
{
	struct caller *c = ctx;

	printf("answered, %s\n", tsuwa_call_codec(call));
	tsuwa_call_record(call, c->recorder);
	tsuwa_call_play(call, c->sound, false);
}

static void on_media(void *ctx, struct tsuwa_call *call, enum tsuwa_media_event event)
{
	struct caller *c = ctx;

	(void)call;
	if (event == TSUWA_MEDIA_FLOWS)
		printf("media flows\n");
	if (event == TSUWA_MEDIA_PLAYED)
		c->hangup_at_ms = now_ms() + TAIL_MS;
}

static void on_ended(void *ctx, struct tsuwa_call *call, const struct tsuwa_call_end *end)
{
	struct caller *c = ctx;
	struct tsuwa_call_stats s;

	tsuwa_call_get_stats(call, &s, sizeof(s));
	c->good = end->was_up && end->cause == TSUWA_HUNG_UP;
	if (end->was_up)
		printf("ended: %llu packets sent, %llu received\n",
		       (unsigned long long)s.packets_sent, (unsigned long long)s.packets_received);
	else
		printf("not answered: %u %.*s\n", end->status, TSUWA_STR_ARG(end->reason));
	tsuwa_call_free(&c->call);
	if (tsuwa_ua_unregister(c->ua, false) != 0)
		c->done = true;
}

static void call(struct caller *c)
{
	struct tsuwa_call_events events = {
		.size = sizeof(events),
		.on_answered = on_answered,
		.on_media = on_media,
		.on_ended = on_ended,
	};
	struct tsuwa_call_conf conf = {
		.size = sizeof(conf),
		.uri = c->uri,
		.events = &events,
		.ctx = c,
	};
	struct tsuwa_error err;

	printf("calling %s\n", c->uri);
	if (tsuwa_call_new(c->ua, &conf, &c->call, &err) != 0) {
		printf("can't call: %s\n", err.text);
		c->done = true;
	}
}

static void on_registration(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_registration *r)
{
	struct caller *c = ctx;

	(void)ua;
	if (r->state == TSUWA_REGISTERED && !c->call && !c->good) {
		printf("registered for %u s\n", r->expires_s);
		call(c);
	} else if (r->state == TSUWA_UNREGISTERED) {
		printf("unregistered\n");
		c->done = true;
	} else if (r->state == TSUWA_REGISTRATION_FAILED) {
		printf("not registered: %u %s\n", r->answer.status,
		       r->answer.err ? tsuwa_strerror(r->answer.err) : "");
		c->done = true;
	}
}

/* ---- the loop ---- */

static int timeout_ms(const struct caller *c, long long limit)
{
	long long at = c->hangup_at_ms ? c->hangup_at_ms : limit, now = now_ms();

	return at > now ? (int)(at - now) : 0;
}

static void loop(struct caller *c)
{
	struct pollfd p = {.fd = tsuwa_ua_fd(c->ua), .events = POLLIN};
	long long limit = now_ms() + LIMIT_S * 1000LL;

	while (!c->done && now_ms() < limit) {
		if (poll(&p, 1, timeout_ms(c, limit)) > 0)
			tsuwa_ua_step(c->ua);
		if (c->hangup_at_ms && now_ms() >= c->hangup_at_ms) {
			c->hangup_at_ms = 0;
			if (c->call)
				tsuwa_call_hangup(c->call);
		}
	}
}

static bool start(struct caller *c, struct tsuwa_account *account, char **argv,
		  struct tsuwa_error *err)
{
	struct tsuwa_ua_events events = {
		.size = sizeof(events),
		.on_registration = on_registration,
	};
	struct tsuwa_ua_conf conf = {
		.size = sizeof(conf),
		.account = account,
		.events = &events,
		.ctx = c,
	};

	if (tsuwa_account_read(account, argv[1], err) != 0 ||
	    tsuwa_account_complete(account, argv[2], c->uri, sizeof(c->uri), err) != 0 ||
	    tsuwa_sound_load(argv[3], &c->sound, err) != 0)
		return false;
	err->text[0] = '\0';
	return tsuwa_recorder_new(argv[4], &c->recorder) == 0 &&
	       tsuwa_ua_new(&conf, &c->ua, err) == 0 && tsuwa_ua_register(c->ua, 600) == 0;
}

int main(int argc, char **argv)
{
	struct caller c = {0};
	struct tsuwa_account *account;
	struct tsuwa_error err;

	if (argc != 5) {
		fprintf(stderr, "usage: %s ACCOUNT WHOM PLAY.wav RECORD.wav\n", argv[0]);
		return 2;
	}
	if (tsuwa_account_new(&account) != 0)
		return 1;
	if (start(&c, account, argv, &err))
		loop(&c);
	else
		fprintf(stderr, "can't start: %s\n", err.text);
	tsuwa_account_free(&account); /* the user agent has a copy */
	tsuwa_ua_free(&c.ua);
	tsuwa_sound_free(&c.sound);
	if (tsuwa_recorder_free(&c.recorder) != 0)
		c.good = false;
	return c.good ? 0 : 1;
}
