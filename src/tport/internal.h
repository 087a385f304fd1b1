/* tport/internal.h - what the files of tport/ share.  Not for other folders. */
#ifndef TSUWA_TPORT_INTERNAL_H
#define TSUWA_TPORT_INTERNAL_H

#include "sip/frame.h"
#include "tport/tport.h"

/* A message that has begun and is not whole: an idle stream has none of this. */
struct tport_partial {
	struct sip_framer framer;
	struct timer slow;
	struct tport *tport;
	struct tport_stream *stream;
};

struct tport_stream {
	struct map_node by_remote; /* in tport->opened, when opened */
	struct flow flow;
	struct tport_partial *partial; /* owned; NULL between messages */
	uint8_t crlf; /* of a keep-alive that came in pieces, between messages */
	bool stands; /* on_open has come */
	bool opened; /* by us: may be used again */
	bool reading; /* its message is with the user */
	bool done; /* is being closed: nothing is read or sent again */
};

struct tport {
	struct io *io;
	struct tport_conf conf;
	struct tport_user user;
	struct hash_seed seed;
	struct tport_stream **slots; /* by flow.slot; NULL: none */
	size_t n_slots, n_streams;
	struct map opened;
};

/* listener.c: the listener that suits a peer best, or NULL. */
const struct tport_listener *tport_suits(const struct tport *t, enum transport transport,
					 const struct addr *remote);
/* tport.c: begins to know a stream.  0, -ENOMEM, -ENOBUFS (the slot is beyond the bound),
 * -EBUSY. */
int tport_stream_add(struct tport *t, const struct flow *flow, struct tport_stream **ret);

#endif
