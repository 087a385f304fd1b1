/* server/server.h - the daemon: workers by the configuration, the control socket, signals; start,
 * reload, end. */
#ifndef TSUWA_SERVER_SERVER_H
#define TSUWA_SERVER_SERVER_H

#include "server/config.h"

/* Serves until SIGTERM or SIGINT.  Takes *c.  path: what SIGHUP reads again, NULL as for
 * config_load().  Prints the ready line on standard output, logs to standard error.
 * 0, or -errno: what went wrong was said on standard error. */
int server_run(struct config **c, const char *path);

#endif
