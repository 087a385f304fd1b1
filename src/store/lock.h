/* store/lock.h - one server a database: a lock on DB.lock, which holds the
 * process id of its holder.  The kernel drops it with the process. */
#ifndef TSUWA_STORE_LOCK_H
#define TSUWA_STORE_LOCK_H

#include <stddef.h>

/* The descriptor that holds it (close() lets go), or -errno with a sentence in
 * err; -EBUSY: another server has it. */
int lock_take(const char *db_path, char *err, size_t err_size);

#endif
