/* admin/trace.h - the last messages of a worker, as they came and went: a ring of bytes with
 * one writer and no lock, in which the newest push out the oldest.  Recording copies and
 * no more; a reader on the worker's thread takes a copy and looks into it elsewhere. */
#ifndef TSUWA_ADMIN_TRACE_H
#define TSUWA_ADMIN_TRACE_H

#include "base/flow.h"

#define TRACE_MESSAGE_MAX 8192 /* bytes kept of one message */

struct trace;

/* memory_bytes: at least 1024; touched only as it fills.  0 or -ENOMEM. */
int trace_new(size_t memory_bytes, struct trace **ret);
void trace_free(struct trace **t);

/* at_us: of the round of the loop, on the clock that never steps back: what one worker causes at
 * another is later there.  What is too long is cut. */
void trace_add(struct trace *t, uint64_t at_us, bool out, const struct flow *flow,
	       struct str bytes);

/* What stood in a ring at a moment. */
struct trace_copy {
	char *p; /* owned */
	size_t n;
	uint64_t from, to; /* positions in all that was ever recorded */
	bool failed; /* no memory */
};

/* Records at or behind the position `after` (0: all). */
void trace_copy(const struct trace *t, uint64_t after, struct trace_copy *ret);
void trace_copy_fini(struct trace_copy *c);

struct trace_record {
	uint64_t at_us;
	bool out;
	struct flow flow;
	struct str bytes; /* in the copy */
	size_t full_n; /* before it was cut */
};

/* The record at *at (0: the first), moves *at behind it.  False: there are no more. */
bool trace_next(const struct trace_copy *c, size_t *at, struct trace_record *ret);

#endif
