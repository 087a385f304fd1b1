/* sip/warning.h - Warning (RFC 3261 s20.43): what a refusal wants to say besides. */
#ifndef TSUWA_SIP_WARNING_H
#define TSUWA_SIP_WARNING_H

#include "base/buf.h"
#include "base/str.h"

struct sip_warning {
	uint32_t code; /* 300 to 399 are SIP's */
	struct str agent; /* host, port or a pseudonym */
	struct str text; /* between the quotes */
};

/* One value of the list. */
bool sip_warning_parse(struct str value, struct sip_warning *ret);
/* 399 tsuwa "text"; quotes and backslashes of the text are escaped, controls become spaces. */
void sip_warning_put(struct buf *b, const struct sip_warning *w);

#endif
