/* Opening databases that are not there, not ours, damaged or of another time. */
#include "store/db.h"

#include <fcntl.h>

#include "place.h"

static void sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Opening fails with err and a text that holds all of word. */
static void refused(const char *path, bool create, int err, const char *word)
{
	struct store_db *db = NULL;
	char text[500] = "";

	assert_int_equal(store_db_open(path, create, text, sizeof(text), &db), err);
	assert_null(db);
	if (!strstr(text, word) || !strstr(text, path))
		fail_msg("\"%s\" does not say \"%s\" of %s", text, word, path);
}

static void file_of(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static void creates(void **state)
{
	struct place p;
	struct store_db *db;
	struct stat st;
	char err[300];

	place_make(&p);
	refused(p.db, false, -ENOENT, "No such file");
	assert_int_equal(store_db_open(p.db, true, err, sizeof(err), &db), 0);
	store_db_close(&db);
	assert_null(db);
	store_db_close(&db);
	assert_int_equal(stat(p.db, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(store_db_open(p.db, false, err, sizeof(err), &db), 0);
	store_db_close(&db);
	place_drop(&p);
}

static void not_ours(void **state)
{
	struct place p;
	char before[4096], after[4096], path[400];
	int fd;

	place_make(&p);
	sql(p.db, "CREATE TABLE places (url TEXT)");
	fd = open(p.db, O_RDONLY);
	assert_int_equal(pread(fd, before, sizeof(before), 0), sizeof(before));
	refused(p.db, true, -EBADMSG, "another program");
	/* And nothing of it was changed. */
	assert_int_equal(pread(fd, after, sizeof(after), 0), sizeof(after));
	assert_memory_equal(before, after, sizeof(after));
	close(fd);
	memset(before, 'x', sizeof(before));
	file_of(p.db, before, sizeof(before));
	refused(p.db, true, -EBADMSG, "not a database");
	file_of(p.db, "hello", 5);
	refused(p.db, true, -EBADMSG, "not a database");
	refused(p.folder, true, -EISDIR, "Is a directory");
	snprintf(path, sizeof(path), "%s/no/such.db", p.folder);
	refused(path, true, -ENOENT, "No such file");
	place_drop(&p);
}

static void of_a_newer_version(void **state)
{
	struct place p;
	struct store_db *db;
	char err[300];

	place_make(&p);
	assert_int_equal(store_db_open(p.db, true, err, sizeof(err), &db), 0);
	store_db_close(&db);
	sql(p.db, "PRAGMA user_version = 99");
	refused(p.db, false, -EPROTONOSUPPORT, "newer");
	place_drop(&p);
}

static void damaged(void **state)
{
	static char noise[3 * 4096];
	struct place p;
	struct store_db *db;
	char err[300];
	int fd;

	place_make(&p);
	assert_int_equal(store_db_open(p.db, true, err, sizeof(err), &db), 0);
	store_db_close(&db);
	memset(noise, 0xa5, sizeof(noise));
	fd = open(p.db, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, noise, 3000, 100), 3000); /* the schema's page */
	close(fd);
	refused(p.db, false, -EBADMSG, "damaged");
	place_drop(&p);
}

static void open_once(void *ctx)
{
	struct place *p = ctx;
	struct store_db *db = NULL;
	char err[300] = "";
	int r = store_db_open(p->db, true, err, sizeof(err), &db);

	assert_int_equal(r, alloc_has_failed() ? -ENOMEM : 0);
	assert_true(r == 0 || err[0]);
	store_db_close(&db);
}

static void survives_no_memory(void **state)
{
	struct place p;

	place_make(&p);
	alloc_sweep_with(open_once, &p);
	place_drop(&p);
}

static void store_once(void *ctx)
{
	struct place *p = ctx;
	struct store_conf conf = {.path = p->db};
	struct store *s = NULL;
	char err[300] = "";
	int r = store_open(&conf, NULL, err, sizeof(err), &s);

	assert_int_equal(r != 0, s == NULL);
	assert_true(r == 0 || err[0]);
	store_close(&s);
}

static void a_store_without_memory(void **state)
{
	struct place p;

	place_make(&p);
	alloc_sweep_with(store_once, &p);
	place_drop(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(creates),
		cmocka_unit_test(not_ours),
		cmocka_unit_test(of_a_newer_version),
		cmocka_unit_test(damaged),
		cmocka_unit_test(survives_no_memory),
		cmocka_unit_test(a_store_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
