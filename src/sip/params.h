/* sip/params.h - generic-param lists: *( SEMI name [ EQUAL value ] ) (RFC 3261 s25.1). */
#ifndef TSUWA_SIP_PARAMS_H
#define TSUWA_SIP_PARAMS_H

#include "base/str.h"

struct sip_param {
	struct str name, value; /* value: between the quotes when quoted */
	struct str text; /* the whole parameter */
	bool has_value, quoted;
};

/* Cuts the next parameter off (leading ';' is skipped).  False at the end or when what
 * stands there is not a parameter: then rest is not empty. */
bool sip_param_next(struct str *rest, struct sip_param *ret);
/* Looks one up without case; ret gets its value, empty for a flag. */
bool sip_param_get(struct str params, struct str name, struct str *ret);
bool sip_params_valid(struct str params);
/* Undoes quoted-pairs into room (as long as s). */
struct str sip_unquote(struct str s, char *room);

#endif
