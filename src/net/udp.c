#include "net/udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h> /* wants struct timespec */

#include "base/alloc.h"
#include "net/inside.h"
#include "net/sockaddr.h"
#include "net/train.h"

#define BATCH 64
#define TURNS 4 /* batches read before others have their turn */
#define SLOT_BYTES 65536 /* no datagram is longer */
/* Slots are untouched pages until a long datagram comes; the odd rest keeps their
 * first lines out of each other's cache sets. */
#define SLOT_STRIDE (SLOT_BYTES + 832)
#define QUEUE_MAX 2048 /* datagrams that wait on one socket */
#define PAYLOAD4 65507 /* 65535 - 20 - 8 */
#define PAYLOAD6 65527 /* 65535 - 8 */
#define TELL_MAX 64
#define RETRIES 8

struct udp_socket {
	struct loop_fd fd;
	struct udp *udp;
	uint16_t listener;
	bool wildcard;
	bool blocked; /* waits for EPOLLOUT */
	struct addr local;
	struct datagram *queue; /* from head to n */
	uint32_t head, n;
	uint32_t longest; /* that the kernel takes in trains */
	char *bytes;
	size_t used, cap;
};

struct batch {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	union sockaddr_any names[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][PKTINFO_ROOM];
};

#define SEGMENT_ROOM CMSG_SPACE(sizeof(uint16_t))

struct departure {
	struct trains trains;
	struct mmsghdr msgs[TRAIN_WINDOW];
	struct iovec iov[TRAIN_WINDOW];
	union sockaddr_any names[TRAIN_WINDOW];
	_Alignas(struct cmsghdr) char control[TRAIN_WINDOW][PKTINFO_ROOM + SEGMENT_ROOM];
};

/* Shared by a worker's sockets. */
struct udp_scratch {
	struct batch in;
	struct departure out;
	struct flow tell[TELL_MAX];
	size_t n_tell;
	char *slots;
};

static void on_tell(void *ctx);
static void on_event(void *ctx, uint32_t events);

int udp_init(struct udp *u, struct net *net, size_t n_listeners)
{
	u->net = net;
	u->n = n_listeners;
	timer_init(&u->tell, on_tell, u);
	u->sockets = xcalloc(n_listeners, sizeof(struct udp_socket *));
	return u->sockets ? 0 : -ENOMEM;
}

static void scratch_free(struct udp *u)
{
	if (u->scratch)
		xfree(u->scratch->slots);
	xfree(u->scratch);
	u->scratch = NULL;
}

static void socket_free(struct udp_socket *s)
{
	loop_del(s->udp->net->loop, &s->fd);
	close(s->fd.fd);
	xfree(s->queue);
	xfree(s->bytes);
	xfree(s);
}

void udp_fini(struct udp *u)
{
	if (!u->net)
		return;
	timer_cancel(loop_wheel(u->net->loop), &u->tell);
	for (size_t i = 0; u->sockets && i < u->n; i++)
		if (u->sockets[i])
			socket_free(u->sockets[i]);
	xfree(u->sockets);
	u->sockets = NULL;
	scratch_free(u);
}

static int scratch_make(struct udp *u)
{
	if (u->scratch)
		return 0;
	u->scratch = xzalloc(sizeof(*u->scratch));
	if (!u->scratch)
		return -ENOMEM;
	u->scratch->slots = xmalloc((size_t)BATCH * SLOT_STRIDE);
	if (!u->scratch->slots) {
		scratch_free(u);
		return -ENOMEM;
	}
	return 0;
}

