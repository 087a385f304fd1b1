/* app/quirks.h - what known user agents can't bear, by their User-Agent field.  Nothing here
 * makes anything less safe: it only leaves out what would keep them from logging in at all. */
#ifndef TSUWA_APP_QUIRKS_H
#define TSUWA_APP_QUIRKS_H

#include "sip/msg.h"

/* Gives up on a challenge that also offers another algorithm than MD5, where RFC 8760 s2.3 would have
 * it pass over that. */
bool quirk_md5_alone(const struct sip_msg *request);

#endif
