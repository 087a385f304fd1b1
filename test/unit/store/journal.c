/* Segments and the writer over disks that are full, failing, short or slow. */
#include "store/journal.h"

#include <pthread.h>

#include "place.h"
#include "store/journal_format.h"

/* A disk that misbehaves on demand, over the real one. */
struct bad_disk {
	struct disk disk;
	atomic_int write_err; /* -errno for writes beyond the header, 0: none */
	atomic_int write_part; /* write so many bytes before the error */
	atomic_int short_by; /* halve writes longer than this */
	atomic_int sync_err, truncate_err, allocate_err;
	atomic_bool hold; /* writes wait until it is lifted */
	atomic_int waiting;
	pthread_mutex_t lock;
	pthread_cond_t cond;
};

static ssize_t bad_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t at)
{
	struct bad_disk *d = ctx;
	int err = atomic_load(&d->write_err), part = atomic_load(&d->write_part);
	int most = atomic_load(&d->short_by);

	if (at < JOURNAL_HEAD_BYTES)
		return disk_system.pwrite(NULL, fd, p, n, at);
	pthread_mutex_lock(&d->lock);
	while (atomic_load(&d->hold)) {
		atomic_store(&d->waiting, 1);
		pthread_cond_broadcast(&d->cond);
		pthread_cond_wait(&d->cond, &d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	if (err && part == 0)
		return err;
	if (err && (size_t)part < n) {
		atomic_store(&d->write_part, 0);
		return disk_system.pwrite(NULL, fd, p, (size_t)part, at);
	}
	if (most && n > (size_t)most)
		n = (size_t)most;
	return disk_system.pwrite(NULL, fd, p, n, at);
}

static int bad_datasync(void *ctx, int fd)
{
	struct bad_disk *d = ctx;
	int err = atomic_load(&d->sync_err);

	return err ? err : disk_system.datasync(NULL, fd);
}

static int bad_allocate(void *ctx, int fd, uint64_t from, uint64_t n)
{
	struct bad_disk *d = ctx;
	int err = atomic_load(&d->allocate_err);

	return err ? err : disk_system.allocate(NULL, fd, from, n);
}

static int bad_truncate(void *ctx, int fd, uint64_t n)
{
	struct bad_disk *d = ctx;
	int err = atomic_load(&d->truncate_err);

	return err ? err : disk_system.truncate(NULL, fd, n);
}

static void bad_disk_init(struct bad_disk *d)
{
	memset(d, 0, sizeof(*d));
	d->disk = (struct disk){disk_system.create, bad_pwrite,   bad_datasync,
				bad_allocate,       bad_truncate, d};
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->cond, NULL);
}

static void hold(struct bad_disk *d, bool on)
{
	pthread_mutex_lock(&d->lock);
	atomic_store(&d->hold, on);
	pthread_cond_broadcast(&d->cond);
	pthread_mutex_unlock(&d->lock);
}

static void await_writer(struct bad_disk *d)
{
	pthread_mutex_lock(&d->lock);
	while (!atomic_load(&d->waiting))
		pthread_cond_wait(&d->cond, &d->lock);
	pthread_mutex_unlock(&d->lock);
}

struct bench {
	struct place place;
	struct bad_disk disk;
	struct segment seg;
};

static void bench_open(struct bench *b)
{
	char path[400];

	place_make(&b->place);
	bad_disk_init(&b->disk);
	snprintf(path, sizeof(path), "%s.journal.0.a", b->place.db);
	assert_int_equal(segment_create(&b->seg, &b->disk.disk, path, 0, 5, 4096, 8192), 0);
}

static void bench_close(struct bench *b)
{
	segment_fini(&b->seg);
	place_drop(&b->place);
}

static int put(struct segment *s, struct str record)
{
	char frame[8192];

	journal_frame_put(frame, record);
	return segment_append(s, frame, journal_frame_size(record.n));
}

/* What a reader of the whole file (not only up to end) finds, joined. */
static void expect(struct bench *b, const char *want)
{
	struct buf image = buf_heap(1 << 20), got = buf_heap(1 << 16);
	struct journal_reader r;
	struct str record;

	assert_int_equal(disk_read_file(b->seg.path, 1 << 20, &image), 0);
	assert_int_equal(journal_reader_init(&r, buf_str(&image)), 0);
	while (journal_next(&r, &record) == 1)
		buf_puts(&got, record);
	assert_str(buf_str(&got), str_c(want));
	buf_free(&image);
	buf_free(&got);
}

static void appends_and_reuses(void **state)
{
	struct bench b;

	bench_open(&b);
	assert_true(segment_is_empty(&b.seg));
	assert_int_equal(put(&b.seg, STR("one ")), 0);
	assert_int_equal(put(&b.seg, STR("two ")), 0);
	expect(&b, "one two ");
	assert_int_equal(segment_reuse(&b.seg), 0);
	assert_true(segment_is_empty(&b.seg));
	expect(&b, "");
	assert_int_equal(put(&b.seg, STR("new ")), 0); /* as long as the stale one */
	expect(&b, "new ");
	bench_close(&b);
}

static void short_writes_are_continued(void **state)
{
	struct bench b;

	bench_open(&b);
	atomic_store(&b.disk.short_by, 3);
	assert_int_equal(put(&b.seg, STR("a record in pieces")), 0);
	expect(&b, "a record in pieces");
	bench_close(&b);
}

/* Whatever part of two records got onto the disk, neither counts, and the next
 * stands alone. */
static void a_failed_write_leaves_nothing(void **state)
{
	char frames[256];
	size_t n = journal_frame_size(4);

	for (int part = 0; part <= (int)(2 * n); part++) {
		struct bench b;

		bench_open(&b);
		assert_int_equal(put(&b.seg, STR("one ")), 0);
		journal_frame_put(frames, STR("bad "));
		journal_frame_put(frames + n, STR("evil"));
		atomic_store(&b.disk.write_part, part);
		atomic_store(&b.disk.write_err, part < (int)(2 * n) ? -ENOSPC : 0);
		if (part < (int)(2 * n)) {
			assert_int_equal(segment_append(&b.seg, frames, 2 * n), -ENOSPC);
			expect(&b, "one ");
		}
		atomic_store(&b.disk.write_err, 0);
		assert_int_equal(put(&b.seg, STR("two ")), 0);
		expect(&b, "one two ");
		bench_close(&b);
	}
}

/* While it can't be repaired nothing is written over it. */
static void repair_comes_first(void **state)
{
	struct bench b;
	char frames[64];
	size_t n = journal_frame_size(4);

	bench_open(&b);
	journal_frame_put(frames, STR("bad "));
	journal_frame_put(frames + n, STR("evil"));
	atomic_store(&b.disk.truncate_err, -EIO);
	atomic_store(&b.disk.write_part, (int)(2 * n) - 1); /* "evil" whole but for padding */
	atomic_store(&b.disk.write_err, -EIO);
	assert_int_equal(segment_append(&b.seg, frames, 2 * n), -EIO);
	atomic_store(&b.disk.write_err, 0);
	assert_int_equal(put(&b.seg, STR("one ")), -EIO);
	atomic_store(&b.disk.truncate_err, 0);
	assert_int_equal(put(&b.seg, STR("one ")), 0);
	expect(&b, "one ");
	bench_close(&b);
}

static void no_room_to_allocate(void **state)
{
	struct bench b;
	char big[4000];

	bench_open(&b);
	memset(big, 'x', sizeof(big));
	atomic_store(&b.disk.allocate_err, -ENOSPC);
	assert_int_equal(put(&b.seg, STR("fits ")), 0);
	assert_int_equal(put(&b.seg, str_of(big, sizeof(big))), -ENOSPC);
	expect(&b, "fits ");
	atomic_store(&b.disk.allocate_err, -EOPNOTSUPP); /* then it does without */
	assert_int_equal(put(&b.seg, STR("also ")), 0);
	assert_int_equal(put(&b.seg, STR("more")), 0);
	expect(&b, "fits also more");
	bench_close(&b);
}

static void rewinds(void **state)
{
	struct bench b;
	uint64_t end;

	bench_open(&b);
	assert_int_equal(put(&b.seg, STR("kept ")), 0);
	end = b.seg.end;
	assert_int_equal(put(&b.seg, STR("gone ")), 0);
	segment_rewind(&b.seg, end);
	expect(&b, "kept ");
	assert_int_equal(put(&b.seg, STR("on")), 0);
	expect(&b, "kept on");
	bench_close(&b);
}

/* From here on through the whole store. */
static void errors_reach_the_worker(void **state)
{
	static const int errs[] = {-ENOSPC, -EIO, -EROFS};
	struct place p;
	struct bad_disk disk;
	struct store_conf conf = {.disk = &disk.disk};
	struct harvest h = {0};
	struct store *s;
	struct desk d;

	place_make(&p);
	bad_disk_init(&disk);
	s = place_open(&p, &conf);
	desk_open(&d, s, 0);
	assert_int_equal(desk_put(&d, "a", 1, FAR, "kept"), 0);
	for (size_t i = 0; i < 3; i++) {
		atomic_store(&disk.write_err, errs[i]);
		atomic_store(&disk.write_part, 20);
		assert_int_equal(desk_put(&d, "a", 2, FAR, "lost"), errs[i]);
	}
	atomic_store(&disk.write_err, 0);
	assert_int_equal(desk_put(&d, "b", 2, FAR, "also kept"), 0);
	store_close(&s);
	close(d.bell);
	s = place_open(&p, NULL);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	assert_int_equal(h.n, 2);
	assert_string_equal(harvest_find(&h, "a")->payload, "kept");
	assert_string_equal(harvest_find(&h, "b")->payload, "also kept");
	harvest_drop(&h);
	store_close(&s);
	place_drop(&p);
}

static void sync_mode_tells_of_failed_syncs(void **state)
{
	struct place p;
	struct bad_disk disk;
	struct store_conf conf = {.disk = &disk.disk, .sync = true};
	struct harvest h = {0};
	struct store *s;
	struct desk d;

	place_make(&p);
	bad_disk_init(&disk);
	s = place_open(&p, &conf);
	desk_open(&d, s, 0);
	assert_int_equal(desk_put(&d, "a", 1, FAR, "kept"), 0);
	atomic_store(&disk.sync_err, -EIO);
	assert_int_equal(desk_put(&d, "a", 2, FAR, "lost"), -EIO);
	atomic_store(&disk.sync_err, 0);
	assert_int_equal(desk_put(&d, "b", 2, FAR, "kept"), 0);
	store_close(&s);
	close(d.bell);
	s = place_open(&p, NULL);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	assert_string_equal(harvest_find(&h, "a")->payload, "kept");
	assert_int_equal(store_seq_max(s), 2);
	harvest_drop(&h);
	store_close(&s);
	place_drop(&p);
}

/* While the disk hangs, appends return at once, gather, and beyond the bound are
 * refused; all are told in their order. */
static void a_hanging_disk_stops_nobody(void **state)
{
	enum { N = 20000 };
	struct place p;
	struct bad_disk disk;
	struct store_conf conf = {.disk = &disk.disk};
	struct wish *w = calloc(N, sizeof(*w));
	struct wish cancelled = {0};
	struct store *s;
	struct desk d;
	unsigned turns = 0, kept = 0;
	char payload[1000];
	struct store_record r = {STR("key"), 0, FAR, str_of(payload, sizeof(payload))};

	memset(payload, 'p', sizeof(payload));
	place_make(&p);
	bad_disk_init(&disk);
	s = place_open(&p, &conf);
	desk_open(&d, s, 0);
	hold(&disk, true);
	wish_put(&cancelled, &d, &r);
	store_flush(d.w);
	await_writer(&disk);
	store_append_cancel(d.w, &cancelled.a);
	for (size_t i = 0; i < N; i++) {
		r.seq = i;
		w[i].turns = &turns;
		wish_put(&w[i], &d, &r);
		if (i % 10 == 9)
			store_flush(d.w);
	}
	store_complete(d.w);
	assert_int_equal(turns, 0);
	hold(&disk, false);
	assert_int_equal(wish_wait(&w[N - 1], &d), -ENOBUFS);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(w[i].turn, i + 1);
		assert_true(w[i].err == 0 || w[i].err == -ENOBUFS);
		kept += w[i].err == 0;
	}
	assert_true(kept > 5000 && kept < N);
	assert_false(cancelled.done);
	assert_int_equal(desk_put(&d, "b", 2, FAR, "goes on"), 0);
	store_close(&s);
	close(d.bell);
	free(w);
	place_drop(&p);
}

