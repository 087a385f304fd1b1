/* tsuwa answer */
#include "cli/commands.h"
#include "cli/out.h"
#include "cli/ua_args.h"

static bool wish_of(const struct args *a, struct ua_answer_wish *w)
{
	uint64_t reject = 0, max = 1;

	w->play = args_value(a, "--play");
	w->record = args_value(a, "--record");
	w->echo = args_has(a, "--echo");
	if (!args_number(a, "--reject", 300, 699, &reject) ||
	    !args_number(a, "--max", 1, 1000, &max) ||
	    !args_number(a, "--calls", 1, UINT32_MAX, &w->calls) ||
	    !args_duration_ms(a, "--ring", &w->ring_ms) ||
	    !args_duration_ms(a, "--duration", &w->duration_ms) || !ua_args_codec(a, &w->codec))
		return false;
	w->reject = (unsigned)reject;
	w->max = (unsigned)max;
	if (!w->echo || !w->play)
		return true;
	out_error("--echo and --play exclude each other");
	return false;
}

static int run(const struct args *a)
{
	struct ua_answer_wish wish = {0};
	struct tsuwa_account *account;
	struct ua_conf conf;
	int code;

	if (!wish_of(a, &wish) || !ua_args(a, true, &account, &conf))
		return CLI_USAGE;
	code = ua_answer(&conf, &wish);
	tsuwa_account_free(&account);
	return code;
}

static const struct cli_option options[] = {
	{"--play", 0, "FILE.wav", "play it to each caller"},
	{"--record", 0, "FILE.wav",
	 "record what is heard; further calls get FILE-2.wav, FILE-3.wav..."},
	{"--echo", 0, NULL, "send back what is heard"},
	{"--ring", 0, "TIME", "ring so long before answering"},
	{"--reject", 0, "STATUS", "refuse every call with it: 486, 603..."},
	{"--duration", 0, "TIME", "hang up so long after the answer"},
	{"--calls", 0, "N", "end after so many calls"},
	{"--max", 0, "N", "calls at once, others get 486; default: 1"},
	{"--codec", 0, "NAME", "pcmu or pcma; default: as the caller prefers"},
	OPTIONS_UA,
	{0},
};

const struct command cmd_answer = {
	.name = "answer",
	.operands = "",
	.options = options,
	.summary = "register and answer calls",
	.about = "Registers the account and answers the calls and messages that come. Without an "
		 "account "
		 "it answers whoever calls the address of --listen. Prints \"ready ...\" when "
		 "calls can "
		 "come. Ctrl-C hangs up and unregisters.",
	.examples = "  tsuwa answer --account bob.account --record heard.wav\n"
		    "  tsuwa answer --listen 127.0.0.1:5070 --echo --max 10\n",
	.run = run,
};
