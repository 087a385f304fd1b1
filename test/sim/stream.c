/* Streams: bytes in order, cut anywhere, late where a segment is lost; connections that are
 * refused, reset, or half open behind a partition. */
#include <errno.h>
#include <stdlib.h>

#include "sim.h"

#define OUT_MAX ((size_t)1 << 20)
#define CONNECT_MS 10000
#define RETRY_US 200000

struct end {
	struct sim_worker *w; /* NULL: not there yet */
	struct flow flow;
	bool live; /* its owner believes in it */
	bool paused, pumping;
	bool fin; /* closes when all has left */
	struct buf out; /* not yet delivered to the other end */
	uint64_t blocked_us; /* since when nothing gets through; 0: it does */
};

struct sim_conn {
	struct list link;
	struct sim *sim;
	struct end end[2]; /* who opened it, who accepted */
	struct sim_node *node[2];
	struct addr to; /* as the accepting node sees its own address */
	uint64_t opened_us;
	bool stands;
	unsigned refs; /* events under way */
};

static void pump_later(struct sim_conn *c, unsigned side, uint64_t in_us);

static const struct sim_link *link_from(const struct sim_conn *c, unsigned side)
{
	return sim_link_of(c->sim, c->node[side], c->node[1 - side]);
}

static void conn_unref(struct sim_conn *c)
{
	if (c->refs || c->end[0].live || c->end[1].live)
		return;
	buf_free(&c->end[0].out);
	buf_free(&c->end[1].out);
	list_unlink(&c->link);
	free(c);
}

/* ---- names of ends ---- */

static void take_slot(struct sim_worker *w, struct sim_conn *c, unsigned side)
{
	struct end *e = &c->end[side];
	uint32_t i = 0;

	while (i < w->n_slots && w->slots[i].conn)
		i++;
	if (i == w->n_slots) {
		w->n_slots = w->n_slots ? 2 * w->n_slots : 8;
		w->slots = realloc(w->slots, w->n_slots * sizeof(*w->slots));
		if (!w->slots)
			abort();
		for (uint32_t k = i; k < w->n_slots; k++)
			w->slots[k] = (struct sim_slot){.gen = (uint32_t)sim_random(c->sim)};
	}
	w->slots[i].conn = c;
	w->slots[i].side = side;
	w->slots[i].gen += w->slots[i].gen == UINT32_MAX ? 2 : 1;
	e->w = w;
	e->live = true;
	e->flow.worker = (uint8_t)w->io.worker;
	e->flow.slot = i;
	e->flow.gen = w->slots[i].gen;
}

static struct end *find_end(struct sim_worker *w, const struct flow *flow, struct sim_conn **ret,
			    unsigned *ret_side)
{
	struct sim_slot *s = flow->slot < w->n_slots ? &w->slots[flow->slot] : NULL;

	if (!s || !s->conn || s->gen != flow->gen || !s->conn->end[s->side].live)
		return NULL;
	*ret = s->conn;
	*ret_side = s->side;
	return &s->conn->end[s->side];
}

/* ---- ends ---- */

struct closed {
	struct sim_event event;
	struct flow flow;
	int err;
};

static void run_closed(struct sim_event *e, bool alive)
{
	struct closed *c = container_of(e, struct closed, event);
	struct sim_worker *w = e->to;

	if (alive) {
		struct sim_slot *s =
			c->flow.worker == w->io.worker ? &w->slots[c->flow.slot] : NULL;

		if (s && s->gen == c->flow.gen)
			s->conn = NULL;
		if (w->io.user && w->io.user->on_closed)
			w->io.user->on_closed(w->io.user->ctx, &c->flow, c->err);
	}
	free(c);
}

static void tell_closed(struct sim_worker *w, const struct flow *flow, int err, uint64_t in_us)
{
	struct closed *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->event.run = run_closed;
	c->flow = *flow;
	c->err = err;
	sim_at(w->node->sim, &c->event, w, in_us);
}

/* The owner hears of it, and every other worker. */
static void end_dies(struct sim_conn *c, unsigned side, int err)
{
	struct end *e = &c->end[side];
	struct sim_node *n = c->node[side];

	if (!e->live)
		return;
	e->live = false;
	sim_note(c->sim, "%s connection %u/%u ends (%d)", n->name, e->flow.worker, e->flow.slot,
		 err);
	for (unsigned i = 0; i < n->n_workers; i++)
		tell_closed(&n->w[i], &e->flow, err,
			    &n->w[i] == e->w ? 0 : sim_below(c->sim, n->post_delay_us + 1));
}

struct pump {
	struct sim_event event;
	struct sim_conn *conn;
	unsigned side;
};

