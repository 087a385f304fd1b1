/* sip/multipart.h - bodies of several parts (RFC 2046 s5.1, RFC 5621): walked over in place,
 * nothing copied. */
#ifndef TSUWA_SIP_MULTIPART_H
#define TSUWA_SIP_MULTIPART_H

#include "sip/content.h"
#include "sip/msg.h"

#define SIP_PARTS_MAX 64 /* parts that are looked at, in all and of all depths */
#define SIP_PART_DEPTH 4 /* multiparts within each other */

struct sip_part {
	struct str headers; /* its header lines, without the empty one */
	struct str type; /* of its Content-Type; "text/plain" when it has none */
	struct str disposition, id; /* of Content-Disposition and Content-ID; empty: none */
	struct str body;
};

struct sip_multipart {
	struct str boundary; /* without the dashes */
	struct str rest;
};

/* The parts of a body of this Content-Type; false when it is no multipart, has no good boundary
 * or no part begins.  struct sip_multipart m; if (sip_multipart_open(...)) while
 * (sip_multipart_next(&m, &part)) ... */
bool sip_multipart_open(struct str content_type, struct str body, struct sip_multipart *ret);
/* False at the end, or where a part is not closed: then m->rest is not empty. */
bool sip_multipart_next(struct sip_multipart *m, struct sip_part *ret);
/* The value of a header field of the part; empty when it is not there. */
struct str sip_part_header(const struct sip_part *part, struct str name);

/* The first body of this type in the message: the body itself, or a part at any depth (up to the
 * limits above).  Of a part without a disposition of its own, the type's default is not looked at. */
bool sip_body_find(const struct sip_msg *m, struct str type, struct sip_part *ret);

#endif
