#include "net/loop.h"

#include <errno.h>
#include <limits.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/clock.h"
#include "base/gather.h"

#define EVENTS_MAX 256
#define GATHER_ENOUGH 6
#define TIMER_SLACK_NS 5000 /* of a short sleep; the system's own is ten times that */

struct loop {
	int epoll;
	struct loop_fd wake;
	uint64_t now_ms, now_us;
	struct list hooks;
	struct wheel wheel;
	struct gather gather;
	unsigned worked; /* messages of this round */
	uint32_t slack_ms;
	uint64_t timers_ms; /* when timers were last run */
	struct epoll_event events[EVENTS_MAX];
	int n_events, at_event; /* of the round at hand, for loop_del() */
	char pad[64]; /* what other threads write stands on lines of its own */
	struct loop_call *calls; /* atomic, newest first */
	uint32_t asleep; /* atomic: a wake-up needs the eventfd */
	uint32_t stopped; /* atomic */
	char pad_end[64];
};

static void on_wake(void *ctx, uint32_t events)
{
	struct loop *l = (struct loop *)ctx;
	uint64_t count;

	(void)!read(l->wake.fd, &count, sizeof(count));
}

int loop_new(struct loop **ret)
{
	struct loop *l = xzalloc(sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	list_init(&l->hooks);
	l->now_us = clock_mono_us();
	l->now_ms = l->now_us / 1000;
	wheel_init(&l->wheel, l->now_ms);
	l->wake = (struct loop_fd){.fd = -1, .fn = on_wake, .ctx = l};
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		goto fail;
	l->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake.fd < 0 || loop_add(l, &l->wake, EPOLLIN) < 0)
		goto fail;
	*ret = l;
	return 0;
fail:
	err = -errno;
	loop_free(&l);
	return err;
}

void loop_free(struct loop **lp)
{
	struct loop *l = *lp;

	*lp = NULL;
	if (!l)
		return;
	if (l->wake.fd >= 0)
		close(l->wake.fd);
	if (l->epoll >= 0)
		close(l->epoll);
	xfree(l);
}

static int control(struct loop *l, int op, struct loop_fd *f, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = f};

	return epoll_ctl(l->epoll, op, f->fd, &e) < 0 ? -errno : 0;
}

int loop_add(struct loop *l, struct loop_fd *f, uint32_t events)
{
	return control(l, EPOLL_CTL_ADD, f, events);
}

int loop_mod(struct loop *l, struct loop_fd *f, uint32_t events)
{
	return control(l, EPOLL_CTL_MOD, f, events);
}

void loop_del(struct loop *l, struct loop_fd *f)
{
	control(l, EPOLL_CTL_DEL, f, 0);
	for (int i = l->at_event; i < l->n_events; i++)
		if (l->events[i].data.ptr == f)
			l->events[i].data.ptr = NULL;
}

uint64_t loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t loop_now_us(const struct loop *l)
{
	return l->now_us;
}

struct wheel *loop_wheel(struct loop *l)
{
	return &l->wheel;
}

void loop_timer(struct loop *l, struct timer *t, uint64_t in_ms)
{
	timer_set(&l->wheel, t, l->now_ms + in_ms);
}

void loop_hook_add(struct loop *l, struct loop_hook *h)
{
	list_append(&l->hooks, &h->link);
}

void loop_hook_del(struct loop_hook *h)
{
	list_unlink(&h->link);
}

void loop_worked(struct loop *l, unsigned messages)
{
	l->worked += messages;
}

void loop_gather(struct loop *l, uint32_t most_us, uint32_t slack_ms)
{
	gather_init(&l->gather, most_us, GATHER_ENOUGH);
	l->slack_ms = slack_ms;
}

/* Both sides of the sleep use sequentially consistent operations: the sleeper says
 * "asleep" and then looks for work, the giver leaves work and then looks for
 * "asleep".  One of them sees the other. */
void loop_wake(struct loop *l)
{
	const uint64_t one = 1;

	if (__atomic_load_n(&l->asleep, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&l->asleep, 0, __ATOMIC_SEQ_CST))
		(void)!write(l->wake.fd, &one, sizeof(one));
}

