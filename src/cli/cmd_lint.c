/* tsuwa lint FILE...: what each message breaks, and what Tsuwa does with it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/json.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/lint_out.h"
#include "cli/out.h"

#define FILE_MAX (64u << 20)
#define OUTPUT_MAX (256u << 20)
#define ROOM_BYTES (256u << 10)
#define ARENA_MAX (64u << 20)
#define SHOWN_COLUMNS 90

struct run {
	struct buf out; /* JSON of all files */
	bool json, raw;
	enum lint_level from; /* findings below are not shown */
	unsigned n_messages, n_errors, n_warnings, n_notes;
	bool failed; /* a file could not be read */
};

/* ---- text ---- */

/* One character, as a terminal may have it. */
static void put_char(char c)
{
	putchar((unsigned char)c < ' ' || c == 0x7f ? (c == '\t' ? ' ' : '?') : c);
}

static bool begins_char(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* The line of the message that holds the offset. */
static struct str line_at(struct str message, size_t offset)
{
	size_t from = offset < message.n ? offset : message.n, to = from;

	while (from > 0 && message.p[from - 1] != '\n')
		from--;
	while (to < message.n && message.p[to] != '\n' && message.p[to] != '\r')
		to++;
	return str_of(message.p + from, to - from);
}

static void put_repeated(char c, size_t n)
{
	while (n--)
		putchar(c);
}

static size_t characters(struct str s)
{
	size_t n = 0, i;

	for (i = 0; i < s.n; i++)
		n += begins_char(s.p[i]);
	return n;
}

/* Steps to where a character begins. */
static size_t char_start(struct str s, size_t i)
{
	while (i > 0 && i < s.n && !begins_char(s.p[i]))
		i--;
	return i;
}

/* The part of a long line around the fault, and a caret under it. */
static void put_excerpt(struct str message, const struct lint_finding *f, unsigned line_number)
{
	struct str line = line_at(message, f->offset), shown;
	size_t column = (size_t)(message.p + f->offset - line.p), from, marked;

	column = column > line.n ? line.n : column;
	from = column > SHOWN_COLUMNS / 2 && line.n > SHOWN_COLUMNS ? column - SHOWN_COLUMNS / 2
								    : 0;
	from = char_start(line, from);
	shown = str_first(str_skip(line, from), SHOWN_COLUMNS);
	shown.n = shown.n < line.n - from ? char_start(shown, shown.n - 1) : shown.n;
	printf("  %5u | %s", line_number, from ? "..." : "");
	for (size_t i = 0; i < shown.n; i++)
		put_char(shown.p[i]);
	printf("%s\n        | ", shown.n < line.n - from ? "..." : "");
	put_repeated(' ', characters(str_of(line.p + from, column - from)) + (from ? 3 : 0));
	putchar('^');
	marked = f->length < shown.n - (column - from) ? f->length : shown.n - (column - from);
	if (marked > 1)
		put_repeated('~', characters(str_of(line.p + column, marked)) - 1);
	putchar('\n');
}

static void put_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		put_char(s.p[i]);
}

static void put_finding(const char *path, struct str message, unsigned first_line,
			const struct lint_finding *f)
{
	unsigned line = first_line + f->line - 1;

	printf("%s:%u:%u: %s: ", path, line, f->column, lint_levels[f->level]);
	put_clean(f->what);
	printf("%s%s%s\n", f->rfc ? " [" : "", f->rfc ? f->rfc : "", f->rfc ? "]" : "");
	if (!f->missing)
		put_excerpt(message, f, line);
	if (!str_empty(f->fix)) {
		printf("        = ");
		put_clean(f->fix);
		putchar('\n');
	}
}

static void put_message(const struct run *r, const char *path, struct str message,
			unsigned first_line, const struct lint *l)
{
	printf("%s:%u: ", path, first_line);
	put_clean(l->summary);
	putchar('\n');
	for (unsigned i = 0; i < l->n; i++)
		if (l->findings[i].level >= r->from)
			put_finding(path, message, first_line, &l->findings[i]);
	if (l->cut)
		printf("%s:%u: there is more; only the first %u findings are shown\n", path,
		       first_line, LINT_FINDINGS_MAX);
	printf("%s:%u: Tsuwa ", path, first_line);
	put_clean(l->verdict);
	putchar('\n');
}

/* ---- JSON ---- */

static void json_message(struct run *r, const char *path, unsigned first_line, const struct lint *l)
{
	struct buf *b = &r->out;

	buf_puts(b, r->n_messages > 1 ? STR(",\n") : STR("\n"));
	json_open(b, NULL, '{');
	json_member_str(b, "file", str_c(path));
	json_member_u64(b, "line", first_line);
	json_member_str(b, "message", l->summary);
	json_member_bool(b, "taken", l->taken);
	json_member_str(b, "verdict", l->verdict);
	json_member_u64(b, "status", l->status);
	json_member_u64(b, "errors", l->n_errors);
	json_member_u64(b, "warnings", l->n_warnings);
	json_member_u64(b, "notes", l->n_notes);
	json_open(b, "findings", '[');
	for (unsigned i = 0; i < l->n; i++)
		if (l->findings[i].level >= r->from)
			lint_put_finding(b, &l->findings[i], first_line);
	buf_puts(b, STR("]}"));
}

/* ---- files ---- */

