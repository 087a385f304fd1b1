/* base/log.h - lines for the operator.  A log is a level and a sink that its
 * creator gives; pure code writes only through it.  One event is one line:
 * what happened first, then key=value pairs. */
#ifndef TSUWA_BASE_LOG_H
#define TSUWA_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_BYTES };

struct log {
	enum log_level level;   /* more verbose lines are not formatted */
	void (*write)(void *ctx, enum log_level level, struct str line);
	void *ctx;
};

/* log may be NULL (silent).  Verbs of buf_fmt; a line is cut at 1 KiB. */
void log_write(const struct log *log, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inline bool log_wants(const struct log *log, enum log_level level)
{
	return log && log->write && level <= log->level;
}

#define log_error(log, ...) log_write((log), LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...) log_write((log), LOG_WARN, __VA_ARGS__)
#define log_info(log, ...) log_write((log), LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...)                                                                     \
	do {                                                                                    \
		if (log_wants((log), LOG_DEBUG))                                                \
			log_write((log), LOG_DEBUG, __VA_ARGS__);                               \
	} while (0)

#endif
