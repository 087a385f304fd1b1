/* load/worker.h - one thread of the load: slots (operations in progress), the pace at which
 * new ones begin, timers, and the loop.  What an operation is, a struct work says: simple.c
 * has REGISTER and OPTIONS, call.c has calls. */
#ifndef TSUWA_LOAD_WORKER_H
#define TSUWA_LOAD_WORKER_H

#include "base/wheel.h"
#include "load/credentials.h"
#include "load/load.h"
#include "load/stats.h"
#include "load/template.h"
#include "load/token.h"
#include "load/wire.h"

/* RFC 3261 s17.1.1.1 and s17.1.2.1 */
#define T1_MS 500
#define T2_MS 4000

struct worker;

/* The first member of every operation. */
struct slot {
	struct worker *worker;
	struct timer timer;
	uint32_t index;
	uint32_t next_free; /* index + 1, 0: none */
	bool busy;
};

struct work {
	size_t slot_bytes;
	/* Begins an operation; it ends with worker_ok() or worker_failed(). */
	void (*begin)(struct slot *s);
	/* It ends; NULL: nothing to do. */
	void (*end)(struct slot *s);
	void (*on_timer)(struct slot *s);
	void (*on_message)(struct worker *w, unsigned socket, const struct addr *from,
			   struct str bytes);
	/* The operation used a socket that is gone? */
	bool (*uses)(const struct slot *s, unsigned socket);
};

/* A stretch of work that all workers do together. */
struct phase {
	const struct work *work;
	uint64_t count; /* of this worker; 0: until duration_ns */
	uint64_t duration_ns;
	double rate; /* of this worker, 0: closed loop */
	unsigned window;
	const struct template *template; /* of simple work */
	struct str method;
	unsigned first_socket, n_sockets; /* those that new operations take */
};

struct worker {
	const struct load_conf *conf;
	const struct call_templates *calls;
	unsigned index, n_workers;
	uint32_t run;
	struct wire wire;
	struct wheel wheel;
	struct credentials credentials;
	struct stats stats;
	struct phase phase;
	uint64_t now_ns; /* of this batch */
	uint64_t started_ns;
	uint32_t generation; /* of the last token */
	uint64_t next_user; /* counts this worker's users round */
	size_t n_users; /* index, index + n_workers ... */
	/* slots */
	char *slots;
	uint32_t first_free; /* index + 1 */
	unsigned active;
	bool stopping;
	const char *broken; /* why the run can't go on */
	const int *stop; /* shared: 1 end in order, 2 at once */
	struct wire_user wire_user;
};

/* The wire opens.  0 or -errno; worker_fini() in both cases. */
int worker_init(struct worker *w, const struct load_conf *conf, unsigned index, uint32_t run,
		unsigned n_sockets, const int *stop);
void worker_fini(struct worker *w);
/* Runs a phase to its end.  0 or -errno. */
int worker_run(struct worker *w, const struct phase *p);

/* ---- for works ---- */

struct slot *worker_slot(const struct worker *w, uint32_t index); /* NULL: out of range */
/* The k-th user of this worker, round and round. */
struct user *worker_user(const struct worker *w, uint64_t k);
struct user_nonce *worker_nonce(const struct worker *w, const struct user *u);
/* The socket that belongs to a slot; another when that connection is lost. */
unsigned worker_socket(const struct worker *w, const struct slot *s);
/* A token of our own that is at hand? */
bool worker_owns(const struct worker *w, struct token t);
struct token worker_token(struct worker *w, uint32_t slot);
void worker_timer(struct slot *s, struct timer *t, uint64_t in_ms);
/* Ends an operation; the slot is free afterwards. */
void worker_ok(struct slot *s);
void worker_failed(struct slot *s, unsigned reason);
/* The next time of a timer that doubles from T1 up to max (0: without end). */
uint64_t worker_backoff_ms(unsigned tries, uint64_t max_ms);

#endif
