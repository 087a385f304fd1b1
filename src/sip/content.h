/* sip/content.h - what tells of bodies, and what is taken (RFC 3261 s20.1-20.3, s20.11-20.15):
 * media types, codings, languages, dispositions. */
#ifndef TSUWA_SIP_CONTENT_H
#define TSUWA_SIP_CONTENT_H

#include "base/str.h"

struct sip_media_type {
	struct str type, subtype; /* either may be "*" in Accept */
	struct str params; /* with its first SEMI; empty: none */
};

struct sip_disposition {
	struct str type; /* "session", "render", "early-session"... */
	bool optional; /* handling=optional: who can't read it may pass it over */
	struct str params;
};

/* Content-Type, or one value of Accept.  What stands behind a SEMI is not looked at:
 * sip_params_valid(params) does. */
bool sip_media_type_parse(struct str value, struct sip_media_type *ret);
bool sip_disposition_type_parse(struct str value, struct sip_disposition *ret);
/* One value of Accept-Encoding or Accept-Language: *ret is "gzip", "en-gb" or "*"; q in
 * thousandths, 1000 when it is not given. */
bool sip_accept_word_parse(struct str value, struct str *ret, uint32_t *ret_q1000);
bool sip_language_parse(struct str value, struct str *ret);
bool sip_mime_version_parse(struct str value);

#endif
