/* server/worker.h - one thread of the server: its loop, sockets, media, engine and the chain of
 * elements.  Made and freed by the main thread while no worker runs; in between the others reach
 * it by worker_give_*() and worker_call() only. */
#ifndef TSUWA_SERVER_WORKER_H
#define TSUWA_SERVER_WORKER_H

#include <pthread.h>

#include "admin/trace.h"
#include "app/echo.h"
#include "app/guard.h"
#include "app/policy.h"
#include "app/proxy.h"
#include "app/redirect.h"
#include "app/registrar.h"
#include "app/stateless.h"
#include "core/core.h"
#include "crypto/digest.h"
#include "loc/loc.h"
#include "media/media.h"
#include "net/net.h"
#include "server/config.h"
#include "server/gate.h"
#include "server/logging.h"
#include "store/store.h"

#define WORKER_ELEMENTS 8

/* What all workers are made of; borrowed for their life. */
struct worker_conf {
	const struct config *config; /* of the start */
	struct logging *logging;
	struct store *store;
	struct loc *loc;
	struct nonces *nonces;
	struct net_group *group;
	const struct tport_listener *listeners; /* filled in after all are bound */
	struct hash_seed owner_seed;
	uint8_t route_key[16], nonce_key[16];
	/* On the worker's thread, when it has ended what it could. */
	void (*on_drained)(void *ctx);
	void *on_drained_ctx;
};

struct worker {
	const struct worker_conf *conf;
	unsigned index;
	pthread_t thread;
	bool running;
	struct log log;
	struct loop *loop;
	struct net *net;
	struct loop_hook store_hook;
	uint32_t store_woken; /* atomic */
	struct store_worker *store;
	struct trace *trace; /* NULL: nothing is recorded */
	struct media *media;
	struct crypto *crypto;
	struct loc_worker *door;
	struct app_shared shared;
	struct gate gate;
	struct guard *guard;
	struct registrar *registrar;
	struct echo *echo;
	struct redirect redirect;
	struct proxy *proxy;
	struct core_element elements[WORKER_ELEMENTS];
	struct core *core;
	/* What others leave for it. */
	pthread_mutex_t mail_lock;
	struct loop_call mail_call;
	bool mail_posted;
	struct users *mail_users; /* a reference, or NULL */
	struct app_policy *mail_policy; /* a reference, or NULL */
	int mail_level; /* enum log_level, or -1 */
	/* The end. */
	struct loop_call drain_call, stop_call;
	struct timer drain_timer;
	uint64_t drain_until_ms;
};

/* Makes a loop and a net and binds the listeners; why says what went wrong.  0 or -errno. */
int worker_new(const struct worker_conf *conf, unsigned index, struct worker **ret,
	       struct buf *why);
/* After all are bound, conf->listeners stand and the store was loaded: the rest.  policy:
 * takes a reference.  0 or -errno. */
int worker_build(struct worker *w, struct app_policy *policy);
/* 0 or -errno. */
int worker_start(struct worker *w);
/* The thread has ended (or never ran): stops the engine, so that the store may be closed. */
void worker_unbuild(struct worker *w);
/* After store_close() and worker_unbuild(). */
void worker_free(struct worker **w);

/* From any thread; each takes a reference of its own. */
void worker_give_users(struct worker *w, struct users *u);
void worker_give_policy(struct worker *w, struct app_policy *p);
void worker_give_level(struct worker *w, enum log_level level);

/* From the main thread: no new requests, calls with us end; on_drained follows by within_ms. */
void worker_drain(struct worker *w, uint64_t within_ms);
/* From the main thread: ends the loop and joins the thread. */
void worker_join(struct worker *w);

#endif
