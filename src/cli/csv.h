/* cli/csv.h - lines of a CSV file (RFC 4180) as fields.  Knows no users. */
#ifndef TSUWA_CLI_CSV_H
#define TSUWA_CLI_CSV_H

#include "base/str.h"

/* The next line without its end and what is blank around it, counted in *line.  False: none is left. */
bool csv_next(struct str *rest, unsigned *line, struct str *ret);

/* The fields of a line, at most max; quotes are undone in its own bytes, in which the fields lie.  How
 * many, or -1: too many, or a quote does not end where a field does. */
int csv_fields(char *p, char *end, struct str *fields, int max);

#endif
