/* The control socket: the input is what a client writes, cut where its first bytes say.  Each whole line
 * gets one answer, in order, of lines of JSON, the last with "end" or "error"; a client that is cut off
 * leaves nothing behind. */
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/control.h"
#include "admin/json.h"

#define CUTS 4
#define ROUNDS 64

static struct loop *loop;
static unsigned asked;

static void on_request(void *ctx, struct control_reply *r, const char *cmd, const json_t *request)
{
	(void)ctx;
	asked++;
	if (!strcmp(cmd, "fail")) {
		control_fail(&r, "no \"%s\"", cmd);
		return;
	}
	json_open(control_out(r), NULL, '{');
	json_member_str(control_out(r), "cmd", str_c(cmd));
	json_member_u64(control_out(r), "members", json_object_size(request));
	buf_fmt(control_out(r), "}\n");
	control_end(&r, 1);
}

/* A listening socket without a name in the file system. */
static int listen_somewhere(struct sockaddr_un *a, socklen_t *n)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	*n = sizeof(*a);
	check(fd >= 0 && bind(fd, (struct sockaddr *)a, sizeof(a->sun_family)) == 0 &&
	      listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)a, n) == 0);
	return fd;
}

static int client_new(void)
{
	static struct sockaddr_un a;
	static socklen_t n;
	static struct control *control;
	int fd;

	if (!loop) {
		check(loop_new(&loop) == 0);
		check(control_new(loop, listen_somewhere(&a, &n), on_request, NULL, &control) == 0);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(fd >= 0 && connect(fd, (struct sockaddr *)&a, n) == 0);
	return fd;
}

static void hear(int fd, struct buf *heard)
{
	char *room = buf_room(heard, 4096);
	ssize_t n = room ? recv(fd, room, 4096, 0) : 0;

	if (n > 0)
		heard->n += (size_t)n;
}

static void rounds(int fd, struct buf *heard)
{
	for (unsigned i = 0; i < 4; i++) {
		loop_once(loop, 0);
		hear(fd, heard);
	}
}

static void say(int fd, struct str text, const uint8_t *cuts, struct buf *heard)
{
	for (unsigned i = 0; text.n && i < ROUNDS; i++) {
		size_t n = 1u + cuts[i % CUTS] * 8u;
		ssize_t sent = send(fd, text.p, n < text.n ? n : text.n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return; /* it was sent away */
		text = str_skip(text, sent > 0 ? (size_t)sent : 0);
		rounds(fd, heard);
	}
}

static void judge(struct str heard, unsigned lines)
{
	unsigned answers = 0, rows = 0;

	while (heard.n) {
		struct str line = str_split(&heard, '\n');
		json_error_t err;
		json_t *j = json_loadb(line.p, line.n, JSON_ALLOW_NUL, &err);

		check(json_is_object(j));
		if (json_object_get(j, "end") || json_object_get(j, "error"))
			answers++;
		else
			rows++;
		json_decref(j);
	}
	check(answers <= lines && rows <= answers && asked <= answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf heard = buf_heap(1 << 22);
	struct str text;
	unsigned lines = 0;
	int fd;

	if (size < CUTS)
		return 0;
	text = str_of((const char *)data + CUTS, size - CUTS);
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	asked = 0;
	fd = client_new();
	say(fd, text, data, &heard);
	for (unsigned i = 0; i < lines && i < 256; i++)
		rounds(fd, &heard);
	judge(buf_str(&heard), lines);
	close(fd);
	loop_once(loop, 0);
	loop_once(loop, 0);
	buf_free(&heard);
	return 0;
}
