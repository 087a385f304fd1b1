#include "net/dns_ask.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/alloc.h"

#define TIMEOUT_MS 1000 /* of the first try; doubled for each further */
#define TRIES 3
#define DATAGRAM_BYTES 1232 /* what passes everywhere (EDNS, RFC 6891) */

struct dns_ask {
	ares_channel channel;
	struct loop *loop;
	struct timer timer;
	struct list sockets;
	bool ending;
};

struct dns_socket {
	struct loop_fd fd;
	struct dns_ask *owner;
	uint32_t events;
	struct list link;
};

struct question {
	dns_answer_fn fn;
	void *ctx;
	struct dns_ask *owner;
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_init(void)
{
	ares_library_init_mem(ARES_LIB_INIT_ALL, xmalloc, xfree, xrealloc);
}

/* c-ares says when it wants to look again. */
static void arm(struct dns_ask *a)
{
	struct timeval room, *next = ares_timeout(a->channel, NULL, &room);

	if (next)
		loop_timer(a->loop, &a->timer,
			   (uint64_t)next->tv_sec * 1000 + (uint64_t)next->tv_usec / 1000 + 1);
	else
		timer_cancel(loop_wheel(a->loop), &a->timer);
}

static void on_timer(void *ctx)
{
	struct dns_ask *a = (struct dns_ask *)ctx;

	ares_process_fd(a->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(a);
}

/* The socket may be gone after ares_process_fd(). */
static void on_socket(void *ctx, uint32_t events)
{
	struct dns_socket *s = (struct dns_socket *)ctx;
	struct dns_ask *a = s->owner;
	int fd = s->fd.fd;
	bool in = events & (EPOLLIN | EPOLLERR | EPOLLHUP), out = events & EPOLLOUT;

	ares_process_fd(a->channel, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
	arm(a);
}

static struct dns_socket *find_socket(struct dns_ask *a, int fd)
{
	LIST_EACH (n, &a->sockets) {
		struct dns_socket *s = container_of(n, struct dns_socket, link);

		if (s->fd.fd == fd)
			return s;
	}
	return NULL;
}

static void drop_socket(struct dns_socket *s)
{
	loop_del(s->owner->loop, &s->fd);
	list_unlink(&s->link);
	xfree(s);
}

static void add_socket(struct dns_ask *a, int fd, uint32_t events)
{
	struct dns_socket *s = xzalloc(sizeof(*s));

	if (!s)
		return; /* the question times out */
	s->fd = (struct loop_fd){.fd = fd, .fn = on_socket, .ctx = s};
	s->owner = a;
	s->events = events;
	list_append(&a->sockets, &s->link);
	if (loop_add(a->loop, &s->fd, events) < 0)
		drop_socket(s);
}

static void on_state(void *ctx, ares_socket_t fd, int readable, int writable)
{
	struct dns_ask *a = (struct dns_ask *)ctx;
	struct dns_socket *s = find_socket(a, fd);
	uint32_t events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);

	if (!events) {
		if (s)
			drop_socket(s);
	} else if (!s) {
		add_socket(a, fd, events);
	} else if (s->events != events) {
		s->events = events;
		loop_mod(a->loop, &s->fd, events);
	}
}

static int make_channel(struct dns_ask *a, const char *servers)
{
	struct ares_options o = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS,
				 .timeout = TIMEOUT_MS,
				 .tries = TRIES,
				 .ednspsz = DATAGRAM_BYTES,
				 .sock_state_cb = on_state,
				 .sock_state_cb_data = a};
	int status = ares_init_options(&a->channel, &o,
				       ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					       ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB);

	if (status != ARES_SUCCESS) {
		a->channel = NULL;
		return status == ARES_ENOMEM ? -ENOMEM : -EIO;
	}
	status = servers ? ares_set_servers_ports_csv(a->channel, servers) : ARES_SUCCESS;
	if (status != ARES_SUCCESS)
		return status == ARES_ENOMEM ? -ENOMEM : -EINVAL;
	return 0;
}

int dns_ask_new(struct loop *loop, const char *servers, struct dns_ask **ret)
{
	struct dns_ask *a = xzalloc(sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	pthread_once(&library_once, library_init);
	a->loop = loop;
	list_init(&a->sockets);
	timer_init(&a->timer, on_timer, a);
	err = make_channel(a, servers);
	if (err < 0)
		dns_ask_free(&a);
	else
		*ret = a;
	return err;
}

void dns_ask_free(struct dns_ask **ap)
{
	struct dns_ask *a = *ap;

	*ap = NULL;
	if (!a)
		return;
	a->ending = true;
	if (a->channel)
		ares_destroy(a->channel); /* questions are dropped, sockets closed */
	timer_cancel(loop_wheel(a->loop), &a->timer);
	LIST_EACH (n, &a->sockets)
		drop_socket(container_of(n, struct dns_socket, link));
	xfree(a);
}

static int status_to_err(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return 0;
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
	case ARES_EBADNAME:
		return -ENOENT;
	case ARES_ETIMEOUT:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *message, int n)
{
	struct question *q = (struct question *)arg;
	struct question asked = *q;
	int err = status_to_err(status);

	xfree(q);
	if (!asked.owner->ending)
		asked.fn(asked.ctx, err, err ? STR_NONE : str_of((char *)message, (size_t)n));
}

void dns_ask(struct dns_ask *a, const char *name, enum io_rr type, dns_answer_fn fn, void *ctx)
{
	struct question *q = xmalloc(sizeof(*q));

	if (!q) {
		fn(ctx, -EIO, STR_NONE);
		return;
	}
	*q = (struct question){fn, ctx, a};
	ares_query(a->channel, name, ns_c_in, (int)type, on_answer, q);
	arm(a);
}

static size_t take_hosts(const struct hostent *h, uint8_t family, struct addr *ret, size_t max)
{
	size_t n = 0;

	for (; h->h_addr_list[n] && n < max; n++) {
		memset(&ret[n], 0, sizeof(ret[n]));
		ret[n].family = family;
		memcpy(ret[n].ip, h->h_addr_list[n], family == 4 ? 4 : 16);
	}
	return n;
}

static int read_hosts(struct dns_ask *a, const char *name, uint8_t family, struct addr *ret,
		      size_t max, size_t *ret_n)
{
	struct hostent *h = NULL;
	int status =
		ares_gethostbyname_file(a->channel, name, family == 4 ? AF_INET : AF_INET6, &h);

	if (status != ARES_SUCCESS)
		return status == ARES_ENOMEM ? -ENOMEM : -ENOENT;
	*ret_n = take_hosts(h, family, ret, max);
	ares_free_hostent(h);
	return *ret_n ? 0 : -ENOENT;
}

int dns_ask_hosts(struct dns_ask *a, const char *name, uint8_t family, struct addr *ret, size_t max,
		  size_t *ret_n, bool *other_family)
{
	struct addr other;
	size_t n;
	int err = read_hosts(a, name, family, ret, max, ret_n);

	*other_family =
		err == -ENOENT && read_hosts(a, name, family == 4 ? 6 : 4, &other, 1, &n) == 0;
	return err;
}
