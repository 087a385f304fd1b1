/* tsuwa status: what the running server is doing. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/out.h"

#define U(object, key) ((unsigned long long)row_u64(object, key))

static void print_identity(const json_t *s)
{
	char up[32];
	size_t i;
	const json_t *v;

	printf("version        %s, process %llu\n", row_text(s, "version"), U(s, "pid"));
	printf("up             %s, since %s\n", out_duration(row_u64(s, "uptime_s"), up),
	       row_text(s, "started"));
	printf("configuration  %s\n",
	       row_text(s, "config")[0] ? row_text(s, "config") : "defaults");
	printf("database       %s, %llu users\n", row_text(s, "database"), U(s, "users"));
	json_array_foreach(json_object_get(s, "domains"), i, v)
		printf("%s  %s\n", i ? "             " : "domains      ", json_string_value(v));
	json_array_foreach(json_object_get(s, "listeners"), i, v)
		printf("%s  %s %s as %s:%llu\n", i ? "             " : "listens      ",
		       row_text(v, "transport"), row_text(v, "address"), row_text(v, "host"),
		       U(v, "port"));
	printf("workers        %llu, memory %.1f MiB\n", U(s, "workers"),
	       (double)row_u64(s, "memory_bytes") / (1 << 20));
}

static void print_messages(const json_t *s)
{
	const json_t *m = json_object_get(s, "messages"), *a = json_object_get(m, "answered");

	printf("messages       %llu requests, %llu responses, %llu a second now\n",
	       U(m, "requests"), U(m, "responses"), U(m, "per_second"));
	printf("               %llu bad, %llu dropped, %llu stray responses\n", U(m, "bad"),
	       U(m, "dropped"), U(m, "stray_responses"));
	printf("answered       1xx %llu, 2xx %llu, 3xx %llu, 4xx %llu, 5xx %llu, 6xx %llu\n",
	       U(a, "1xx"), U(a, "2xx"), U(a, "3xx"), U(a, "4xx"), U(a, "5xx"), U(a, "6xx"));
}

static void print_work(const json_t *s)
{
	const json_t *r = json_object_get(s, "registrations"), *c = json_object_get(s, "calls");
	const json_t *t = json_object_get(s, "transactions"), *a = json_object_get(s, "auth");
	const json_t *n = json_object_get(s, "network");

	printf("registrations  %llu users, %llu contacts\n", U(r, "users"), U(r, "contacts"));
	printf("calls          %llu now, %llu of them echo; %llu answered, %llu failed, "
	       "%llu cancelled\n",
	       U(c, "now"), U(c, "echo"), U(c, "answered"), U(c, "failed"), U(c, "cancelled"));
	printf("transactions   %llu now, %llu timeouts, %llu retransmissions sent\n", U(t, "now"),
	       U(t, "timeouts"), U(t, "retransmits_out"));
	printf("authorized     %llu, challenged %llu, wrong password %llu, unknown user %llu, "
	       "refused %llu\n",
	       U(a, "accepted"), U(a, "challenged"), U(a, "wrong_password"), U(a, "unknown_user"),
	       U(a, "refused") + U(a, "forbidden"));
	printf("connections    %llu now, %llu accepted, %llu opened, %llu refused\n",
	       U(n, "connections"), U(n, "connections_accepted"), U(n, "connections_opened"),
	       U(n, "connections_refused"));
	printf("datagrams      %llu in, %llu out, %llu dropped\n", U(n, "datagrams_in"),
	       U(n, "datagrams_out"), U(n, "datagrams_dropped"));
}

static void on_row(void *ctx, const json_t *line)
{
	print_identity(line);
	print_work(line);
	print_messages(line);
}

static int run(const struct args *a)
{
	return ask_server(a, json_pack("{s:s}", "cmd", "status"), true, on_row, NULL);
}

static const struct cli_option options[] = {OPTION_CONFIG, OPTION_JSON, {0}};

const struct command cmd_status = {
	.name = "status",
	.operands = "",
	.options = options,
	.summary = "what the running server is doing",
	.about =
		"Asks the server that runs on this configuration, by the control socket beside its "
		"database: listeners, registrations, calls, messages, memory.",
	.run = run,
};
