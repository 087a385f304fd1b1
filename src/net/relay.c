/* What workers tell each other: the engine's posts, and the sends, closes and ends of
 * connections that another worker owns. */
#include <errno.h>

#include "net/inside.h"

#define SHARE 256 /* messages taken from one worker in one round */

int relay_post(struct net *n, unsigned worker, uint16_t kind, const struct flow *flow,
	       struct str bytes)
{
	int err = ring_push(group_ring(n->group, n->io.worker, worker), kind, flow, bytes);
	struct loop *loop;

	if (err < 0) {
		if (err == -EAGAIN)
			net_count(&n->counters.ring_full, 1);
		return err;
	}
	net_count(&n->counters.posts_out, 1);
	loop = group_loop(n->group, worker);
	if (loop)
		loop_wake(loop);
	return 0;
}

bool relay_ready(struct net *n)
{
	for (unsigned from = 0; from < n->io.workers; from++)
		if (ring_ready(group_ring(n->group, from, n->io.worker)))
			return true;
	return false;
}

/* The flow's death was told to all, but whoever names it may never have heard of it. */
static void take_send(struct net *n, unsigned from, const struct ring_msg *m)
{
	struct conn *c = conn_find(&n->conns, &m->flow);
	int err = c ? conn_send(c, m->bytes) : -ENOTCONN;

	if (err == -ENOTCONN)
		relay_post(n, from, RELAY_CLOSED, &m->flow,
			   str_of((const char *)&err, sizeof(err)));
}

static void take_one(struct net *n, unsigned from, const struct ring_msg *m)
{
	const struct io_user *u = n->io.user;
	struct conn *c;
	int err = 0;

	switch (m->kind) {
	case RELAY_SEND:
		take_send(n, from, m);
		break;
	case RELAY_CLOSE:
		c = conn_find(&n->conns, &m->flow);
		if (c)
			conn_close(c);
		break;
	case RELAY_CLOSED:
		memcpy(&err, m->bytes.p, sizeof(err));
		net_on_closed(n, &m->flow, err);
		break;
	default:
		if (u && u->on_post)
			u->on_post(u->ctx, from, m->kind, &m->flow, m->bytes);
		break;
	}
}

void relay_take(struct net *n)
{
	for (unsigned from = 0; from < n->io.workers; from++) {
		struct ring *r = group_ring(n->group, from, n->io.worker);
		struct ring_msg m;
		unsigned i = 0;

		for (; i < SHARE && ring_peek(r, &m); i++) {
			net_count(&n->counters.posts_in, 1);
			take_one(n, from, &m);
			ring_pop(r);
		}
		loop_worked(n->loop, i);
	}
}
