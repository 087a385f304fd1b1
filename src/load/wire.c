#include "load/wire.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

#define SOCKET_BUFFER (4 << 20)
#define PENDING_MAX (4u << 20)
#define STREAM_ROOM (64 * 1024)
#define EVENTS 64

struct wire_in {
	struct mmsghdr msg[WIRE_BATCH];
	struct iovec iov[WIRE_BATCH];
	union sockaddr_any from[WIRE_BATCH];
	char room[WIRE_BATCH][WIRE_MESSAGE_MAX];
};

/* ---- opening ---- */

static void wide_buffers(int fd)
{
	int size = SOCKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* The address from which the target is reached, by asking the routing table. */
static int local_towards(const struct wire *w, struct addr *ret)
{
	int fd = socket(w->to.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, &w->to.sa, w->to_bytes))
		err = -errno;
	else
		err = socket_local(fd, ret);
	close(fd);
	return err;
}

static int open_datagram(const struct wire *w, int fd)
{
	union sockaddr_any me;
	struct addr local;
	socklen_t n;
	int err;

	wide_buffers(fd);
	if (!w->open_ended)
		return connect(fd, &w->to.sa, w->to_bytes) ? -errno : 0;
	err = local_towards(w, &local);
	if (err)
		return err;
	local.port = 0;
	n = sockaddr_from(&local, &me);
	return bind(fd, &me.sa, n) ? -errno : 0;
}

static int open_stream(const struct wire *w, int fd)
{
	struct timeval limit = {.tv_sec = 5};
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, &w->to.sa, w->to_bytes))
		return errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

static int open_socket(struct wire *w, unsigned i)
{
	struct wire_socket *s = &w->sockets[i];
	struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
	int err;

	s->fd = socket(w->to.sa.sa_family, (w->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	w->n_open++;
	err = w->tcp ? open_stream(w, s->fd) : open_datagram(w, s->fd);
	if (!err)
		err = socket_local(s->fd, &s->local);
	if (err)
		return err;
	s->name = str_c(addr_text(&s->local, s->text));
	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, s->fd, &e) ? -errno : 0;
}

static void prepare_in(const struct wire *w)
{
	struct wire_in *in = w->in;

	for (unsigned i = 0; i < WIRE_BATCH; i++) {
		in->iov[i] = (struct iovec){in->room[i], sizeof(in->room[i])};
		in->msg[i].msg_hdr.msg_iov = &in->iov[i];
		in->msg[i].msg_hdr.msg_iovlen = 1;
	}
}

int wire_init(struct wire *w, const struct addr *target, bool tcp, bool open_ended, unsigned n,
	      const struct wire_user *user)
{
	int err = 0;

	*w = (struct wire){.tcp = tcp,
			   .open_ended = open_ended && !tcp,
			   .target = *target,
			   .user = user,
			   .epoll = epoll_create1(EPOLL_CLOEXEC)};
	if (w->epoll < 0)
		return -errno;
	w->to_bytes = sockaddr_from(target, &w->to);
	w->sockets = xcalloc(n, sizeof(*w->sockets));
	w->room = xmalloc(WIRE_ROOM);
	w->in = xzalloc(sizeof(*w->in));
	if (!w->sockets || !w->room || !w->in)
		return -ENOMEM;
	for (; w->n_sockets < n; w->n_sockets++) {
		w->sockets[w->n_sockets].fd = -1;
		w->sockets[w->n_sockets].pending = buf_heap(PENDING_MAX);
		sip_framer_init(&w->sockets[w->n_sockets].framer);
	}
	prepare_in(w);
	for (unsigned i = 0; i < n && !err; i++)
		err = open_socket(w, i);
	return err;
}

void wire_fini(struct wire *w)
{
	for (unsigned i = 0; i < w->n_sockets; i++) {
		if (w->sockets[i].fd >= 0)
			close(w->sockets[i].fd);
		sip_framer_fini(&w->sockets[i].framer);
		buf_free(&w->sockets[i].pending);
	}
	if (w->epoll >= 0)
		close(w->epoll);
	xfree(w->sockets);
	xfree(w->room);
	xfree(w->in);
	*w = (struct wire){.epoll = -1};
}

/* A connection that is lost stays lost: a server that drops connections is a finding. */
static void lose(struct wire *w, unsigned socket, int err)
{
	struct wire_socket *s = &w->sockets[socket];

	if (s->fd < 0)
		return;
	close(s->fd);
	s->fd = -1;
	w->n_open--;
	w->closed_err = err;
	w->user->on_closed(w->user->ctx, socket);
}

/* ---- sending ---- */

/* Datagrams [*i, ...) of equal length to one place become one message; the last of a
 * segmented send may be shorter, but that is not worth looking for. */
static unsigned run_of(const struct wire *w, unsigned i)
{
	unsigned n = 1;
	size_t bytes = w->len[i];

	if (w->no_segments)
		return 1;
	while (i + n < w->batch_n && w->len[i + n] == w->len[i] && bytes + w->len[i] < 65000 &&
	       (!w->open_ended || !memcmp(&w->dest[i + n], &w->dest[i], w->to_bytes))) {
		bytes += w->len[i];
		n++;
	}
	return n;
}

struct segment_room {
	_Alignas(struct cmsghdr) char p[CMSG_SPACE(sizeof(uint16_t))];
};

static void mark_segments(struct msghdr *m, struct segment_room *room, uint16_t len)
{
	struct cmsghdr *c;

	m->msg_control = room->p;
	m->msg_controllen = sizeof(room->p);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(len));
	memcpy(CMSG_DATA(c), &len, sizeof(len));
}

