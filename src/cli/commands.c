#include "cli/commands.h"

#include <stddef.h>
#include <string.h>

const struct command *const cli_commands[] = {
	&cmd_init,    &cmd_serve, &cmd_check,    &cmd_user, &cmd_status, &cmd_registrations,
	&cmd_calls,   &cmd_trace, &cmd_register, &cmd_call, &cmd_answer, &cmd_message,
	&cmd_options, &cmd_load,  &cmd_lint,     &cmd_help, NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = cli_commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}
