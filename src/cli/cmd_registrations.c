/* tsuwa registrations [AOR]: who is registered, from where, for how long. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/out.h"

static void on_row(void *ctx, const json_t *line)
{
	char source[160], q[32], expires[32];

	snprintf(source, sizeof(source), "%s %s%s", row_text(line, "transport"),
		 row_text(line, "source"),
		 json_is_true(json_object_get(line, "reachable")) ? "" : " (gone)");
	out_table_row(ctx,
		      (const char *[]){row_text(line, "aor"), row_text(line, "contact"), source,
				       out_duration(row_u64(line, "expires_s"), expires),
				       row_number(line, "q", q), row_text(line, "user_agent")});
}

static int run(const struct args *a)
{
	struct out_table t;
	json_t *request = json_pack("{s:s}", "cmd", "registrations");
	int code;

	if (a->n_operands)
		json_object_set_new(request, "aor", json_string(a->operand[0]));
	out_table_init(&t, (const char *[]){"USER", "CONTACT", "FROM", "EXPIRES IN", "Q",
					    "USER AGENT", NULL});
	code = ask_server(a, request, false, on_row, &t);
	if (code == CLI_DONE && !args_has(a, "--json"))
		out_table_end(&t);
	buf_free(&t.cells);
	return code;
}

static const struct cli_option options[] = {OPTION_CONFIG, OPTION_JSON, {0}};

const struct command cmd_registrations = {
	.name = "registrations",
	.operands = "[USER@DOMAIN]",
	.max_operands = 1,
	.options = options,
	.summary = "who is registered at the running server",
	.about = "Lists the registered devices of all users or of one: contact, where the "
		 "registration came from, how long it lasts.",
	.run = run,
};
