#include "store/schema.h"

#include <errno.h>

enum { APPLICATION_ID = 0x54535557 }; /* "TSUW" */

/* Only ever append: user_version counts them. */
static const char *const steps[] = {
	"CREATE TABLE location ("
	" key TEXT PRIMARY KEY,"
	" seq INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL,"
	" payload BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE user ("
	" user TEXT NOT NULL,"
	" domain TEXT NOT NULL,"
	" realm TEXT NOT NULL,"
	" ha1_md5 TEXT NOT NULL,"
	" ha1_sha256 TEXT NOT NULL,"
	" full_md5 TEXT NOT NULL,"
	" full_sha256 TEXT NOT NULL,"
	" enabled INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL,"
	" PRIMARY KEY (domain, user)) WITHOUT ROWID;"
	"CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
	/* Rises with each change of table user, so that a server need not read it. */
	"CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO counter VALUES ('users', 1);",
};

enum { VERSION = sizeof(steps) / sizeof(steps[0]) };

static int one_number(struct store_db *db, const char *sql, uint64_t *ret)
{
	sqlite3_stmt *s;
	int err = db_prepare(db, sql, &s);

	if (err)
		return err;
	err = db_step(s);
	if (err == 1)
		*ret = db_u64(s, 0);
	sqlite3_finalize(s);
	return err == 0 ? -EBADMSG : err < 0 ? err : 0;
}

struct state {
	uint64_t application, version, tables;
};

static int state_read(struct store_db *db, struct state *ret)
{
	int err = one_number(db, "PRAGMA application_id", &ret->application);

	if (!err)
		err = one_number(db, "PRAGMA user_version", &ret->version);
	if (!err)
		err = one_number(db, "SELECT count(*) FROM sqlite_master", &ret->tables);
	return err;
}

static bool is_new(const struct state *s)
{
	return s->application == 0 && s->version == 0 && s->tables == 0;
}

static int state_check(const struct state *s, const char *path, struct buf *err)
{
	if (is_new(s))
		return 0;
	if (s->application != APPLICATION_ID) {
		buf_fmt(err, "%s is the database of another program: name another file", path);
		return -EBADMSG;
	}
	if (s->version > VERSION) {
		buf_fmt(err, "%s was written by a newer Tsuwa (schema %llu; this one knows %d)",
			path, (unsigned long long)s->version, (int)VERSION);
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static int step_do(struct store_db *db, uint64_t i)
{
	char sql[80];
	struct buf b = buf_over(sql, sizeof(sql));
	int err = db_exec(db, steps[i]);

	if (err)
		return err;
	buf_fmt(&b, "PRAGMA application_id=%d; PRAGMA user_version=%llu", (int)APPLICATION_ID,
		(unsigned long long)i + 1);
	return db_exec(db, buf_c(&b));
}

/* Under the write lock, for another process may be about the same. */
static int migrate(struct store_db *db)
{
	struct state s = { 0 };
	int err = db_begin(db);

	if (err)
		return err;
	err = state_read(db, &s);
	for (uint64_t i = s.version; !err && i < VERSION; i++)
		err = step_do(db, i);
	return db_end(db, err);
}

int schema_open(struct store_db *db, const char *path, struct buf *err)
{
	struct state s = { 0 };
	int r = state_read(db, &s);

	if (!r)
		r = state_check(&s, path, err);
	if (!r)
		r = db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				"PRAGMA journal_size_limit=67108864");
	if (!r && s.version < VERSION)
		r = migrate(db);
	return r;
}
