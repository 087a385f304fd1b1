#include "admin/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 64

bool control_path(const char *database, char *room)
{
	struct buf b = buf_over(room, CONTROL_PATH_MAX);

	buf_fmt(&b, "%s.sock", database);
	buf_putc(&b, '\0');
	return !b.failed;
}

/* Fills the address; a path that does not fit goes through its opened directory, whose
 * descriptor comes back in *ret_dir (else -1). */
static int address_of(const char *path, struct sockaddr_un *ret, int *ret_dir)
{
	const char *slash = strrchr(path, '/');
	char dir[CONTROL_PATH_MAX];
	int fd, n;

	*ret_dir = -1;
	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	if (strlen(path) < sizeof(ret->sun_path)) {
		memcpy(ret->sun_path, path, strlen(path) + 1);
		return 0;
	}
	if (!slash)
		return -ENAMETOOLONG;
	str_to_c(str_range(path, slash + (slash == path)), dir, sizeof(dir));
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", fd, slash + 1);
	if (n < 0 || (size_t)n >= sizeof(ret->sun_path)) {
		close(fd);
		return -ENAMETOOLONG;
	}
	*ret_dir = fd;
	return 0;
}

int control_connect(const char *path)
{
	struct sockaddr_un a;
	int dir, fd, err = address_of(path, &a, &dir);

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	err = fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) ? -errno : 0;
	if (err && fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return err ? err : fd;
}

/* Whoever has the database's lock is the only server there: a socket that nobody answers
 * on is a leftover. */
static int remove_leftover(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = control_connect(path);
	if (fd >= 0) {
		close(fd);
		return -EADDRINUSE;
	}
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

static int bind_private(int fd, const struct sockaddr_un *a)
{
	mode_t old = umask(0177);
	int err = bind(fd, (const struct sockaddr *)a, sizeof(*a)) ? -errno : 0;

	umask(old);
	return err;
}

int control_listen(const char *path)
{
	struct sockaddr_un a;
	int fd, dir, err = remove_leftover(path);

	if (!err)
		err = address_of(path, &a, &dir);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = fd < 0 ? -errno : bind_private(fd, &a);
	if (!err && listen(fd, BACKLOG))
		err = -errno;
	if (err && fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return err ? err : fd;
}

int control_peer_pid(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) ? 0 : (int)who.pid;
}
