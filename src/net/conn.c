/* The table of connections: slots, times, ends.  stream.c moves their bytes. */
#include "net/conn.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/inside.h"
#include "net/stream.h"

#define CONN_CHUNK 256
#define TELL_AGAIN_MS 2

static void on_bury(void *ctx);
static void on_timer(void *ctx);

int conns_init(struct conns *t, struct net *net)
{
	t->net = net;
	list_init(&t->free);
	list_init(&t->gathering);
	list_init(&t->dead);
	timer_init(&t->bury, on_bury, t);
	t->max = net->limits.max_connections;
	t->max_chunks = (t->max + CONN_CHUNK - 1) / CONN_CHUNK;
	t->chunks = xcalloc(t->max_chunks, sizeof(struct conn *));
	t->room = xmalloc(STREAM_ROOM);
	return t->chunks && t->room ? 0 : -ENOMEM;
}

static struct conn *slot_at(const struct conns *t, uint32_t slot)
{
	return &t->chunks[slot / CONN_CHUNK][slot % CONN_CHUNK];
}

static void release(struct conn *c)
{
	struct wheel *w = loop_wheel(c->table->net->loop);

	timer_cancel(w, &c->timer);
	outq_clear(&c->out, &c->table->pool);
	if (c->fd.fd >= 0) {
		loop_del(c->table->net->loop, &c->fd);
		close(c->fd.fd);
		c->fd.fd = -1;
	}
}

void conns_fini(struct conns *t)
{
	if (!t->net)
		return;
	for (size_t i = 0; t->chunks && i < t->n_chunks * CONN_CHUNK; i++)
		if (slot_at(t, (uint32_t)i)->state != CONN_FREE)
			release(slot_at(t, (uint32_t)i));
	timer_cancel(loop_wheel(t->net->loop), &t->bury);
	for (size_t i = 0; t->chunks && i < t->n_chunks; i++)
		xfree(t->chunks[i]);
	xfree(t->chunks);
	xfree(t->room);
	out_pool_fini(&t->pool);
	t->chunks = NULL;
	t->room = NULL;
}

static bool grow(struct conns *t)
{
	struct conn *chunk;

	if (t->n_chunks == t->max_chunks)
		return false;
	chunk = xcalloc(CONN_CHUNK, sizeof(struct conn));
	if (!chunk)
		return false;
	for (uint32_t i = 0; i < CONN_CHUNK; i++) {
		chunk[i].table = t;
		chunk[i].fd.fd = -1;
		chunk[i].flow.slot = (uint32_t)t->n_chunks * CONN_CHUNK + i;
		/* a name that another run left behind fits no connection of this one */
		entropy_take(&t->net->entropy, &chunk[i].flow.gen, sizeof(chunk[i].flow.gen));
		timer_init(&chunk[i].timer, on_timer, &chunk[i]);
		list_append(&t->free, &chunk[i].link);
	}
	t->chunks[t->n_chunks++] = chunk;
	return true;
}

/* Reset to a slot's first day, but for its number and generation. */
static void name_conn(struct conn *c, const struct flow *way)
{
	uint32_t slot = c->flow.slot, gen = c->flow.gen + 1;

	c->flow = *way;
	c->flow.worker = (uint8_t)c->table->net->io.worker;
	c->flow.slot = slot;
	c->flow.gen = gen ? gen : 1;
}

struct conn *conn_new(struct conns *t, int fd, const struct flow *way, bool accepted)
{
	struct conn *c = NULL;

	if (t->n < t->max && (!list_empty(&t->free) || grow(t)))
		c = container_of(list_first(&t->free), struct conn, link);
	if (!c) {
		close(fd);
		return NULL;
	}
	c->fd = (struct loop_fd){.fd = fd, .fn = stream_event, .ctx = c};
	c->events = accepted ? EPOLLIN : EPOLLOUT;
	if (loop_add(t->net->loop, &c->fd, c->events) < 0) {
		close(fd);
		c->fd.fd = -1;
		return NULL;
	}
	list_unlink(&c->link);
	t->n++;
	net_count(&t->net->counters.connections, 1);
	name_conn(c, way);
	c->ops = conn_ops_of((enum transport)way->transport);
	c->state = CONN_CONNECTING;
	c->start_ms = c->active_ms = loop_now_ms(t->net->loop);
	c->blocked_ms = 0;
	c->err = 0;
	c->told = 0;
	c->accepted = accepted;
	c->spoke = c->paused = c->closing = c->peer_ended = false;
	conn_timing(c);
	return c;
}

