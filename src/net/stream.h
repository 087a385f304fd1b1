/* net/stream.h - how a connection's bytes move between its socket and its ops.
 * Internal to net/: conn.c keeps the table and the times, stream.c reads and writes. */
#ifndef TSUWA_NET_STREAM_H
#define TSUWA_NET_STREAM_H

#include "net/conn.h"

#define STREAM_ROOM 65536 /* one read of any connection */

/* The loop's callback of each connection. */
void stream_event(void *ctx, uint32_t events);

/* Sets the timer if something is due earlier than it. */
void conn_timing(struct conn *c);

#endif
