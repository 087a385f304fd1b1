/* load/load.h - the load generator: registers, calls and pings a server over UDP or TCP and
 * says what that cost.  It must outrun what it measures, so it takes sip/ for the language and
 * sockets in batches, but no transactions and no dialogs of the engine. */
#ifndef TSUWA_LOAD_LOAD_H
#define TSUWA_LOAD_LOAD_H

#include <sys/types.h>

#include "base/addr.h"
#include "load/users.h"

#define LOAD_PIDS_MAX 16
#define LOAD_THREADS_MAX 64
#define LOAD_SOCKETS_MAX 20000
#define LOAD_WINDOW_MAX 200000

enum load_kind { LOAD_REGISTER, LOAD_OPTIONS, LOAD_CALL };

struct load_conf {
	enum load_kind kind;
	struct addr target;
	bool tcp;
	struct str domain;
	struct str uri; /* whom OPTIONS asks */
	struct users *users;
	unsigned n_sockets, n_threads;
	unsigned window; /* operations at once; 0: what the rate needs */
	uint64_t rate; /* operations a second, begun evenly; 0: as the window allows */
	uint64_t count; /* 0: by duration_ms */
	uint64_t duration_ms;
	uint32_t expires_s;
	bool refresh; /* the first round is not measured */
	bool unregister; /* at the end */
	enum sip_algorithm algorithm; /* UNKNOWN: the server's choice */
	uint64_t hold_ms, ring_ms, timeout_ms;
	pid_t pids[LOAD_PIDS_MAX]; /* of the server; their children count too */
	unsigned n_pids;
	bool json;
	bool live; /* a line a second on standard error */
};

/* Runs to its bound, or until SIGINT or SIGTERM (the second ends it at once), and prints the
 * report.  Exit code: 0, 1 when an operation failed or it could not run. */
int load_run(const struct load_conf *conf);

#endif
