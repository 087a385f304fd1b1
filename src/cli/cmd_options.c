/* tsuwa options */
#include "cli/commands.h"
#include "cli/ua_args.h"

static int run(const struct args *a)
{
	struct tsuwa_account *account;
	struct ua_conf conf;
	char uri[400];
	int code = CLI_USAGE;

	if (!ua_args(a, args_has(a, "--password-stdin"), &account, &conf))
		return CLI_USAGE;
	if (ua_args_uri(a, account, uri, sizeof(uri))) {
		conf.target = uri;
		code = ua_options(&conf, uri);
	}
	tsuwa_account_free(&account);
	return code;
}

static const struct cli_option options[] = {OPTIONS_UA, {0}};

const struct command cmd_options = {
	.name = "options",
	.operands = "URI",
	.options = options,
	.summary = "ask a server or phone what it can do, and whether it lives",
	.about = "Sends OPTIONS (RFC 3261 s11) and prints the answer: status, time, Allow, "
		 "Supported, "
		 "Server. The exit code is 0 on a 2xx.",
	.examples = "  tsuwa options sip:127.0.0.1:5060\n",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
