/* admin/trace_find.h - looking into the copies of the workers' rings: which calls stand in them,
 * and the messages of one, as rows of JSON for the control socket. */
#ifndef TSUWA_ADMIN_TRACE_FIND_H
#define TSUWA_ADMIN_TRACE_FIND_H

#include "admin/trace.h"
#include "base/buf.h"
#include "tport/tport.h"

#define TRACE_COPIES_MAX 256

struct trace_source {
	const struct trace_copy *copies; /* by worker; at most TRACE_COPIES_MAX */
	unsigned n_copies;
	const struct tport_listener *listeners;
	unsigned n_listeners;
	uint64_t epoch_us; /* what is added to a stamp for the time since 1970 */
};

/* A row for each call (all messages of one Call-ID), the one that was heard of last first, at most
 * `last`: of those with user in a From, To or Request-URI, without case (empty: all).  ret_n: rows.
 * 0 or -ENOMEM. */
int trace_put_calls(struct buf *b, const struct trace_source *s, struct str user, uint64_t last,
		    uint64_t *ret_n);

/* The Call-ID that is prefix, or the only one that begins with it: a slice of the copies.
 * -ENOENT; -ENOTUNIQ: some (buf) has a few, a comma between; -ENOMEM. */
int trace_find_call(const struct trace_source *s, struct str prefix, struct str *ret,
		    struct buf *some);

/* A row for each message of a call (empty: of all) with user as above, in the order of time,
 * masked.  Returns how many. */
uint64_t trace_put_messages(struct buf *b, const struct trace_source *s, struct str call_id,
			    struct str user);

#endif
