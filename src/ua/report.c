#include "ua/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* ---- text ---- */

static void row(const char *name)
{
	printf("%-10s  ", name);
}

static void print_result(const struct ua_report *r)
{
	row("call");
	printf("%s\n", r->peer);
	row("result");
	printf("%s", r->result);
	if (r->status && r->status / 100 != 2)
		printf(": %u %s", r->status, r->reason);
	if (r->error)
		printf(": %s", r->error);
	if (r->ended_by)
		printf(", ended by %s", r->ended_by);
	putchar('\n');
	if (r->warning && r->warning[0]) {
		row("warning");
		printf("%s\n", r->warning);
	}
}

static void print_media(const struct ua_report *r)
{
	const struct tsuwa_call_stats *s = &r->stats;

	row("codec");
	printf("%s\n", r->codec);
	row("sent");
	printf("%" PRIu64 " packets, %" PRIu64 " bytes", s->packets_sent, s->bytes_sent);
	if (s->remote_lost > 0)
		printf("; the peer lost %" PRId32 " (%u.%u %%)", s->remote_lost,
		       s->remote_loss_permille / 10, s->remote_loss_permille % 10);
	putchar('\n');
	row("received");
	printf("%" PRIu64 " packets, %" PRIu64 " bytes; lost %" PRId64 " (%u.%u %%)\n",
	       s->packets_received, s->bytes_received, s->lost, s->loss_permille / 10,
	       s->loss_permille % 10);
	row("jitter");
	printf("%u.%03u ms\n", s->jitter_us / 1000, s->jitter_us % 1000);
	row("max gap");
	printf("%u ms\n", s->max_gap_ms);
	row("rtt");
	if (s->rtt_us < 0)
		printf("not known\n");
	else
		printf("%d.%03d ms\n", s->rtt_us / 1000, s->rtt_us % 1000);
}

static void print_text(const struct ua_report *r)
{
	print_result(r);
	if (r->ended_by) {
		row("duration");
		printf("%" PRIu64 ".%03" PRIu64 " s, answered after %" PRIu64 ".%03" PRIu64 " s\n",
		       r->duration_ms / 1000, r->duration_ms % 1000, r->setup_ms / 1000,
		       r->setup_ms % 1000);
	}
	if (r->has_media)
		print_media(r);
	if (r->digits && r->digits[0]) {
		row("digits");
		printf("%s\n", r->digits);
	}
	if (r->recorded) {
		row("recorded");
		printf("%s\n", r->recorded);
	}
}

/* ---- JSON ---- */

static void put(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static void put_media(json_t *o, const struct ua_report *r)
{
	const struct tsuwa_call_stats *s = &r->stats;
	json_t *sent = json_object(), *received = json_object();

	put(o, "codec", json_string(r->codec));
	put(sent, "packets", json_integer((json_int_t)s->packets_sent));
	put(sent, "bytes", json_integer((json_int_t)s->bytes_sent));
	put(sent, "lost", json_integer(s->remote_lost));
	put(o, "sent", sent);
	put(received, "packets", json_integer((json_int_t)s->packets_received));
	put(received, "bytes", json_integer((json_int_t)s->bytes_received));
	put(received, "expected", json_integer((json_int_t)s->expected));
	put(received, "lost", json_integer((json_int_t)s->lost));
	put(received, "late", json_integer(s->late));
	put(received, "duplicate", json_integer(s->duplicate));
	put(received, "reordered", json_integer(s->reordered));
	put(o, "received", received);
	put(o, "loss_percent", json_real(s->loss_permille / 10.0));
	put(o, "jitter_ms", json_real(s->jitter_us / 1000.0));
	put(o, "max_gap_ms", json_integer(s->max_gap_ms));
	put(o, "concealed_ms", json_integer(s->concealed_ms));
	put(o, "rtt_ms", s->rtt_us < 0 ? json_null() : json_real(s->rtt_us / 1000.0));
}

static void print_json(const struct ua_report *r)
{
	json_t *o = json_object();

	put(o, "call", json_string(r->peer));
	put(o, "result", json_string(r->result));
	if (r->status)
		put(o, "status", json_integer(r->status));
	if (r->status && r->reason)
		put(o, "reason", json_string(r->reason));
	if (r->warning && r->warning[0])
		put(o, "warning", json_string(r->warning));
	if (r->error)
		put(o, "error", json_string(r->error));
	if (r->ended_by) {
		put(o, "ended_by", json_string(r->ended_by));
		put(o, "setup_ms", json_integer((json_int_t)r->setup_ms));
		put(o, "duration_ms", json_integer((json_int_t)r->duration_ms));
	}
	if (r->has_media)
		put_media(o, r);
	put(o, "digits", json_string(r->digits ? r->digits : ""));
	if (r->recorded)
		put(o, "recorded", json_string(r->recorded));
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

void ua_report_print(const struct ua_report *r, bool json)
{
	if (json)
		print_json(r);
	else
		print_text(r);
	fflush(stdout);
}