static void odd_sizes_are_refused_in_turn(void **state)
{
	static char big[JOURNAL_RECORD_MAX + 1];
	struct place p;
	struct store *s;
	struct desk d;
	struct wish w[4] = {0};
	unsigned turns = 0;

	place_make(&p);
	s = place_open(&p, NULL);
	desk_open(&d, s, 0);
	for (size_t i = 0; i < 4; i++)
		w[i] = (struct wish){.a = {.done = wish_done, .ctx = &w[i]}, .turns = &turns};
	memset(big, 'b', sizeof(big));
	store_append(d.w, str_of(big, 10), &w[0].a);
	store_append(d.w, str_of(big, sizeof(big)), &w[1].a);
	store_append(d.w, STR(""), &w[2].a);
	store_append(d.w, str_of(big, JOURNAL_RECORD_MAX), &w[3].a);
	assert_int_equal(wish_wait(&w[3], &d), 0);
	assert_int_equal(w[0].err, 0);
	assert_int_equal(w[1].err, -EMSGSIZE);
	assert_int_equal(w[2].err, -EMSGSIZE);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(w[i].turn, i + 1);
	store_close(&s);
	close(d.bell);
	place_drop(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_and_reuses),
		cmocka_unit_test(short_writes_are_continued),
		cmocka_unit_test(a_failed_write_leaves_nothing),
		cmocka_unit_test(repair_comes_first),
		cmocka_unit_test(no_room_to_allocate),
		cmocka_unit_test(rewinds),
		cmocka_unit_test(errors_reach_the_worker),
		cmocka_unit_test(sync_mode_tells_of_failed_syncs),
		cmocka_unit_test(a_hanging_disk_stops_nobody),
		cmocka_unit_test(odd_sizes_are_refused_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
