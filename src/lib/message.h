/* lib/message.h - the inside of tsuwa/message.h: a message of sip/ with the memory that it stands in, or a
 * view of one that a worker received. */
#ifndef TSUWA_LIB_MESSAGE_H
#define TSUWA_LIB_MESSAGE_H

#include <tsuwa/message.h>

#include "lib/inside.h"
#include "sip/msg.h"

struct tsuwa_message {
	const struct sip_msg *msg; /* what is read: own, or somebody's */
	struct sip_msg own; /* msg == &own: it may be changed */
	struct arena arena;
	char *bytes; /* owned; NULL: built */
};

/* A view for a callback; needs no end. */
static inline struct tsuwa_message lib_message_view(const struct sip_msg *m)
{
	return (struct tsuwa_message){.msg = m};
}

/* An empty one, to be filled.  NULL: no memory. */
struct tsuwa_message *lib_message_new(void);

enum sip_hdr_id lib_header_in(enum tsuwa_header id);

#endif
