/* sip/nameaddr.h - From, To, Contact, Route, Record-Route, Path, Refer-To...: name-addr or
 * addr-spec with parameters (RFC 3261 s20.10, s20.20, s20.39).  Without angle brackets,
 * parameters belong to the header, not to the URI (s20). */
#ifndef TSUWA_SIP_NAMEADDR_H
#define TSUWA_SIP_NAMEADDR_H

#include "sip/msg.h"
#include "sip/uri.h"

struct sip_nameaddr {
	struct str text; /* the whole value */
	struct str display; /* as it stands, quotes and all */
	struct str uri_text;
	struct sip_uri uri; /* scheme OTHER is accepted */
	struct str params; /* of the header */
	struct str tag; /* empty: none */
	bool angle, star; /* star: Contact: "*" */
};

bool sip_nameaddr_parse(struct str value, struct sip_nameaddr *ret, const char **why);
/* The next value of a header that is a list (Contact, Route...), decoded; false at the end.
 * *why is NULL, or tells what is wrong with the value: then only ret->text is set. */
bool sip_nameaddr_next(struct sip_values *v, struct sip_nameaddr *ret, const char **why);
/* The first value of a header. */
bool sip_nameaddr_get(const struct sip_msg *m, enum sip_hdr_id id, struct sip_nameaddr *ret,
		      const char **why);
/* The tag of From or To without more; empty when there is none. */
struct str sip_tag(const struct sip_msg *m, enum sip_hdr_id id);

/* Contact's own: q in thousandths (default 1000), false when it is not a qvalue. */
bool sip_contact_q(const struct sip_nameaddr *c, uint32_t *ret_q1000);
/* expires=, or dflt when it is absent; a malformed value is taken as 3600 (RFC 3261
 * s20.10), one larger than 2^32-1 counts as that. */
uint32_t sip_contact_expires(const struct sip_nameaddr *c, uint32_t dflt);

#endif