static bool look(struct run *r, const char *path, struct str message, unsigned first_line)
{
	static char room[ROOM_BYTES];
	struct arena arena;
	struct lint l;
	bool ok;

	arena_init(&arena, room, sizeof(room), ARENA_MAX);
	ok = lint_message(message, &arena, &l);
	if (ok) {
		r->n_messages++;
		r->n_errors += l.n_errors;
		r->n_warnings += l.n_warnings;
		r->n_notes += l.n_notes;
		if (r->json)
			json_message(r, path, first_line, &l);
		else
			put_message(r, path, message, first_line, &l);
	} else {
		out_error("%s: no memory", path);
	}
	arena_fini(&arena);
	return ok;
}

static bool look_at_all(struct run *r, const char *path, struct str text)
{
	struct str rest = text, message;
	unsigned line, column, before = r->n_messages;

	while (lint_next(&rest, &message)) {
		lint_place(text, (size_t)(message.p - text.p), &line, &column);
		if (!look(r, path, message, line))
			return false;
	}
	if (r->n_messages == before)
		out_error("%s: there is no message in it", path);
	return r->n_messages > before;
}

/* A text without any CR was written in an editor: its line ends stand for CR LF. */
static bool with_crlf(struct str text, struct buf *ret)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			buf_putc(ret, '\r');
		buf_putc(ret, text.p[i]);
	}
	return !ret->failed;
}

static bool is_editors(struct str text)
{
	return text.n && !memchr(text.p, '\r', text.n) && memchr(text.p, '\n', text.n);
}

static bool read_all(int fd, struct buf *b)
{
	ssize_t n;
	char *p;

	for (;;) {
		p = buf_room(b, 65536);
		if (!p) {
			errno = EFBIG;
			return false;
		}
		n = read(fd, p, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		b->n += (size_t)n;
	}
}

static bool read_file(const char *path, struct buf *b)
{
	bool in = !strcmp(path, "-"), ok;
	int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	ok = fd >= 0 && read_all(fd, b);
	if (!ok)
		out_error("%s: can't be read: %s", path, strerror(errno));
	if (!in && fd >= 0)
		close(fd);
	return ok;
}

static bool look_at_file(struct run *r, const char *path)
{
	struct buf bytes = buf_heap(FILE_MAX), lines = buf_heap(2 * FILE_MAX);
	bool ok = read_file(path, &bytes), editors;

	editors = ok && !r->raw && is_editors(buf_str(&bytes));
	if (editors && !with_crlf(buf_str(&bytes), &lines)) {
		out_error("%s: no memory", path);
		ok = false;
	}
	ok = ok && look_at_all(r, !strcmp(path, "-") ? "standard input" : path,
			       buf_str(editors ? &lines : &bytes));
	buf_free(&bytes);
	buf_free(&lines);
	return ok;
}

/* ---- the command ---- */

static bool level_of(const struct args *a, enum lint_level *ret)
{
	const char *given = args_value(a, "--level");

	*ret = LINT_NOTE;
	for (unsigned i = 0; given && i < 3; i++) {
		if (!strcmp(given, lint_levels[i])) {
			*ret = (enum lint_level)i;
			return true;
		}
	}
	if (given)
		out_error("--level is note, warning or error, not \"%s\"", given);
	return !given;
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static void put_end(struct run *r)
{
	if (r->json) {
		buf_puts(&r->out, STR("\n]\n"));
		if (r->out.failed)
			out_error("no memory for the output");
		else
			fwrite(r->out.p, 1, r->out.n, stdout);
		return;
	}
	printf("%u message%s: %u error%s, %u warning%s, %u note%s\n", r->n_messages,
	       plural(r->n_messages), r->n_errors, plural(r->n_errors), r->n_warnings,
	       plural(r->n_warnings), r->n_notes, plural(r->n_notes));
}

static int run(const struct args *a)
{
	struct run r = {.json = args_has(a, "--json"), .raw = args_has(a, "--raw")};

	if (!level_of(a, &r.from))
		return CLI_USAGE;
	r.out = buf_heap(OUTPUT_MAX);
	if (r.json)
		buf_putc(&r.out, '[');
	for (unsigned i = 0; i < a->n_operands; i++)
		r.failed |= !look_at_file(&r, a->operand[i]);
	put_end(&r);
	r.failed |= r.out.failed;
	buf_free(&r.out);
	return r.failed ? CLI_USAGE : r.n_errors ? CLI_FAILED : CLI_DONE;
}

static const struct cli_option options[] = {
	{"--level", 0, "LEVEL", "show findings from this level on: note (default), warning, error"},
	{"--raw", 0, NULL,
	 "take the bytes as they are; else the line ends of a file that has no CR at all stand for "
	 "CR LF, as an editor writes them"},
	OPTION_JSON,
	{0},
};

const struct command cmd_lint = {
	.name = "lint",
	.operands = "FILE...",
	.options = options,
	.summary = "what a SIP message breaks, by RFC and section",
	.about =
		"Reads SIP messages from files (\"-\": standard input) and tells what each breaks: "
		"where, by which RFC and section, and what to write instead. An error breaks a "
		"rule "
		"that must be kept, a warning one that should be or what works in practice, a note "
		"is "
		"worth knowing. The last line of a message says what Tsuwa does with it, which "
		"takes "
		"more than the rules allow.\n\n"
		"A file may hold several messages behind each other, also with the lines that "
		"captures "
		"write between them (beginning with # or -, or with -> in them). The exit code is "
		"1 "
		"when there is an error, 2 when a file can't be read.",
	.examples = "  tsuwa lint invite.sip\n  tsuwa lint --level error --json *.sip\n"
		    "  tsuwa trace --raw CALL-ID | tsuwa lint -\n",
	.min_operands = 1,
	.max_operands = ARGS_MAX,
	.run = run,
};
