#include "admin/client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "admin/socket.h"

#define LINE_MAX_BYTES (64u << 20)
#define READ_BYTES 65536

static int send_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s = str_skip(s, (size_t)n);
	}
	return 0;
}

/* Gives the whole lines of b and keeps the rest.  False: stop. */
static bool give_lines(struct buf *b, bool (*line)(void *ctx, struct str line), void *ctx)
{
	struct str rest = buf_str(b);
	size_t at;

	while ((at = str_find(rest, '\n')) < rest.n) {
		if (!line(ctx, str_first(rest, at)))
			return false;
		rest = str_skip(rest, at + 1);
	}
	if (rest.n)
		memmove(b->p, rest.p, rest.n);
	b->n = rest.n;
	return true;
}

static int read_lines(int fd, bool (*line)(void *ctx, struct str line), void *ctx)
{
	struct buf b = buf_heap(LINE_MAX_BYTES);
	int err = 0;

	for (;;) {
		char *room = buf_room(&b, READ_BYTES);
		ssize_t n = room ? recv(fd, room, READ_BYTES, 0) : 0;

		if (!room)
			err = -ENOMEM;
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n <= 0)
			err = n == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (err)
			break;
		b.n += (size_t)n;
		if (!give_lines(&b, line, ctx))
			break;
	}
	buf_free(&b);
	return err;
}

int control_ask(const char *path, struct str request, unsigned timeout_ms,
		bool (*line)(void *ctx, struct str line), void *ctx)
{
	struct timeval t = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
	int fd = control_connect(path), err;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
	err = send_all(fd, request);
	if (!err)
		err = send_all(fd, STR("\n"));
	if (!err)
		err = read_lines(fd, line, ctx);
	close(fd);
	return err;
}
