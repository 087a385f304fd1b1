/* tsuwa/ua.h - a user agent (RFC 3261 s8, s10) on the caller's loop: it registers, makes and takes calls
 * (tsuwa/call.h), sends and receives messages.
 *
 * It has one descriptor to poll for reading; when that is readable, tsuwa_ua_step() does what there is to
 * do without ever waiting:
 *
 *	struct pollfd p = {tsuwa_ua_fd(ua), POLLIN, 0};
 *
 *	while (poll(&p, 1, -1) >= 0)
 *		tsuwa_ua_step(ua);
 *
 * Callbacks come from tsuwa_ua_step() only, one at a time, never from inside another function of the
 * library, never under a lock, and none after the object was freed.  Every function but tsuwa_ua_step() may
 * be called from inside them, those that free too.  A user agent and all that belongs to it is used
 * from one thread; each has its own sockets and timers, so a process may have many. */
#ifndef TSUWA_UA_H
#define TSUWA_UA_H

#include <tsuwa/account.h>
#include <tsuwa/message.h>
#include <tsuwa/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tsuwa_ua;
struct tsuwa_call;
struct tsuwa_request;

/* What came of a request of ours.  Borrowed for the callback. */
struct tsuwa_answer {
	int err; /* 0, or a negative errno: there was no final response (tsuwa_strerror()) */
	unsigned status; /* of the final response; 0: none */
	struct tsuwa_str reason;
	const struct tsuwa_message *message; /* the response; NULL: none */
	unsigned ms; /* how long it took */
};

/* ---- events ---- */

enum tsuwa_registration_state {
	TSUWA_UNREGISTERED,
	TSUWA_REGISTERED, /* refreshed by itself until it is taken away */
	TSUWA_REGISTRATION_FAILED /* the last attempt; one that stood before is tried again in 30 s */
};

struct tsuwa_registration {
	enum tsuwa_registration_state state;
	uint32_t expires_s; /* granted to our contact; 0: it does not stand */
	struct tsuwa_answer answer;
};

enum tsuwa_log_level { TSUWA_LOG_ERROR, TSUWA_LOG_WARN, TSUWA_LOG_INFO, TSUWA_LOG_DEBUG };

/* Any may be NULL.  size is sizeof(struct tsuwa_ua_events): later versions add to its end. */
struct tsuwa_ua_events {
	size_t size;
	/* The answer to a REGISTER, refreshes too. */
	void (*on_registration)(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_registration *r);
	/* A call comes in.  0: taken, it belongs to the callee (who calls tsuwa_call_set_events(), rings,
	 * answers, now or later) until tsuwa_call_free(); 300-699: refuse with it, the call is gone.
	 * NULL: 480. */
	unsigned (*on_call)(void *ctx, struct tsuwa_ua *ua, struct tsuwa_call *call);
	/* A MESSAGE outside of calls (RFC 3428); it was answered with 200. */
	void (*on_message)(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_message *m);
	/* Every message that came or left, retransmissions too; peer: "192.0.2.7:5060". */
	void (*on_bytes)(void *ctx, struct tsuwa_ua *ua, bool out, const char *peer,
			 struct tsuwa_str bytes);
	/* What may interest who runs it. */
	void (*on_log)(void *ctx, struct tsuwa_ua *ua, enum tsuwa_log_level level,
		       struct tsuwa_str line);
};

/* ---- life ---- */

/* Begin with zeros and set size to sizeof(struct tsuwa_ua_conf).  All is copied. */
struct tsuwa_ua_conf {
	size_t size;
	const struct tsuwa_account *account; /* NULL or without a user: nobody */
	/* "ADDRESS:PORT" of ours, for UDP and TCP; port 0: any.  NULL: the address that leads to the
	 * proxy, or the domain, or target. */
	const char *listen;
	const char *target; /* a URI that will be spoken to; may be NULL */
	const char *product; /* User-Agent; NULL: "Tsuwa/VERSION" */
	const struct tsuwa_ua_events *events; /* NULL: none */
	void *ctx; /* of the events */
};

