/* admin/client.h - asking a running server by its control socket: one request line, then
 * lines of JSON until the one that has "end" or "error". */
#ifndef TSUWA_ADMIN_CLIENT_H
#define TSUWA_ADMIN_CLIENT_H

#include "base/str.h"

/* Calls line for each answer line (the last one too), borrowed, without its line end; false stops.
 * 0, -ENOENT or -ECONNREFUSED (no server), -ETIMEDOUT (nothing came for timeout_ms),
 * -ECONNRESET (it ended half-way), -ENOMEM, -errno. */
int control_ask(const char *path, struct str request, unsigned timeout_ms,
		bool (*line)(void *ctx, struct str line), void *ctx);

#endif
