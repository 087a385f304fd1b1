/* cli/command.h - what a subcommand is: its place in the help, its options and what runs it.
 * A file per subcommand, cmd_NAME.c, defines one `const struct command cmd_NAME`; commands.c
 * has the table.  Exit codes: 0 done, 1 failed as asked, 2 wrong usage or configuration. */
#ifndef TSUWA_CLI_COMMAND_H
#define TSUWA_CLI_COMMAND_H

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct args;

/* Tables of these end with a NULL name. */
struct cli_option {
	const char *name; /* "--domain" */
	char letter; /* 'c' for "-c", or 0 */
	const char *value; /* "FILE" when it takes one, NULL: a flag */
	const char *doc; /* one line; longer text wraps */
};

struct command {
	const char *name;
	const char *operands; /* "[DIR]", "" */
	const char *summary; /* one line of `tsuwa help` */
	const char *about; /* paragraphs of `tsuwa help NAME`, parted by blank lines; lines wrap */
	const char *examples; /* printed as they stand, or NULL */
	const struct cli_option *options;
	unsigned min_operands, max_operands;
	/* Returns the exit code. */
	int (*run)(const struct args *a);
};

/* Options that several commands share, for their tables. */
#define OPTION_CONFIG                                                                              \
	{                                                                                          \
		"--config", 'c', "FILE", "the configuration; default: ./tsuwa.yaml"                \
	}
#define OPTION_JSON                                                                                \
	{                                                                                          \
		"--json", 0, 0, "print JSON instead of text"                                       \
	}

/* In the order of the help; ends with NULL. */
extern const struct command *const cli_commands[];

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);
/* What `tsuwa help NAME` prints. */
void command_help(const struct command *c);

#endif
