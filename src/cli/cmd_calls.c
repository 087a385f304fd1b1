/* tsuwa calls: the calls that go through the running server. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/out.h"

static void on_row(void *ctx, const json_t *line)
{
	char duration[32];

	out_table_row(ctx, (const char *[]){row_text(line, "from"), row_text(line, "to"),
					    row_text(line, "state"),
					    out_duration(row_u64(line, "duration_s"), duration),
					    row_text(line, "call_id")});
}

static int run(const struct args *a)
{
	struct out_table t;
	int code;

	out_table_init(&t, (const char *[]){"FROM", "TO", "STATE", "FOR", "CALL-ID", NULL});
	code = ask_server(a, json_pack("{s:s}", "cmd", "calls"), false, on_row, &t);
	if (code == CLI_DONE && !args_has(a, "--json"))
		out_table_end(&t);
	buf_free(&t.cells);
	return code;
}

static const struct cli_option options[] = {OPTION_CONFIG, OPTION_JSON, {0}};

const struct command cmd_calls = {
	.name = "calls",
	.operands = "",
	.options = options,
	.summary = "the calls of the running server",
	.about = "Lists the calls that the running server has forwarded and not seen end.",
	.run = run,
};
