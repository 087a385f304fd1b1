/* cli/out.h - what commands print: tables with aligned columns, wrapped paragraphs, errors
 * in one form ("tsuwa: ..."). */
#ifndef TSUWA_CLI_OUT_H
#define TSUWA_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define OUT_COLUMNS 12

struct out_table {
	unsigned n_columns;
	size_t width[OUT_COLUMNS]; /* in characters, not bytes */
	struct buf cells; /* each ends with a NUL; rows follow each other */
	size_t n_rows;
};

/* Titles end with NULL; they are the first row. */
void out_table_init(struct out_table *t, const char *const *titles);
/* n_columns cells; control characters are shown as '?'. */
void out_table_row(struct out_table *t, const char *const *cells);
/* Prints to standard output and gives the memory back. */
void out_table_end(struct out_table *t);

/* Words of text wrapped at 80 columns, each line behind indent blanks; a blank line parts paragraphs. */
void out_wrapped(const char *text, unsigned indent);

/* "tsuwa: ..." on standard error with a line end. */
void out_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with " (did you mean X?)" of the nearest of words (ended by NULL), if one is near. */
void out_unknown(const char *what, const char *given, const char *const *words);

/* "3d 4h", "2h 5m", "4m 10s", "12s" into room. */
const char *out_duration(uint64_t seconds, char room[32]);

#endif
