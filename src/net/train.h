/* net/train.h - which datagrams that wait on a socket leave together: those of one length for one
 * peer, as one send with UDP_SEGMENT (udp(7)).  A train costs the kernel little more than
 * its first datagram does; the peer gets datagrams as ever.
 * Internal to net/udp.c; makes no system call. */
#ifndef TSUWA_NET_TRAIN_H
#define TSUWA_NET_TRAIN_H

#include "base/addr.h"

#define TRAIN_WINDOW 256 /* datagrams looked at together */
#define TRAIN_MAX 64 /* of one train: the kernel's UDP_MAX_SEGMENTS */
#define TRAIN_BYTES 65000 /* of one train: it is one packet until it is cut up */

struct datagram {
	uint32_t at, n; /* in the socket's queue bytes */
	uint32_t order; /* as io->order */
	uint32_t peer; /* train_peer() of to and from */
	bool gone; /* has left before some that stand in front of it */
	struct addr to, from; /* from: family 0 where the socket decides */
};

struct train {
	uint32_t first, n; /* members[first .. first + n) */
	uint32_t bytes, length, peer;
	bool fixed; /* one of order 0 is in it */
	uint64_t orders[4]; /* a filter: what is not in it is not in the train */
	const struct datagram *head;
};

struct trains {
	struct train train[TRAIN_WINDOW];
	unsigned n;
	uint16_t members[TRAIN_WINDOW]; /* indices from the first datagram given, train by train */
	uint16_t train_of[TRAIN_WINDOW];
};

/* A number for who sends to whom: the same for the same two addresses. */
uint32_t train_peer(const struct addr *to, const struct addr *from);

/* Puts the first n datagrams (at most TRAIN_WINDOW; gone ones are passed over) into trains, in
 * an order in which none of one peer overtakes another of the same order.  Datagrams longer
 * than longest travel alone. */
void trains_make(struct trains *x, const struct datagram *queue, unsigned n, uint32_t longest);

#endif
