/* load/reply.h - what the generator wants of a response: the status, and the token in the
 * branch of the topmost Via.  No more of the message is read; who needs more parses it. */
#ifndef TSUWA_LOAD_REPLY_H
#define TSUWA_LOAD_REPLY_H

#include "load/token.h"

struct reply {
	unsigned status; /* 100-699 */
	struct token token;
};

/* False: not a response, or not to a request of ours. */
bool reply_read(struct str message, struct reply *ret);
/* The token behind the magic cookie in a Via value, or at the start of a Call-ID. */
bool branch_read(struct str via, struct token *ret);

#endif
