/* cli/report.h - findings of `tsuwa check`: what was looked at, how it is, and the fix. */
#ifndef TSUWA_CLI_REPORT_H
#define TSUWA_CLI_REPORT_H

#include "base/buf.h"

enum finding { FINDING_OK, FINDING_WARN, FINDING_ERROR };

struct report {
	bool json;
	struct buf rows; /* JSON objects, or cells that end with a NUL, four a row */
	unsigned n_rows, n_errors, n_warnings;
};

void report_init(struct report *r, bool json);
/* fix may be NULL. */
void report_add(struct report *r, enum finding f, const char *what, const char *fix,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Prints it and gives the memory back. */
void report_end(struct report *r);

#endif
