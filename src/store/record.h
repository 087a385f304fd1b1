/* store/record.h - a location record: the whole state of one address-of-record
 * after one update, so that the newest record of a key alone tells the truth.
 * Pure; the payload is opaque here (loc/ writes and reads it). */
#ifndef TSUWA_STORE_RECORD_H
#define TSUWA_STORE_RECORD_H

#include "base/buf.h"

#define STORE_KEY_MAX 65535
#define STORE_SEQ_MAX ((uint64_t)INT64_MAX)

struct store_record {
	struct str key; /* canonical address-of-record, not empty */
	/* Higher than that of every earlier record of the key, also of one that said
	 * "nothing bound": one counter a worker that starts above store_seq_max(). */
	uint64_t seq;
	uint64_t expires_ms; /* wall clock: end of the last binding; 0: nothing is bound */
	struct str payload;
};

/* Appends the record's bytes; a key or number out of bounds fails the buffer. */
void store_record_put(struct buf *b, const struct store_record *r);

/* Slices of ret point into bytes.  False when it is no record of ours. */
bool store_record_get(struct str bytes, struct store_record *ret);

/* No binding of it is alive at now_ms. */
static inline bool store_record_is_over(const struct store_record *r, uint64_t now_ms)
{
	return r->expires_ms <= now_ms;
}

#endif