/* The forced size passes the system's limit, where we may. */
static void set_buffer(int fd, int forced, int plain, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

static void set_options(struct udp_socket *s)
{
	const int on = 1, fd = s->fd.fd, bytes = (int)s->udp->net->limits.socket_buffer_bytes;

	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, bytes);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, bytes);
	if (s->local.family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	if (!s->wildcard)
		return;
	if (s->local.family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
}

int udp_add(struct udp *u, size_t listener, int fd, const struct addr *local)
{
	struct udp_socket *s = xzalloc(sizeof(*s));
	int err = scratch_make(u);

	if (!s || err < 0)
		goto fail;
	s->fd = (struct loop_fd){.fd = fd, .fn = on_event, .ctx = s};
	s->udp = u;
	s->listener = (uint16_t)listener;
	s->local = *local;
	s->wildcard = addr_is_any(local);
	s->cap = u->net->limits.datagram_queue_bytes;
	s->longest = UINT32_MAX;
	s->queue = xcalloc(QUEUE_MAX, sizeof(struct datagram));
	s->bytes = xmalloc(s->cap);
	if (!s->queue || !s->bytes)
		goto fail;
	set_options(s);
	err = loop_add(u->net->loop, &s->fd, EPOLLIN);
	if (err < 0)
		goto fail;
	u->sockets[listener] = s;
	return 0;
fail:
	close(fd);
	if (s) {
		xfree(s->queue);
		xfree(s->bytes);
	}
	xfree(s);
	return err < 0 ? err : -ENOMEM;
}

bool udp_local(const struct udp *u, size_t listener, struct addr *ret)
{
	if (listener >= u->n || !u->sockets[listener])
		return false;
	*ret = u->sockets[listener]->local;
	return true;
}

/* local: the address alone, family 0 where only the socket's is known. */
static struct flow flow_of(const struct udp_socket *s, const struct addr *remote,
			   const struct addr *local)
{
	struct flow f = {.transport = TRANSPORT_UDP, .listener = s->listener};

	f.worker = (uint8_t)s->udp->net->io.worker;
	f.remote = *remote;
	f.local = local->family ? *local : s->local;
	f.local.port = s->local.port;
	return f;
}

/* Unreachable peers */

static void tell_later(struct udp_socket *s, const struct addr *remote, const struct addr *local)
{
	struct udp_scratch *x = s->udp->scratch;
	struct net *net = s->udp->net;

	net_count(&net->counters.unreachable, 1);
	if (x->n_tell == TELL_MAX)
		return; /* timers of the transactions find out */
	x->tell[x->n_tell++] = flow_of(s, remote, local);
	loop_timer(net->loop, &s->udp->tell, 0);
}

static void on_tell(void *ctx)
{
	struct udp *u = (struct udp *)ctx;
	struct flow told[TELL_MAX];
	size_t n = u->scratch->n_tell;

	memcpy(told, u->scratch->tell, n * sizeof(told[0]));
	u->scratch->n_tell = 0;
	for (size_t i = 0; i < n; i++)
		net_on_unreachable(u->net, &told[i]);
}

static bool means_unreachable(int err)
{
	return err == ECONNREFUSED || err == EHOSTUNREACH || err == ENETUNREACH ||
	       err == ENOPROTOOPT || err == EHOSTDOWN || err == ENETDOWN || err == EACCES;
}

static bool read_extended_error(struct msghdr *m, struct sock_extended_err *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(ret, CMSG_DATA(c), sizeof(*ret));
		return true;
	}
	return false;
}

/* The error queue holds the datagram's destination and what ICMP said (ip(7)). */
static void drain_errors(struct udp_socket *s)
{
	_Alignas(struct cmsghdr) char control[512];
	struct sock_extended_err e;
	union sockaddr_any name;
	for (int i = 0; i < BATCH; i++) {
		struct addr remote, local = {0};
		struct msghdr m = {.msg_name = &name,
				   .msg_namelen = sizeof(name),
				   .msg_control = control,
				   .msg_controllen = sizeof(control)};

		if (recvmsg(s->fd.fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		pktinfo_read(&m, &local); /* to whom ICMP came: who sent */
		if (m.msg_namelen && read_extended_error(&m, &e) &&
		    means_unreachable((int)e.ee_errno) && sockaddr_to(&name, &remote))
			tell_later(s, &remote, &local);
	}
}

/* Receiving */

static void prepare_receive(struct udp_socket *s)
{
	struct batch *x = &s->udp->scratch->in;

	for (size_t i = 0; i < BATCH; i++) {
		struct msghdr *m = &x->msgs[i].msg_hdr;

		x->iov[i].iov_base = s->udp->scratch->slots + i * SLOT_STRIDE;
		x->iov[i].iov_len = SLOT_BYTES;
		*m = (struct msghdr){.msg_name = &x->names[i],
				     .msg_namelen = sizeof(x->names[i]),
				     .msg_iov = &x->iov[i],
				     .msg_iovlen = 1};
		if (s->wildcard) {
			m->msg_control = x->control[i];
			m->msg_controllen = PKTINFO_ROOM;
		}
	}
}

static void deliver(struct udp_socket *s, size_t i)
{
	struct batch *x = &s->udp->scratch->in;
	struct net *net = s->udp->net;
	size_t n = x->msgs[i].msg_len;
	struct addr remote, local = {0};
	struct flow f;

	if (!sockaddr_to(&x->names[i], &remote))
		return;
	if (s->wildcard)
		pktinfo_read(&x->msgs[i].msg_hdr, &local);
	f = flow_of(s, &remote, &local);
	net_count(&net->counters.datagram_bytes_in, n);
	net_on_datagram(net, &f, str_of((char *)x->iov[i].iov_base, n));
}

/* True: there may be more. */
static bool receive_batch(struct udp_socket *s)
{
	struct batch *x = &s->udp->scratch->in;
	struct net_counters *c = &s->udp->net->counters;
	int n;

	prepare_receive(s);
	n = recvmmsg(s->fd.fd, x->msgs, BATCH, MSG_DONTWAIT, NULL);
	net_count(&c->recv_calls, 1);
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return false;
		drain_errors(s); /* ICMP shows here first */
		return true;
	}
	net_count(&c->datagrams_in, (uint64_t)n);
	loop_worked(s->udp->net->loop, (unsigned)n);
	for (size_t i = 0; i < (size_t)n; i++)
		deliver(s, i);
	return n == BATCH;
}

/* Sending */

static void set_blocked(struct udp_socket *s, bool blocked)
{
	if (s->blocked == blocked)
		return;
	s->blocked = blocked;
	loop_mod(s->udp->net->loop, &s->fd, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void segment_write(struct msghdr *m, void *control, uint16_t length)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)control + m->msg_controllen);

	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(length));
	memcpy(CMSG_DATA(c), &length, sizeof(length));
	m->msg_control = control;
	m->msg_controllen += SEGMENT_ROOM;
}