/* Gathers the batch from datagram `first`; says how many messages and, of each, how many
 * datagrams. */
static unsigned gather(struct wire *w, unsigned first, size_t at, struct mmsghdr *msg,
		       struct iovec *iov, struct segment_room *rooms, uint8_t *runs)
{
	unsigned n = 0;

	for (unsigned i = first; i < w->batch_n; n++) {
		struct msghdr *m = &msg[n].msg_hdr;

		runs[n] = (uint8_t)run_of(w, i);
		iov[n] = (struct iovec){w->room + at, (size_t)runs[n] * w->len[i]};
		*m = (struct msghdr){.msg_iov = &iov[n], .msg_iovlen = 1};
		if (w->open_ended) {
			m->msg_name = &w->dest[i];
			m->msg_namelen = w->to_bytes;
		}
		if (runs[n] > 1)
			mark_segments(m, &rooms[n], w->len[i]);
		at += iov[n].iov_len;
		i += runs[n];
	}
	return n;
}

/* After an error of the first datagram: whether to try it again. */
static bool send_again(struct wire *w, int fd, int err)
{
	if (err == EAGAIN || err == ENOBUFS) {
		poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 10);
		return true;
	}
	if ((err == EIO || err == EINVAL || err == EOPNOTSUPP) && !w->no_segments) {
		w->no_segments = true;
		return true;
	}
	if (err == ECONNREFUSED)
		w->refused++; /* of an earlier one */
	return err == ECONNREFUSED || err == EINTR;
}

static void flush_datagrams(struct wire *w, int fd)
{
	struct mmsghdr msg[WIRE_BATCH];
	struct iovec iov[WIRE_BATCH];
	struct segment_room rooms[WIRE_BATCH];
	uint8_t runs[WIRE_BATCH] = {0};
	unsigned first = 0, n, tries = 0;
	size_t at = 0;
	int got;

	while (first < w->batch_n) {
		n = gather(w, first, at, msg, iov, rooms, runs);
		got = sendmmsg(fd, msg, n, MSG_DONTWAIT);
		if (got <= 0 && (!send_again(w, fd, errno) || ++tries > 100)) {
			at += w->len[first++]; /* lost, as any datagram may be */
			continue;
		}
		for (int i = 0; i < got; i++) {
			first += runs[i];
			at += iov[i].iov_len;
			w->sent += runs[i];
		}
	}
}

static void want_writable(struct wire *w, unsigned socket, bool on)
{
	struct epoll_event e = {.events = EPOLLIN | (on ? EPOLLOUT : 0u), .data.u32 = socket};

	epoll_ctl(w->epoll, EPOLL_CTL_MOD, w->sockets[socket].fd, &e);
}

/* What a full connection does not take waits, in order; past the bound it is lost. */
static void send_pending(struct wire *w, unsigned socket)
{
	struct wire_socket *s = &w->sockets[socket];
	ssize_t got = send(s->fd, s->pending.p + s->pending_sent, s->pending.n - s->pending_sent,
			   MSG_DONTWAIT | MSG_NOSIGNAL);

	if (got < 0 && errno != EAGAIN && errno != EINTR) {
		lose(w, socket, -errno);
		return;
	}
	if (got > 0)
		s->pending_sent += (size_t)got;
	if (s->pending_sent == s->pending.n) {
		buf_reset(&s->pending);
		s->pending_sent = 0;
		want_writable(w, socket, false);
	}
}

