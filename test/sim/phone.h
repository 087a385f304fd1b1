/* test/sim/phone.h - a user agent on a node: the project's core and dialogs with a person of few
 * habits on top, who registers, calls, answers, refuses, cancels, and reports how calls ended. */
#ifndef TSUWA_TEST_SIM_PHONE_H
#define TSUWA_TEST_SIM_PHONE_H

#include "core/core.h"
#include "core/dlg.h"
#include "core/uac.h"
#include "crypto/digest.h"
#include "dlg/offer.h"
#include "dlg/session.h"
#include "media.h"
#include "sim.h"

#define PHONE_NEVER UINT32_MAX
#define PHONE_RINGS_MS 240000 /* nobody answers: 480 */

/* What it does when it is called. */
struct phone_manner {
	uint32_t ring_ms; /* until it says 180; NEVER: it does not */
	uint32_t answer_ms; /* until it answers by status; NEVER: it does not */
	unsigned status; /* 200, or how it refuses */
	uint32_t hangup_ms; /* after the answer; 0: leaves that to the caller */
};

/* What it means to do with a call that it makes. */
struct phone_plan {
	uint32_t cancel_ms; /* 0: waits */
	uint32_t hold_ms; /* hangs up so long after the answer; 0: leaves that to the callee */
	uint32_t reinvite_ms; /* offers anew so long after the answer; 0: does not */
	uint32_t tag; /* the scenario's */
};

struct phone_report {
	const char *call_id;
	bool caller;
	enum dlg_cause cause;
	unsigned status; /* of DLG_REFUSED */
	int err; /* of DLG_FAILED */
	bool was_up, media_lost;
	uint64_t packets_received;
	uint32_t tag; /* of the caller's plan */
};

struct phone;

struct phone_call {
	struct list link;
	struct phone *phone;
	struct dlg_session *session;
	struct dlg_offer offer;
	struct media_session *media;
	struct timer ring, act, end, again;
	struct phone_plan plan;
	struct phone_manner manner;
	bool caller, up, was_up, media_lost, held;
	char call_id[80];
};

struct phone {
	struct sim *sim;
	struct sim_node *node;
	struct sim_worker *w;
	char user[24], password[24], domain[64];
	char proxy[96]; /* URI of its outbound proxy */
	struct tport_listener listeners[SIM_LISTENERS];
	char host[64];
	struct core_element element;
	struct core *core;
	struct crypto *crypto;
	struct core_account account;
	struct core_dlg *dlg;
	struct dlg_table *table;
	struct media *media;
	bool no_media;
	struct list calls;
	struct phone_manner manner;
	char moved_to[96]; /* URI: it answers calls with 302; "": it does not */
	uint32_t media_timeout_ms; /* 0: that of media/media.h */
	/* registration */
	struct core_uac *reg;
	struct timer refresh;
	char reg_call_id[40], reg_tag[40];
	char reg_params[128]; /* of its Contact, with their ';' */
	char contact_q[8];
	uint32_t reg_cseq, expires_s;
	unsigned reg_status; /* of the last final answer; 0: none yet */
	int reg_err;
	bool registered, refreshes;
	unsigned reg_ok, reg_failed;
	/* Each end of a call. */
	void (*on_report)(void *ctx, struct phone *ph, const struct phone_report *r);
	void *ctx;
	/* The last end of a call, and what the last call saw. */
	struct phone_report last;
	char last_call_id[80];
	/* progress: of provisional responses, without 100. */
	unsigned ended, incoming, answered, progress, last_progress;
	/* OPTIONS and MESSAGE that came to it. */
	unsigned requests;
};

/* With listeners for UDP and TCP on port 5060; talks to its proxy by `by`. */
struct phone *phone_new(struct sim *s, const char *user, const char *password, const char *domain,
			const char *ip, const char *proxy_ip, enum transport by);
/* Behind a router. */
void phone_behind(struct phone *ph, struct sim_nat *nat);
/* Boots its node. */
void phone_start(struct phone *ph);
void phone_crash(struct phone *ph, bool host);
void phone_free(struct phone **ph);

/* Registers, and again after half of its time while refreshes is set; expires_s 0: takes the binding
 * away. */
void phone_register(struct phone *ph, uint32_t expires_s);
/* Calls a URI.  NULL when it could not even begin. */
struct phone_call *phone_call(struct phone *ph, const char *uri, const struct phone_plan *plan);
void phone_hangup(struct phone_call *c);
bool phone_is_idle(struct phone *ph);
const char *phone_cause(enum dlg_cause c);

#endif
