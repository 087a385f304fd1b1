/* sip/peek.h - the method and the Call-ID of a message whose lines are plain, long before it is
 * parsed: enough to know who will deal with it.  Says nothing about whether the message is good. */
#ifndef TSUWA_SIP_PEEK_H
#define TSUWA_SIP_PEEK_H

#include "base/str.h"

struct sip_peek {
	struct str method; /* of the request line; "SIP/2.0" of a response */
	struct str call_id; /* not empty */
};

/* False: no Call-ID stands in a plain line.  What a message that is no good hides one behind may be found
 * all the same: sip_parse() has the last word. */
bool sip_peek(struct str bytes, struct sip_peek *ret);

#endif
