/* test/sim/sim.h - a world of nodes under one virtual clock and one seed: events in the order of
 * their times, a network that loses, doubles, reorders and splits, names, disks that fail.
 * Knows bytes, not SIP (but for the trace).  Each node's workers meet it as a struct io. */
#ifndef TSUWA_TEST_SIM_SIM_H
#define TSUWA_TEST_SIM_SIM_H

#include <stdio.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/io.h"

#define SIM_NODES 256
#define SIM_WORKERS 4
#define SIM_LISTENERS 4
#define SIM_WALL_MS 1700000000000ull /* the wall clock when the world begins */

struct sim;
struct sim_node;
struct sim_worker;
struct sim_nat;

/* How messages fare from one node to another. */
struct sim_link {
	unsigned loss_permille, dup_permille, reorder_permille;
	unsigned delay_ms, jitter_ms;
	bool cut;
};

/* Embedded in what is to happen; run() frees it.  alive: the worker that it is for is still in the
 * life in which it was asked for (always true for the world's own). */
struct sim_event {
	uint64_t at_us, order;
	struct sim_worker *to; /* NULL: the world's own */
	uint32_t life;
	void (*run)(struct sim_event *e, bool alive);
};

/* What a worker appends to: the bytes of a journal file that survives crashes. */
struct sim_disk {
	struct buf image;
	uint64_t epoch;
	unsigned delay_ms; /* until a record is durable */
	int fail_err; /* -errno for the next fail_n appends */
	unsigned fail_n;
	size_t cut_at; /* the node is killed when the file reaches this; 0: never */
	uint64_t free_us; /* when the last append is done */
	struct list pending;
	unsigned appended; /* records that became durable */
};

struct sim_slot {
	struct sim_conn *conn;
	unsigned side;
	uint32_t gen;
};

struct sim_worker {
	struct io io;
	struct io_ops ops;
	struct wheel wheel;
	struct log log;
	struct sim_node *node;
	uint32_t life;
	uint64_t seed; /* of io->random */
	uint64_t armed_us; /* time of the earliest wheel event that is queued */
	unsigned depth; /* inside sim_enter() */
	unsigned in_flight[SIM_WORKERS]; /* posts on their way from each worker */
	uint64_t post_us[SIM_WORKERS]; /* when the last post from each arrives */
	struct sim_slot *slots;
	uint32_t n_slots;
	struct list queries;
	struct sim_disk disk;
};

struct sim_listener {
	enum transport transport;
	struct addr addr;
};

struct sim_node {
	struct sim *sim;
	char name[24];
	unsigned index;
	struct addr ip;
	struct sim_nat *nat; /* NULL: has a public address */
	bool up; /* its process runs */
	bool host_down; /* not even the kernel answers */
	unsigned n_workers;
	struct sim_worker w[SIM_WORKERS];
	struct sim_listener listeners[SIM_LISTENERS];
	unsigned n_listeners;
	unsigned ring; /* posts that may be under way from one worker to another */
	unsigned
		full_permille; /* a ring that is full for a moment: the other side runs meanwhile */
	unsigned post_delay_us; /* at most */
	int fixed_worker; /* all that comes goes to it; -1: as the seed has it */
	uint16_t next_port; /* of connections that it opens */
	/* Datagrams that are for no listener (media); true: taken. */
	bool (*on_other)(void *ctx, const struct addr *from, const struct addr *to,
			 struct str bytes);
	void *other_ctx;
	void (*on_killed)(void *ctx); /* cut_at was reached: the owner forgets its memory */
	void *killed_ctx;
};

struct sim_stats {
	uint64_t events, datagrams, lost, doubled, unreachable, connections, posts, ring_full;
};

struct sim {
	uint64_t seed, random;
	uint64_t now_us, order;
	struct sim_event **heap;
	size_t n_events, cap_events;
	struct sim_node *nodes[SIM_NODES];
	unsigned n_nodes;
	struct sim_link link; /* of all pairs that have none of their own */
	struct sim_link *links[SIM_NODES][SIM_NODES];
	struct list conns, nats, zone;
	uint64_t hash; /* of all that was delivered, and when */
	struct sim_stats stats;
	/* Sees each message as it leaves, by whatever transport; NULL: nobody looks. */
	void (*watch)(void *ctx, const struct sim_node *from, const char *to, struct str bytes);
	void *watch_ctx;
	FILE *trace; /* NULL: none */
	bool trace_bytes;
	bool trace_log;
	struct buf problems; /* lines of sim_problem() */
	unsigned tcp_timeout_ms; /* unacknowledged data */
};

/* ---- the world ---- */

