/* sip/refer.h - Refer-To (RFC 3515 s2.1), Referred-By (RFC 3892 s3), Refer-Sub (RFC 4488 s4) and
 * the header fields that a Refer-To URI carries for the request that it asks for. */
#ifndef TSUWA_SIP_REFER_H
#define TSUWA_SIP_REFER_H

#include "sip/nameaddr.h"

struct sip_refer_to {
	struct sip_nameaddr addr;
	struct str method; /* of the URI; "INVITE" unless it says another */
};

struct sip_referred_by {
	struct sip_nameaddr addr;
	struct str cid; /* "id@host", empty: none */
};

bool sip_refer_to_parse(struct str value, struct sip_refer_to *ret);
bool sip_referred_by_parse(struct str value, struct sip_referred_by *ret);
/* *ret: is the implicit subscription wanted? */
bool sip_refer_sub_parse(struct str value, bool *ret);

/* The value of a header of the URI ("sip:a@b?Replaces=1%40c") with its escapes undone, into
 * room.  False when it is not there or does not fit; a control character is refused. */
bool sip_uri_header(const struct sip_uri *u, struct str name, struct buf *room);

#endif
