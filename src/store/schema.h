/* store/schema.h - the tables, as a list of steps from one version to the next.
 * PRAGMA user_version counts the steps done, application_id says "ours". */
#ifndef TSUWA_STORE_SCHEMA_H
#define TSUWA_STORE_SCHEMA_H

#include "store/db.h"

/* Checks that the database is ours or empty, before anything is written, and
 * brings it up to date.  Errors as store_db_open(). */
int schema_open(struct store_db *db, const char *path, struct buf *err);

#endif
