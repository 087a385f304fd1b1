/* The world as a worker's struct io. */
#include <errno.h>
#include <stdlib.h>

#include "sim.h"

static struct sim_worker *worker_of(struct io *io)
{
	return container_of(io, struct sim_worker, io);
}

/* ---- sending ---- */

struct relayed {
	struct sim_event event;
	struct flow flow;
	bool close;
	size_t n;
	char bytes[];
};

static void run_relayed(struct sim_event *e, bool alive)
{
	struct relayed *r = container_of(e, struct relayed, event);

	if (alive && r->close)
		sim_stream_close(e->to, &r->flow);
	else if (alive)
		sim_stream_send(e->to, &r->flow, str_of(r->bytes, r->n));
	free(r);
}

static void relay(struct sim_worker *w, const struct flow *flow, struct str bytes, bool close)
{
	struct relayed *r = malloc(sizeof(*r) + bytes.n);
	unsigned me = w->io.worker;
	struct sim_worker *to = &w->node->w[flow->worker];
	struct sim *s = w->node->sim;
	uint64_t at = s->now_us + sim_below(s, w->node->post_delay_us + 1);

	if (!r)
		abort();
	r->event.run = run_relayed;
	r->flow = *flow;
	r->close = close;
	r->n = bytes.n;
	if (bytes.n)
		memcpy(r->bytes, bytes.p, bytes.n);
	if (at < to->post_us[me])
		at = to->post_us[me];
	to->post_us[me] = at;
	sim_at(s, &r->event, to, at - s->now_us);
}

static int send_udp(struct sim_worker *w, const struct flow *flow, struct str bytes)
{
	const struct sim_listener *l = &w->node->listeners[flow->listener];

	if (flow->listener >= w->node->n_listeners || l->transport != TRANSPORT_UDP ||
	    flow->remote.port == 0)
		return -EINVAL;
	if (bytes.n > 65507)
		return -EMSGSIZE;
	sim_datagram(w->node, &l->addr, &flow->remote, bytes, w, flow);
	return 0;
}

static int op_send(struct io *io, const struct flow *flow, struct str bytes)
{
	struct sim_worker *w = worker_of(io);

	if (!w->node->up)
		return -ENOTCONN;
	if (flow->transport == TRANSPORT_UDP)
		return send_udp(w, flow, bytes);
	if (flow->worker >= io->workers)
		return -ENOTCONN;
	if (flow->worker == io->worker)
		return sim_stream_send(w, flow, bytes);
	relay(w, flow, bytes, false);
	return 0;
}

static int op_open(struct io *io, enum transport t, const struct addr *remote,
		   const struct addr *local, struct flow *ret)
{
	struct sim_worker *w = worker_of(io);

	(void)local;
	return w->node->up ? sim_stream_open(w, t, remote, ret) : -ENETDOWN;
}

static void op_close(struct io *io, const struct flow *flow)
{
	struct sim_worker *w = worker_of(io);

	if (!w->node->up || flow->transport == TRANSPORT_UDP || flow->worker >= io->workers)
		return;
	if (flow->worker == io->worker)
		sim_stream_close(w, flow);
	else
		relay(w, flow, STR_NONE, true);
}

static void op_pause(struct io *io, const struct flow *flow, bool paused)
{
	if (worker_of(io)->node->up)
		sim_stream_pause(worker_of(io), flow, paused);
}

/* ---- other workers ---- */

struct post {
	struct sim_event event;
	unsigned from, kind;
	struct flow flow;
	size_t n;
	char bytes[];
};

static void run_post(struct sim_event *e, bool alive)
{
	struct post *p = container_of(e, struct post, event);
	struct sim_worker *w = e->to;

	if (alive) {
		w->in_flight[p->from]--;
		if (w->io.user && w->io.user->on_post)
			w->io.user->on_post(w->io.user->ctx, p->from, p->kind, &p->flow,
					    str_of(p->bytes, p->n));
	}
	free(p);
}

static int op_post(struct io *io, unsigned worker, unsigned kind, const struct flow *flow,
		   struct str bytes)
{
	struct sim_worker *w = worker_of(io), *to = &w->node->w[worker];
	struct sim *s = w->node->sim;
	uint64_t at = s->now_us + sim_below(s, w->node->post_delay_us + 1);
	struct post *p;

	if (!w->node->up)
		return 0;
	if (to->in_flight[io->worker] >= w->node->ring || sim_chance(s, w->node->full_permille)) {
		s->stats.ring_full++;
		return -EAGAIN;
	}
	p = malloc(sizeof(*p) + bytes.n);
	if (!p)
		abort();
	memset(p, 0, sizeof(*p));
	p->event.run = run_post;
	p->from = io->worker;
	p->kind = kind;
	if (flow)
		p->flow = *flow;
	p->n = bytes.n;
	if (bytes.n)
		memcpy(p->bytes, bytes.p, bytes.n);
	if (at < to->post_us[io->worker])
		at = to->post_us[io->worker];
	to->post_us[io->worker] = at;
	to->in_flight[io->worker]++;
	s->stats.posts++;
	sim_at(s, &p->event, to, at - s->now_us);
	return 0;
}

/* ---- names and records ---- */

static void op_resolve(struct io *io, struct io_query *q)
{
	sim_resolve(worker_of(io), q);
}

static void op_resolve_cancel(struct io *io, struct io_query *q)
{
	sim_resolve_cancel(worker_of(io), q);
}

static void op_append(struct io *io, struct str record, struct io_append *a)
{
	sim_disk_append(worker_of(io), record, a);
}

static void op_append_cancel(struct io *io, struct io_append *a)
{
	sim_disk_cancel(worker_of(io), a);
}

void sim_set_ops(struct sim_worker *w)
{
	w->ops = (struct io_ops){
		.send = op_send,
		.open = op_open,
		.close = op_close,
		.pause = op_pause,
		.resolve = op_resolve,
		.resolve_cancel = op_resolve_cancel,
		.append = op_append,
		.append_cancel = op_append_cancel,
		.post = op_post,
	};
}
