#include "server/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/clock.h"

int notify(struct str state)
{
	struct str path = str_c(getenv("NOTIFY_SOCKET"));
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	ssize_t sent = -1;
	int fd, err;

	if (str_empty(path))
		return 0;
	if (path.n >= sizeof(a.sun_path) || (path.p[0] != '/' && path.p[0] != '@'))
		return -EINVAL;
	memcpy(a.sun_path, path.p, path.n);
	if (path.p[0] == '@') /* the abstract name space */
		a.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	sent = sendto(fd, state.p, state.n, MSG_NOSIGNAL, (const struct sockaddr *)&a,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n));
	err = sent < 0 ? -errno : 0;
	close(fd);
	return err;
}

int notify_reloading(void)
{
	char room[80];
	struct buf b = buf_over(room, sizeof(room));

	buf_fmt(&b, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)clock_mono_us());
	return notify(buf_str(&b));
}
