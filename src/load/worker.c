#include "load/worker.h"

#include <errno.h>
#include <time.h>

#include "base/alloc.h"

#define NS_PER_MS 1000000u
#define NS_PER_S 1000000000u
#define LOOK_NS (50 * (uint64_t)NS_PER_MS) /* how often to look whether to stop */
#define SILENCE_NS (5 * (uint64_t)NS_PER_S)

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- slots ---- */

struct slot *worker_slot(const struct worker *w, uint32_t index)
{
	if (index >= w->phase.window)
		return NULL;
	return (struct slot *)(w->slots + (size_t)index * w->phase.work->slot_bytes);
}

static void on_timer(void *ctx)
{
	struct slot *s = ctx;

	if (s->busy) /* a connection may have been lost while its timer was being set */
		s->worker->phase.work->on_timer(s);
}

/* Those of low index first, so that few slots stay warm. */
static int slots_make(struct worker *w)
{
	w->slots = xcalloc(w->phase.window, w->phase.work->slot_bytes);
	if (!w->slots)
		return -ENOMEM;
	w->first_free = 0;
	for (uint32_t i = w->phase.window; i-- > 0;) {
		struct slot *s = worker_slot(w, i);

		s->worker = w;
		s->index = i;
		s->next_free = w->first_free;
		timer_init(&s->timer, on_timer, s);
		w->first_free = i + 1;
	}
	return 0;
}

static void slot_end(struct slot *s)
{
	struct worker *w = s->worker;

	timer_cancel(&w->wheel, &s->timer);
	if (w->phase.work->end)
		w->phase.work->end(s);
	s->busy = false;
	s->next_free = w->first_free;
	w->first_free = s->index + 1;
	w->active--;
}

void worker_ok(struct slot *s)
{
	if (!s->busy)
		return;
	count(&s->worker->stats.ok);
	slot_end(s);
}

void worker_failed(struct slot *s, unsigned reason)
{
	struct stats *st = &s->worker->stats;

	if (!s->busy)
		return;
	count(&st->failed);
	st->failed_by[reason < FAIL_CODES ? reason : FAIL_MALFORMED]++;
	slot_end(s);
}

/* ---- what works ask ---- */

struct user *worker_user(const struct worker *w, uint64_t k)
{
	return &w->conf->users->user[w->index + (k % w->n_users) * w->n_workers];
}

struct user_nonce *worker_nonce(const struct worker *w, const struct user *u)
{
	const struct users *all = w->conf->users;

	return all->nonce ? &all->nonce[u - all->user] : NULL;
}

unsigned worker_socket(const struct worker *w, const struct slot *s)
{
	const struct phase *p = &w->phase;
	unsigned first = s->index % p->n_sockets;

	for (unsigned i = 0; i < p->n_sockets; i++) {
		unsigned socket = p->first_socket + (first + i) % p->n_sockets;

		if (w->wire.sockets[socket].fd >= 0)
			return socket;
	}
	return p->first_socket + first;
}

struct token worker_token(struct worker *w, uint32_t slot)
{
	return (struct token){.run = w->run,
			      .worker = (uint8_t)w->index,
			      .slot = slot,
			      .generation = ++w->generation};
}

bool worker_owns(const struct worker *w, struct token t)
{
	return t.run == w->run && t.worker == w->index;
}

void worker_timer(struct slot *s, struct timer *t, uint64_t in_ms)
{
	timer_set(&s->worker->wheel, t, s->worker->now_ns / NS_PER_MS + in_ms);
}

uint64_t worker_backoff_ms(unsigned tries, uint64_t max_ms)
{
	uint64_t ms = tries < 20 ? (uint64_t)T1_MS << tries : UINT64_MAX;

	return max_ms && ms > max_ms ? max_ms : ms;
}

/* ---- the pace ---- */

static int stop_asked(const struct worker *w)
{
	return __atomic_load_n(w->stop, __ATOMIC_RELAXED);
}

/* How many operations should have begun by now. */
static uint64_t due(const struct worker *w)
{
	const struct phase *p = &w->phase;
	uint64_t passed = w->now_ns - w->started_ns, n = UINT64_MAX;

	if (stop_asked(w) || w->broken || (p->duration_ns && passed >= p->duration_ns))
		return 0;
	if (p->rate > 0)
		n = (uint64_t)((double)passed * p->rate / 1e9) + 1;
	return p->count && p->count < n ? p->count : n;
}

static void fill(struct worker *w)
{
	uint64_t n = due(w);

	while (w->first_free && w->stats.begun < n) {
		struct slot *s = worker_slot(w, w->first_free - 1);

		w->first_free = s->next_free;
		s->busy = true;
		w->active++;
		count(&w->stats.begun);
		w->phase.work->begin(s);
	}
}