void loop_post(struct loop *l, struct loop_call *call)
{
	struct loop_call *head = __atomic_load_n(&l->calls, __ATOMIC_RELAXED);

	do {
		call->next = head;
	} while (!__atomic_compare_exchange_n(&l->calls, &head, call, true, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	loop_wake(l);
}

void loop_stop(struct loop *l)
{
	__atomic_store_n(&l->stopped, 1, __ATOMIC_SEQ_CST);
	loop_wake(l);
}

static void run_calls(struct loop *l)
{
	struct loop_call *newest = __atomic_exchange_n(&l->calls, NULL, __ATOMIC_SEQ_CST);
	struct loop_call *first = NULL, *next;

	for (; newest; newest = next) {
		next = newest->next;
		newest->next = first;
		first = newest;
	}
	for (; first; first = next) {
		next = first->next;
		first->fn(first->ctx);
	}
}

static void before_sleep(struct loop *l)
{
	LIST_EACH (n, &l->hooks) {
		struct loop_hook *h = container_of(n, struct loop_hook, link);

		if (h->before_sleep)
			h->before_sleep(h->ctx);
	}
}

static void after_wake(struct loop *l)
{
	LIST_EACH (n, &l->hooks) {
		struct loop_hook *h = container_of(n, struct loop_hook, link);

		if (h->after_wake)
			h->after_wake(h->ctx);
	}
}

static bool work_waits(struct loop *l)
{
	if (__atomic_load_n(&l->calls, __ATOMIC_SEQ_CST) ||
	    __atomic_load_n(&l->stopped, __ATOMIC_SEQ_CST))
		return true;
	LIST_EACH (n, &l->hooks) {
		struct loop_hook *h = container_of(n, struct loop_hook, link);

		if (h->ready && h->ready(h->ctx))
			return true;
	}
	return false;
}

/* How long to sleep; arms loop_wake() when it is longer than nothing. */
static int sleep_ms(struct loop *l, int timeout_ms)
{
	uint64_t next = wheel_next(&l->wheel), now = clock_mono_ms();
	uint64_t wait = timeout_ms < 0 ? WHEEL_NEVER : (uint64_t)timeout_ms;

	if (next != WHEEL_NEVER) {
		if (next < l->timers_ms + l->slack_ms)
			next = l->timers_ms + l->slack_ms;
		next = next > now ? next - now : 0;
		wait = next < wait ? next : wait;
	}
	if (wait == 0)
		return 0;
	__atomic_exchange_n(&l->asleep, 1, __ATOMIC_SEQ_CST);
	if (work_waits(l))
		return 0;
	if (wait == WHEEL_NEVER)
		return -1;
	return wait < INT_MAX ? (int)wait : INT_MAX;
}

static void run_events(struct loop *l, int n)
{
	l->n_events = n;
	for (l->at_event = 0; l->at_event < l->n_events;) {
		struct epoll_event *e = &l->events[l->at_event++];
		struct loop_fd *f = (struct loop_fd *)e->data.ptr;

		if (f)
			f->fn(f->ctx, e->events);
	}
	l->n_events = l->at_event = 0;
}

int loop_pollable(const struct loop *l)
{
	return l->epoll;
}

static void read_clock(struct loop *l)
{
	l->now_us = clock_mono_us();
	l->now_ms = l->now_us / 1000;
}

void loop_begin(struct loop *l)
{
	read_clock(l);
	after_wake(l);
}

void loop_flush(struct loop *l)
{
	before_sleep(l);
}

static void run_timers(struct loop *l)
{
	if (wheel_next(&l->wheel) <= l->now_ms)
		l->timers_ms = l->now_ms;
	wheel_run(&l->wheel, l->now_ms);
}

/* Who leaves work for this loop meanwhile need not wake it. */
static void wait_for_more(struct loop *l)
{
	uint32_t us = gather_wait_us(&l->gather, l->worked ? clock_mono_us() : 0, l->worked);

	l->worked = 0;
	if (us)
		nanosleep(&(struct timespec){.tv_nsec = (long)us * 1000}, NULL);
}

void loop_once(struct loop *l, int timeout_ms)
{
	int n;

	before_sleep(l);
	wait_for_more(l);
	n = epoll_wait(l->epoll, l->events, EVENTS_MAX, sleep_ms(l, timeout_ms));
	__atomic_store_n(&l->asleep, 0, __ATOMIC_SEQ_CST);
	read_clock(l);
	after_wake(l);
	run_events(l, n > 0 ? n : 0); /* n < 0 is EINTR: a round without events */
	run_calls(l);
	run_timers(l);
}

void loop_run(struct loop *l)
{
	if (l->gather.most_us)
		prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	while (!__atomic_load_n(&l->stopped, __ATOMIC_SEQ_CST))
		loop_once(l, -1);
	before_sleep(l); /* the last words leave too */
	__atomic_store_n(&l->stopped, 0, __ATOMIC_SEQ_CST);
}