struct conn *conn_find(struct conns *t, const struct flow *flow)
{
	struct conn *c;

	if (flow->slot >= t->n_chunks * CONN_CHUNK)
		return NULL;
	c = slot_at(t, flow->slot);
	if (c->flow.gen != flow->gen || c->state == CONN_FREE || c->state == CONN_DEAD)
		return NULL;
	return c;
}

/* Times */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When it would have to end if nothing happened any more. */
static uint64_t deadline(const struct conn *c)
{
	const struct net_limits *l = &c->table->net->limits;
	uint64_t at;

	if (c->state < CONN_OPEN)
		return c->start_ms + l->connect_ms;
	if (c->state != CONN_OPEN)
		return c->start_ms + l->linger_ms;
	at = c->active_ms + l->idle_ms;
	if (c->accepted && !c->spoke)
		at = earlier(at, c->start_ms + l->first_bytes_ms);
	if (c->blocked_ms)
		at = earlier(at, c->blocked_ms + l->unread_ms);
	return at;
}

/* A byte only notes its time; the timer looks again when it fires. */
void conn_timing(struct conn *c)
{
	uint64_t at = deadline(c);

	if (!timer_active(&c->timer) || at < c->timer.at_ms)
		timer_set(loop_wheel(c->table->net->loop), &c->timer, at);
}

static void on_timer(void *ctx)
{
	struct conn *c = (struct conn *)ctx;

	if (deadline(c) > loop_now_ms(c->table->net->loop)) {
		conn_timing(c);
		return;
	}
	if (c->state == CONN_LINGERING) {
		conn_fail(c, c->err); /* all it was sent has left: that will do */
		return;
	}
	net_count(&c->table->net->counters.timed_out, 1);
	conn_fail(c, -ETIMEDOUT);
}

/* Ends */

void conn_fail(struct conn *c, int err)
{
	struct conns *t = c->table;

	if (c->state == CONN_DEAD || c->state == CONN_FREE)
		return;
	release(c);
	c->state = CONN_DEAD;
	c->err = err;
	list_unlink(&c->link);
	list_append(&t->dead, &c->link);
	loop_timer(t->net->loop, &t->bury, 0);
}

/* Every worker hears of it (io.h).  The slot waits until all have room for that, so
 * that no end is lost; whoever told 0 first is this worker itself. */
static bool tell_others(struct conn *c)
{
	struct net *net = c->table->net;
	struct str err = str_of((const char *)&c->err, sizeof(c->err));

	for (; c->told < net->io.workers; c->told++)
		if (c->told != net->io.worker &&
		    relay_post(net, c->told, RELAY_CLOSED, &c->flow, err) == -EAGAIN)
			return false;
	return true;
}

static void on_bury(void *ctx)
{
	struct conns *t = (struct conns *)ctx;
	struct list *n, now;

	list_init(&now);
	while ((n = list_first(&t->dead))) {
		list_unlink(n);
		list_append(&now, n);
	}
	while ((n = list_first(&now))) {
		struct conn *c = container_of(n, struct conn, link);
		struct flow flow = c->flow;
		int err = c->err;

		list_unlink(n);
		if (!tell_others(c)) {
			list_append(&t->dead, n);
			loop_timer(t->net->loop, &t->bury, TELL_AGAIN_MS);
			continue;
		}
		c->state = CONN_FREE;
		list_append(&t->free, n);
		t->n--;
		net_uncount(&t->net->counters.connections);
		net_count(&t->net->counters.closed, 1);
		net_on_closed(t->net, &flow, err);
	}
}
