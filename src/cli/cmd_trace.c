/* tsuwa trace [CALL-ID]: the last messages through the running server, as a list of calls or as the
 * ladder of one. */
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "admin/ladder.h"
#include "admin/trace.h"
#include "base/alloc.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/lint_out.h"
#include "cli/out.h"

#define POLL_MS 200
#define COLUMNS_DEFAULT 120 /* where there is no terminal */
#define TEXT_MAX_BYTES (1u << 30)
#define TIME_BYTES 40

struct tracing {
	const struct args *args;
	struct arena arena; /* of the texts of list */
	struct trace_message *list; /* folded, but in the live view of all calls */
	size_t n, cap;
	size_t repeated;
	json_t *after; /* where the server is to go on, or NULL */
	struct ladder ladder;
	struct buf out;
	struct str call_id; /* of what was printed last */
	bool json, raw, bodies, follow, lint, no_memory;
};

/* ---- the terminal ---- */

static unsigned columns(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	uint32_t n;

	if (text && str_to_u32(str_c(text), &n) && n)
		return n;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return COLUMNS_DEFAULT;
}

static bool is_utf8(void)
{
	locale_t l = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool yes = l && !strcmp(nl_langinfo_l(CODESET, l), "UTF-8");

	if (l)
		freelocale(l);
	return yes;
}

static const char *local_time(uint64_t us, char room[TIME_BYTES])
{
	time_t s = (time_t)(us / 1000000);
	struct tm tm;
	char date[32];

	room[0] = '\0';
	if (localtime_r(&s, &tm) && strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(room, TIME_BYTES, "%s.%03u", date, (unsigned)(us / 1000 % 1000));
	return room;
}

static void flush(struct tracing *t)
{
	if (t->out.failed)
		t->no_memory = true;
	else if (t->out.n)
		fwrite(t->out.p, 1, t->out.n, stdout);
	buf_reset(&t->out);
}

/* ---- the list ---- */

static void on_call(void *ctx, const json_t *row)
{
	char time[TIME_BYTES], n[32], status[128];

	snprintf(status, sizeof(status), "%llu %s", (unsigned long long)row_u64(row, "status"),
		 row_text(row, "reason"));
	out_table_row(ctx,
		      (const char *[]){local_time(row_u64(row, "time_us"), time),
				       row_text(row, "method"), row_text(row, "from"),
				       row_text(row, "to"), row_u64(row, "status") ? status : "",
				       row_number(row, "messages", n), row_text(row, "call_id")});
}

static int list_calls(const struct args *a, json_t *request)
{
	struct out_table t;
	int code;

	out_table_init(&t, (const char *[]){"LAST", "METHOD", "FROM", "TO", "STATUS", "MESSAGES",
					    "CALL-ID", NULL});
	code = ask_server(a, request, false, on_call, &t);
	if (code == CLI_DONE && !args_has(a, "--json"))
		out_table_end(&t);
	buf_free(&t.cells);
	return code;
}

/* ---- messages ---- */

static struct str keep(struct tracing *t, const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);
	struct str s = arena_str(&t->arena, str_of(json_string_value(v), json_string_length(v)));

	if (!s.p)
		t->no_memory = true;
	return s.p ? s : STR("");
}

static void read_message(struct tracing *t, const json_t *row, struct trace_message *ret)
{
	struct arena work;

	*ret = (struct trace_message){
		.at_us = row_u64(row, "time_us"),
		.out = !strcmp(row_text(row, "direction"), "out"),
		.transport = keep(t, row, "transport"),
		.remote = keep(t, row, "remote"),
		.local = keep(t, row, "local"),
		.bytes = keep(t, row, "message"),
		.full_n = row_u64(row, "bytes"),
	};
	arena_init(&work, NULL, 0, 0);
	trace_view_of(ret->bytes, &work, &ret->view);
	arena_fini(&work);
}

static bool make_room(struct tracing *t)
{
	size_t cap = t->cap ? 2 * t->cap : 64;
	struct trace_message *list;

	if (t->n < t->cap)
		return true;
	list = xrealloc(t->list, cap * sizeof(*list));
	if (!list) {
		t->no_memory = true;
		return false;
	}
	t->list = list;
	t->cap = cap;
	return true;
}

