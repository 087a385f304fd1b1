/* sip/replaces.h - header fields that name another dialog: Replaces (RFC 3891 s6.1), Join
 * (RFC 3911 s7.1) and Target-Dialog (RFC 4538 s7). */
#ifndef TSUWA_SIP_REPLACES_H
#define TSUWA_SIP_REPLACES_H

#include "base/buf.h"
#include "base/str.h"

struct sip_replaces {
	struct str call_id;
	struct str to_tag, from_tag; /* as the receiver's local and remote tags */
	bool early_only;
};

bool sip_replaces_parse(struct str value, struct sip_replaces *ret);
bool sip_join_parse(struct str value, struct sip_replaces *ret);
/* Its tags are called local-tag and remote-tag; local is the sender's. */
bool sip_target_dialog_parse(struct str value, struct sip_replaces *ret);
/* As a header's value; in a URI it must be escaped. */
void sip_replaces_put(struct buf *b, const struct sip_replaces *r);

#endif
