/* cli/import.h - users of a CSV file (RFC 4180), all or none, mistakes named by line. */
#ifndef TSUWA_CLI_IMPORT_H
#define TSUWA_CLI_IMPORT_H

#include "server/config.h"
#include "store/user_db.h"

/* path "-": standard input.  Says what it did; the exit code. */
int import_users(const struct config *c, struct store_db *db, const char *path);

#endif
