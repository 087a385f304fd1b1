/* sip/plain.h - a quick look at the values that every message has many of.  What is written
 * plainly (nothing escaped, folded or IPv6, few quotes) is known to be good without being
 * decoded: fewer values than the parsers of via.c and nameaddr.c take, never others.
 * Private to sip/. */
#ifndef TSUWA_SIP_PLAIN_H
#define TSUWA_SIP_PLAIN_H

#include "base/str.h"

/* Skips the values at the front of a comma list that are plainly good; what is left begins
 * with one that the parser must see, or is empty. */
struct str plain_vias(struct str list);
struct str plain_addresses(struct str list);
/* Is the text a SIP URI without headers that is plainly good? */
bool plain_uri(struct str text);

#endif
