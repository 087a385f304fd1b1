/* cli/args.h - the words of a command line, sorted by the command's table of options:
 * "--name value", "--name=value", "-c value", "-cvalue", "--" ends the options.
 * Later ones of a name win; args_all() gives them all. */
#ifndef TSUWA_CLI_ARGS_H
#define TSUWA_CLI_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"

#define ARGS_MAX 256

struct args {
	const struct command *command;
	const char *operand[ARGS_MAX];
	unsigned n_operands;
	struct {
		const struct cli_option *option;
		const char *value;
	} given[ARGS_MAX];
	unsigned n_given;
	bool help; /* --help or -h stood there */
};

/* argv without the program's and the command's name; its words are borrowed.  False: what is
 * wrong was said on standard error. */
bool args_parse(const struct command *c, int argc, char **argv, struct args *ret);

/* The last value of an option, or NULL when it was not given. */
const char *args_value(const struct args *a, const char *name);
bool args_has(const struct args *a, const char *name);
/* The i-th value of an option that may stand several times, or NULL. */
const char *args_all(const struct args *a, const char *name, unsigned i);
/* A whole number between min and max; ret is untouched when the option is not given.
 * False: what is wrong was said. */
bool args_number(const struct args *a, const char *name, uint64_t min, uint64_t max, uint64_t *ret);
/* A time: "500ms", "10s", "5m", "2h", a bare number is seconds. */
bool args_duration_ms(const struct args *a, const char *name, uint64_t *ret);

#endif
