/* load/wire.h - the sockets of one worker, in batches: messages are rendered one behind the
 * other into one room and leave by one sendmmsg(); datagrams of equal length that go the same
 * way leave as one segmented send (UDP_SEGMENT).  TCP: connections, cut by the framer.
 * Bytes in and out; knows no SIP but the framing. */
#ifndef TSUWA_LOAD_WIRE_H
#define TSUWA_LOAD_WIRE_H

#include <sys/socket.h>

#include "net/sockaddr.h"
#include "sip/frame.h"

#define WIRE_BATCH 64
#define WIRE_MESSAGE_MAX 8192
#define WIRE_ROOM (96 * 1024)

struct wire_socket {
	int fd; /* -1: lost */
	struct addr local;
	char text[ADDR_TEXT_MAX];
	struct str name; /* of local, in text */
	/* TCP */
	struct sip_framer framer;
	struct buf pending; /* what the kernel did not take yet */
	size_t pending_sent;
};

struct wire_user {
	/* Something has come: a good moment to look at the clock. */
	void (*on_batch)(void *ctx);
	/* bytes are borrowed for the call; from: of a datagram, else NULL. */
	void (*on_message)(void *ctx, unsigned socket, const struct addr *from, struct str bytes);
	/* All of a socket's batch has been given. */
	void (*on_batch_end)(void *ctx);
	/* A connection is gone. */
	void (*on_closed)(void *ctx, unsigned socket);
	void *ctx;
};

struct wire_in;

struct wire {
	bool tcp, open_ended; /* open_ended: datagrams from and to anybody */
	struct addr target;
	union sockaddr_any to;
	socklen_t to_bytes;
	struct wire_socket *sockets;
	unsigned n_sockets, n_open;
	int epoll;
	const struct wire_user *user;
	/* the batch that is being written; all of one socket */
	unsigned batch_socket, batch_n;
	size_t batch_bytes;
	bool no_segments; /* the kernel has no UDP_SEGMENT */
	uint16_t len[WIRE_BATCH];
	union sockaddr_any dest[WIRE_BATCH];
	char *room; /* WIRE_ROOM */
	struct wire_in *in;
	uint64_t received, sent, refused; /* refused: nobody listens there */
	int closed_err; /* of the last connection that was lost */
};

/* Opens n sockets.  0 or -errno; wire_fini() in both cases. */
int wire_init(struct wire *w, const struct addr *target, bool tcp, bool open_ended, unsigned n,
	      const struct wire_user *user);
void wire_fini(struct wire *w);

/* Where the next message of that socket is to be written, WIRE_MESSAGE_MAX bytes. */
char *wire_room(struct wire *w, unsigned socket);
/* What was written there goes to `to` (NULL: the target; TCP: the connection's end). */
void wire_put(struct wire *w, size_t n, const struct addr *to);
void wire_flush(struct wire *w);
/* Waits for timeout_ns at most and gives what came.  0 or -errno. */
int wire_poll(struct wire *w, uint64_t timeout_ns);

#endif
