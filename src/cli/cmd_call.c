/* tsuwa call */
#include "cli/commands.h"
#include "cli/out.h"
#include "cli/ua_args.h"

static bool digits_are_good(const char *digits)
{
	if (!digits)
		return true;
	if (strlen(digits) <= TSUWA_DIGITS_MAX &&
	    strspn(digits, "0123456789*#ABCD,") == strlen(digits))
		return true;
	out_error("--dtmf: up to %d of 0-9 * # A-D and ',' for a pause", TSUWA_DIGITS_MAX);
	return false;
}

static bool wish_of(const struct args *a, struct ua_call_wish *w)
{
	w->play = args_value(a, "--play");
	w->record = args_value(a, "--record");
	w->digits = args_value(a, "--dtmf");
	return digits_are_good(w->digits) && args_duration_ms(a, "--duration", &w->duration_ms) &&
	       ua_args_codec(a, &w->codec);
}

static int run(const struct args *a)
{
	struct ua_call_wish wish = {0};
	struct tsuwa_account *account;
	struct ua_conf conf;
	char uri[400];
	int code = CLI_USAGE;

	if (!wish_of(a, &wish) || !ua_args(a, true, &account, &conf))
		return CLI_USAGE;
	if (ua_args_uri(a, account, uri, sizeof(uri))) {
		wish.uri = conf.target = uri;
		code = ua_call(&conf, &wish);
	}
	tsuwa_account_free(&account);
	return code;
}

static const struct cli_option options[] = {
	{"--play", 0, "FILE.wav",
	 "play it; hang up a second after its end unless --duration is given"},
	{"--record", 0, "FILE.wav", "record what is heard, early media too"},
	{"--dtmf", 0, "DIGITS",
	 "press these after the answer: 0-9 * # A-D, ',' waits half a second"},
	{"--duration", 0, "TIME", "hang up so long after the answer: 10s, 500ms, 2m"},
	{"--codec", 0, "NAME", "pcmu or pcma; default: both are offered"},
	OPTIONS_UA,
	{0},
};

const struct command cmd_call = {
	.name = "call",
	.operands = "URI",
	.options = options,
	.summary = "call somebody, play, record, and tell how good it was",
	.about =
		"Calls a SIP address; \"bob\" alone means bob at the account's domain. Prints what "
		"happens as it happens, and in the end the codec, packets, loss, jitter and round "
		"trip "
		"time. Ctrl-C hangs up.\n\n"
		"The exit code is 0 when the call was answered and ended well, 1 when it was not.",
	.examples = "  tsuwa call echo --account alice.account --play hello.wav --record echo.wav\n"
		    "  tsuwa call sip:bob@192.0.2.7 --duration 10s --json\n",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
