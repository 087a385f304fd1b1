/* Journal images: cut at every byte, flipped at every bit, reused over stale bytes. */
#include "store/journal_format.h"

#include "harness.h"

enum { EPOCH = 77 };

static const struct str records[] = {
	STR_INIT("first"),    STR_INIT("second record"),
	STR_INIT("3"),        STR_INIT("the fourth, which is a little longer than the others"),
	STR_INIT("12345678"),
};

enum { RECORDS = sizeof(records) / sizeof(records[0]) };

static void image_head(struct buf *b, uint64_t epoch)
{
	struct journal_head h = {.version = JOURNAL_VERSION, .worker = 3, .epoch = epoch};
	char head[JOURNAL_HEAD_BYTES];

	journal_head_put(&h, head);
	buf_put(b, head, sizeof(head));
}

static void image_make(struct buf *b)
{
	image_head(b, EPOCH);
	for (size_t i = 0; i < RECORDS; i++)
		journal_append(b, EPOCH, records[i]);
	assert_false(b->failed);
}

/* Where record i's frame ends. */
static size_t frame_end(size_t i)
{
	size_t at = JOURNAL_HEAD_BYTES;

	for (size_t k = 0; k <= i; k++)
		at += journal_frame_size(records[k].n);
	return at;
}

static void all_come_back(void **state)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));
	struct journal_head h;
	struct journal_reader r;
	struct str got;

	image_make(&b);
	assert_int_equal(journal_head_get(buf_str(&b), &h), 0);
	assert_int_equal(h.worker, 3);
	assert_int_equal(h.epoch, EPOCH);
	assert_int_equal(journal_reader_init(&r, buf_str(&b)), 0);
	for (size_t i = 0; i < RECORDS; i++) {
		assert_int_equal(journal_next(&r, &got), 1);
		assert_str(got, records[i]);
		assert_int_equal(r.at, frame_end(i));
	}
	assert_int_equal(journal_next(&r, &got), 0);
	assert_int_equal(journal_next(&r, &got), 0);
}

/* All records that end within the cut are read, then there is an end. */
static void cut(struct str s, void *ctx)
{
	struct journal_reader r;
	struct str got;
	size_t i = 0;
	int next;

	if (s.n < JOURNAL_HEAD_BYTES) {
		assert_int_equal(journal_reader_init(&r, s), s.n ? -EBADMSG : -ENODATA);
		return;
	}
	assert_int_equal(journal_reader_init(&r, s), 0);
	while ((next = journal_next(&r, &got)) == 1)
		assert_str(got, records[i++]);
	/* Padding may be cut, the record not. */
	for (size_t k = 0; k < RECORDS; k++) {
		size_t pad = journal_frame_size(records[k].n) - JOURNAL_FRAME_BYTES - records[k].n;

		assert_int_equal(k < i, frame_end(k) - pad <= s.n);
	}
	assert_true(next == 0 || next == -ENODATA);
	/* What has a whole head is known to be a record that was begun. */
	assert_int_equal(r.torn, i < RECORDS && s.n >= r.at + JOURNAL_FRAME_BYTES);
}

static void torn_at_every_byte(void **state)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));

	image_make(&b);
	each_prefix(buf_str(&b), cut, NULL);
}

/* The rest of a preallocated file reads as zeros. */
static void torn_with_zeros_behind(void **state)
{
	char room[1024], torn[2048];
	struct buf b = buf_over(room, sizeof(room));
	struct journal_reader r;
	struct str got;

	image_make(&b);
	for (size_t n = JOURNAL_HEAD_BYTES; n <= b.n; n++) {
		size_t i = 0;
		int next;

		memset(torn, 0, sizeof(torn));
		memcpy(torn, room, n);
		assert_int_equal(journal_reader_init(&r, str_of(torn, sizeof(torn))), 0);
		while ((next = journal_next(&r, &got)) == 1)
			assert_str(got, records[i++]);
		assert_true(i == RECORDS || frame_end(i) > n);
		assert_int_equal(r.torn, i < RECORDS && n >= r.at + JOURNAL_FRAME_BYTES - 4);
		if (n == JOURNAL_HEAD_BYTES || (i && n == frame_end(i - 1)))
			assert_int_equal(next, 0);
		assert_int_not_equal(next, -EBADMSG);
	}
}

