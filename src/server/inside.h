/* server/inside.h - the daemon's parts as its own files share them. */
#ifndef TSUWA_SERVER_INSIDE_H
#define TSUWA_SERVER_INSIDE_H

#include "admin/control.h"
#include "server/gather.h"
#include "server/worker.h"

struct sample {
	uint64_t at_ms, messages, requests;
};

struct server {
	struct config *config; /* as it is now; what can't change is of worker_conf.config */
	struct config *first_config; /* of the start, when a reload has replaced it; else NULL */
	const char *path; /* for SIGHUP, or NULL */
	struct logging logging;
	struct log log;
	struct loop *loop;
	struct loop_signals signals;
	struct store *store;
	struct loc *loc;
	struct net_group *group;
	struct tport_listener *listeners;
	struct worker_conf worker_conf;
	struct worker **workers;
	unsigned n_workers; /* that were made */
	struct app_policy *policy;
	struct users *users; /* the last snapshot; under users_lock */
	pthread_mutex_t users_lock;
	struct control *control;
	char control_path[4096];
	bool control_bound;
	struct list gathers, removals;
	struct timer tick, late;
	struct sample samples[2]; /* the last but one, the last */
	uint64_t begun_ms, started_ms; /* monotonic, wall clock */
	struct loop_call drained_call;
	unsigned draining; /* workers that are not done; atomic */
	bool ending;
};

/* reload.c */
void server_reload(struct server *s);
/* answers.c: control_fn */
void server_answer(void *ctx, struct control_reply *r, const char *cmd, const json_t *request);
/* answer_trace.c: "trace" */
void server_answer_trace(struct server *s, struct control_reply *r, const json_t *request);
/* answer_registrations.c: "registrations", "registrations-remove" */
void server_answer_registrations(struct server *s, struct control_reply *r, const json_t *request);
void server_answer_removal(struct server *s, struct control_reply *r, const json_t *request);
/* The workers have ended: removals that were under way are dropped. */
void server_drop_removals(struct server *s);
/* Takes a sample of the counters for the rates; tells the watchdog when all workers answer. */
void server_sample(struct server *s);
/* boot.c: makes and starts everything, frees it. */
int server_boot(struct server *s);
void server_fini(struct server *s);

#endif