static bool is_over(const struct worker *w)
{
	const struct phase *p = &w->phase;
	bool no_more = stop_asked(w) || w->broken || (p->count && w->stats.begun >= p->count) ||
		       (p->duration_ns && w->now_ns - w->started_ns >= p->duration_ns);

	return stop_asked(w) > 1 || w->broken || (no_more && w->active == 0);
}

static uint64_t wait_ns(const struct worker *w)
{
	const struct phase *p = &w->phase;
	uint64_t wait = LOOK_NS, next_ms = wheel_next(&w->wheel);

	if (next_ms != WHEEL_NEVER) {
		uint64_t at = next_ms * NS_PER_MS;

		wait = at <= w->now_ns ? 0 : at - w->now_ns < wait ? at - w->now_ns : wait;
	}
	if (p->rate > 0 && w->first_free) {
		uint64_t at = w->started_ns + (uint64_t)((double)w->stats.begun * 1e9 / p->rate);

		wait = at <= w->now_ns ? 0 : at - w->now_ns < wait ? at - w->now_ns : wait;
	}
	return wait;
}

/* Somebody must answer within the first seconds, or nobody is there. */
static void look(struct worker *w)
{
	if (w->wire.n_open == 0)
		w->broken = "the server closed all connections";
	else if (!w->wire.received && w->stats.begun && w->now_ns - w->started_ns > SILENCE_NS)
		w->broken = w->wire.refused ? "nobody listens there" : "no answer in 5 seconds";
	else if (!w->wire.received && w->wire.refused > w->stats.begun + 2)
		w->broken = "nobody listens there";
}

static int loop(struct worker *w)
{
	int err = 0;

	while (!err && !is_over(w)) {
		wheel_run(&w->wheel, w->now_ns / NS_PER_MS);
		fill(w);
		wire_flush(&w->wire);
		err = wire_poll(&w->wire, wait_ns(w));
		w->now_ns = clock_ns();
		look(w);
	}
	return err;
}

static void drop_all(struct worker *w)
{
	for (uint32_t i = 0; i < w->phase.window; i++) {
		struct slot *s = worker_slot(w, i);

		if (s->busy)
			worker_failed(s, w->wire.n_open ? FAIL_TIMEOUT : FAIL_CONNECTION);
	}
}

int worker_run(struct worker *w, const struct phase *p)
{
	int err;

	w->phase = *p;
	w->stats = (struct stats){0};
	w->wire.received = w->wire.sent = 0;
	w->next_user = 0;
	err = slots_make(w);
	if (err)
		return err;
	w->started_ns = w->now_ns = clock_ns();
	wheel_init(&w->wheel, w->now_ns / NS_PER_MS);
	err = loop(w);
	drop_all(w);
	xfree(w->slots);
	w->slots = NULL;
	return err;
}

/* ---- the wire ---- */

static void on_batch(void *ctx)
{
	((struct worker *)ctx)->now_ns = clock_ns();
}

static void on_message(void *ctx, unsigned socket, const struct addr *from, struct str bytes)
{
	struct worker *w = ctx;

	w->phase.work->on_message(w, socket, from, bytes);
}

/* What was answered makes room for new ones, which leave on the same socket. */
static void on_batch_end(void *ctx)
{
	fill(ctx);
}

static void on_closed(void *ctx, unsigned socket)
{
	struct worker *w = ctx;

	for (uint32_t i = 0; w->slots && i < w->phase.window; i++) {
		struct slot *s = worker_slot(w, i);

		if (s->busy && w->phase.work->uses(s, socket))
			worker_failed(s, FAIL_CONNECTION);
	}
}

int worker_init(struct worker *w, const struct load_conf *conf, unsigned index, uint32_t run,
		unsigned n_sockets, const int *stop)
{
	int err;

	*w = (struct worker){.conf = conf,
			     .index = index,
			     .n_workers = conf->n_threads,
			     .run = run,
			     .stop = stop,
			     .wire = {.epoll = -1}};
	w->n_users = (conf->users->n - index + conf->n_threads - 1) / conf->n_threads;
	w->wire_user = (struct wire_user){on_batch, on_message, on_batch_end, on_closed, w};
	err = credentials_init(&w->credentials, conf->algorithm);
	if (err)
		return err;
	return wire_init(&w->wire, &conf->target, conf->tcp, conf->kind == LOAD_CALL, n_sockets,
			 &w->wire_user);
}

void worker_fini(struct worker *w)
{
	wire_fini(&w->wire);
	credentials_fini(&w->credentials);
}
