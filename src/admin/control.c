#include "admin/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/json.h"
#include "base/alloc.h"

struct client;

struct control_reply {
	struct client *client; /* NULL: it has gone */
	struct buf out;
};

struct client {
	struct list link;
	struct control *control;
	struct loop_fd fd;
	struct control_reply *reply; /* being written */
	struct buf in; /* what was read of the next request */
	struct buf out; /* what is being sent */
	size_t sent;
	bool closing; /* nothing more is read */
};

struct control {
	struct loop *loop;
	struct loop_fd fd;
	control_fn fn;
	void *ctx;
	struct list clients;
	unsigned n_clients;
};

static void reply_free(struct control_reply **r)
{
	if ((*r)->client)
		(*r)->client->reply = NULL;
	buf_free(&(*r)->out);
	xfree(*r);
	*r = NULL;
}

static void client_free(struct client *c)
{
	loop_del(c->control->loop, &c->fd);
	close(c->fd.fd);
	if (c->reply)
		c->reply->client = NULL;
	c->control->n_clients--;
	list_unlink(&c->link);
	buf_free(&c->in);
	buf_free(&c->out);
	xfree(c);
}

/* What to wait for: room to write, else the next request; while a reply is written, only the end. */
static void rearm(struct client *c)
{
	uint32_t events = c->sent < c->out.n ? EPOLLOUT : c->reply ? 0 : EPOLLIN;

	loop_mod(c->control->loop, &c->fd, events);
}

/* ---- requests ---- */

static struct control_reply *reply_new(struct client *c)
{
	struct control_reply *r = xzalloc(sizeof(*r));

	if (!r)
		return NULL;
	r->client = c;
	r->out = buf_heap(CONTROL_ANSWER_MAX);
	c->reply = r;
	return r;
}

static void give_request(struct client *c, struct str line)
{
	json_error_t err;
	json_t *request = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &err);
	const char *cmd = json_string_value(json_object_get(request, "cmd"));
	struct control_reply *r = reply_new(c);

	if (!r)
		c->closing = true;
	else if (!request)
		control_fail(&r, "the request is not JSON: %s", err.text);
	else if (!cmd)
		control_fail(&r, "the request has no \"cmd\"");
	else
		c->control->fn(c->control->ctx, r, cmd, request);
	json_decref(request);
}

/* The next whole line, if there is one and nothing is under way. */
static void next_request(struct client *c)
{
	struct str all = buf_str(&c->in);
	size_t at = str_find(all, '\n');

	if (c->reply || c->sent < c->out.n || at == all.n)
		return;
	give_request(c, str_first(all, at));
	memmove(c->in.p, c->in.p + at + 1, all.n - at - 1);
	c->in.n = all.n - at - 1;
}

/* False: the client is to go. */
static bool read_more(struct client *c)
{
	char *room = buf_room(&c->in, 4096);
	ssize_t n;

	if (!room)
		return false;
	n = recv(c->fd.fd, room, 4096, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	c->in.n += (size_t)n;
	next_request(c);
	return !c->closing;
}

static bool write_more(struct client *c)
{
	while (c->sent < c->out.n) {
		ssize_t n = send(c->fd.fd, c->out.p + c->sent, c->out.n - c->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		c->sent += (size_t)n;
	}
	buf_free(&c->out);
	c->out = (struct buf){0};
	c->sent = 0;
	next_request(c);
	return !c->closing;
}

static void on_client(void *ctx, uint32_t events)
{
	struct client *c = ctx;
	bool good = !(events & (EPOLLERR | EPOLLHUP)) || (events & EPOLLIN);

	if (good && (events & EPOLLOUT))
		good = write_more(c);
	if (good && (events & EPOLLIN))
		good = read_more(c);
	if (good)
		rearm(c);
	else
		client_free(c);
}

static void on_accept(void *ctx, uint32_t events)
{
	struct control *control = ctx;
	int fd = accept4(control->fd.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c = NULL;

	if (fd >= 0 && control->n_clients < CONTROL_CLIENTS)
		c = xzalloc(sizeof(*c));
	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	c->control = control;
	c->in = buf_heap(CONTROL_REQUEST_MAX);
	c->fd = (struct loop_fd){.fd = fd, .fn = on_client, .ctx = c};
	list_append(&control->clients, &c->link);
	control->n_clients++;
	if (loop_add(control->loop, &c->fd, EPOLLIN))
		client_free(c);
}

/* ---- answers ---- */

struct buf *control_out(struct control_reply *r)
{
	return &r->out;
}

/* Hands what was written to the client, which sends it when the loop comes to it. */
static void finish(struct control_reply **pr)
{
	struct control_reply *r = *pr;
	struct client *c = r->client;

	if (c) {
		c->out = r->out;
		c->sent = 0;
		r->out = (struct buf){0};
		loop_mod(c->control->loop, &c->fd, EPOLLOUT);
	}
	reply_free(pr);
}

void control_end(struct control_reply **pr, uint64_t n)
{
	struct control_reply *r = *pr;

	json_open(&r->out, NULL, '{');
	json_member_bool(&r->out, "end", true);
	json_member_u64(&r->out, "n", n);
	buf_fmt(&r->out, "}\n");
	if (r->out.failed)
		control_fail(pr, "the answer is too large");
	else
		finish(pr);
}

void control_fail(struct control_reply **pr, const char *format, ...)
{
	char room[512];
	struct buf b = buf_over(room, sizeof(room)), *out = &(*pr)->out;
	va_list ap;

	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	buf_reset(out);
	json_open(out, NULL, '{');
	json_member_str(out, "error", str_c(buf_c(&b)));
	buf_fmt(out, "}\n");
	finish(pr);
}

/* ---- life ---- */

int control_new(struct loop *loop, int fd, control_fn fn, void *ctx, struct control **ret)
{
	struct control *c = xzalloc(sizeof(*c));
	int err;

	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	c->loop = loop;
	c->fn = fn;
	c->ctx = ctx;
	list_init(&c->clients);
	c->fd = (struct loop_fd){.fd = fd, .fn = on_accept, .ctx = c};
	err = loop_add(loop, &c->fd, EPOLLIN);
	if (err) {
		close(fd);
		xfree(c);
		return err;
	}
	*ret = c;
	return 0;
}

void control_free(struct control **pc)
{
	struct control *c = *pc;

	*pc = NULL;
	if (!c)
		return;
	while (!list_empty(&c->clients))
		client_free(container_of(c->clients.next, struct client, link));
	loop_del(c->loop, &c->fd);
	close(c->fd.fd);
	xfree(c);
}
