/* cli/commands.h - every subcommand, each in its own file. */
#ifndef TSUWA_CLI_COMMANDS_H
#define TSUWA_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command cmd_help;
extern const struct command cmd_init;
extern const struct command cmd_serve;
extern const struct command cmd_check;
extern const struct command cmd_user;
extern const struct command cmd_status;
extern const struct command cmd_registrations;
extern const struct command cmd_calls;
extern const struct command cmd_trace;
extern const struct command cmd_register;
extern const struct command cmd_call;
extern const struct command cmd_answer;
extern const struct command cmd_message;
extern const struct command cmd_options;
extern const struct command cmd_lint;
extern const struct command cmd_load;

#endif
