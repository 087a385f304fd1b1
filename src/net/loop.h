/* net/loop.h - the event loop of one thread: epoll, a timer wheel, calls from other
 * threads, hooks around each sleep.  Knows nothing of what its descriptors carry:
 * SIP sockets, control sockets, RTP and HTTP all stand on it. */
#ifndef TSUWA_NET_LOOP_H
#define TSUWA_NET_LOOP_H

#include <signal.h>
#include <sys/epoll.h>

#include "base/list.h"
#include "base/wheel.h"

struct loop;

/* A descriptor that is watched; lives in its user's memory, stays where it is from
 * loop_add() to loop_del().  Level-triggered. */
struct loop_fd {
	int fd;
	void (*fn)(void *ctx, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP */
	void *ctx;
};

/* A call from another thread.  Belongs to the loop from loop_post() until fn runs
 * (fn may free it or post it again). */
struct loop_call {
	void (*fn)(void *ctx);
	void *ctx;
	struct loop_call *next;
};

/* What runs around the sleep of each round.  Any member may be NULL. */
struct loop_hook {
	/* All of this round is done: write what was gathered. */
	void (*before_sleep)(void *ctx);
	/* Another thread left work that must not wait; it asks after loop_wake() has
	 * been armed, so nothing is slept over. */
	bool (*ready)(void *ctx);
	/* The clock is fresh: take what other threads left. */
	void (*after_wake)(void *ctx);
	void *ctx;
	struct list link;
};

/* 0, -ENOMEM, -EMFILE... */
int loop_new(struct loop **ret);
/* Descriptors that are still watched are their users' to close. */
void loop_free(struct loop **l);

/* Rounds until loop_stop(). */
void loop_run(struct loop *l);
/* One round: sleeps at most timeout_ms (-1: until something happens). */
void loop_once(struct loop *l, int timeout_ms);
/* From any thread or a callback.  The round at hand is finished first. */
void loop_stop(struct loop *l);

/* For a loop that stands inside another's: its epoll descriptor, which is readable when a
 * descriptor of this one has something; timers are the outer's to look after (wheel_next()). */
int loop_pollable(const struct loop *l);
/* Outside of a round: the clock anew, before what stands on the loop is called; and what was
 * gathered is written, which a round does by itself before it sleeps. */
void loop_begin(struct loop *l);
void loop_flush(struct loop *l);

/* f->fd, fn and ctx are set.  0 or -errno. */
int loop_add(struct loop *l, struct loop_fd *f, uint32_t events);
int loop_mod(struct loop *l, struct loop_fd *f, uint32_t events);
/* No callback follows, also of this round.  Call it before the descriptor is closed. */
void loop_del(struct loop *l, struct loop_fd *f);

/* Monotonic, read once a round. */
uint64_t loop_now_ms(const struct loop *l);
uint64_t loop_now_us(const struct loop *l);
struct wheel *loop_wheel(struct loop *l);
/* timer_set() from loop_now_ms() on. */
void loop_timer(struct loop *l, struct timer *t, uint64_t in_ms);

/* From any thread, in order for one poster; does not block or allocate.  A call
 * stands in one loop at a time. */
void loop_post(struct loop *l, struct loop_call *call);
/* From any thread: ends a sleep, or keeps the next one from starting, when a hook's
 * ready() would say so.  Costs a system call only if the loop may sleep. */
void loop_wake(struct loop *l);

/* The round at hand has dealt with so many messages: what loop_gather() goes by. */
void loop_worked(struct loop *l, unsigned messages);
/* Before the loop runs.  Under load, rounds stand apart by up to most_us so that each finds more
 * to do (base/gather.h), and timers alone wake it every slack_ms at the most.  0 and 0 at first. */
void loop_gather(struct loop *l, uint32_t most_us, uint32_t slack_ms);

/* Hooks run in the order they were added. */
void loop_hook_add(struct loop *l, struct loop_hook *h);
void loop_hook_del(struct loop_hook *h);

/* Signals as events. */
struct loop_signals {
	struct loop_fd fd;
	struct loop *loop;
	void (*fn)(void *ctx, int signo);
	void *ctx;
};

/* Blocks the signals of set in this thread: call it before others are started.
 * 0 or -errno. */
int loop_signals_init(struct loop *l, struct loop_signals *s, const sigset_t *set,
		      void (*fn)(void *ctx, int signo), void *ctx);
/* The signals stay blocked. */
void loop_signals_fini(struct loop_signals *s);

#endif