static void print_title(struct tracing *t)
{
	char time[TIME_BYTES];

	buf_fmt(&t->out, "Call-ID  ");
	for (size_t i = 0; i < t->call_id.n; i++)
		buf_putc(&t->out, (unsigned char)t->call_id.p[i] < ' ' ? '?' : t->call_id.p[i]);
	buf_fmt(&t->out, "\nbegan    %s", local_time(t->list[0].at_us, time));
	if (!t->follow)
		buf_fmt(&t->out, ", %zu messages, %zu retransmissions", t->n, t->repeated);
	buf_fmt(&t->out, "\n\n");
}

/* What the trace has cut is no message any more.  That digests are masked changes the length too. */
static bool is_whole(const struct trace_message *m)
{
	return m->full_n <= TRACE_MESSAGE_MAX;
}

static void put_findings(struct buf *b, const struct trace_message *m)
{
	if (is_whole(m))
		lint_put_members(b, m->bytes);
}

static void put_json(struct tracing *t, const struct trace_message *m)
{
	trace_put_json(&t->out, m, t->bodies, t->lint ? put_findings : NULL);
}

static void put_lint(struct tracing *t, const struct trace_message *m)
{
	if (t->lint && !t->json && !t->raw && is_whole(m))
		lint_put_lines(&t->out, m->bytes);
}

static void print(struct tracing *t, const struct trace_message *m)
{
	if (t->json) {
		put_json(t, m);
		buf_putc(&t->out, '\n');
	} else if (t->raw) {
		ladder_put_text(&t->ladder, m, 0, &t->out);
	} else {
		ladder_put(&t->ladder, m, &t->out);
		put_lint(t, m);
	}
}

/* Of all calls: who they are of stands above, where it changes. */
static void print_line(struct tracing *t, const struct trace_message *m)
{
	static const struct trace_view none;

	if (t->json || t->raw) {
		print(t, m);
		return;
	}
	if (!str_eq(t->call_id, m->view.call_id)) {
		str_free(&t->call_id);
		if (str_dup(m->view.call_id, &t->call_id))
			t->call_id = none.call_id;
		buf_fmt(&t->out, "\nCall-ID  %.*s\n", STR_ARG(t->call_id));
	}
	ladder_know(&t->ladder, m);
	ladder_put_line(&t->ladder, m, &t->out);
	put_lint(t, m);
}

static void on_live(struct tracing *t, const struct trace_message *m)
{
	bool head = ladder_know(&t->ladder, m);

	if (!t->json && !t->raw && head)
		ladder_put_head(&t->ladder, &t->out);
	print(t, m);
}

static void on_row(void *ctx, const json_t *row)
{
	struct tracing *t = ctx;
	json_t *after = json_object_get(row, "after");
	struct trace_message m, *at;
	size_t n = t->n;

	if (after) {
		json_decref(t->after);
		t->after = json_incref(after);
		return;
	}
	if (!make_room(t))
		return;
	read_message(t, row, &m);
	at = trace_fold(t->list, &t->n, &m);
	t->repeated += t->n == n;
	if (!t->args->n_operands) {
		t->n = 0;
		print_line(t, &m);
		arena_reset(&t->arena);
	} else if (t->follow) {
		if (t->n == 1 && at->count == 1 && !t->json && !t->raw) {
			str_dup(m.view.call_id, &t->call_id);
			print_title(t);
		}
		on_live(t, at);
	}
}

static json_t *question(const struct tracing *t)
{
	const struct args *a = t->args;
	const char *user = args_value(a, "--user");
	/* Once it was found, the whole of it. */
	const struct str *id = t->n ? &t->list[0].view.call_id : NULL;
	json_t *q = json_pack("{s:s}", "cmd", "trace");

	if (a->n_operands)
		json_object_set_new(q, "call_id",
				    id ? json_stringn(id->p, id->n) : json_string(a->operand[0]));
	else if (t->follow)
		json_object_set_new(q, "follow", json_true());
	if (user)
		json_object_set_new(q, "user", json_string(user));
	if (t->after)
		json_object_set(q, "after", t->after);
	return q;
}

/* The whole call at once, when all is known that it takes to draw it. */
static void print_all(struct tracing *t)
{
	if (t->json) {
		for (size_t i = 0; i < t->n; i++) {
			buf_fmt(&t->out, "%s\n  ", i ? "," : "[");
			put_json(t, &t->list[i]);
		}
		buf_fmt(&t->out, "\n]\n");
		return;
	}
	for (size_t i = 0; i < t->n; i++)
		ladder_know(&t->ladder, &t->list[i]);
	if (!t->raw) {
		str_dup(t->list[0].view.call_id, &t->call_id);
		print_title(t);
		ladder_put_head(&t->ladder, &t->out);
	}
	for (size_t i = 0; i < t->n; i++)
		print(t, &t->list[i]);
}

