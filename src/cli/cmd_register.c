/* tsuwa register */
#include "cli/commands.h"
#include "cli/out.h"
#include "cli/ua_args.h"

static int run(const struct args *a)
{
	struct ua_register_wish wish = {.remove = args_has(a, "--remove"),
					.once = args_has(a, "--once")};
	struct tsuwa_account *account;
	struct ua_conf conf;
	uint64_t expires = 3600;
	int code;

	if (!args_number(a, "--expires", 1, UINT32_MAX, &expires))
		return CLI_USAGE;
	if (!ua_args(a, true, &account, &conf))
		return CLI_USAGE;
	wish.expires_s = (uint32_t)expires;
	if (!tsuwa_account_user(account).n) {
		out_error("who? give --account FILE or --user USER@DOMAIN");
		tsuwa_account_free(&account);
		return CLI_USAGE;
	}
	code = ua_register(&conf, &wish);
	tsuwa_account_free(&account);
	return code;
}

static const struct cli_option options[] = {
	{"--expires", 0, "SECONDS", "for how long; default: 3600"},
	{"--once", 0, NULL, "register, print what stands there, and leave it standing"},
	{"--remove", 0, NULL, "take all contacts of the account away"},
	OPTIONS_UA,
	{0},
};

const struct command cmd_register = {
	.name = "register",
	.operands = "",
	.options = options,
	.summary = "register a contact and keep it, until Ctrl-C",
	.about = "Registers this host as a contact of the account, prints the contacts that the "
		 "registrar has, and refreshes in time. Ctrl-C takes the contact away again.",
	.examples = "  tsuwa register --account alice.account --once\n"
		    "  tsuwa register --user alice@example.com --proxy 192.0.2.1:5060\n",
	.run = run,
};
