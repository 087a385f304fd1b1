/* lib/ua.h - the inside of a user agent: loop, sockets, media, one worker of the engine, dialogs, its
 * registration, its calls and requests.  The public side is tsuwa/ua.h and tsuwa/call.h. */
#ifndef TSUWA_LIB_UA_H
#define TSUWA_LIB_UA_H

#include <tsuwa/ua.h>

#include "core/dlg.h"
#include "crypto/digest.h"
#include "dlg/session.h"
#include "lib/account.h"
#include "lib/inside.h"
#include "lib/message.h"
#include "lib/registration.h"
#include "media/media.h"
#include "net/net.h"

struct tsuwa_ua {
	struct tsuwa_account account; /* a copy */
	struct tsuwa_ua_events events;
	void *ctx;
	struct addr listen; /* family 0: find one */
	struct str product; /* owned */
	struct loop *loop;
	struct loop_fd alarm; /* a timerfd that makes the loop's timers readable */
	uint64_t alarm_ms; /* when it rings; WHEEL_NEVER: it does not */
	bool stepping;
	bool dead; /* freed from inside a callback: its memory goes at the end of the step */
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
	struct lib_registration registration;
	struct list calls, requests;
	struct log log;
};

/* Around what the caller does from outside a step: the clock is read, and a step is made due. */
void lib_ua_enter(struct tsuwa_ua *u);
void lib_ua_leave(struct tsuwa_ua *u);

/* ---- ua_names.c ---- */

/* Our From value, without a tag. */
void lib_ua_put_from(const struct tsuwa_ua *u, struct buf *b);
/* The next hop of a request to target: the proxy, or the target's host by the transport that
 * was asked for; nothing when the target itself says enough. */
void lib_ua_put_next_hop(const struct tsuwa_ua *u, struct str target, struct buf *b);
/* UDP behind a NAT: what others see of us, taken from the Via of a response (RFC 3581 s4).
 * True when our Contact has changed by it. */
bool lib_ua_learn_address(struct tsuwa_ua *u, const struct sip_rx *response);
/* Our contact's address for a flow, "sip:user@host:port". */
void lib_ua_put_contact_uri(const struct tsuwa_ua *u, const struct flow *flow, struct buf *b);
/* Which address of ours leads to the proxy, else the domain, target, the world; else loopback.  May wait
 * for a name. */
void lib_ua_find_local(struct tsuwa_ua *u, struct str target);

/* ---- request.c, call.c ---- */

void lib_requests_free(struct tsuwa_ua *u);
void lib_calls_free(struct tsuwa_ua *u);
/* An INVITE without a To tag, checked. */
void lib_call_incoming(struct tsuwa_ua *u, const struct sip_rx *rx);

/* What came of a request, for a callback: rx NULL with err when there was none. */
struct tsuwa_answer lib_answer(const struct tsuwa_message *view, int err, uint64_t ms);

#endif
