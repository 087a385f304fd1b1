/* admin/socket.h - the control socket's place in the file system: beside the database, for
 * its owner only, also where the path is longer than a socket's address has room for. */
#ifndef TSUWA_ADMIN_SOCKET_H
#define TSUWA_ADMIN_SOCKET_H

#include "base/buf.h"

#define CONTROL_PATH_MAX 4096

/* "DATABASE.sock" into room (CONTROL_PATH_MAX).  False: too long. */
bool control_path(const char *database, char *room);

/* A listening socket (0600, non-blocking); one that a dead server left is replaced.  The
 * descriptor, or -EADDRINUSE (somebody answers there), -errno. */
int control_listen(const char *path);
/* A connected, blocking socket: the descriptor, -ENOENT or -ECONNREFUSED (no server), -errno. */
int control_connect(const char *path);
/* The process at the other end, 0 when unknown. */
int control_peer_pid(int fd);

#endif
