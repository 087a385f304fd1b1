#include "cli/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

#define LINE_COLUMNS 80
#define TABLE_MAX_BYTES (1u << 30)

void out_error(const char *format, ...)
{
	va_list ap;

	fputs("tsuwa: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void out_unknown(const char *what, const char *given, const char *const *words)
{
	const char *near = suggest_word(str_c(given), words);

	if (near)
		out_error("unknown %s \"%s\"; did you mean \"%s\"?", what, given, near);
	else
		out_error("unknown %s \"%s\"", what, given);
}

/* Characters of UTF-8 text. */
static size_t columns(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void out_table_init(struct out_table *t, const char *const *titles)
{
	*t = (struct out_table){.cells = buf_heap(TABLE_MAX_BYTES)};
	while (titles[t->n_columns] && t->n_columns < OUT_COLUMNS)
		t->n_columns++;
	out_table_row(t, titles);
}

void out_table_row(struct out_table *t, const char *const *cells)
{
	for (unsigned i = 0; i < t->n_columns; i++) {
		const char *cell = cells[i] ? cells[i] : "";
		size_t at = t->cells.n, width = columns(cell);

		buf_put(&t->cells, cell, strlen(cell) + 1);
		for (size_t k = at; !t->cells.failed && k + 1 < t->cells.n; k++)
			if ((unsigned char)t->cells.p[k] < ' ' || t->cells.p[k] == 0x7f)
				t->cells.p[k] = '?';
		t->width[i] = width > t->width[i] ? width : t->width[i];
	}
	t->n_rows++;
}

static const char *put_row(const struct out_table *t, const char *cell)
{
	for (unsigned i = 0; i < t->n_columns; i++) {
		size_t pad = t->width[i] + 2 - columns(cell);

		fputs(cell, stdout);
		for (; i + 1 < t->n_columns && pad > 0; pad--)
			putchar(' ');
		cell += strlen(cell) + 1;
	}
	putchar('\n');
	return cell;
}

void out_table_end(struct out_table *t)
{
	const char *cell = t->cells.p;

	if (t->cells.failed)
		out_error("no memory for the table");
	for (size_t i = 0; !t->cells.failed && i < t->n_rows; i++)
		cell = put_row(t, cell);
	buf_free(&t->cells);
}

static size_t put_word(struct str word, size_t column, unsigned indent)
{
	if (column && column + 1 + word.n > LINE_COLUMNS) {
		putchar('\n');
		column = 0;
	}
	if (!column)
		printf("%*s", (int)indent, "");
	printf("%s%.*s", column ? " " : "", STR_ARG(word));
	return (column ? column + 1 : indent) + word.n;
}

void out_wrapped(const char *text, unsigned indent)
{
	struct str rest = str_c(text);
	size_t column = 0;

	while (!str_empty(rest)) {
		struct str line = str_split(&rest, '\n');

		if (str_empty(line)) {
			fputs("\n\n", stdout);
			column = 0;
		}
		while (!str_empty(line))
			column = put_word(str_split(&line, ' '), column, indent);
	}
	putchar('\n');
}

const char *out_duration(uint64_t s, char room[32])
{
	unsigned long long d = s / 86400, h = s / 3600 % 24, m = s / 60 % 60, sec = s % 60;

	if (d)
		snprintf(room, 32, "%llud %lluh", d, h);
	else if (h)
		snprintf(room, 32, "%lluh %llum", h, m);
	else if (m)
		snprintf(room, 32, "%llum %llus", m, sec);
	else
		snprintf(room, 32, "%llus", sec);
	return room;
}
