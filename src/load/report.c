#include "load/report.h"

#include <stdio.h>

#include <jansson.h>

static const char *const kinds[] = {
	[LOAD_REGISTER] = "register", [LOAD_OPTIONS] = "options", [LOAD_CALL] = "call"};

struct figures {
	double seconds, rate, own_us, server_us;
	bool has_server;
};

static double per(double a, uint64_t n)
{
	return n ? a / (double)n : 0;
}

static struct figures figures_of(const struct report *r)
{
	uint64_t done = r->stats->ok + r->stats->failed;
	double seconds = (double)r->took_ns / 1e9;

	return (struct figures){
		.seconds = seconds,
		.rate = seconds > 0 ? (double)r->stats->ok / seconds : 0,
		.own_us = per((double)r->own_ns / 1e3, done),
		.server_us = per((double)(r->after.cpu_ns - r->before.cpu_ns) / 1e3, done),
		.has_server = r->conf->n_pids > 0,
	};
}

static void row(const char *name, const char *value, const char *more)
{
	printf("%-16s %14s  %s\n", name, value, more);
}

static void row_number(const char *name, uint64_t v, const char *more)
{
	char room[32];

	snprintf(room, sizeof(room), "%llu", (unsigned long long)v);
	row(name, room, more);
}

static void row_us(const char *name, double us, const char *more)
{
	char room[32];

	snprintf(room, sizeof(room), "%.2f \302\265s", us);
	printf("%-16s %15s  %s\n", name, room, more); /* the sign takes two bytes */
}

static void row_time(const char *name, const struct hist *h)
{
	char more[96], room[32];

	snprintf(room, sizeof(room), "%.3f ms", (double)hist_at(h, 500000) / 1e6);
	snprintf(more, sizeof(more), "p99 %.3f ms, max %.3f ms", (double)hist_at(h, 990000) / 1e6,
		 (double)h->max / 1e6);
	row(name, room, more);
}

static void put_failures(const struct stats *s)
{
	char room[96];

	for (unsigned i = 0; i < FAIL_CODES; i++)
		if (s->failed_by[i])
			row_number("", s->failed_by[i], fail_text(i, room, sizeof(room)));
}

static void put_memory(const struct report *r)
{
	char room[32], more[64];

	snprintf(room, sizeof(room), "%.1f MiB", (double)r->after.memory_bytes / (1 << 20));
	snprintf(more, sizeof(more), "before %.1f MiB", (double)r->before.memory_bytes / (1 << 20));
	row("server memory", room, more);
}

static void put_text(const struct report *r)
{
	const struct stats *s = r->stats;
	struct figures f = figures_of(r);
	char more[96], room[32];

	snprintf(more, sizeof(more), "in %.2f s%s%s", f.seconds,
		 r->interrupted ? ", interrupted" : "", r->broken ? ", given up" : "");
	row_number(kinds[r->conf->kind], s->ok, more);
	snprintf(room, sizeof(room), "%.0f /s", f.rate);
	snprintf(more, sizeof(more), "%u at once, %u sockets, %u threads", r->window,
		 r->conf->n_sockets, r->conf->n_threads);
	row("rate", room, more);
	row_time(r->conf->kind == LOAD_CALL ? "INVITE to 200" : "latency p50", &s->latency);
	if (r->conf->kind == LOAD_CALL)
		row_time("BYE to 200", &s->bye);
	row_number("retransmissions", s->retransmissions, "");
	if (s->challenges)
		row_number("challenges", s->challenges, "");
	if (s->late || s->strays) {
		snprintf(more, sizeof(more), "%llu not ours", (unsigned long long)s->strays);
		row_number("late answers", s->late, more);
	}
	row_number("failed", s->failed, "");
	put_failures(s);
	row_us("own CPU", f.own_us, "per operation");
	if (f.has_server) {
		row_us("server CPU", f.server_us, "per operation");
		put_memory(r);
	}
}

static json_t *json_times(const struct hist *h)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:I}", "p50", (double)hist_at(h, 500000) / 1e6,
			 "p90", (double)hist_at(h, 900000) / 1e6, "p99",
			 (double)hist_at(h, 990000) / 1e6, "max", (double)h->max / 1e6, "n",
			 (json_int_t)h->n);
}

static json_t *json_failures(const struct stats *s)
{
	json_t *o = json_object();
	char room[96];

	for (unsigned i = 0; i < FAIL_CODES; i++)
		if (s->failed_by[i])
			json_object_set_new(o, fail_text(i, room, sizeof(room)),
					    json_integer((json_int_t)s->failed_by[i]));
	return o;
}

static void put_json(const struct report *r)
{
	const struct stats *s = r->stats;
	struct figures f = figures_of(r);
	json_t *o =
		json_pack("{s:s, s:I, s:I, s:f, s:f, s:o, s:I, s:I, s:I, s:I, s:o, s:f, s:b}",
			  "kind", kinds[r->conf->kind], "ok", (json_int_t)s->ok, "failed",
			  (json_int_t)s->failed, "seconds", f.seconds, "per_second", f.rate,
			  "latency_ms", json_times(&s->latency), "retransmissions",
			  (json_int_t)s->retransmissions, "challenges", (json_int_t)s->challenges,
			  "late", (json_int_t)s->late, "strays", (json_int_t)s->strays, "failed_by",
			  json_failures(s), "own_cpu_us", f.own_us, "interrupted", r->interrupted);

	if (r->conf->kind == LOAD_CALL)
		json_object_set_new(o, "bye_ms", json_times(&s->bye));
	if (r->broken)
		json_object_set_new(o, "given_up", json_string(r->broken));
	if (f.has_server) {
		json_object_set_new(o, "server_cpu_us", json_real(f.server_us));
		json_object_set_new(o, "server_memory_bytes",
				    json_integer((json_int_t)r->after.memory_bytes));
		json_object_set_new(o, "server_memory_before_bytes",
				    json_integer((json_int_t)r->before.memory_bytes));
	}
	json_dumpf(o, stdout, JSON_REAL_PRECISION(8));
	printf("\n");
	json_decref(o);
}

void report_load(const struct report *r)
{
	if (r->conf->json)
		put_json(r);
	else
		put_text(r);
}

void report_live(uint64_t seconds, uint64_t rate, uint64_t begun, uint64_t ok, uint64_t failed)
{
	fprintf(stderr, "%4llu s  %8llu /s  %6llu outstanding  %10llu ok  %6llu failed\n",
		(unsigned long long)seconds, (unsigned long long)rate,
		(unsigned long long)(begun - ok - failed), (unsigned long long)ok,
		(unsigned long long)failed);
}
