/* admin/trace_view.h - what a traced message says of itself, read with patience: bad and cut
 * ones too.  Retransmissions are folded, secrets are masked, a session description becomes a line. */
#ifndef TSUWA_ADMIN_TRACE_VIEW_H
#define TSUWA_ADMIN_TRACE_VIEW_H

#include "base/arena.h"
#include "base/buf.h"

/* What could not be read is empty. */
struct trace_view {
	struct str start_line, call_id;
	struct str from, to; /* URIs */
	struct str from_user, to_user; /* as they stand in the URIs */
	struct str method; /* of the request line; in a response of CSeq */
	struct str reason;
	struct str body;
	uint32_t cseq;
	unsigned status; /* 0: a request */
	bool is_sdp;
};

/* Slices of bytes; a is for the work and may be reset after. */
void trace_view_of(struct str bytes, struct arena *a, struct trace_view *ret);

/* One arrow: a message and its retransmissions. */
struct trace_message {
	uint64_t at_us, last_us; /* since 1970: first and last time */
	unsigned count; /* 1: no retransmission */
	bool out;
	struct str transport; /* "UDP" */
	struct str remote, local; /* "127.0.0.1:5060" */
	struct str bytes;
	uint64_t full_n; /* of bytes, before they were cut */
	uint64_t hash; /* of bytes */
	struct trace_view view; /* of bytes */
};

/* Is b another of a: the same bytes on the same way? */
bool trace_is_again(const struct trace_message *a, const struct trace_message *b);
/* Adds m behind the *n that stand at list (room for one more), or counts it to the one that it
 * repeats; which is returned. */
struct trace_message *trace_fold(struct trace_message *list, size_t *n,
				 const struct trace_message *m);

/* "audio 127.0.0.1:20000 PCMU,opus; video refused"; nothing when it is no description. */
void trace_put_media(struct buf *b, struct str body);
/* A copy in which nothing is left to guess passwords by: the digests of credentials
 * (RFC 7616 s3.4, s3.5), and whole credentials of other schemes, are three dots. */
void trace_put_masked(struct buf *b, struct str bytes);
/* "2024-05-01T10:00:00.123456Z" */
void trace_put_time(struct buf *b, uint64_t us);
/* An object of JSON: time, direction, transport, from and to (addresses), start_line, call_id, cseq,
 * retransmissions; with body also the whole message. */
void trace_put_json(struct buf *b, const struct trace_message *m, bool body,
		    void (*put_more)(struct buf *b, const struct trace_message *m));

#endif
