/* store/leftover.h - the journals that an earlier run left: DB.journal.N.a and .b
 * get new names (DB.journal.old.N), so that any number of workers can start with
 * empty ones while the old are read and folded. */
#ifndef TSUWA_STORE_LEFTOVER_H
#define TSUWA_STORE_LEFTOVER_H

#include "base/list.h"

/* Appends a fold_file to ret (a list head) for each; on failure too, what was
 * found so far.  0 or -errno. */
int leftover_collect(const char *db_path, struct list *ret);

#endif
