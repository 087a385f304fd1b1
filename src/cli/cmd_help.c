/* tsuwa help [COMMAND | config], and the manual pages, which are printed from the same tables. */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/out.h"
#include "server/config.h"

#define TEXT_MAX (1u << 20)

static const char exit_codes[] =
	"0: done. 1: failed as asked, for example a call that was rejected or a check that found "
	"errors. 2: wrong usage or configuration.";

static const char *option_words(const struct cli_option *o, char *room, size_t size)
{
	char letter[8] = "";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(room, size, "%s%s%s%s", letter, o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	return room;
}

static void put_options(const struct command *c)
{
	char room[128];

	printf("\nOptions:\n");
	for (const struct cli_option *o = c->options; o && o->name; o++) {
		printf("  %s\n", option_words(o, room, sizeof(room)));
		out_wrapped(o->doc, 6);
	}
}

void command_help(const struct command *c)
{
	printf("Usage: tsuwa %s%s%s%s\n\n", c->name,
	       c->options && c->options->name ? " [OPTIONS]" : "", c->operands[0] ? " " : "",
	       c->operands);
	out_wrapped(c->about, 0);
	if (c->options && c->options->name)
		put_options(c);
	if (c->examples)
		printf("\nExamples:\n%s", c->examples);
}

static void put_overview(void)
{
	printf("Tsuwa %s: a SIP server and user agent\n\nUsage: tsuwa COMMAND ...\n\n",
	       TSUWA_VERSION);
	for (const struct command *const *c = cli_commands; *c; c++)
		printf("  %-14s %s\n", (*c)->name, (*c)->summary);
	printf("\nBegin with \"tsuwa init\". \"tsuwa help COMMAND\" tells more, \"tsuwa help "
	       "config\" "
	       "explains tsuwa.yaml.\n");
}

/* ---- the manual page ---- */

static void put_roff(const char *text)
{
	bool begin = true;

	for (const char *p = text; *p; p++) {
		if (begin && (*p == '.' || *p == '\''))
			fputs("\\&", stdout);
		if (*p == '\\')
			fputs("\\e", stdout);
		else if (*p == '-')
			fputs("\\-", stdout);
		else if (*p == '\n' && p[1] == '\n')
			fputs("\n.PP", stdout);
		else
			putchar(*p);
		begin = *p == '\n';
	}
}

static void put_command_roff(const struct command *c)
{
	char room[128];

	printf(".SS tsuwa %s", c->name);
	printf("%s ", c->options && c->options->name ? " [OPTIONS]" : "");
	put_roff(c->operands);
	printf("\n");
	put_roff(c->about);
	printf("\n");
	for (const struct cli_option *o = c->options; o && o->name; o++) {
		printf(".TP\n.B ");
		put_roff(option_words(o, room, sizeof(room)));
		printf("\n");
		put_roff(o->doc);
		printf("\n");
	}
	if (c->examples) {
		printf(".PP\n.EX\n");
		put_roff(c->examples);
		printf(".EE\n");
	}
}

static void put_man(void)
{
	printf(".\\\" Printed by \"tsuwa help --man\".\n"
	       ".TH TSUWA 1 \"\" \"Tsuwa\" \"User commands\"\n"
	       ".SH NAME\ntsuwa \\- SIP server and user agent\n"
	       ".SH SYNOPSIS\n.B tsuwa\n.I COMMAND\n[OPTIONS] ...\n"
	       ".SH DESCRIPTION\nOne program that is a registrar, proxy and location service, and "
	       "a "
	       "user agent for the\ncommand line. Begin with\n.BR \"tsuwa init\" .\n.SH "
	       "COMMANDS\n");
	for (const struct command *const *c = cli_commands; *c; c++)
		put_command_roff(*c);
	printf(".SH EXIT STATUS\n");
	put_roff(exit_codes);
	printf("\n.SH ENVIRONMENT\n.TP\n.B TSUWA_PASSWORD\nA password, where one is asked for.\n"
	       ".TP\n.B NOTIFY_SOCKET\nWhere\n.B tsuwa serve\ntells systemd that it is ready.\n"
	       ".SH SEE ALSO\n.BR tsuwa.yaml (5)\n");
}

static int put_config(bool man)
{
	struct buf b = buf_heap(TEXT_MAX);
	bool failed;

	if (man)
		config_put_man(&b);
	else
		config_put_reference(&b);
	failed = b.failed;
	if (!failed)
		fwrite(b.p, 1, b.n, stdout);
	buf_free(&b);
	return failed ? CLI_FAILED : CLI_DONE;
}

static int put_unknown(const char *name)
{
	const char *names[64];
	unsigned n = 0;

	for (const struct command *const *c = cli_commands; *c && n < 62; c++)
		names[n++] = (*c)->name;
	names[n++] = "config";
	names[n] = NULL;
	out_unknown("command", name, names);
	return CLI_USAGE;
}

static int run(const struct args *a)
{
	const struct command *c;

	if (a->n_operands == 0) {
		if (args_has(a, "--man"))
			put_man();
		else
			put_overview();
		return CLI_DONE;
	}
	if (!strcmp(a->operand[0], "config"))
		return put_config(args_has(a, "--man"));
	c = command_find(a->operand[0]);
	if (!c)
		return put_unknown(a->operand[0]);
	command_help(c);
	return CLI_DONE;
}

static const struct cli_option options[] = {
	{"--man", 0, NULL, "print the manual page: tsuwa(1), or with \"config\" tsuwa.yaml(5)"},
	{0},
};

const struct command cmd_help = {
	.name = "help",
	.operands = "[COMMAND | config]",
	.max_operands = 1,
	.options = options,
	.summary = "what a command does, or every key of tsuwa.yaml",
	.about = "Tells what there is to do, what a command does, or explains every key of "
		 "tsuwa.yaml.",
	.run = run,
};
