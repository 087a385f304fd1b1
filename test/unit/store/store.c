/* The store as a server sees it: load, fold, restart, locks, secrets. */
#include "store/store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "place.h"
#include "store/journal_format.h"

static void load(struct place *p, struct harvest *h)
{
	struct store *s = place_open(p, NULL);

	assert_int_equal(store_load(s, on_harvest, h), 0);
	store_close(&s);
}

static void comes_back_after_a_restart(void **state)
{
	struct place p;
	struct harvest h = {0};
	struct store *s;
	struct desk d;
	struct stat st;

	place_make(&p);
	s = place_open(&p, NULL);
	assert_int_equal(stat(p.db, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	assert_int_equal(h.n, 0);
	assert_int_equal(store_seq_max(s), 0);
	desk_open(&d, s, 0);
	assert_int_equal(desk_put(&d, "alice", 1, FAR, "first"), 0);
	assert_int_equal(desk_put(&d, "alice", 2, FAR, "second"), 0);
	assert_int_equal(desk_put(&d, "bob", 3, FAR, "bob's"), 0);
	assert_int_equal(desk_put(&d, "carol", 4, FAR, "carol's"), 0);
	assert_int_equal(desk_put(&d, "carol", 5, 0, ""), 0); /* unregistered */
	assert_int_equal(desk_put(&d, "dave", 6, 1000, "old"), 0); /* long over */
	store_close(&s);
	assert_null(s);
	close(d.bell);
	assert_int_equal(place_files(&p, ".journal.", false), 0);
	s = place_open(&p, NULL);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	assert_int_equal(h.n, 2);
	assert_string_equal(harvest_find(&h, "alice")->payload, "second");
	assert_string_equal(harvest_find(&h, "bob")->payload, "bob's");
	assert_int_equal(store_seq_max(s), 6);
	harvest_drop(&h);
	store_close(&s);
	place_drop(&p);
}

/* Writes a journal file as a killed server of any shape may have left it. */
static void leave_journal(struct place *p, const char *suffix, const struct store_record *r,
			  size_t n)
{
	struct journal_head head = {.version = JOURNAL_VERSION, .epoch = 9};
	struct buf image = buf_heap(1 << 20), record = buf_heap(1 << 16);
	char bytes[JOURNAL_HEAD_BYTES], path[400];
	FILE *f;

	journal_head_put(&head, bytes);
	buf_put(&image, bytes, sizeof(bytes));
	for (size_t i = 0; i < n; i++) {
		buf_reset(&record);
		store_record_put(&record, &r[i]);
		journal_append(&image, 9, buf_str(&record));
	}
	snprintf(path, sizeof(path), "%s.journal.%s", p->db, suffix);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(image.p, 1, image.n, f), image.n);
	fclose(f);
	buf_free(&image);
	buf_free(&record);
}

static void journals_of_any_number_of_workers_merge(void **state)
{
	static const struct store_record a[] = {
		{STR_INIT("x"), 5, FAR, STR_INIT("newest")},
		{STR_INIT("y"), 6, FAR, STR_INIT("bound")},
		{STR_INIT("z"), 1, FAR, STR_INIT("z1")},
	};
	static const struct store_record b[] = {
		{STR_INIT("x"), 4, FAR, STR_INIT("older")},
		{STR_INIT("y"), 7, 0, STR_INIT("")},
		{STR_INIT("z"), 2, FAR, STR_INIT("z2")},
	};
	struct place p;
	struct harvest h = {0};
	struct store *s;
	struct desk d;

	place_make(&p);
	leave_journal(&p, "17.a", a, 3);
	leave_journal(&p, "3.b", b, 3);
	leave_journal(&p, "old.4", b, 1);
	s = place_open(&p, NULL);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	assert_int_equal(h.n, 2);
	assert_string_equal(harvest_find(&h, "x")->payload, "newest");
	assert_string_equal(harvest_find(&h, "z")->payload, "z2");
	desk_open(&d, s, 3);
	assert_int_equal(desk_put(&d, "x", 8, FAR, "newer still"), 0);
	store_close(&s);
	close(d.bell);
	harvest_drop(&h);
	assert_int_equal(place_files(&p, ".journal.", false), 0);
	load(&p, &h);
	assert_int_equal(h.n, 2);
	assert_string_equal(harvest_find(&h, "x")->payload, "newer still");
	harvest_drop(&h);
	place_drop(&p);
}

/* A journal that was folded, and whose reuse the disk has forgotten. */
static void an_old_journal_changes_nothing(void **state)
{
	static const struct store_record old[] = {
		{STR_INIT("x"), 5, FAR, STR_INIT("older")},
		{STR_INIT("y"), 6, FAR, STR_INIT("bound then")},
		{STR_INIT("z"), 9, FAR, STR_INIT("z9")},
	};
	struct place p;
	struct harvest h = {0};
	struct store *s;
	struct desk d;

	place_make(&p);
	s = place_open(&p, NULL);
	desk_open(&d, s, 0);
	assert_int_equal(desk_put(&d, "x", 7, FAR, "newest"), 0);
	assert_int_equal(desk_put(&d, "y", 8, 0, ""), 0);
	assert_int_equal(desk_put(&d, "z", 3, FAR, "z3"), 0);
	store_close(&s);
	close(d.bell);
	leave_journal(&p, "0.b", old, 3);
	for (int i = 0; i < 2; i++) { /* before it is folded, and after */
		load(&p, &h);
		assert_int_equal(h.n, 2);
		assert_string_equal(harvest_find(&h, "x")->payload, "newest");
		assert_string_equal(harvest_find(&h, "z")->payload, "z9");
		harvest_drop(&h);
	}
	place_drop(&p);
}

/* A server that ends before it has loaded leaves journals for the next. */
static void closing_without_loading_loses_nothing(void **state)
{
	static const struct store_record a[] = {{STR_INIT("x"), 5, FAR, STR_INIT("x5")}};
	struct place p;
	struct harvest h = {0};
	struct store *s;

	place_make(&p);
	leave_journal(&p, "0.a", a, 1);
	s = place_open(&p, NULL);
	store_close(&s);
	load(&p, &h);
	assert_string_equal(harvest_find(&h, "x")->payload, "x5");
	harvest_drop(&h);
	place_drop(&p);
}

static void what_has_no_header_is_put_aside(void **state)
{
	static const struct store_record a[] = {{STR_INIT("x"), 5, FAR, STR_INIT("x5")}};
	struct place p;
	struct harvest h = {0};
	char path[400];
	int fd;

	place_make(&p);
	leave_journal(&p, "0.a", a, 1);
	leave_journal(&p, "1.a", a, 1);
	snprintf(path, sizeof(path), "%s.journal.0.a", p.db);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "?", 1, 3), 1);
	close(fd);
	load(&p, &h);
	assert_int_equal(h.n, 1);
	assert_int_equal(place_files(&p, ".journal.", false), 1);
	assert_int_equal(place_files(&p, ".bad", false), 1);
	harvest_drop(&h);
	place_drop(&p);
}

