#include "cli/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/client.h"
#include "admin/socket.h"
#include "cli/out.h"
#include "cli/user_file.h"

#define ANSWER_MS 10000

struct asking {
	bool json, single;
	void (*row)(void *ctx, const json_t *line);
	void *ctx;
	uint64_t n;
	bool ended, failed;
};

static void print_json(struct asking *a, struct str line)
{
	if (a->single)
		printf("%.*s\n", STR_ARG(line));
	else
		printf("%s\n  %.*s", a->n ? "," : "[", STR_ARG(line));
}

static void end_json(const struct asking *a)
{
	if (a->json && !a->single)
		printf("%s\n]\n", a->n ? "" : "[");
}

static bool on_line(void *ctx, struct str text)
{
	struct asking *a = ctx;
	json_error_t err;
	json_t *line = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &err);
	const char *error = json_string_value(json_object_get(line, "error"));

	a->ended = json_is_true(json_object_get(line, "end"));
	a->failed = !line || error;
	if (!line)
		out_error("the server's answer is not JSON: %s", err.text);
	else if (error)
		out_error("%s", error);
	else if (a->ended)
		end_json(a);
	else if (a->json)
		print_json(a, text);
	else
		a->row(a->ctx, line);
	a->n++;
	json_decref(line);
	return !a->ended && !a->failed;
}

static void say_failure(const struct config *c, const char *path, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		out_error("no server runs on this configuration (nobody answers at %s); start it "
			  "with: "
			  "tsuwa serve%s%s",
			  path, str_empty(c->path) ? "" : " -c ",
			  str_empty(c->path) ? "" : c->path.p);
	else if (err == -EACCES || err == -EPERM)
		out_error("%s may be used by the server's own user only", path);
	else if (err == -ETIMEDOUT)
		out_error("the server does not answer at %s", path);
	else
		out_error("asking the server at %s: %s", path, strerror(-err));
}

static int ask(const struct config *c, struct asking *a, const char *request)
{
	char path[CONTROL_PATH_MAX];
	int err = control_path(c->database.p, path) ? 0 : -ENAMETOOLONG;

	if (!err)
		err = control_ask(path, str_c(request), ANSWER_MS, on_line, a);
	if (!err && a->ended)
		return CLI_DONE;
	if (err)
		say_failure(c, path, err);
	return CLI_FAILED;
}

/* Takes request. */
static int ask_as(const struct args *args, json_t *request, struct asking *a)
{
	struct config *c = config_of(args);
	char *text = json_dumps(request, JSON_COMPACT);
	json_malloc_t get;
	json_free_t give;
	int code = CLI_USAGE;

	json_get_alloc_funcs(&get, &give);
	if (c)
		code = text ? ask(c, a, text) : CLI_FAILED;
	give(text);
	json_decref(request);
	config_free(&c);
	return code;
}

int ask_server(const struct args *args, json_t *request, bool single,
	       void (*row)(void *ctx, const json_t *line), void *ctx)
{
	struct asking a = {
		.json = args_has(args, "--json"), .single = single, .row = row, .ctx = ctx};

	return ask_as(args, request, &a);
}

int ask_server_rows(const struct args *args, json_t *request,
		    void (*row)(void *ctx, const json_t *line), void *ctx)
{
	struct asking a = {.row = row, .ctx = ctx};

	return ask_as(args, request, &a);
}

const char *row_text(const json_t *line, const char *key)
{
	const char *s = json_string_value(json_object_get(line, key));

	return s ? s : "";
}

uint64_t row_u64(const json_t *line, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(line, key));
}

const char *row_number(const json_t *line, const char *key, char room[32])
{
	const json_t *v = json_object_get(line, key);

	room[0] = '\0';
	if (json_is_integer(v))
		snprintf(room, 32, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(room, 32, "%.3g", json_real_value(v));
	return room;
}
