/* dlg/body.h - the session description that a message carries: alone, or as a part of a
 * multipart body (RFC 5621), as trunks with ISUP or location parts send it. */
#ifndef TSUWA_DLG_BODY_H
#define TSUWA_DLG_BODY_H

#include "sip/msg.h"

/* The description, borrowed from m; false when there is none.  A body without a
 * Content-Type that starts as one is taken as one. */
bool dlg_body_sdp(const struct sip_msg *m, struct str *ret);

/* May a user agent that understands SDP only go on with this body (RFC 3261 s8.2.3)?
 * An empty one, one with SDP in it, and one whose Content-Disposition says
 * handling=optional: yes. */
bool dlg_body_ok(const struct sip_msg *m);

#endif
