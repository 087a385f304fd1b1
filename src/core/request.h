/* core/request.h - a request on its walk through the elements, with what the ones before
 * have found out.  Lives for the walk. */
#ifndef TSUWA_CORE_REQUEST_H
#define TSUWA_CORE_REQUEST_H

#include "sip/rx.h"

struct core;

struct core_request {
	struct core *core;
	struct sip_rx *rx;              /* borrowed; core_accept() copies it */
	/* Found by the guard: */
	struct sip_uri uri;             /* the Request-URI (after route preprocessing) */
	bool ours;                      /* its domain or address is ours */
	bool in_dialog;                 /* its topmost Route was ours with a good MAC */
	bool callee_side;               /* in_dialog: it came from the callee's side */
	struct flow token;              /* in_dialog: the flow that its Route names; NONE: none */
	bool authenticated;             /* user and domain say who; else empty */
	struct str user, domain;        /* user: canonical, without escapes */
	struct str aor;                 /* canonical user@domain that it is for, when ours */
	bool number;                    /* aor is a telephone number in the caller's domain */
	struct str domain_name;         /* its canonical domain, when ours */
	char aor_room[384];
};

#endif
