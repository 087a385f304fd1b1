/* cli/ua_args.h - options that the user agent's commands share: who, by which way, from where. */
#ifndef TSUWA_CLI_UA_ARGS_H
#define TSUWA_CLI_UA_ARGS_H

#include "cli/args.h"
#include "ua/commands.h"

#define OPTIONS_UA                                                                                 \
	{"--account", 0, "FILE",                                                                   \
	 "user, password, proxy and transport, as `tsuwa init` writes them"},                      \
		{"--user", 'u', "USER@DOMAIN", "who we are"},                                      \
		{"--password-stdin", 0, NULL,                                                      \
		 "read the password from standard input; else it is taken "                        \
		 "from TSUWA_PASSWORD, or asked for on a terminal"},                               \
		{"--proxy", 0, "HOST:PORT", "where all requests go first"},                        \
		{"--transport", 0, "NAME", "udp (default) or tcp"},                                \
		{"--listen", 0, "ADDRESS:PORT",                                                    \
		 "our own address; default: the one that leads to the proxy"},                     \
		{"--trace", 0, NULL, "show all messages on standard error"}, OPTION_JSON

/* Makes an account (which tsuwa_account_free() ends) and conf from the options.  password: ask for one
 * when there is a user and nothing else gave it.  False: what is wrong was said. */
bool ua_args(const struct args *a, bool password, struct tsuwa_account **ret_account,
	     struct ua_conf *conf);

/* The operand's URI, completed by the account, into room.  False: said. */
bool ua_args_uri(const struct args *a, const struct tsuwa_account *account, char *room,
		 size_t size);

/* --codec, NULL when it is not given; false: said. */
bool ua_args_codec(const struct args *a, const char **ret);

#endif