static void flush_stream(struct wire *w, unsigned socket)
{
	struct wire_socket *s = &w->sockets[socket];
	size_t sent = 0;

	w->sent += w->batch_n;
	if (!s->pending.n) {
		ssize_t got = send(s->fd, w->room, w->batch_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (got < 0 && errno != EAGAIN && errno != EINTR) {
			lose(w, socket, -errno);
			return;
		}
		sent = got > 0 ? (size_t)got : 0;
		if (sent < w->batch_bytes)
			want_writable(w, socket, true);
	}
	buf_put(&s->pending, w->room + sent, w->batch_bytes - sent);
	if (s->pending.failed)
		lose(w, socket, -ENOBUFS);
}

void wire_flush(struct wire *w)
{
	unsigned socket = w->batch_socket;

	if (!w->batch_n)
		return;
	if (w->sockets[socket].fd >= 0) {
		if (w->tcp)
			flush_stream(w, socket);
		else
			flush_datagrams(w, w->sockets[socket].fd);
	}
	w->batch_n = 0;
	w->batch_bytes = 0;
}

char *wire_room(struct wire *w, unsigned socket)
{
	if (socket != w->batch_socket || w->batch_n == WIRE_BATCH ||
	    WIRE_ROOM - w->batch_bytes < WIRE_MESSAGE_MAX)
		wire_flush(w);
	w->batch_socket = socket;
	return w->room + w->batch_bytes;
}

void wire_put(struct wire *w, size_t n, const struct addr *to)
{
	if (!n)
		return;
	if (w->open_ended && to)
		sockaddr_from(to, &w->dest[w->batch_n]);
	else if (w->open_ended)
		w->dest[w->batch_n] = w->to;
	w->len[w->batch_n++] = (uint16_t)n;
	w->batch_bytes += n;
}

/* ---- receiving ---- */

static void receive_datagrams(struct wire *w, unsigned socket)
{
	struct wire_in *in = w->in;
	struct addr from;
	int n, err;

	if (w->open_ended)
		for (unsigned i = 0; i < WIRE_BATCH; i++) {
			in->msg[i].msg_hdr.msg_name = &in->from[i];
			in->msg[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
		}
	n = recvmmsg(w->sockets[socket].fd, in->msg, WIRE_BATCH, MSG_DONTWAIT, NULL);
	err = errno;
	w->user->on_batch(w->user->ctx);
	if (n < 0 && err == ECONNREFUSED)
		w->refused++;
	for (int i = 0; i < n; i++) {
		bool known = w->open_ended && sockaddr_to(&in->from[i], &from);

		w->received++;
		w->user->on_message(w->user->ctx, socket, known ? &from : NULL,
				    str_of(in->room[i], in->msg[i].msg_len));
	}
}

struct stream_at {
	struct wire *w;
	unsigned socket;
};

static bool on_stream_message(void *ctx, struct str message)
{
	struct stream_at *at = ctx;

	at->w->received++;
	at->w->user->on_message(at->w->user->ctx, at->socket, NULL, message);
	return at->w->sockets[at->socket].fd >= 0;
}

static void on_ping(void *ctx)
{
}

static void receive_stream(struct wire *w, unsigned socket)
{
	struct stream_at at = {w, socket};
	struct sip_frame_user user = {on_stream_message, on_ping, &at};
	char *room = w->in->room[0];
	const char *why;
	ssize_t n = recv(w->sockets[socket].fd, room, STREAM_ROOM, MSG_DONTWAIT);
	int err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	w->user->on_batch(w->user->ctx);
	if (n <= 0) {
		lose(w, socket, n ? -errno : 0);
		return;
	}
	err = sip_framer_feed(&w->sockets[socket].framer, str_of(room, (size_t)n), &user, &why,
			      NULL);
	if (err)
		lose(w, socket, err);
}

static void on_event(struct wire *w, unsigned socket, uint32_t events)
{
	if (w->sockets[socket].fd < 0)
		return;
	if (!w->tcp) {
		receive_datagrams(w, socket);
	} else {
		if (events & EPOLLOUT)
			send_pending(w, socket);
		if (events & ~(uint32_t)EPOLLOUT && w->sockets[socket].fd >= 0)
			receive_stream(w, socket);
	}
	w->user->on_batch_end(w->user->ctx);
	wire_flush(w);
}

int wire_poll(struct wire *w, uint64_t timeout_ns)
{
	struct epoll_event events[EVENTS];
	struct timespec limit = {.tv_sec = (time_t)(timeout_ns / 1000000000u),
				 .tv_nsec = (long)(timeout_ns % 1000000000u)};
	int n;

	wire_flush(w);
	n = epoll_pwait2(w->epoll, events, EVENTS, &limit, NULL);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++)
		on_event(w, events[i].data.u32, events[i].events);
	return 0;
}
