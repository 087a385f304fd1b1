/* ua/ua.h - one command of the command line at work: a user agent of libtsuwa in a loop of its own with
 * signals and timers.  Commands put their own behaviour on top.  Of the house it sees the
 * public API and base/ only. */
#ifndef TSUWA_UA_UA_H
#define TSUWA_UA_UA_H

#include <tsuwa/tsuwa.h>

#include "base/wheel.h"
#include "ua/say.h"

#define UA_DONE 0 /* exit codes */
#define UA_FAILED 1
#define UA_USAGE 2

#define UA_HANGUP_MS 2000 /* how long a Ctrl-C waits for answers */

struct ua_conf {
	const struct tsuwa_account *account; /* borrowed; without a user: nobody */
	const char *listen; /* NULL: the address that leads to the proxy, any port */
	const char *target; /* URI that will be spoken to, NULL: none; helps to find the address */
	bool json; /* lines of progress go to standard error */
	bool trace; /* show messages on standard error */
};

struct ua_user {
	struct tsuwa_ua_events events; /* on_bytes and on_log are ua.c's */
	/* The first Ctrl-C: end soon.  A second ends at once. */
	void (*on_interrupt)(void *ctx);
	void *ctx; /* of the events too */
};

struct ua {
	struct ua_conf conf;
	struct tsuwa_ua *agent;
	void (*on_interrupt)(void *ctx);
	void *ctx;
	struct wheel wheel;
	int signals; /* a signalfd */
	bool interrupted, stopped;
	struct timer end; /* the wait after a Ctrl-C */
	uint64_t start_ms;
	int exit_code;
};

/* 0, or the exit code: what is wrong was said. */
int ua_new(const struct ua_conf *conf, const struct ua_user *user, struct ua **ret);
void ua_free(struct ua **u);
/* Runs until ua_stop(); the exit code. */
int ua_run(struct ua *u);
void ua_stop(struct ua *u, int exit_code);

uint64_t ua_now_ms(void);
void ua_timer(struct ua *u, struct timer *t, uint64_t in_ms);

/* A line with the time since the start: "+0.123s ...".  The verbs of buf_fmt. */
void ua_say(struct ua *u, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What a person might look at after this status: "" or " (wrong user or password?)". */
const char *ua_hint(const struct ua *u, unsigned status);

#endif
