/* tsuwa registrations [AOR]: who is registered, from where, for how long; registrations remove. */
#include <stdio.h>
#include <string.h>

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

static int list(const struct args *a)
{
	struct out_table t;
	json_t *request = json_pack("{s:s, s:s*}", "cmd", "registrations", "aor",
				    a->n_operands ? a->operand[0] : NULL);
	int code;

	if (!request) {
		out_error("addresses must be UTF-8");
		return CLI_USAGE;
	}
	out_table_init(&t, (const char *[]){"USER", "CONTACT", "FROM", "EXPIRES IN", "Q",
					    "USER AGENT", NULL});
	code = ask_server(a, request, false, on_row, &t);
	if (code == CLI_DONE && !args_has(a, "--json"))
		out_table_end(&t);
	buf_free(&t.cells);
	return code;
}

/* ---- remove ---- */

static void on_removed(void *ctx, const json_t *line)
{
	char contact[512];
	struct buf b = buf_over(contact, sizeof(contact));

	/* A device chose it: nothing of it may reach the terminal as a command. */
	for (const char *c = row_text(line, "contact"); *c && b.n < sizeof(contact) - 1; c++)
		buf_putc(&b, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
	printf("removed %s of %s\n", buf_c(&b), row_text(line, "aor"));
}

static int remove_some(const struct args *a)
{
	json_t *request;

	if (a->n_operands < 2) {
		out_error("\"tsuwa registrations remove\" needs USER@DOMAIN");
		out_error("see \"tsuwa help registrations\"");
		return CLI_USAGE;
	}
	request = json_pack("{s:s, s:s, s:s*}", "cmd", "registrations-remove", "aor", a->operand[1],
			    "contact", a->n_operands > 2 ? a->operand[2] : NULL);
	if (!request) {
		out_error("addresses must be UTF-8");
		return CLI_USAGE;
	}
	return ask_server(a, request, false, on_removed, NULL);
}

static int run(const struct args *a)
{
	if (a->n_operands && !strcmp(a->operand[0], "remove"))
		return remove_some(a);
	if (a->n_operands <= 1)
		return list(a);
	out_error("\"%s\" is one word too many for \"tsuwa registrations %s\"", a->operand[1],
		  a->operand[0]);
	out_error("see \"tsuwa help registrations\"");
	return CLI_USAGE;
}

static const struct cli_option options[] = {OPTION_CONFIG, OPTION_JSON, {0}};

const struct command cmd_registrations = {
	.name = "registrations",
	.operands = "[USER@DOMAIN] | remove USER@DOMAIN [CONTACT]",
	.max_operands = 3,
	.options = options,
	.summary = "who is registered at the running server",
	.about =
		"Lists the registered devices of all users or of one: contact, where the "
		"registration came from, how long it lasts.\n\n"
		"remove takes all devices of a user away, or the one with this contact, and prints "
		"what it took. It is durable when the command ends. A device that is still there "
		"comes back when it registers again; to keep it out change its user's password.",
	.examples = "  tsuwa registrations\n"
		    "  tsuwa registrations alice@example.com --json\n"
		    "  tsuwa registrations remove alice@example.com sip:alice@192.0.2.7:5060\n",
	.run = run,
};
