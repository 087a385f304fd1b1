/* sdp/check.h - is an attribute or line as its RFC has it?  For those who tell people what is
 * wrong; sdp_parse() lets most of it pass. */
#ifndef TSUWA_SDP_CHECK_H
#define TSUWA_SDP_CHECK_H

#include "sdp/sdp.h"

/* What is wrong with the value of an attribute, "it wants ...", or NULL.  For SDP_A_OTHER and
 * those whose values are not known here, NULL. */
const char *sdp_attr_wrong(enum sdp_attr_id id, bool has_value, struct str value);

/* The same of another line by its letter: o c b t r z k e p (values as they stand behind "="). */
const char *sdp_line_wrong(char type, struct str value);

/* Does the answer fit the offer (RFC 3264 s6, and s8.1's rules of their kin)?  NULL, or what is wrong
 * with the *ret_section-th section (n_media: with the whole). */
const char *sdp_answer_wrong(const struct sdp *offer, const struct sdp *answer,
			     size_t *ret_section);

#endif
