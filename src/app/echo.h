/* app/echo.h - sip:echo@DOMAIN: answers a call and sends back what it hears, so that a first call
 * needs one phone only.  Ends a call whose media falls silent. */
#ifndef TSUWA_APP_ECHO_H
#define TSUWA_APP_ECHO_H

#include "app/policy.h"
#include "core/core.h"
#include "media/media.h"

struct echo;

/* All borrowed for life. */
int echo_new(struct app_shared *shared, struct media *media, struct echo **ret);
/* Calls that are left get BYE where that can still be sent. */
void echo_free(struct echo **e);
/* Requests within its calls: asked before the guard, for a dialog that ends here has no Route of
 * ours, and who knows its tags was let in by its INVITE. */
struct core_element echo_dialogs_element(struct echo *e);
/* New requests for it: asked after the guard. */
struct core_element echo_element(struct echo *e);
/* After core_new(): the worker that it speaks through. */
int echo_start(struct echo *e, struct core *core);
size_t echo_calls(const struct echo *e);

/* A call that stands, for the operator. */
struct echo_call {
	struct str call_id, from, to; /* URIs */
	uint64_t since_ms; /* wall clock */
};
void echo_each(const struct echo *e, void (*fn)(void *ctx, const struct echo_call *c), void *ctx);

#endif
