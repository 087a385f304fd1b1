#include "cli/report.h"

#include <stdio.h>

#include "admin/json.h"
#include "cli/out.h"

#define REPORT_MAX (4u << 20)

static const char *const words[] = {"ok", "warn", "error"};

void report_init(struct report *r, bool json)
{
	*r = (struct report){.json = json, .rows = buf_heap(REPORT_MAX)};
}

static void put_json(struct report *r, enum finding f, const char *what, const char *detail,
		     const char *fix)
{
	buf_fmt(&r->rows, "%s\n  ", r->n_rows ? "," : "");
	json_open(&r->rows, NULL, '{');
	json_member_str(&r->rows, "check", str_c(what));
	json_member_str(&r->rows, "status", str_c(words[f]));
	json_member_str(&r->rows, "detail", str_c(detail));
	if (fix)
		json_member_str(&r->rows, "fix", str_c(fix));
	buf_putc(&r->rows, '}');
}

static void put_cell(struct report *r, const char *text)
{
	buf_put(&r->rows, text, strlen(text) + 1);
}

void report_add(struct report *r, enum finding f, const char *what, const char *fix,
		const char *format, ...)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));
	va_list ap;

	b.cut = true;
	va_start(ap, format);
	buf_vfmt(&b, format, ap);
	va_end(ap);
	if (r->json) {
		put_json(r, f, what, buf_c(&b), fix);
	} else {
		put_cell(r, words[f]);
		put_cell(r, what);
		put_cell(r, buf_c(&b));
		put_cell(r, fix ? fix : "");
	}
	r->n_rows++;
	r->n_errors += f == FINDING_ERROR;
	r->n_warnings += f == FINDING_WARN;
}

static const char *next_cell(const char **at)
{
	const char *cell = *at;

	*at += strlen(cell) + 1;
	return cell;
}

static void print_rows(const struct report *r)
{
	const char *at = r->rows.p;

	for (unsigned i = 0; i < r->n_rows; i++) {
		const char *word = next_cell(&at), *what = next_cell(&at);
		const char *detail = next_cell(&at), *fix = next_cell(&at);

		printf("%-5s  %-14s  %s\n", word, what, detail);
		if (fix[0])
			printf("%-5s  %-14s  -> %s\n", "", "", fix);
	}
	printf("\n%u errors, %u warnings\n", r->n_errors, r->n_warnings);
}

void report_end(struct report *r)
{
	if (r->rows.failed)
		out_error("no memory for the report");
	else if (r->json)
		printf("[%.*s\n]\n", STR_ARG(buf_str(&r->rows)));
	else
		print_rows(r);
	buf_free(&r->rows);
}
