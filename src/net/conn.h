/* net/conn.h - the stream connections of one worker: slots with generations, reading,
 * queued writing, ends.  What stands between the socket and the user (nothing for
 * TCP; TLS, WebSocket) is a struct conn_ops.  Internal to net/. */
#ifndef TSUWA_NET_CONN_H
#define TSUWA_NET_CONN_H

#include "base/flow.h"
#include "net/loop.h"
#include "net/outq.h"

struct net;
struct conn;

/* How a transport uses its socket's bytes.  Errors (-errno) end the connection. */
struct conn_ops {
	/* The socket stands: conn_stands(), at once or after a handshake. */
	int (*start)(struct conn *c);
	/* Bytes off the socket: conn_deliver() what they hold for the user. */
	int (*in)(struct conn *c, struct str bytes);
	/* Bytes of the user: conn_queue() what they become on the wire. */
	int (*out)(struct conn *c, struct str bytes);
};

/* The ops of a transport, NULL when net has none. */
const struct conn_ops *conn_ops_of(enum transport t);

enum conn_state {
	CONN_FREE,
	CONN_CONNECTING, /* sends gather, nothing is read */
	CONN_STARTING, /* the socket stands; its ops may have to shake hands */
	CONN_OPEN,
	CONN_DRAINING, /* closed by us or by the peer's FIN: the queue leaves */
	CONN_LINGERING, /* all has left, the peer's FIN is awaited */
	CONN_DEAD, /* no socket any more; on_closed is on its way */
};

/* About 300 bytes, and no buffer while idle. */
struct conn {
	struct loop_fd fd;
	const struct conn_ops *ops;
	struct conns *table;
	struct flow flow;
	struct timer timer; /* set to the next time something may be due, or earlier */
	struct list link; /* free, gathering or dead */
	struct outq out;
	uint64_t start_ms; /* of the state */
	uint64_t active_ms; /* last byte either way */
	uint64_t blocked_ms; /* since when the peer reads nothing; 0: it reads */
	uint32_t events; /* what the loop watches */
	int err;
	uint16_t told; /* workers that know of the end */
	uint8_t state;
	bool accepted, spoke, paused, closing, peer_ended;
};

struct conns {
	struct net *net;
	struct conn **chunks; /* of CONN_CHUNK each, never moved */
	size_t n_chunks, max_chunks;
	uint32_t n, max; /* slots in use */
	struct list free, gathering, dead;
	struct timer bury;
	struct out_pool pool;
	char *room; /* what all connections read into */
	uint64_t logged_ms; /* when a refusal was last logged */
};

/* 0 or -ENOMEM. */
int conns_init(struct conns *t, struct net *net);
/* Closes all, without callbacks. */
void conns_fini(struct conns *t);
/* Writes what has gathered. */
void conns_flush(struct conns *t);

/* Takes fd.  A connection in state CONNECTING or, when accepted, about to stand; NULL
 * at the bound or without memory. */
struct conn *conn_new(struct conns *t, int fd, const struct flow *way, bool accepted);
/* The socket is connected. */
void conn_start(struct conn *c);
/* NULL when the flow's connection is no more. */
struct conn *conn_find(struct conns *t, const struct flow *flow);

/* As struct io_ops. */
int conn_send(struct conn *c, struct str bytes);
void conn_close(struct conn *c);
void conn_pause(struct conn *c, bool paused);

/* For conn_ops. */
void conn_stands(struct conn *c);
int conn_deliver(struct conn *c, struct str bytes);
/* 0, -ENOBUFS (the bound), -ENOMEM. */
int conn_queue(struct conn *c, struct str bytes);

/* Ends it now; what is queued is lost, on_closed follows from the loop. */
void conn_fail(struct conn *c, int err);

#endif
