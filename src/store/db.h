/* store/db.h - a connection to the SQLite database: opening it only when it is
 * ours, bringing its schema up to date, and errors as -errno.  One thread uses a
 * connection at a time; every commit is durable when it returns. */
#ifndef TSUWA_STORE_DB_H
#define TSUWA_STORE_DB_H

#include <sqlite3.h>

#include "base/buf.h"

struct store_db {
	sqlite3 *sql;
};

/* create: makes the file (0600) when it is not there.  0 or -errno with a sentence
 * in err (-EBADMSG: no database, damaged, or another program's; -EPROTONOSUPPORT:
 * of a newer version). */
int store_db_open(const char *path, bool create, char *err, size_t err_size, struct store_db **ret);
/* *db becomes NULL; NULL is fine. */
void store_db_close(struct store_db **db);
/* What went wrong last, in words; until the next use of db. */
const char *store_db_error(const struct store_db *db);

/* The rest is for store/ alone.  rc of SQLite as 0 or -errno. */
int db_errno(int rc);
int db_exec(struct store_db *db, const char *sql);
/* sqlite3_finalize() ends it.  0 or -errno. */
int db_prepare(struct store_db *db, const char *sql, sqlite3_stmt **ret);
/* One step: 1 a row, 0 done, or -errno. */
int db_step(sqlite3_stmt *s);
/* Steps a statement that gives no rows, and resets it.  0 or -errno. */
int db_run(sqlite3_stmt *s);
/* Bytes must live until the statement is reset. */
void db_bind(sqlite3_stmt *s, int at, struct str text);
void db_bind_blob(sqlite3_stmt *s, int at, struct str bytes);
void db_bind_u64(sqlite3_stmt *s, int at, uint64_t v);
/* Slices that live until the next step. */
struct str db_text(sqlite3_stmt *s, int column);
struct str db_blob(sqlite3_stmt *s, int column);
uint64_t db_u64(sqlite3_stmt *s, int column);
int db_begin(struct store_db *db); /* takes the write lock at once */
/* Commits when err is 0, else (or when that fails) rolls back.  The outcome. */
int db_end(struct store_db *db, int err);

#endif
