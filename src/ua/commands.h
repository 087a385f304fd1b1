/* ua/commands.h - what the command line asks of the user agent: one function a command, its
 * wishes in a struct.  Each returns the exit code; what went wrong was said. */
#ifndef TSUWA_UA_COMMANDS_H
#define TSUWA_UA_COMMANDS_H

#include "ua/ua.h"

struct ua_register_wish {
	uint32_t expires_s; /* 3600 */
	bool remove; /* all contacts of the account */
	bool once; /* register, say so, and leave it standing */
};
int ua_register(const struct ua_conf *conf, const struct ua_register_wish *wish);

struct ua_call_wish {
	const char *uri; /* complete */
	const char *play, *record; /* WAV files, or NULL */
	const char *digits; /* DTMF, or NULL */
	uint64_t duration_ms; /* 0: none */
	const char *codec; /* the only one, or NULL */
};
int ua_call(const struct ua_conf *conf, const struct ua_call_wish *wish);

struct ua_answer_wish {
	const char *play, *record;
	unsigned reject; /* status, 0: answer */
	uint64_t ring_ms, duration_ms;
	uint64_t calls; /* ends after so many; 0: never */
	unsigned max; /* at once; 1 */
	bool echo;
	const char *codec; /* the only one, or NULL */
};
int ua_answer(const struct ua_conf *conf, const struct ua_answer_wish *wish);

int ua_message(const struct ua_conf *conf, const char *uri, const char *text);
int ua_options(const struct ua_conf *conf, const char *uri);

#endif