/* One flipped bit costs at most the record it is in. */
static void flip(char *image, size_t n, size_t bit)
{
	struct journal_reader r;
	struct str got;
	size_t good = 0, damages = 0, i = 0;
	int next;

	image[bit / 8] ^= (char)(1 << bit % 8);
	if (bit / 8 < JOURNAL_HEAD_BYTES) {
		assert_int_not_equal(journal_reader_init(&r, str_of(image, n)), 0);
		image[bit / 8] ^= (char)(1 << bit % 8);
		return;
	}
	assert_int_equal(journal_reader_init(&r, str_of(image, n)), 0);
	while ((next = journal_next(&r, &got)) == 1 || next == -EBADMSG) {
		damages += next == -EBADMSG;
		good += next == 1;
		for (; next == 1 && i < RECORDS && !str_eq(got, records[i]); i++)
			;
		assert_true(next != 1 || i < RECORDS);
	}
	assert_true(good >= RECORDS - 1);
	if (good == RECORDS - 1) /* in the middle it is damage, at the end a torn write */
		assert_int_equal(damages, bit / 8 < frame_end(RECORDS - 2) ? 1 : 0);
	image[bit / 8] ^= (char)(1 << bit % 8);
}

static void every_bit_flipped(void **state)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));

	image_make(&b);
	for (size_t bit = 0; bit < b.n * 8; bit++)
		flip(room, b.n, bit);
}

static size_t count(struct str image)
{
	struct journal_reader r;
	struct str got;
	size_t n = 0;

	assert_int_equal(journal_reader_init(&r, image), 0);
	while (journal_next(&r, &got) == 1)
		n++;
	return n;
}

/* A file used again: the new records have the lengths of the old, so that the
 * stale frames behind them stand exactly where the next would be looked for. */
static void stale_records_stay_dead(void **state)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));
	size_t n;

	image_make(&b);
	n = b.n;
	for (size_t keep = 0; keep <= RECORDS; keep++) {
		b.n = 0;
		image_head(&b, EPOCH + 1);
		for (size_t i = 0; i < keep; i++)
			journal_append(&b, EPOCH + 1, records[i]);
		assert_int_equal(count(str_of(room, n)), keep);
		b.n = 0;
		image_make(&b);
	}
}

/* A good frame copied elsewhere in its own file is none. */
static void a_frame_belongs_to_its_place(void **state)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));
	size_t first = journal_frame_size(records[0].n);

	image_make(&b);
	buf_put(&b, room + JOURNAL_HEAD_BYTES, first);
	assert_int_equal(count(buf_str(&b)), RECORDS);
}

static void heads(void **state)
{
	char head[JOURNAL_HEAD_BYTES], zeros[JOURNAL_HEAD_BYTES] = {0};
	struct journal_head h = {.version = JOURNAL_VERSION + 1, .epoch = 1}, got;

	assert_int_equal(journal_head_get(str_of(zeros, sizeof(zeros)), &got), -ENODATA);
	journal_head_put(&h, head);
	assert_int_equal(journal_head_get(str_of(head, sizeof(head)), &got), -EPROTONOSUPPORT);
	assert_int_equal(journal_head_get(STR("SQLite format 3"), &got), -EBADMSG);
}

static void bounds(void **state)
{
	struct buf b = buf_heap(1 << 20);
	static char big[JOURNAL_RECORD_MAX + 1];

	image_head(&b, EPOCH);
	journal_append(&b, EPOCH, str_of(big, JOURNAL_RECORD_MAX));
	assert_false(b.failed);
	assert_int_equal(count(buf_str(&b)), 1);
	journal_append(&b, EPOCH, str_of(big, JOURNAL_RECORD_MAX + 1));
	assert_true(b.failed);
	buf_reset(&b);
	journal_append(&b, EPOCH, STR(""));
	assert_true(b.failed);
	buf_free(&b);
}

static void make(void)
{
	struct buf b = buf_heap(4096);

	image_head(&b, EPOCH);
	for (size_t i = 0; i < 40; i++)
		journal_append(&b, EPOCH, records[i % RECORDS]);
	assert_int_equal(b.failed, alloc_has_failed());
	buf_free(&b);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_come_back),
		cmocka_unit_test(torn_at_every_byte),
		cmocka_unit_test(torn_with_zeros_behind),
		cmocka_unit_test(every_bit_flipped),
		cmocka_unit_test(stale_records_stay_dead),
		cmocka_unit_test(a_frame_belongs_to_its_place),
		cmocka_unit_test(heads),
		cmocka_unit_test(bounds),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
