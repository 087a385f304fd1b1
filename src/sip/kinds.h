/* sip/kinds.h - what each header field that we know by name must look like, as a table: for
 * who checks any field of any message.  sip_check() is no user of it: a server refuses less than
 * the grammars do. */
#ifndef TSUWA_SIP_KINDS_H
#define TSUWA_SIP_KINDS_H

#include "sip/msg.h"

enum {
	SIP_KIND_LIST = 1 << 0, /* values parted by commas; several fields are one list */
	SIP_KIND_SINGLE = 1 << 1, /* may stand once */
	SIP_KIND_EMPTY = 1 << 2, /* may have no value at all */
};

struct sip_hdr_kind {
	/* Is one value good?  *why may be set to a static text when it is not. */
	bool (*good)(struct str value, const char **why); /* NULL: any text */
	unsigned flags;
	const char *why; /* the fault, when good() gives no closer one */
	const char *example; /* of a whole value */
	const char *rfc; /* "RFC 3261 s20.16" */
};

/* NULL for SIP_HDR_OTHER. */
const struct sip_hdr_kind *sip_hdr_kind(enum sip_hdr_id id);

/* Checks the values of one field.  On false *err tells of the first that is bad: err->offset is
 * where it begins, err->status what a strict server would answer (0 for a response). */
bool sip_hdr_check(const struct sip_msg *m, unsigned slot, struct sip_err *err);

#endif
