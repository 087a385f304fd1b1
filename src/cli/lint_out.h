/* cli/lint_out.h - what lint finds in a message, as lines beneath it and as members of a JSON
 * object: for lint itself and for the trace. */
#ifndef TSUWA_CLI_LINT_OUT_H
#define TSUWA_CLI_LINT_OUT_H

#include "base/buf.h"
#include "lint/lint.h"

/* "note", "warning", "error". */
extern const char *const lint_levels[3];

/* One finding as an object; first_line: of the message in its file. */
void lint_put_finding(struct buf *b, const struct lint_finding *f, unsigned first_line);

/* A line a finding: "    warning  To  what (RFC ...); fix", and what Tsuwa does with it where that is no
 * matter of course.  Control characters of the message show as "?". */
void lint_put_lines(struct buf *b, struct str message);
/* "findings" and "verdict" of an object that is open. */
void lint_put_members(struct buf *b, struct str message);

#endif
