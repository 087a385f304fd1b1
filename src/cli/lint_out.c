#include "cli/lint_out.h"

#include "admin/json.h"

#define ARENA_BYTES ((size_t)4 << 20)

const char *const lint_levels[3] = {"note", "warning", "error"};

void lint_put_finding(struct buf *b, const struct lint_finding *f, unsigned first_line)
{
	json_open(b, NULL, '{');
	json_member_str(b, "level", str_c(lint_levels[f->level]));
	json_member_u64(b, "line", first_line + f->line - 1);
	json_member_u64(b, "column", f->column);
	json_member_u64(b, "offset", f->offset);
	json_member_u64(b, "length", f->length);
	json_member_bool(b, "missing", f->missing);
	json_member_str(b, "header", f->header);
	json_member_str(b, "what", f->what);
	json_member_str(b, "rfc", str_c(f->rfc));
	json_member_str(b, "fix", f->fix);
	buf_putc(b, '}');
}

static void put_clean(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_putc(b, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? '?' : s.p[i]);
}

static void put_line(struct buf *b, const struct lint_finding *f)
{
	buf_fmt(b, "    %-8s", lint_levels[f->level]);
	if (!str_empty(f->header)) {
		put_clean(b, f->header);
		buf_puts(b, STR(": "));
	}
	put_clean(b, f->what);
	if (f->rfc)
		buf_fmt(b, " (%s)", f->rfc);
	if (!str_empty(f->fix)) {
		buf_puts(b, STR("; "));
		put_clean(b, f->fix);
	}
	buf_putc(b, '\n');
}

void lint_put_lines(struct buf *b, struct str message)
{
	struct arena a;
	struct lint l;

	arena_init(&a, NULL, 0, ARENA_BYTES);
	if (lint_message(message, &a, &l)) {
		for (unsigned i = 0; i < l.n; i++)
			put_line(b, &l.findings[i]);
		if (l.n_errors || !l.taken) {
			buf_puts(b, STR("    Tsuwa   "));
			put_clean(b, l.verdict);
			buf_putc(b, '\n');
		}
	}
	arena_fini(&a);
}

void lint_put_members(struct buf *b, struct str message)
{
	struct arena a;
	struct lint l;

	arena_init(&a, NULL, 0, ARENA_BYTES);
	if (lint_message(message, &a, &l)) {
		json_open(b, "findings", '[');
		for (unsigned i = 0; i < l.n; i++)
			lint_put_finding(b, &l.findings[i], 1);
		buf_putc(b, ']');
		json_member_str(b, "verdict", l.verdict);
	}
	arena_fini(&a);
}
