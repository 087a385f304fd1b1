#include "net/stream.h"

#include <errno.h>
#include <sys/socket.h>

#include "net/inside.h"
#include "net/sockaddr.h"

#define TURNS 4 /* full reads before others have their turn */
#define PIECES 32 /* blocks in one write */

static uint64_t now_of(const struct conn *c)
{
	return loop_now_ms(c->table->net->loop);
}

/* Watches what the state asks for. */
static void watch(struct conn *c)
{
	uint32_t events = 0;

	if (c->state == CONN_CONNECTING || c->blocked_ms)
		events |= EPOLLOUT;
	if (!c->peer_ended && (c->state == CONN_STARTING || (c->state == CONN_OPEN && !c->paused) ||
			       c->state == CONN_DRAINING || c->state == CONN_LINGERING))
		events |= EPOLLIN;
	if (c->state == CONN_DEAD || events == c->events)
		return;
	c->events = events;
	if (loop_mod(c->table->net->loop, &c->fd, events) < 0)
		conn_fail(c, -EIO);
}

static void set_state(struct conn *c, enum conn_state state)
{
	c->state = state;
	c->start_ms = now_of(c);
	c->blocked_ms = 0;
	conn_timing(c);
	watch(c);
}

/* Written when the batch ends. */
static void gather(struct conn *c)
{
	if (list_empty(&c->link))
		list_append(&c->table->gathering, &c->link);
}

/* Nothing waits any more: the end goes on. */
static void drained(struct conn *c)
{
	if (c->state != CONN_DRAINING)
		return;
	if (c->peer_ended) {
		conn_fail(c, c->err);
		return;
	}
	/* Closing with unread bytes would send RST, and the peer could lose our last
	 * words: its FIN is awaited. */
	shutdown(c->fd.fd, SHUT_WR);
	set_state(c, CONN_LINGERING);
}

static void drain(struct conn *c)
{
	set_state(c, CONN_DRAINING);
	if (c->state == CONN_DRAINING)
		gather(c);
}

static int socket_error(struct conn *c)
{
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(c->fd.fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0)
		return -errno;
	return -err;
}

/* Reading */

static void end_of_input(struct conn *c)
{
	c->peer_ended = true;
	if (c->state == CONN_LINGERING || c->out.bytes == 0)
		conn_fail(c, c->err);
	else if (c->state <= CONN_OPEN)
		drain(c);
	else
		watch(c);
}

/* One read; true: there may be more. */
static bool read_once(struct conn *c)
{
	struct net *net = c->table->net;
	ssize_t n = recv(c->fd.fd, c->table->room, STREAM_ROOM, 0);
	int err;

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			conn_fail(c, c->state == CONN_LINGERING ? c->err : -errno);
		return false;
	}
	if (n == 0) {
		end_of_input(c);
		return false;
	}
	net_count(&net->counters.stream_bytes_in, (uint64_t)n);
	c->active_ms = now_of(c);
	c->spoke = true;
	if (c->state > CONN_OPEN)
		return n == STREAM_ROOM; /* closed: nobody wants them */
	err = c->ops->in(c, str_of(c->table->room, (size_t)n));
	if (err < 0)
		conn_fail(c, err);
	return n == STREAM_ROOM;
}

static void read_some(struct conn *c)
{
	for (int i = 0; i < TURNS; i++)
		if (!read_once(c) || c->state == CONN_DEAD || c->paused || c->peer_ended)
			return;
}

int conn_deliver(struct conn *c, struct str bytes)
{
	struct flow flow = c->flow;

	if (bytes.n) {
		loop_worked(c->table->net->loop, 1);
		net_on_bytes(c->table->net, &flow, bytes);
	}
	return 0;
}

/* Writing */

/* The peer closed or reset it.  What it said before is still to be read. */
static void write_failed(struct conn *c, int err)
{
	outq_clear(&c->out, &c->table->pool);
	if (c->state == CONN_OPEN && !c->paused)
		read_some(c);
	conn_fail(c, err);
}

