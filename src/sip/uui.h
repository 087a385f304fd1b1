/* sip/uui.h - User-to-User (RFC 7433 s4.1): data that goes from user to user unread. */
#ifndef TSUWA_SIP_UUI_H
#define TSUWA_SIP_UUI_H

#include "base/str.h"

struct sip_uui {
	struct str data; /* between the quotes when quoted */
	struct str purpose, content, encoding; /* empty: not given */
	bool hex; /* encoding=hex: data is pairs of digits */
};

/* One value of the list. */
bool sip_uui_parse(struct str value, struct sip_uui *ret);

#endif
