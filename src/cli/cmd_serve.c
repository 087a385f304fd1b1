/* tsuwa serve: the server, in the foreground. */
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/user_file.h"
#include "server/server.h"

static int run(const struct args *a)
{
	struct config *c = config_of(a);

	if (!c)
		return CLI_USAGE;
	return server_run(&c, args_value(a, "--config")) ? CLI_FAILED : CLI_DONE;
}

static const struct cli_option options[] = {OPTION_CONFIG, {0}};

const struct command cmd_serve = {
	.name = "serve",
	.operands = "",
	.options = options,
	.summary = "run the server",
	.about = "Runs in the foreground. Prints one line \"ready ...\" with its listeners when it "
		 "answers; the log goes to standard error. Without a configuration file the "
		 "defaults "
		 "of init apply, with the database ./tsuwa.db.\n\n"
		 "SIGHUP reads the configuration again; with mistakes in it the one before stays. "
		 "SIGTERM and SIGINT end it in order, a second one at once.",
	.run = run,
};
