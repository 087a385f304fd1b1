#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/disk.h"
#include "store/schema.h"

enum { BUSY_MS = 10000 };

int db_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_TOOBIG:
		return -EMSGSIZE;
	default:
		return -EIO;
	}
}

int db_exec(struct store_db *db, const char *sql)
{
	return db_errno(sqlite3_exec(db->sql, sql, NULL, NULL, NULL));
}

int db_prepare(struct store_db *db, const char *sql, sqlite3_stmt **ret)
{
	*ret = NULL;
	return db_errno(sqlite3_prepare_v2(db->sql, sql, -1, ret, NULL));
}

int db_step(sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);

	return rc == SQLITE_ROW ? 1 : db_errno(rc);
}

int db_run(sqlite3_stmt *s)
{
	int err = db_step(s);

	sqlite3_reset(s);
	return err < 0 ? err : 0;
}

void db_bind(sqlite3_stmt *s, int at, struct str text)
{
	sqlite3_bind_text64(s, at, text.p ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

void db_bind_blob(sqlite3_stmt *s, int at, struct str bytes)
{
	sqlite3_bind_blob64(s, at, bytes.p ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

void db_bind_u64(sqlite3_stmt *s, int at, uint64_t v)
{
	sqlite3_bind_int64(s, at, (sqlite3_int64)v);
}

struct str db_text(sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);

	return p ? str_of(p, (size_t)sqlite3_column_bytes(s, column)) : STR("");
}

struct str db_blob(sqlite3_stmt *s, int column)
{
	const char *p = sqlite3_column_blob(s, column);

	return p ? str_of(p, (size_t)sqlite3_column_bytes(s, column)) : STR("");
}

uint64_t db_u64(sqlite3_stmt *s, int column)
{
	sqlite3_int64 v = sqlite3_column_int64(s, column);

	return v < 0 ? 0 : (uint64_t)v;
}

int db_begin(struct store_db *db)
{
	return db_exec(db, "BEGIN IMMEDIATE");
}

int db_end(struct store_db *db, int err)
{
	if (!err)
		err = db_exec(db, "COMMIT");
	if (err && !sqlite3_get_autocommit(db->sql))
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

const char *store_db_error(const struct store_db *db)
{
	return sqlite3_errmsg(db->sql);
}

/* Only a file that is made here is opened here: closing a descriptor of one that
 * SQLite has open in this process would drop SQLite's locks. */
static int file_create(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	close(fd);
	return 0;
}

static int file_check(const char *path, bool create)
{
	struct stat st;
	int err = create ? file_create(path) : 0;

	if (err)
		return err;
	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return access(path, R_OK | W_OK) ? -errno : 0;
}

static int open_sql(struct store_db *db, const char *path)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int err = db_errno(sqlite3_open_v2(path, &db->sql, flags, NULL));

	if (err)
		return err;
	sqlite3_busy_timeout(db->sql, BUSY_MS);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return 0;
}

static void say(struct buf *text, const char *path, int err, const struct store_db *db)
{
	if (text->n)
		return;
	if (err == -EBADMSG)
		buf_fmt(text, "%s is not a database, or a damaged one (%s)", path,
			db && db->sql ? store_db_error(db) : "its head is not a database's");
	else if (db && db->sql)
		buf_fmt(text, "can't use the database %s: %s", path, store_db_error(db));
	else
		buf_fmt(text, "can't open the database %s: %s", path, disk_error(err));
}

int store_db_open(const char *path, bool create, char *err, size_t err_size, struct store_db **ret)
{
	struct buf text = buf_over(err, err_size);
	struct store_db *db = NULL;
	int r = file_check(path, create);

	if (!r) {
		db = xzalloc(sizeof(*db));
		r = db ? open_sql(db, path) : -ENOMEM;
	}
	if (!r && db)
		r = schema_open(db, path, &text);
	if (!r) {
		*ret = db;
		return 0;
	}
	say(&text, path, r, db);
	buf_c(&text);
	store_db_close(&db);
	return r;
}

void store_db_close(struct store_db **db)
{
	if (*db) {
		sqlite3_close_v2((*db)->sql);
		xfree(*db);
	}
	*db = NULL;
}