static int trace(struct tracing *t)
{
	int code;

	do {
		code = ask_server_rows(t->args, question(t), on_row, t);
		if (code == CLI_DONE && !t->follow && t->n)
			print_all(t);
		flush(t);
		if (code == CLI_DONE && t->no_memory) {
			out_error("no memory");
			code = CLI_FAILED;
		}
		if (fflush(stdout) || code != CLI_DONE)
			break;
		if (t->follow)
			poll(NULL, 0, POLL_MS);
	} while (t->follow);
	return code;
}

static int run_messages(const struct args *a)
{
	struct tracing t = {
		.args = a,
		.out = buf_heap(TEXT_MAX_BYTES),
		.json = args_has(a, "--json"),
		.raw = args_has(a, "--raw"),
		.bodies = args_has(a, "--bodies"),
		.follow = args_has(a, "--follow"),
		.lint = args_has(a, "--lint"),
	};
	const struct ladder_style style = {
		.columns = columns(), .utf8 = is_utf8(), .bodies = t.bodies, .live = t.follow};
	int code;

	arena_init(&t.arena, NULL, 0, TEXT_MAX_BYTES);
	ladder_init(&t.ladder, &style);
	code = trace(&t);
	json_decref(t.after);
	str_free(&t.call_id);
	buf_free(&t.out);
	xfree(t.list);
	arena_fini(&t.arena);
	return code;
}

static int run(const struct args *a)
{
	const char *user = args_value(a, "--user");
	uint64_t last = 20;
	json_t *q;

	if (!args_number(a, "--last", 1, 1000000, &last))
		return CLI_USAGE;
	if (a->n_operands && !a->operand[0][0]) {
		out_error("the Call-ID is empty");
		return CLI_USAGE;
	}
	if (a->n_operands || args_has(a, "--follow"))
		return run_messages(a);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const of_messages[] = {"--raw", "--bodies", "--lint"};

		if (args_has(a, of_messages[i])) {
			out_error("%s needs a CALL-ID or --follow", of_messages[i]);
			return CLI_USAGE;
		}
	}
	q = json_pack("{s:s, s:I}", "cmd", "trace", "last", (json_int_t)last);
	if (user)
		json_object_set_new(q, "user", json_string(user));
	return list_calls(a, q);
}

static const struct cli_option options[] = {
	{"--last", 0, "N", "list so many calls; default: 20"},
	{"--user", 0, "TEXT", "only those with the text in From, To or the Request-URI"},
	{"--bodies", 0, 0, "the whole messages too, beneath their arrows"},
	{"--raw", 0, 0, "nothing but the messages"},
	{"--lint", 0, 0, "what each message breaks, by RFC and section, beneath its arrow"},
	{"--follow", 0, 0, "go on with what comes; without CALL-ID of all calls, from now on"},
	OPTION_CONFIG,
	OPTION_JSON,
	{0},
};

const struct command cmd_trace = {
	.name = "trace",
	.operands = "[CALL-ID]",
	.max_operands = 1,
	.options = options,
	.summary = "the last calls, message by message",
	.about =
		"Without CALL-ID lists the calls, registrations and other requests of which the "
		"running server has messages, the latest first. With CALL-ID, or how it begins, "
		"draws the messages between the parties: when, who to whom, what, how often it was "
		"repeated, where the media go.\n\n"
		"The server keeps the last messages in memory, as trace.memory of the "
		"configuration "
		"bounds it; of long ones the first 8 KiB. The digests by which passwords could be "
		"guessed are never shown.\n\n"
		"The width is that of the terminal, or COLUMNS. With --json each message has time, "
		"direction, transport, from, to, start_line, call_id, cseq, retransmissions, and "
		"with "
		"--bodies message, with --lint findings and verdict; --follow prints one object a "
		"line.",
	.examples = "  tsuwa trace\n"
		    "  tsuwa trace --user alice --last 5\n"
		    "  tsuwa trace 8f14e45f --bodies\n"
		    "  tsuwa trace 8f14e45f --lint\n",
	.run = run,
};
