/* The clock, the queue of events, the nodes' lives. */
#include "sim.h"

#include <stdlib.h>

#include "base/alloc.h"

/* ---- chance ---- */

static uint64_t mix(uint64_t *state)
{
	uint64_t v = *state += 0x9e3779b97f4a7c15ull;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ull;
	v = (v ^ v >> 27) * 0x94d049bb133111ebull;
	return v ^ v >> 31;
}

uint64_t sim_random(struct sim *s)
{
	return mix(&s->random);
}

uint64_t sim_below(struct sim *s, uint64_t n)
{
	return n ? sim_random(s) % n : 0;
}

bool sim_chance(struct sim *s, unsigned permille)
{
	return permille && sim_below(s, 1000) < permille;
}

unsigned sim_seeds(unsigned dflt)
{
	const char *text = getenv("SIM_SEEDS");
	uint32_t n;

	return text && str_to_u32(str_c(text), &n) && n ? n : dflt;
}

void sim_hash(struct sim *s, const void *p, size_t n)
{
	static const struct hash_seed seed = {1, 2};

	s->hash = hash_mix(s->hash, hash_bytes(&seed, p, n));
}

/* ---- the queue: a heap by time, then by the order of asking ---- */

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

static void heap_up(struct sim *s, size_t i)
{
	struct sim_event *e = s->heap[i];

	while (i > 0 && before(e, s->heap[(i - 1) / 2])) {
		s->heap[i] = s->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->heap[i] = e;
}

static void heap_down(struct sim *s, size_t i)
{
	struct sim_event *e = s->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= s->n_events)
			break;
		if (child + 1 < s->n_events && before(s->heap[child + 1], s->heap[child]))
			child++;
		if (!before(s->heap[child], e))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = e;
}

static struct sim_event *heap_pop(struct sim *s)
{
	struct sim_event *e = s->heap[0];

	s->heap[0] = s->heap[--s->n_events];
	if (s->n_events)
		heap_down(s, 0);
	return e;
}

void sim_at(struct sim *s, struct sim_event *e, struct sim_worker *to, uint64_t in_us)
{
	e->at_us = s->now_us + in_us;
	e->order = s->order++;
	e->to = to;
	e->life = to ? to->life : 0;
	if (s->n_events == s->cap_events) {
		s->cap_events = s->cap_events ? 2 * s->cap_events : 256;
		s->heap = realloc(s->heap, s->cap_events * sizeof(struct sim_event *));
		if (!s->heap)
			abort();
	}
	s->heap[s->n_events++] = e;
	heap_up(s, s->n_events - 1);
}

/* ---- a worker's turn ---- */

static void on_wheel(struct sim_event *e, bool alive)
{
	struct sim_worker *w = e->to;

	if (alive && w->armed_us == e->at_us)
		w->armed_us = UINT64_MAX;
	free(e); /* its turn runs the wheel */
}

static void arm(struct sim_worker *w)
{
	uint64_t next = wheel_next(&w->wheel), at_us;
	struct sim *s = w->node->sim;
	struct sim_event *e;

	if (next == WHEEL_NEVER)
		return;
	at_us = next * 1000 > s->now_us ? next * 1000 : s->now_us;
	if (w->armed_us <= at_us)
		return;
	e = calloc(1, sizeof(*e));
	if (!e)
		abort();
	e->run = on_wheel;
	w->armed_us = at_us;
	sim_at(s, e, w, at_us - s->now_us);
}

void sim_enter(struct sim_worker *w)
{
	w->depth++;
	w->io.now_ms = sim_now_ms(w->node->sim);
}

void sim_leave(struct sim_worker *w)
{
	if (--w->depth || !w->node->up)
		return;
	wheel_run(&w->wheel, w->io.now_ms);
	if (w->node->up && w->io.user && w->io.user->on_batch_end)
		w->io.user->on_batch_end(w->io.user->ctx);
	if (w->node->up)
		arm(w);
}

static void run_event(struct sim *s, struct sim_event *e)
{
	struct sim_worker *w = e->to;
	bool alive = !w || (w->node->up && w->life == e->life);

	s->now_us = e->at_us;
	s->stats.events++;
	if (!w || !alive) {
		e->run(e, alive);
		return;
	}
	sim_enter(w);
	e->run(e, true);
	sim_leave(w);
}

void sim_run(struct sim *s, uint64_t ms)
{
	uint64_t end = s->now_us + ms * 1000;

	while (s->n_events && s->heap[0]->at_us <= end)
		run_event(s, heap_pop(s));
	s->now_us = end;
}

bool sim_run_until(struct sim *s, uint64_t ms, bool (*ok)(void *ctx), void *ctx)
{
	uint64_t end = s->now_us + ms * 1000;

	while (!ok(ctx)) {
		if (!s->n_events || s->heap[0]->at_us > end) {
			s->now_us = end;
			return ok(ctx);
		}
		run_event(s, heap_pop(s));
	}
	return true;
}

struct deed {
	struct sim_event event;
	void (*fn)(void *ctx);
	void *ctx;
};

static void run_deed(struct sim_event *e, bool alive)
{
	struct deed *d = container_of(e, struct deed, event);

	if (alive)
		d->fn(d->ctx);
	free(d);
}

void sim_do(struct sim_worker *w, uint64_t in_ms, void (*fn)(void *ctx), void *ctx)
{
	struct deed *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->event.run = run_deed;
	d->fn = fn;
	d->ctx = ctx;
	sim_at(w->node->sim, &d->event, w, in_ms * 1000);
}

/* ---- nodes ---- */

struct addr sim_addr(const char *ip, uint16_t port)
{
	struct addr a;

	if (!addr_parse_ip(str_c(ip), &a))
		abort();
	a.port = port;
	return a;
}