static uint64_t rows(struct place *p, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	uint64_t n;

	assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* Many keys over and over through segments of 16 KiB, while they are folded. */
static void folds_under_load(void **state)
{
	enum { N = 20000, KEYS = 500, WINDOW = 50 };
	static struct wish w[WINDOW];
	struct store_conf conf = {
		.segment_bytes = 16384, .segment_max_bytes = 64u << 20, .idle_ms = 5};
	struct place p;
	struct harvest h = {0};
	struct store *s;
	struct desk d;
	char key[32], payload[64];

	place_make(&p);
	s = place_open(&p, &conf);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	desk_open(&d, s, 0);
	for (unsigned i = 0; i < N; i++) {
		struct store_record r = {.seq = i, .expires_ms = FAR};

		snprintf(key, sizeof(key), "user%u", i % KEYS);
		snprintf(payload, sizeof(payload), "contact %u", i);
		r.key = str_c(key);
		r.payload = str_c(payload);
		wish_put(&w[i % WINDOW], &d, &r);
		if (i % WINDOW == WINDOW - 1)
			for (unsigned k = 0; k < WINDOW; k++)
				assert_int_equal(wish_wait(&w[k], &d), 0);
	}
	/* Idle journals come into the database by themselves. */
	while (rows(&p, "SELECT count(*) FROM location WHERE seq >= 19500") < KEYS)
		;
	store_close(&s);
	close(d.bell);
	load(&p, &h);
	assert_int_equal(h.n, KEYS);
	for (unsigned k = 0; k < KEYS; k++) {
		snprintf(key, sizeof(key), "user%u", k);
		assert_int_equal(harvest_find(&h, key)->seq, N - KEYS + k);
	}
	harvest_drop(&h);
	place_drop(&p);
}

static void what_is_over_is_purged(void **state)
{
	struct place p;
	struct harvest h = {0};
	struct store *s;
	struct desk d;

	place_make(&p);
	s = place_open(&p, NULL);
	desk_open(&d, s, 0);
	assert_int_equal(desk_put(&d, "a", 1, 0, ""), 0);
	assert_int_equal(desk_put(&d, "b", 2, 5000, "1970"), 0);
	assert_int_equal(desk_put(&d, "c", 3, FAR, "alive"), 0);
	store_close(&s);
	close(d.bell);
	assert_int_equal(rows(&p, "SELECT count(*) FROM location"), 3);
	s = place_open(&p, NULL);
	assert_int_equal(store_load(s, on_harvest, &h), 0);
	while (rows(&p, "SELECT count(*) FROM location") != 1)
		;
	assert_int_equal(rows(&p, "SELECT count(*) FROM location WHERE key = 'c'"), 1);
	store_close(&s);
	harvest_drop(&h);
	place_drop(&p);
}

static void on_count(void *ctx, const struct store_record *r)
{
	++*(size_t *)ctx;
}

static void loads_many(void **state)
{
	enum { N = 50000 };
	struct place p;
	struct store *s;
	size_t n = 0;
	char sql[300];
	sqlite3 *db;

	place_make(&p);
	s = place_open(&p, NULL);
	store_close(&s);
	assert_int_equal(sqlite3_open(p.db, &db), SQLITE_OK);
	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
		 " INSERT INTO location SELECT 'sip:user' || i || '@example.com', i, %llu,"
		 " zeroblob(200) FROM c",
		 N, (unsigned long long)FAR);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	s = place_open(&p, NULL);
	assert_int_equal(store_load(s, on_count, &n), 0);
	assert_int_equal(n, N);
	assert_int_equal(store_seq_max(s), N);
	store_close(&s);
	place_drop(&p);
}

