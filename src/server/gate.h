/* server/gate.h - the element in front of all others: while the server ends, it answers new
 * requests with 503 so that clients go elsewhere (RFC 3261 s21.5.4); dialogs go on. */
#ifndef TSUWA_SERVER_GATE_H
#define TSUWA_SERVER_GATE_H

#include "core/core.h"

struct gate {
	bool closed;
	uint64_t turned_away;
};

/* Borrows g. */
struct core_element gate_element(struct gate *g);

#endif