struct sim_node *sim_node_new(struct sim *s, const char *name, const char *ip, unsigned workers)
{
	struct sim_node *n = calloc(1, sizeof(*n));

	if (!n || s->n_nodes == SIM_NODES)
		abort();
	n->sim = s;
	str_to_c(str_c(name), n->name, sizeof(n->name));
	n->ip = sim_addr(ip, 0);
	n->index = s->n_nodes;
	n->n_workers = workers;
	n->ring = 1024;
	n->post_delay_us = 400;
	n->fixed_worker = -1;
	n->next_port = 30000;
	for (unsigned i = 0; i < workers; i++) {
		struct sim_worker *w = &n->w[i];

		w->node = n;
		w->seed = s->seed * 1000003 + n->index * 31 + i;
		w->disk.image = buf_heap((size_t)64 << 20);
		list_init(&w->disk.pending);
		list_init(&w->queries);
	}
	s->nodes[s->n_nodes++] = n;
	return n;
}

unsigned sim_listen(struct sim_node *n, enum transport t, uint16_t port)
{
	struct sim_listener *l = &n->listeners[n->n_listeners];

	l->transport = t;
	l->addr = n->ip;
	l->addr.port = port;
	return n->n_listeners++;
}

static void on_log(void *ctx, enum log_level level, struct str line)
{
	struct sim_worker *w = ctx;

	(void)level;
	if (w->node->sim->trace)
		sim_note(w->node->sim, "%s/%u: %.*s", w->node->name, w->io.worker, (int)line.n,
			 line.p);
}

static void random_bytes(struct io *io, void *ret, size_t n)
{
	struct sim_worker *w = container_of(io, struct sim_worker, io);
	char *p = ret;

	while (n > 0) {
		uint64_t v = mix(&w->seed);
		size_t part = n < sizeof(v) ? n : sizeof(v);

		memcpy(p, &v, part);
		p += part;
		n -= part;
	}
}

static uint64_t wall_ms(struct io *io)
{
	struct sim_worker *w = container_of(io, struct sim_worker, io);

	return SIM_WALL_MS + sim_now_ms(w->node->sim);
}

static void boot_worker(struct sim_worker *w, unsigned i)
{
	struct sim *s = w->node->sim;

	w->life++;
	w->armed_us = UINT64_MAX;
	w->depth = 0;
	wheel_init(&w->wheel, sim_now_ms(s));
	sim_set_ops(w);
	w->ops.random = random_bytes;
	w->ops.wall_ms = wall_ms;
	w->log = (struct log){s->trace_log ? LOG_DEBUG : LOG_ERROR, on_log, w};
	w->io = (struct io){.ops = &w->ops,
			    .wheel = &w->wheel,
			    .log = &w->log,
			    .now_ms = sim_now_ms(s),
			    .worker = i,
			    .workers = w->node->n_workers};
	memset(w->in_flight, 0, sizeof(w->in_flight));
	memset(w->post_us, 0, sizeof(w->post_us));
	free(w->slots);
	w->slots = NULL;
	w->n_slots = 0;
	w->disk.free_us = 0;
	w->disk.epoch++;
}

void sim_boot(struct sim_node *n)
{
	n->up = true;
	n->host_down = false;
	for (unsigned i = 0; i < n->n_workers; i++)
		boot_worker(&n->w[i], i);
	sim_note(n->sim, "%s starts", n->name);
}

void sim_kill(struct sim_node *n, bool host)
{
	if (!n->up)
		return;
	sim_note(n->sim, "%s %s", n->name, host ? "loses power" : "is killed");
	n->up = false;
	n->host_down = host;
	sim_streams_killed(n, host);
	for (unsigned i = 0; i < n->n_workers; i++) {
		sim_disk_killed(&n->w[i]);
		list_init(&n->w[i].queries);
	}
}

struct sim_node *sim_node_at(struct sim *s, const struct addr *ip)
{
	for (unsigned i = 0; i < s->n_nodes; i++) {
		if (addr_same_ip(&s->nodes[i]->ip, ip))
			return s->nodes[i];
	}
	return NULL;
}

/* ---- the world ---- */

void sim_init(struct sim *s, uint64_t seed)
{
	const char *trace = getenv("SIM_TRACE");

	memset(s, 0, sizeof(*s));
	s->seed = seed;
	s->random = seed * 0x2545f4914f6cdd1dull + 1;
	s->now_us = 1000000;
	s->link = (struct sim_link){.delay_ms = 5, .jitter_ms = 2};
	s->problems = buf_heap((size_t)1 << 20);
	s->tcp_timeout_ms = 30000;
	list_init(&s->conns);
	list_init(&s->nats);
	list_init(&s->zone);
	if (trace && *trace != '0') {
		s->trace = stderr;
		s->trace_bytes = *trace >= '2';
		s->trace_log = *trace >= '3';
	}
}

static void node_free(struct sim_node *n)
{
	for (unsigned i = 0; i < n->n_workers; i++) {
		free(n->w[i].slots);
		buf_free(&n->w[i].disk.image);
	}
	free(n);
}

void sim_fini(struct sim *s)
{
	for (unsigned i = 0; i < s->n_nodes; i++)
		sim_kill(s->nodes[i], true);
	while (s->n_events) {
		struct sim_event *e = heap_pop(s);

		/* Only what is the world's own may still run, and finds all dead. */
		e->run(e, false);
	}
	sim_streams_free(s);
	sim_nats_free(s);
	sim_zone_free(s);
	for (unsigned a = 0; a < s->n_nodes; a++) {
		for (unsigned b = 0; b < s->n_nodes; b++)
			free(s->links[a][b]);
		node_free(s->nodes[a]);
	}
	free(s->heap);
	buf_free(&s->problems);
}
