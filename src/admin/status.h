/* admin/status.h - what a running server says about itself: the facts of its workers, added up
 * and written as one line of JSON. */
#ifndef TSUWA_ADMIN_STATUS_H
#define TSUWA_ADMIN_STATUS_H

#include "app/guard.h"
#include "app/proxy.h"
#include "core/core.h"
#include "net/counters.h"

struct status_worker {
	struct core_counters core;
	struct net_counters net;
	struct guard_counters guard;
	struct proxy_counters proxy;
	uint64_t transactions; /* now */
	uint64_t retransmits_in, retransmits_out, timeouts;
	uint64_t echo_calls; /* now */
	uint64_t turned_away;
};

struct status {
	struct str config, database;
	const struct str *domains;
	unsigned n_domains;
	const struct tport_listener *listeners;
	unsigned n_listeners;
	uint64_t started_ms, now_ms; /* wall clock */
	uint64_t uptime_s;
	uint64_t users, registered, contacts;
	/* Messages in a second, of the last seconds. */
	uint64_t messages_per_s, requests_per_s;
	const struct status_worker *workers;
	unsigned n_workers;
};

/* Adds what b has to a. */
void status_add(struct status_worker *a, const struct status_worker *b);
/* One line without its end. */
void status_put(struct buf *b, const struct status *s);
/* Resident memory of this process in bytes, 0 when unknown. */
uint64_t status_memory(void);

#endif
