/* test/unit/net/rig.h - a net over a loop with a user that notes what it hears.
 * Waiting is turning the loop until a condition holds; a test that hangs fails after
 * some seconds. */
#ifndef TSUWA_TEST_UNIT_NET_RIG_H
#define TSUWA_TEST_UNIT_NET_RIG_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/net.h"

struct rig {
	struct loop *loop;
	struct net *net;
	struct io *io;
	struct io_user user;
	unsigned datagrams, opened, closed, unreachable, batches;
	struct flow flow; /* of the last event */
	struct flow accepted; /* the last connection that a listener took */
	int err; /* of the last on_closed */
	size_t bytes; /* of streams, in all */
	uint64_t sum; /* of their bytes, weighted by place */
	char last[65536]; /* the last datagram, or what a stream said last */
	size_t n_last;
	bool echo; /* datagrams go back; streams too */
	bool in_call; /* a call of ours runs: no event may come */
};

#define RIG_GUARD_MS 10000

#define RIG_UNTIL(r, cond)                                                                         \
	do {                                                                                       \
		uint64_t guard_ = rig_clock_ms() + RIG_GUARD_MS;                                   \
		while (!(cond)) {                                                                  \
			if (rig_clock_ms() > guard_)                                               \
				fail_msg("never came true: %s", #cond);                            \
			loop_once((r)->loop, 100);                                                 \
		}                                                                                  \
	} while (0)

uint64_t rig_clock_ms(void);
/* listeners at the given addresses ("127.0.0.1:0"); limits and dns may be NULL. */
void rig_start(struct rig *r, const struct net_listener *listeners, size_t n,
	       const struct net_limits *limits, const char *dns);
void rig_end(struct rig *r);
struct net_listener rig_listener(enum transport t, const char *at);
struct addr rig_addr(const char *text);
struct addr rig_local(struct rig *r, size_t i);
/* As io_send, and checks that no event comes from inside. */
int rig_send(struct rig *r, const struct flow *f, struct str bytes);
/* A UDP flow from listener i. */
struct flow rig_udp(size_t listener, const struct addr *to);
struct net_counters rig_counters(struct rig *r);

#endif
