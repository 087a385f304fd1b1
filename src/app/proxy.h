/* app/proxy.h - the stateful proxy (RFC 3261 s16, RFC 6026, RFC 5658): targets from the
 * location service or the routes, forks, best response, CANCEL, timer C, Record-Route. */
#ifndef TSUWA_APP_PROXY_H
#define TSUWA_APP_PROXY_H

#include "app/policy.h"
#include "core/core.h"
#include "loc/loc.h"

struct proxy;

int proxy_new(struct app_shared *shared, struct loc *loc, struct proxy **ret);
/* Contexts that are left end without an answer. */
void proxy_free(struct proxy **p);
struct core_element proxy_element(struct proxy *p);
/* Does a request wait for its final response?  Walks the contexts. */
bool proxy_is_pending(const struct proxy *p);

/* A call that the proxy has seen begin and not end, for the operator; from the
 * INVITE to the BYE it saw, at most proxy's bound of them, forgotten after 12 h. */
struct proxy_call {
	struct str call_id, from, to;
	uint64_t since_ms;              /* wall clock */
	unsigned status;                /* last response; 200: talking */
};
void proxy_calls(struct proxy *p, void (*fn)(void *ctx, const struct proxy_call *c), void *ctx);

struct proxy_counters {
	uint64_t forwarded, forked, answered, failed, cancelled;
	size_t contexts;                /* now */
	size_t calls;                   /* now */
};
struct proxy_counters proxy_counters(const struct proxy *p);

#endif
