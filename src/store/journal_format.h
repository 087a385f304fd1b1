/* store/journal_format.h - how a journal file looks: a header, then frames, each
 * a record with its length and checksums.  Pure: works on byte images, so that
 * production and the simulated disk read and write the same bytes.
 *
 *   header  "TSUWAJNL" version(4) worker(4) epoch(8) zeros crc(4)       64 bytes
 *   frame   length(4) head crc(4) body crc(4) record, zeros to a multiple of 8
 *
 * The head crc covers epoch, position and length, the body crc goes on over the
 * record.  So bytes that an earlier use of the file left behind, or that stand
 * elsewhere than they were written, are never taken for records. */
#ifndef TSUWA_STORE_JOURNAL_FORMAT_H
#define TSUWA_STORE_JOURNAL_FORMAT_H

#include "base/buf.h"

#define JOURNAL_VERSION 1
#define JOURNAL_HEAD_BYTES 64
#define JOURNAL_FRAME_BYTES 12
#define JOURNAL_RECORD_MAX (256u << 10)

struct journal_head {
	uint32_t version;
	uint32_t worker;
	uint64_t epoch; /* random at creation, one more each time the file is reused */
};

void journal_head_put(const struct journal_head *h, char ret[JOURNAL_HEAD_BYTES]);
/* 0; -ENODATA: nothing was ever written there; -EBADMSG: damaged or not ours;
 * -EPROTONOSUPPORT: of a newer version. */
int journal_head_get(struct str image, struct journal_head *ret);

/* Bytes that a record of n bytes takes in the file. */
static inline size_t journal_frame_size(size_t n)
{
	return (JOURNAL_FRAME_BYTES + n + 7) & ~(size_t)7;
}

/* Lays out a frame (journal_frame_size() bytes at room) but for its checksums,
 * which depend on where it will stand.  1 <= record.n <= JOURNAL_RECORD_MAX. */
void journal_frame_put(char *room, struct str record);
/* Fills in the checksums of all frames that were laid out in n bytes at frames,
 * for a file of that epoch, from offset on. */
void journal_frames_seal(char *frames, size_t n, uint64_t epoch, uint64_t offset);

/* Appends one sealed frame to an image whose first byte is the file's first. */
void journal_append(struct buf *image, uint64_t epoch, struct str record);

struct journal_reader {
	struct str image;
	uint64_t epoch;
	size_t at; /* where the next frame is looked for */
	bool torn; /* at the end stands the head of a record whose body is not whole */
};

/* Errors as journal_head_get().  The reader borrows image. */
int journal_reader_init(struct journal_reader *r, struct str image);

/* 1: *ret is the next record.  0: the end.  -ENODATA: the end, behind which
 * something stands that is no record of this epoch (a write that was cut, or what
 * an earlier use left; r->torn when it is surely the first).  -EBADMSG: damage with good records behind it; at moved
 * to the first of these, and the next call goes on there. */
int journal_next(struct journal_reader *r, struct str *ret);

#endif