static void secrets_stay(void **state)
{
	struct place p;
	struct store *s;
	char a[32], b[32], c[32], d[16];

	place_make(&p);
	s = place_open(&p, NULL);
	assert_int_equal(store_secret(s, "route", a, sizeof(a)), 0);
	assert_int_equal(store_secret(s, "nonce", b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	store_close(&s);
	s = place_open(&p, NULL);
	assert_int_equal(store_secret(s, "route", c, sizeof(c)), 0);
	assert_memory_equal(a, c, sizeof(a));
	assert_int_equal(store_secret(s, "route", d, sizeof(d)), -EMSGSIZE);
	store_close(&s);
	place_drop(&p);
}

/* In a process of its own, for the text names it. */
static void one_server_a_database(void **state)
{
	struct store_conf conf = {0};
	struct place p;
	struct store *s, *other = NULL;
	struct store_db *db;
	char err[400], want[400], byte;
	int up[2], down[2];
	pid_t pid;

	place_make(&p);
	assert_int_equal(pipe(up) + pipe(down), 0);
	pid = fork();
	if (pid == 0) {
		close(down[1]);
		s = place_open(&p, NULL);
		(void)!write(up[1], "x", 1);
		(void)!read(down[0], &byte, 1);
		store_close(&s);
		_exit(0);
	}
	assert_int_equal(read(up[0], &byte, 1), 1);
	conf.path = p.db;
	assert_int_equal(store_open(&conf, NULL, err, sizeof(err), &other), -EBUSY);
	assert_null(other);
	snprintf(want, sizeof(want), "the database %s is in use by another server (process %d)",
		 p.db, (int)pid);
	assert_string_equal(err, want);
	/* The command line may use it all the same. */
	assert_int_equal(store_db_open(p.db, false, err, sizeof(err), &db), 0);
	store_db_close(&db);
	close(down[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(store_open(&conf, NULL, err, sizeof(err), &other), 0);
	store_close(&other);
	close(up[0]);
	close(up[1]);
	close(down[0]);
	place_drop(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_after_a_restart),
		cmocka_unit_test(journals_of_any_number_of_workers_merge),
		cmocka_unit_test(an_old_journal_changes_nothing),
		cmocka_unit_test(closing_without_loading_loses_nothing),
		cmocka_unit_test(what_has_no_header_is_put_aside),
		cmocka_unit_test(folds_under_load),
		cmocka_unit_test(what_is_over_is_purged),
		cmocka_unit_test(loads_many),
		cmocka_unit_test(secrets_stay),
		cmocka_unit_test(one_server_a_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
