/* tsuwa COMMAND ...: finds the command, sorts its words, runs it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/out.h"

static int unknown_command(const char *name)
{
	const char *names[64];
	unsigned n = 0;

	for (const struct command *const *c = cli_commands; *c && n < 63; c++)
		names[n++] = (*c)->name;
	names[n] = NULL;
	out_unknown(name[0] == '-' ? "option" : "command", name, names);
	out_error("see \"tsuwa help\"");
	return CLI_USAGE;
}

static int run(const struct command *c, int argc, char **argv)
{
	struct args a;

	if (!args_parse(c, argc, argv, &a))
		return CLI_USAGE;
	if (a.help) {
		command_help(c);
		return CLI_DONE;
	}
	return c->run(&a);
}

/* What was printed must have arrived. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	out_error("can't write to standard output: %s", strerror(errno));
	return code ? code : CLI_FAILED;
}

int main(int argc, char **argv)
{
	const struct command *c;

	json_set_alloc_funcs(xmalloc, xfree);
	if (argc < 2) {
		run(&cmd_help, 0, NULL);
		return finish(CLI_USAGE);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("tsuwa %s\n", TSUWA_VERSION);
		return finish(CLI_DONE);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return finish(run(&cmd_help, argc - 2, argv + 2));
	c = command_find(argv[1]);
	return c ? finish(run(c, argc - 2, argv + 2)) : unknown_command(argv[1]);
}