/* What stands side by side in the queue's bytes is one piece. */
static size_t put_pieces(const struct udp_socket *s, const struct train *t, const uint16_t *members,
			 struct iovec *iov)
{
	size_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct datagram *d = &s->queue[s->head + members[t->first + i]];
		char *p = s->bytes + d->at;

		if (n && (char *)iov[n - 1].iov_base + iov[n - 1].iov_len == p)
			iov[n - 1].iov_len += d->n;
		else
			iov[n++] = (struct iovec){p, d->n};
	}
	return n;
}

static unsigned prepare_send(struct udp_socket *s)
{
	struct departure *x = &s->udp->scratch->out;
	unsigned n = s->n - s->head < TRAIN_WINDOW ? s->n - s->head : TRAIN_WINDOW;
	struct iovec *iov = x->iov;

	trains_make(&x->trains, s->queue + s->head, n, s->longest);
	for (unsigned i = 0; i < x->trains.n; i++) {
		const struct train *t = &x->trains.train[i];
		struct msghdr *m = &x->msgs[i].msg_hdr;

		*m = (struct msghdr){.msg_name = &x->names[i],
				     .msg_namelen = sockaddr_from(&t->head->to, &x->names[i]),
				     .msg_iov = iov,
				     .msg_iovlen = put_pieces(s, t, x->trains.members, iov)};
		iov += m->msg_iovlen;
		if (t->head->from.family)
			pktinfo_write(m, x->control[i], &t->head->from);
		if (t->n > 1)
			segment_write(m, x->control[i], (uint16_t)t->length);
	}
	return x->trains.n;
}

/* Takes a train's datagrams off the queue. */
static void leave(struct udp_socket *s, const struct train *t)
{
	const struct trains *x = &s->udp->scratch->out.trains;

	for (uint32_t i = 0; i < t->n; i++)
		s->queue[s->head + x->members[t->first + i]].gone = true;
}

static void count_sent(struct udp_socket *s, unsigned n)
{
	const struct trains *x = &s->udp->scratch->out.trains;
	uint64_t bytes = 0, datagrams = 0;

	for (unsigned i = 0; i < n; i++) {
		leave(s, &x->train[i]);
		bytes += x->train[i].bytes;
		datagrams += x->train[i].n;
	}
	net_count(&s->udp->net->counters.datagram_bytes_out, bytes);
	net_count(&s->udp->net->counters.datagrams_out, datagrams);
}

/* The path or the device does not cut up trains of this length: each goes alone. */
static void break_up(struct udp_socket *s, const struct train *t, int err)
{
	s->longest = err == EINVAL || err == EMSGSIZE ? t->length - 1 : 0;
}

/* The train did not leave.  An error that ICMP left behind belongs to an
 * earlier datagram: the same is tried again, a few times.  False: wait. */