static void deliver(struct sim_conn *c, unsigned side, size_t n)
{
	struct end *from = &c->end[side], *to = &c->end[1 - side];
	char *copy = malloc(n);

	if (!copy)
		abort();
	memcpy(copy, from->out.p, n);
	from->out.n -= n;
	memmove(from->out.p, from->out.p + n, from->out.n);
	sim_hash(c->sim, &c->sim->now_us, sizeof(c->sim->now_us));
	sim_hash(c->sim, copy, n);
	sim_enter(to->w);
	if (to->w->io.user && to->w->io.user->on_bytes)
		to->w->io.user->on_bytes(to->w->io.user->ctx, &to->flow, str_of(copy, n));
	sim_leave(to->w);
	free(copy);
}

static bool blocked(struct sim_conn *c, unsigned side)
{
	struct end *e = &c->end[side];
	const struct sim_link *l = link_from(c, side);

	if (!l->cut && !c->node[1 - side]->host_down) {
		e->blocked_us = 0;
		return sim_chance(c->sim, l->loss_permille);
	}
	if (!e->blocked_us)
		e->blocked_us = c->sim->now_us;
	return true;
}

static void pump_once(struct sim_conn *c, unsigned side)
{
	struct end *from = &c->end[side], *to = &c->end[1 - side];

	if (blocked(c, side)) {
		if (from->blocked_us &&
		    c->sim->now_us - from->blocked_us > c->sim->tcp_timeout_ms * 1000ull) {
			end_dies(c, side, -ETIMEDOUT);
			return;
		}
		pump_later(c, side, RETRY_US);
		return;
	}
	if (!to->live) {
		end_dies(c, side, from->fin ? 0 : -ECONNRESET);
		return;
	}
	if (to->paused)
		return;
	if (from->out.n)
		deliver(c, side, 1 + sim_below(c->sim, from->out.n < 1460 ? from->out.n : 1460));
	if (from->out.n) {
		pump_later(c, side, sim_below(c->sim, 2000));
	} else if (from->fin) {
		end_dies(c, side, 0);
		end_dies(c, 1 - side, 0);
	}
}

static void run_pump(struct sim_event *e, bool alive)
{
	struct pump *p = container_of(e, struct pump, event);
	struct sim_conn *c = p->conn;

	c->refs--;
	c->end[p->side].pumping = false;
	if (alive && c->stands)
		pump_once(c, p->side);
	conn_unref(c);
	free(p);
}

static void pump_later(struct sim_conn *c, unsigned side, uint64_t in_us)
{
	struct pump *p;

	if (c->end[side].pumping)
		return;
	p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	c->end[side].pumping = true;
	c->refs++;
	p->event.run = run_pump;
	p->conn = c;
	p->side = side;
	sim_at(c->sim, &p->event, NULL, in_us);
}

static uint64_t way_us(struct sim_conn *c, unsigned side)
{
	const struct sim_link *l = link_from(c, side);

	return l->delay_ms * 1000ull + sim_below(c->sim, l->jitter_ms * 1000ull + 1);
}

/* ---- opening ---- */

static struct sim_listener *listener_at(struct sim_node *n, enum transport t, const struct addr *a)
{
	for (unsigned i = 0; i < n->n_listeners; i++) {
		if (n->listeners[i].transport == t && addr_eq(&n->listeners[i].addr, a))
			return &n->listeners[i];
	}
	return NULL;
}

static void tell_open(struct sim_conn *c, unsigned side)
{
	struct end *e = &c->end[side];

	if (!e->live)
		return;
	sim_enter(e->w);
	if (e->w->io.user && e->w->io.user->on_open)
		e->w->io.user->on_open(e->w->io.user->ctx, &e->flow);
	sim_leave(e->w);
}

static void accept_conn(struct sim_conn *c, const struct sim_listener *l)
{
	struct sim_node *n = c->node[1];
	struct end *e = &c->end[1];
	unsigned w = n->fixed_worker >= 0 ? (unsigned)n->fixed_worker
					  : (unsigned)sim_below(c->sim, n->n_workers);

	e->flow.transport = (uint8_t)l->transport;
	e->flow.listener = (uint16_t)(l - n->listeners);
	e->flow.remote = sim_nat_out(c->node[0], n, &c->end[0].flow.local);
	e->flow.local = c->to;
	take_slot(&n->w[w], c, 1);
	c->stands = true;
	c->sim->stats.connections++;
	sim_note(c->sim, "%s connects to %s worker %u", c->node[0]->name, n->name, w);
	tell_open(c, 1);
	tell_open(c, 0);
	pump_later(c, 0, way_us(c, 0));
	pump_later(c, 1, way_us(c, 1));
}

struct syn {
	struct sim_event event;
	struct sim_conn *conn;
};

