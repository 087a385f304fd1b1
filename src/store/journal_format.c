#include "store/journal_format.h"

#include <assert.h>
#include <errno.h>

#include "base/hash.h"
#include "store/le.h"

static const char magic[8] = {'T', 'S', 'U', 'W', 'A', 'J', 'N', 'L'};

enum { HEAD_CRC_AT = JOURNAL_HEAD_BYTES - 4 };

void journal_head_put(const struct journal_head *h, char ret[JOURNAL_HEAD_BYTES])
{
	memset(ret, 0, JOURNAL_HEAD_BYTES);
	memcpy(ret, magic, sizeof(magic));
	le_set(ret + 8, h->version, 4);
	le_set(ret + 12, h->worker, 4);
	le_set(ret + 16, h->epoch, 8);
	le_set(ret + HEAD_CRC_AT, crc32c(0, ret, HEAD_CRC_AT), 4);
}

static bool all_zero(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != 0)
			return false;
	return true;
}

int journal_head_get(struct str image, struct journal_head *ret)
{
	struct journal_head h;

	if (all_zero(str_first(image, JOURNAL_HEAD_BYTES)))
		return -ENODATA;
	if (image.n < JOURNAL_HEAD_BYTES || memcmp(image.p, magic, sizeof(magic)) != 0 ||
	    le_get(image.p + HEAD_CRC_AT, 4) != crc32c(0, image.p, HEAD_CRC_AT))
		return -EBADMSG;
	h.version = (uint32_t)le_get(image.p + 8, 4);
	h.worker = (uint32_t)le_get(image.p + 12, 4);
	h.epoch = le_get(image.p + 16, 8);
	if (h.version != JOURNAL_VERSION)
		return -EPROTONOSUPPORT;
	*ret = h;
	return 0;
}

static uint32_t frame_head_crc(uint64_t epoch, uint64_t offset, uint32_t n)
{
	char b[20];

	le_set(b, epoch, 8);
	le_set(b + 8, offset, 8);
	le_set(b + 16, n, 4);
	return crc32c(0, b, sizeof(b));
}

void journal_frame_put(char *room, struct str record)
{
	size_t size = journal_frame_size(record.n);

	assert(record.n > 0 && record.n <= JOURNAL_RECORD_MAX);
	le_set(room, record.n, 4);
	memset(room + 4, 0, JOURNAL_FRAME_BYTES - 4);
	memcpy(room + JOURNAL_FRAME_BYTES, record.p, record.n);
	memset(room + JOURNAL_FRAME_BYTES + record.n, 0, size - JOURNAL_FRAME_BYTES - record.n);
}

static void frame_seal(char *frame, size_t n, uint64_t epoch, uint64_t offset)
{
	uint32_t head = frame_head_crc(epoch, offset, (uint32_t)n);

	le_set(frame + 4, head, 4);
	le_set(frame + 8, crc32c(head, frame + JOURNAL_FRAME_BYTES, n), 4);
}

void journal_frames_seal(char *frames, size_t n, uint64_t epoch, uint64_t offset)
{
	for (size_t at = 0; at < n;) {
		size_t record_n = (size_t)le_get(frames + at, 4);

		assert(record_n > 0 && journal_frame_size(record_n) <= n - at);
		frame_seal(frames + at, record_n, epoch, offset + at);
		at += journal_frame_size(record_n);
	}
}

void journal_append(struct buf *image, uint64_t epoch, struct str record)
{
	size_t size = journal_frame_size(record.n);
	char *room;

	if (record.n == 0 || record.n > JOURNAL_RECORD_MAX) {
		image->failed = true;
		return;
	}
	room = buf_room(image, size);
	if (!room)
		return;
	journal_frame_put(room, record);
	journal_frames_seal(room, size, epoch, image->n);
	image->n += size;
}

int journal_reader_init(struct journal_reader *r, struct str image)
{
	struct journal_head h;
	int err = journal_head_get(image, &h);

	if (err)
		return err;
	*r = (struct journal_reader){.image = image, .epoch = h.epoch, .at = JOURNAL_HEAD_BYTES};
	return 0;
}

/* The length in a frame's head, when its sum is right: somebody began to write a record
 * of this epoch here. */
static bool head_at(const struct journal_reader *r, size_t at, uint32_t *ret_n, uint32_t *ret_crc)
{
	struct str rest = str_skip(r->image, at);
	uint32_t n, crc;

	if (rest.n < JOURNAL_FRAME_BYTES)
		return false;
	n = (uint32_t)le_get(rest.p, 4);
	if (n == 0 || n > JOURNAL_RECORD_MAX)
		return false;
	crc = frame_head_crc(r->epoch, at, n);
	*ret_n = n;
	*ret_crc = crc;
	return le_get(rest.p + 4, 4) == crc;
}

/* A whole frame with both sums right.  The head's sum comes first, so that the
 * search below does not sum a long body at every wrong place. */
static bool frame_at(const struct journal_reader *r, size_t at, struct str *ret)
{
	struct str rest = str_skip(r->image, at);
	uint32_t n, crc;

	if (!head_at(r, at, &n, &crc) || n > rest.n - JOURNAL_FRAME_BYTES ||
	    le_get(rest.p + 8, 4) != crc32c(crc, rest.p + JOURNAL_FRAME_BYTES, n))
		return false;
	*ret = str_of(rest.p + JOURNAL_FRAME_BYTES, n);
	return true;
}

/* Nothing good stands at r->at: is there anything behind it? */
static int frame_missing(struct journal_reader *r)
{
	struct str record;
	uint32_t n, crc;
	bool zero = all_zero(str_first(str_skip(r->image, r->at), 8));

	for (size_t at = r->at + 8; at < r->image.n; at += 8)
		if (frame_at(r, at, &record)) {
			r->at = at;
			return -EBADMSG;
		}
	r->torn = head_at(r, r->at, &n, &crc);
	return zero ? 0 : -ENODATA;
}

int journal_next(struct journal_reader *r, struct str *ret)
{
	struct str record;

	if (r->at >= r->image.n)
		return 0;
	if (!frame_at(r, r->at, &record))
		return frame_missing(r);
	r->at += journal_frame_size(record.n);
	*ret = record;
	return 1;
}
