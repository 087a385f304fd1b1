/* ua/ua.h - a user agent in one thread: loop, sockets, media, one worker of the engine, dialogs,
 * signals, and the lines that a person watches.  Commands put their own behaviour on
 * top by struct ua_user. */
#ifndef TSUWA_UA_UA_H
#define TSUWA_UA_UA_H

#include "app/talk.h"
#include "core/dlg.h"
#include "crypto/digest.h"
#include "dlg/session.h"
#include "net/net.h"
#include "ua/account.h"

#define UA_DONE 0 /* exit codes */
#define UA_FAILED 1
#define UA_USAGE 2

#define UA_HANGUP_MS 2000 /* how long a Ctrl-C waits for answers */

struct ua_conf {
	const struct ua_account *account; /* borrowed; without a user: nobody */
	struct addr listen; /* family 0: the address that leads to the proxy, any port */
	const char *target; /* URI that will be spoken to, NULL: none; helps to find the address */
	bool json; /* lines of progress go to standard error */
	bool trace; /* show messages on standard error */
};

struct ua_user {
	/* An INVITE without a To tag, checked.  NULL: 480. */
	void (*on_invite)(void *ctx, const struct sip_rx *rx);
	/* A MESSAGE, answered. */
	void (*on_message)(void *ctx, const struct sip_rx *rx);
	/* The first Ctrl-C: end soon.  A second ends at once. */
	void (*on_interrupt)(void *ctx);
	void *ctx;
};

struct ua {
	struct ua_conf conf;
	struct ua_user user;
	struct loop *loop;
	struct net *net;
	struct io *io;
	struct media *media;
	struct crypto *crypto;
	struct core *core;
	struct core_account credentials;
	struct core_dlg *dlg;
	struct dlg_table *table;
	struct core_element element;
	struct tport_listener listeners[2]; /* UDP, TCP */
	char hosts[2][ADDR_TEXT_MAX];
	struct addr local; /* ours, port 0 */
	struct loop_signals signals;
	bool has_signals, interrupted;
	struct timer end; /* the wait after a Ctrl-C */
	uint64_t start_ms;
	int exit_code;
	struct log log;
};

/* 0, or the exit code: what is wrong was said. */
int ua_new(const struct ua_conf *conf, const struct ua_user *user, struct ua **ret);
void ua_free(struct ua **u);
/* Runs until ua_stop(); the exit code. */
int ua_run(struct ua *u);
void ua_stop(struct ua *u, int exit_code);

/* Our From value, without a tag. */
void ua_put_from(const struct ua *u, struct buf *b);
/* The next hop of a request to target: the proxy, or the target's host by the transport that
 * was asked for; nothing when the target itself says enough. */
void ua_put_next_hop(const struct ua *u, struct str target, struct buf *b);
/* UDP behind a NAT: what others see of us, taken from the Via of a response (RFC 3581 s4).
 * True when our Contact has changed by it. */
bool ua_learn_address(struct ua *u, const struct sip_rx *response);
/* Our contact's address for a flow, "sip:user@host:port". */
void ua_put_contact_uri(const struct ua *u, const struct flow *flow, struct buf *b);
uint64_t ua_random(struct ua *u);

/* Text of others as a C string in room, cut to its size: control characters must not reach a
 * terminal. */
const char *ua_clean(struct str text, char *room, size_t size);
/* A line with the time since the start: "+0.123s ...".  The verbs of buf_fmt. */
void ua_say(struct ua *u, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "tsuwa: ..." on standard error. */
void ua_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Status, reason and Warning of a response in words: "486 Busy Here (…)". */
void ua_put_status(const struct sip_rx *rx, struct buf *b);
/* What a person might look at after this status: "" or " (wrong user or password?)". */
const char *ua_hint(const struct ua *u, unsigned status);
/* Why there was none: "no answer", "nobody listens there", ... */
const char *ua_error_text(int err);

#endif