static bool send_failed(struct udp_socket *s, const struct train *t, int err, int *retries)
{
	if (err == EINTR)
		return true;
	if (err == EAGAIN) {
		set_blocked(s, true);
		return false;
	}
	if (err != EMSGSIZE && err != EINVAL && err != EPERM && err != ENOBUFS && err != EIO &&
	    *retries < RETRIES) {
		drain_errors(s);
		++*retries;
		return true;
	}
	*retries = 0;
	if (t->n > 1 && err != ENOBUFS && err != EPERM && !means_unreachable(err)) {
		break_up(s, t, err);
		return true;
	}
	if (means_unreachable(err))
		tell_later(s, &t->head->to, &t->head->from);
	net_count(&s->udp->net->counters.datagrams_refused, t->n);
	leave(s, t);
	return true;
}

static void skip_gone(struct udp_socket *s)
{
	while (s->head < s->n && s->queue[s->head].gone)
		s->head++;
}

/* One window's trains.  False: the socket takes no more for now. */
static bool send_window(struct udp_socket *s, int *retries)
{
	struct departure *x = &s->udp->scratch->out;
	unsigned n = prepare_send(s), at = 0;
	bool go_on = true;

	while (at < n) {
		int sent = sendmmsg(s->fd.fd, x->msgs + at, n - at, MSG_DONTWAIT);
		int err = errno;

		net_count(&s->udp->net->counters.send_calls, 1);
		if (sent <= 0) {
			go_on = send_failed(s, &x->trains.train[at], err, retries);
			break;
		}
		count_sent(s, (unsigned)sent);
		at += (unsigned)sent;
		*retries = 0;
	}
	skip_gone(s);
	return go_on;
}

static void flush_socket(struct udp_socket *s)
{
	int retries = 0;

	while (s->head < s->n)
		if (!send_window(s, &retries))
			return;
	s->head = s->n = 0;
	s->used = 0;
	set_blocked(s, false);
}

/* Moves what waits to the front of the queue. */
static void compact(struct udp_socket *s)
{
	uint32_t from;

	if (s->head == 0 || s->head == s->n)
		return;
	from = s->queue[s->head].at;
	memmove(s->bytes, s->bytes + from, s->used - from);
	memmove(s->queue, s->queue + s->head, (s->n - s->head) * sizeof(struct datagram));
	s->n -= s->head;
	s->head = 0;
	s->used -= from;
	for (uint32_t i = 0; i < s->n; i++)
		s->queue[i].at -= from;
}

static bool has_room(const struct udp_socket *s, size_t n)
{
	return s->n < QUEUE_MAX && n <= s->cap - s->used;
}

static bool make_room(struct udp_socket *s, size_t n)
{
	if (has_room(s, n))
		return true;
	if (!s->blocked)
		flush_socket(s);
	if (!has_room(s, n))
		compact(s);
	return has_room(s, n);
}

int udp_send(struct udp *u, const struct flow *flow, struct str bytes)
{
	struct udp_socket *s = flow->listener < u->n ? u->sockets[flow->listener] : NULL;
	struct datagram *o;

	if (!s || s->local.family != flow->remote.family || flow->remote.port == 0)
		return -ENOTCONN;
	if (bytes.n > (s->local.family == 6 ? PAYLOAD6 : PAYLOAD4))
		return -EMSGSIZE;
	if (!make_room(s, bytes.n)) {
		net_count(&u->net->counters.datagrams_dropped, 1);
		return 0;
	}
	o = &s->queue[s->n++];
	*o = (struct datagram){.at = (uint32_t)s->used,
			       .n = (uint32_t)bytes.n,
			       .order = u->net->io.order,
			       .to = flow->remote};
	if (s->wildcard && flow->local.family == s->local.family && !addr_is_any(&flow->local)) {
		o->from = flow->local;
		o->from.port = 0;
	}
	o->peer = train_peer(&o->to, &o->from);
	if (bytes.n)
		memcpy(s->bytes + s->used, bytes.p, bytes.n);
	s->used += bytes.n;
	return 0;
}

void udp_flush(struct udp *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->sockets[i] && u->sockets[i]->n && !u->sockets[i]->blocked)
			flush_socket(u->sockets[i]);
}

static void on_event(void *ctx, uint32_t events)
{
	struct udp_socket *s = (struct udp_socket *)ctx;

	if (events & EPOLLERR)
		drain_errors(s);
	if (events & (EPOLLIN | EPOLLERR))
		for (int i = 0; i < TURNS && receive_batch(s); i++)
			;
	if (events & EPOLLOUT)
		flush_socket(s);
}