/* Opens sockets; says nothing yet.  With a proxy or domain given by name and no listen address it looks
 * that name up, which may take the time that getaddrinfo() takes; nothing later waits.
 * 0, -EINVAL, -EADDRINUSE, -ENOMEM, -errno. */
int tsuwa_ua_new(const struct tsuwa_ua_conf *conf, struct tsuwa_ua **ret, struct tsuwa_error *err);
/* Hangs up, as far as one message can; what belongs to it (calls, requests) is freed and must not be used
 * any more.  Does not unregister.  Accepts NULL; *ua becomes NULL. */
void tsuwa_ua_free(struct tsuwa_ua **ua);

/* To be polled for reading; the same for life, closed by tsuwa_ua_free(). */
int tsuwa_ua_fd(const struct tsuwa_ua *ua);
/* Does all that is due.  0; -EBUSY from inside a callback. */
int tsuwa_ua_step(struct tsuwa_ua *ua);
/* Milliseconds until there will be something to do even if nothing comes: -1 for never.  Only for loops
 * that can't rely on the descriptor alone, which also becomes readable then. */
int tsuwa_ua_timeout_ms(const struct tsuwa_ua *ua);
/* Waits up to timeout_ms (-1: as long as it takes) for something to do, and does it: for programs without a
 * loop of their own.  0, -EBUSY, -EINTR. */
int tsuwa_ua_wait(struct tsuwa_ua *ua, int timeout_ms);

/* Where it is bound: "127.0.0.1:5070" for "udp" or "tcp".  0, -EINVAL (another transport), -ENOBUFS. */
int tsuwa_ua_bound(const struct tsuwa_ua *ua, const char *transport, char *room, size_t size);

/* ---- registration (RFC 3261 s10.2) ---- */

/* Registers our contact for expires_s seconds, and again in time for ever; moves it when a NAT shows us
 * under another address.  on_registration tells of each answer.  0, -EINVAL (no account, or 0 seconds), -errno. */
int tsuwa_ua_register(struct tsuwa_ua *ua, uint32_t expires_s);
/* Takes our contact away (all: every contact of the account, with or without one of ours);
 * on_registration follows.  0; -ENOENT: none of ours stands, and there will be no more attempts at it;
 * -EINVAL (no account), -errno. */
int tsuwa_ua_unregister(struct tsuwa_ua *ua, bool all);
/* Does our contact stand, as far as we know? */
bool tsuwa_ua_is_registered(const struct tsuwa_ua *ua);
/* Is this contact of a registrar's answer ours? */
bool tsuwa_ua_is_our_contact(const struct tsuwa_ua *ua, const struct tsuwa_address *contact);

/* ---- single requests ---- */

/* Begin with zeros and set size to sizeof(struct tsuwa_request_conf).  Copied. */
struct tsuwa_request_conf {
	size_t size;
	const char *method; /* not INVITE, ACK, CANCEL, BYE, REGISTER */
	const char *uri;
	const char *content_type; /* with a body */
	const void *body;
	size_t body_n;
	const char *
		headers; /* whole further lines, "Event: presence\r\nExpires: 60\r\n"; may be NULL */
	/* Once, with the final response; the request is gone then. */
	void (*on_answer)(void *ctx, struct tsuwa_ua *ua, const struct tsuwa_answer *answer);
	void *ctx;
};

/* Sends a request outside of calls, with credentials where they are asked for.  ret may be NULL.
 * 0: on_answer follows; -EINVAL, -EMSGSIZE, -ENOMEM, -errno. */
int tsuwa_ua_request(struct tsuwa_ua *ua, const struct tsuwa_request_conf *conf,
		     struct tsuwa_request **ret);
/* Forgets it: on_answer will not come.  Not after on_answer has come.  *r becomes NULL. */
void tsuwa_request_free(struct tsuwa_request **r);

#ifdef __cplusplus
}
#endif

#endif