/* SIM_TRACE in the environment turns the trace on: 1 lines, 2 whole messages, 3 logs too. */
void sim_init(struct sim *s, uint64_t seed);
/* Nodes are freed; none may be up any more. */
void sim_fini(struct sim *s);
void sim_run(struct sim *s, uint64_t ms);
/* Until ok() or the time is over; ok()'s last word. */
bool sim_run_until(struct sim *s, uint64_t ms, bool (*ok)(void *ctx), void *ctx);
static inline uint64_t sim_now_ms(const struct sim *s)
{
	return s->now_us / 1000;
}
uint64_t sim_random(struct sim *s);
/* 0 ... n - 1; 0 for n 0. */
uint64_t sim_below(struct sim *s, uint64_t n);
bool sim_chance(struct sim *s, unsigned permille);
/* Seeds to run in a test: SIM_SEEDS, else dflt. */
unsigned sim_seeds(unsigned dflt);

void sim_at(struct sim *s, struct sim_event *e, struct sim_worker *to, uint64_t in_us);
/* Calls fn on the worker, in_ms later, if it still lives then. */
void sim_do(struct sim_worker *w, uint64_t in_ms, void (*fn)(void *ctx), void *ctx);
/* Around every call into a worker's engine: its clock, and afterwards its timers. */
void sim_enter(struct sim_worker *w);
void sim_leave(struct sim_worker *w);

/* Something that should not be: one line for the report of a run. */
void sim_problem(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_note(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- nodes ---- */

struct sim_node *sim_node_new(struct sim *s, const char *name, const char *ip, unsigned workers);
unsigned sim_listen(struct sim_node *n, enum transport t, uint16_t port);
/* A new life for each worker; then the engine may be made over &n->w[i].io. */
void sim_boot(struct sim_node *n);
/* The process dies: nothing of it happens any more.  The engine's memory is its maker's to free,
 * after this.  host: connections are not even reset. */
void sim_kill(struct sim_node *n, bool host);
struct sim_node *sim_node_at(struct sim *s, const struct addr *ip);
struct addr sim_addr(const char *ip, uint16_t port);

/* ---- the network ---- */

struct sim_link *sim_link_of(struct sim *s, const struct sim_node *a, const struct sim_node *b);
/* Both ways. */
void sim_cut(struct sim_node *a, struct sim_node *b, bool cut);
/* From all others. */
void sim_isolate(struct sim_node *n, bool cut);
/* All that was cut is whole, and nothing is lost any more. */
void sim_heal(struct sim *s);
struct sim_nat *sim_nat_new(struct sim *s, const char *public_ip);

/* A datagram as any process sends it.  from_worker (may be NULL) is told of an ICMP error on flow. */
void sim_datagram(struct sim_node *from, const struct addr *src, const struct addr *dst,
		  struct str bytes, struct sim_worker *from_worker, const struct flow *flow);
/* Name of who has this address, for the trace. */
const char *sim_who(struct sim *s, const struct addr *a, char room[ADDR_TEXT_MAX]);
size_t sim_conns(const struct sim *s);

/* ---- names ---- */

void sim_zone_a(struct sim *s, const char *name, const char *ip);
void sim_zone_srv(struct sim *s, const char *name, unsigned priority, unsigned weight,
		  uint16_t port, const char *target);
void sim_zone_naptr(struct sim *s, const char *name, unsigned order, const char *service,
		    const char *replacement);
/* Queries of the name fail with err after ms. */
void sim_zone_fail(struct sim *s, const char *name, int err, unsigned ms);

/* ---- inside, shared by the files of the world ---- */

struct sim_conn;
void sim_set_ops(struct sim_worker *w); /* io.c */
void sim_deliver_datagram(struct sim_node *n, const struct addr *src, const struct addr *dst,
			  struct str bytes, bool *ret_heard); /* net.c */
bool sim_route(struct sim_node *from, const struct addr *dst, struct sim_node **ret,
	       struct addr *ret_dst);
struct addr sim_nat_out(struct sim_node *from, const struct sim_node *to, const struct addr *src);
void sim_nats_free(struct sim *s);
int sim_stream_open(struct sim_worker *w, enum transport t, const struct addr *remote,
		    struct flow *ret);
int sim_stream_send(struct sim_worker *w, const struct flow *flow, struct str bytes);
void sim_stream_close(struct sim_worker *w, const struct flow *flow);
void sim_stream_pause(struct sim_worker *w, const struct flow *flow, bool paused);
void sim_streams_killed(struct sim_node *n, bool host);
void sim_streams_free(struct sim *s);
void sim_disk_append(struct sim_worker *w, struct str record, struct io_append *a);
void sim_disk_cancel(struct sim_worker *w, struct io_append *a);
void sim_disk_killed(struct sim_worker *w);
void sim_resolve(struct sim_worker *w, struct io_query *q);
void sim_resolve_cancel(struct sim_worker *w, struct io_query *q);
void sim_zone_free(struct sim *s);
void sim_trace_message(struct sim *s, struct sim_node *from, const struct addr *dst,
		       enum transport t, struct str bytes, const char *fate);
void sim_hash(struct sim *s, const void *p, size_t n);

#endif
