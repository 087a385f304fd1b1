/* tsuwa message */
#include "cli/commands.h"
#include "cli/ua_args.h"

static int run(const struct args *a)
{
	struct tsuwa_account *account;
	struct ua_conf conf;
	char uri[400];
	int code = CLI_USAGE;

	if (!ua_args(a, true, &account, &conf))
		return CLI_USAGE;
	if (ua_args_uri(a, account, uri, sizeof(uri))) {
		conf.target = uri;
		code = ua_message(&conf, uri, a->operand[1]);
	}
	tsuwa_account_free(&account);
	return code;
}

static const struct cli_option options[] = {OPTIONS_UA, {0}};

const struct command cmd_message = {
	.name = "message",
	.operands = "URI TEXT",
	.options = options,
	.summary = "send a text to somebody",
	.about = "Sends a MESSAGE (RFC 3428) and prints the answer and how long it took.",
	.examples = "  tsuwa message bob 'lunch?' --account alice.account\n",
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