static void wait_for_room(struct conn *c, bool moved)
{
	if (c->blocked_ms && !moved)
		return;
	c->blocked_ms = now_of(c);
	conn_timing(c);
	watch(c);
}

static void write_some(struct conn *c)
{
	struct iovec pieces[PIECES];
	bool moved = false;

	while (c->out.bytes) {
		struct msghdr m = {.msg_iov = pieces};
		ssize_t n;

		m.msg_iovlen = (size_t)outq_peek(&c->out, pieces, PIECES);
		n = sendmsg(c->fd.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno == EAGAIN || errno == ENOBUFS)
				wait_for_room(c, moved);
			else
				write_failed(c, -errno);
			return;
		}
		moved = true;
		outq_drop(&c->out, &c->table->pool, (size_t)n);
		net_count(&c->table->net->counters.stream_bytes_out, (uint64_t)n);
		c->active_ms = now_of(c);
	}
	c->blocked_ms = 0;
	watch(c);
	drained(c);
}

void conns_flush(struct conns *t)
{
	struct list *n;

	while ((n = list_first(&t->gathering))) {
		list_unlink(n);
		write_some(container_of(n, struct conn, link));
	}
}

int conn_queue(struct conn *c, struct str bytes)
{
	if (c->out.bytes + bytes.n > c->table->net->limits.out_bytes)
		return -ENOBUFS;
	if (!outq_add(&c->out, &c->table->pool, bytes))
		return -ENOMEM;
	if (c->state != CONN_CONNECTING && !c->blocked_ms)
		gather(c);
	return 0;
}

int conn_send(struct conn *c, struct str bytes)
{
	int err;

	if (c->closing || c->state > CONN_OPEN)
		return -ENOTCONN;
	err = c->ops->out(c, bytes);
	if (err == 0)
		return 0;
	net_count(&c->table->net->counters.overflowed, 1);
	conn_fail(c, -ENOBUFS);
	return -ENOBUFS;
}

/* Life */

void conn_close(struct conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	if (c->state < CONN_OPEN && c->out.bytes == 0)
		conn_fail(c, -ECANCELED);
	else if (c->state == CONN_OPEN)
		drain(c);
}

void conn_pause(struct conn *c, bool paused)
{
	c->paused = paused;
	watch(c);
}

void conn_stands(struct conn *c)
{
	struct flow flow = c->flow;

	set_state(c, CONN_OPEN);
	if (c->out.bytes)
		gather(c);
	if (c->closing)
		drain(c);
	else
		net_on_open(c->table->net, &flow);
}

void conn_start(struct conn *c)
{
	int err;

	c->active_ms = now_of(c);
	net_count(c->accepted ? &c->table->net->counters.accepted : &c->table->net->counters.opened,
		  1);
	set_state(c, CONN_STARTING);
	if (c->state == CONN_DEAD)
		return;
	err = c->ops->start(c);
	if (err < 0)
		conn_fail(c, err);
}

static void connect_done(struct conn *c)
{
	int err = socket_error(c);

	if (err == 0)
		err = socket_local(c->fd.fd, &c->flow.local);
	if (err < 0)
		conn_fail(c, err);
	else
		conn_start(c);
}

/* Nobody reads it now, so only an error or both ends closed can have woken us. */
static void broken_unread(struct conn *c)
{
	int err = socket_error(c);

	conn_fail(c, c->state == CONN_OPEN ? (err < 0 ? err : -ECONNRESET) : c->err);
}

void stream_event(void *ctx, uint32_t events)
{
	struct conn *c = (struct conn *)ctx;

	if (c->state == CONN_CONNECTING) {
		connect_done(c);
		return;
	}
	if (events & EPOLLOUT)
		write_some(c);
	if (c->state == CONN_DEAD)
		return;
	if (c->events & EPOLLIN && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_some(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		broken_unread(c);
}
