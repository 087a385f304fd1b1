/* cli/ask.h - asking the running server of a configuration, for commands that list or report. */
#ifndef TSUWA_CLI_ASK_H
#define TSUWA_CLI_ASK_H

#include <jansson.h>

#include "cli/args.h"

/* Sends request (taken) to the server that runs on the configuration of --config.  Each row goes to
 * row(), the last line not; with --json they are printed as they come instead, as an array (single:
 * one object alone).  The exit code; what went wrong was said. */
int ask_server(const struct args *a, json_t *request, bool single,
	       void (*row)(void *ctx, const json_t *line), void *ctx);

/* The same for commands that print JSON of their own: all rows go to row(). */
int ask_server_rows(const struct args *a, json_t *request,
		    void (*row)(void *ctx, const json_t *line), void *ctx);

/* Members of a row; a text or a number as text in room (32), "" when there is none. */
const char *row_text(const json_t *line, const char *key);
const char *row_number(const json_t *line, const char *key, char room[32]);
uint64_t row_u64(const json_t *line, const char *key);

#endif
