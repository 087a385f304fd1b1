/* app/proxy_internal.h - what the proxy's files share: the response context (RFC 3261
 * s16.2), its branches, and the table of calls. */
#ifndef TSUWA_APP_PROXY_INTERNAL_H
#define TSUWA_APP_PROXY_INTERNAL_H

#include "app/proxy.h"
#include "app/route.h"
#include "base/alloc.h"
#include "core/client.h"

#define PROXY_LOOP_TEXT 16      /* ".l" and 8 characters, with a NUL */

struct proxy {
	struct app_shared *shared;
	struct loc *loc;
	struct list contexts;           /* proxy_context.link */
	struct io *io; /* of the timer; NULL: not yet armed */
	struct timer watch;
	struct map calls;               /* call.node by Call-ID */
	struct list calls_by_age;
	struct proxy_counters counters;
};

/* Where a branch goes. */
struct proxy_target {
	struct str uri;                 /* new Request-URI; empty: as it is */
	struct str path;                /* becomes Route values; may be empty */
	struct flow flow;               /* a binding's, or a Route's token; transport NONE: by name */
	uint16_t q1000;
	bool local;                     /* from the location service */
};

struct proxy_branch {
	struct list link;               /* context.branches */
	struct proxy_context *context;
	struct core_client *client;     /* NULL: over */
	struct sip_rx *final;           /* kept: the non-2xx answer */
	uint16_t status;                /* of the final, also of one that we made up; 0: pending */
	bool local;                     /* upstream hears 480, not 500, when it can't be reached */
	bool name_flow;                 /* in-dialog requests need the flow named */
	bool sips;                      /* what it sent was to be secured on all its way */
	bool followed;                  /* its 3xx led to other branches */
	bool spent;                     /* and to nothing else: no answer any more */
	struct str uri;                 /* in text: where it went; empty: to the Request-URI */
	char text[];
};

struct proxy_context {
	struct list link;
	struct proxy *proxy;
	struct core *core;
	struct txn_server *server;      /* NULL: gone */
	struct list branches;
	unsigned n_targets, next_target;
	uint8_t method;                 /* enum sip_method */
	bool answered;                  /* a final response went upstream */
	bool cancelled, declined;       /* declined: a 6xx came */
	bool record;                    /* adds Record-Route */
	bool ours;                      /* its Request-URI is of a domain of ours */
	bool in_call;                   /* a new INVITE: its call is in the table */
	char loop[PROXY_LOOP_TEXT];     /* ends our branches */
	uint32_t breadth;               /* that is left to spread to */
	uint32_t group_breadth;         /* of each branch of the group; 0: not said */
	uint32_t late_breadth;          /* for branches that come after the group, 1 each */
	bool breadth_given;
	bool busy;                      /* more is done: nothing is decided or freed meanwhile */
	struct str aor; /* looked up; behind the targets; empty: it was not */
	struct proxy_target targets[]; /* highest q first, and their texts */
};

/* targets.c */

/* Room for as many as a look-up may give, the first empty; NULL: no memory. */
struct proxy_target *proxy_target_list(struct arena *arena);
/* The targets that the location service has for an AoR, their texts in the arena.  n, 0: it is not registered, or as below. */
int proxy_locate(struct proxy *p, struct core *core, const struct sip_msg *req, struct str aor,
		 struct arena *arena, struct proxy_target *list);
/* Collects where a request goes into the scratch arena.  n, or the negative of a status to answer. */
int proxy_find_targets(struct proxy *p, struct core_request *req, struct proxy_target **ret);

/* context.c */
/* Takes the request: a transaction, branches, and all that follows.  loop: proxy_loop_hash(), empty in
 * a dialog. */
void proxy_start(struct proxy *p, struct core_request *req, const struct proxy_target *targets,
		 unsigned n, const char *loop);
void proxy_contexts_free(struct proxy *p);
/* One more branch, at once.  0 or -ENOMEM. */
int proxy_start_branch(struct proxy_context *x, const struct proxy_target *t);

/* watch.c (s16.5): phones that register while a request is under way are called too. */
void proxy_watch_init(struct proxy *p);
void proxy_watch(struct proxy *p, struct io *io);
void proxy_watch_fini(struct proxy *p);

/* recurse.c: is it a target of the request, or was it one? */
bool proxy_was_tried(const struct proxy_context *x, struct str uri);
unsigned proxy_count_branches(const struct proxy_context *x);
/* recurse.c: follows the contacts of a 3xx; how many branches it made, and whether none is left. */
unsigned proxy_recurse(struct proxy_context *x, const struct sip_rx *rx, bool *ret_all);
/* m, which comes of that response, names only the contacts that are left. */
void proxy_drop_followed(const struct proxy_context *x, const struct sip_msg *response,
			 struct sip_msg *m);

/* forward.c: the message that goes on (s16.6 steps 1-6); hop: core_send.next_hop. */
bool proxy_make(struct proxy *p, const struct sip_msg *req, struct arena *arena,
		const struct proxy_target *t, struct sip_msg *ret, struct str *ret_hop);
/* Does its Request-URI or its topmost Route say sips:? */
bool proxy_is_secured(const struct sip_msg *m);
/* Record-Route lines for a branch that leaves by flow (step 4, RFC 5658). */
void proxy_put_record_route(const struct proxy_branch *b, const struct flow *flow, struct buf *buf);
/* Does who sits at `flow` with this Contact need his flow named? */
bool proxy_needs_flow(const struct flow *flow, const struct sip_uri *contact);

/* loops.c (RFC 5393) */
void proxy_loop_hash(const struct proxy *p, const struct core_request *req,
		     char ret[PROXY_LOOP_TEXT]);
bool proxy_is_loop(const struct core_request *req, const char *hash);
uint32_t proxy_breadth(const struct sip_msg *m, bool *ret_given);

/* best.c (s16.7 steps 6, 7) */
void proxy_send_best(struct proxy_context *x);

/* calls.c */
int calls_init(struct proxy *p);
void calls_fini(struct proxy *p);
void calls_begin(struct proxy *p, struct core *core, const struct sip_rx *invite);
void calls_status(struct proxy *p, const struct core *core, struct str call_id, unsigned status);
void calls_end(struct proxy *p, const struct core *core, struct str call_id);

#endif
