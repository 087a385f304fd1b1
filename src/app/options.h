/* app/options.h - option tags that a request wants and that are not had here (RFC 3261 s8.2.2.3,
 * s16.3 step 5). */
#ifndef TSUWA_APP_OPTIONS_H
#define TSUWA_APP_OPTIONS_H

#include "sip/msg.h"

/* The values of these fields but `known` (may be empty), as the one list that Unsupported takes, in the
 * arena; empty: there are none. */
struct str options_unsupported(const struct sip_msg *m, enum sip_hdr_id id, struct str known,
			       struct arena *arena);

#endif