static void run_syn(struct sim_event *e, bool alive)
{
	struct syn *syn = container_of(e, struct syn, event);
	struct sim_conn *c = syn->conn;
	const struct sim_listener *l;

	if (!alive || !c->end[0].live)
		goto out;
	if (blocked(c, 0)) {
		if (c->sim->now_us - c->opened_us > CONNECT_MS * 1000ull) {
			end_dies(c, 0, -ETIMEDOUT);
			goto out;
		}
		sim_at(c->sim, &syn->event, NULL, RETRY_US);
		return;
	}
	l = listener_at(c->node[1], (enum transport)c->end[0].flow.transport, &c->to);
	if (l && c->node[1]->up)
		accept_conn(c, l);
	else
		end_dies(c, 0, -ECONNREFUSED);
out:
	c->refs--;
	conn_unref(c);
	free(syn);
}

int sim_stream_open(struct sim_worker *w, enum transport t, const struct addr *remote,
		    struct flow *ret)
{
	struct sim *s = w->node->sim;
	struct sim_conn *c;
	struct syn *syn;
	struct sim_node *to;
	struct addr dst;

	if (!sim_route(w->node, remote, &to, &dst))
		return -EHOSTUNREACH;
	c = calloc(1, sizeof(*c));
	syn = calloc(1, sizeof(*syn));
	if (!c || !syn)
		abort();
	c->sim = s;
	c->node[0] = w->node;
	c->node[1] = to;
	c->to = dst;
	c->opened_us = s->now_us;
	c->end[0].out = buf_heap(OUT_MAX);
	c->end[1].out = buf_heap(OUT_MAX);
	c->end[0].flow.transport = (uint8_t)t;
	c->end[0].flow.listener = FLOW_NO_LISTENER;
	c->end[0].flow.remote = *remote;
	c->end[0].flow.local = w->node->ip;
	c->end[0].flow.local.port = w->node->next_port++;
	list_init(&c->link);
	list_append(&s->conns, &c->link);
	take_slot(w, c, 0);
	*ret = c->end[0].flow;
	c->refs++;
	syn->event.run = run_syn;
	syn->conn = c;
	sim_at(s, &syn->event, NULL, way_us(c, 0));
	return 0;
}

/* ---- what workers ask ---- */

int sim_stream_send(struct sim_worker *w, const struct flow *flow, struct str bytes)
{
	struct sim_conn *c;
	unsigned side;
	struct end *e = find_end(w, flow, &c, &side);

	if (!e || e->fin)
		return -ENOTCONN;
	sim_trace_message(c->sim, w->node, &flow->remote, (enum transport)flow->transport, bytes,
			  "");
	buf_put(&e->out, bytes.p, bytes.n);
	if (e->out.failed) {
		end_dies(c, side, -ENOBUFS);
		return -ENOBUFS;
	}
	if (c->stands)
		pump_later(c, side, way_us(c, side));
	return 0;
}

void sim_stream_close(struct sim_worker *w, const struct flow *flow)
{
	struct sim_conn *c;
	unsigned side;
	struct end *e = find_end(w, flow, &c, &side);

	if (!e || e->fin)
		return;
	e->fin = true;
	if (c->stands)
		pump_later(c, side, way_us(c, side));
	else
		end_dies(c, side, 0);
}

void sim_stream_pause(struct sim_worker *w, const struct flow *flow, bool paused)
{
	struct sim_conn *c;
	unsigned side;
	struct end *e = find_end(w, flow, &c, &side);

	if (!e)
		return;
	e->paused = paused;
	if (!paused && c->stands)
		pump_later(c, 1 - side, 0);
}

/* ---- death ---- */

void sim_streams_killed(struct sim_node *n, bool host)
{
	LIST_EACH (l, &n->sim->conns) {
		struct sim_conn *c = container_of(l, struct sim_conn, link);

		for (unsigned side = 0; side < 2; side++) {
			if (c->node[side] != n || !c->end[side].live)
				continue;
			c->end[side].live = false;
			c->end[side].out.n = 0;
			/* The kernel resets what a process leaves; a host that is gone says nothing. */
			if (!host && c->stands && !link_from(c, side)->cut)
				end_dies(c, 1 - side, -ECONNRESET);
		}
		conn_unref(c);
	}
}

void sim_streams_free(struct sim *s)
{
	LIST_EACH (l, &s->conns) {
		struct sim_conn *c = container_of(l, struct sim_conn, link);

		c->refs = 0;
		c->end[0].live = c->end[1].live = false;
		conn_unref(c);
	}
}

size_t sim_conns(const struct sim *s)
{
	size_t n = 0;

	LIST_EACH (l, &s->conns)
		n++;
	return n;
}
