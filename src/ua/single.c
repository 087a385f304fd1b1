/* tsuwa message, tsuwa options: one request, one answer. */
#include <jansson.h>
#include <stdio.h>

#include "ua/commands.h"

struct single {
	struct ua *ua;
};

static const enum tsuwa_header shown[] = {
	TSUWA_HDR_SERVER, TSUWA_HDR_USER_AGENT, TSUWA_HDR_ALLOW,       TSUWA_HDR_SUPPORTED,
	TSUWA_HDR_ACCEPT, TSUWA_HDR_WARNING,    TSUWA_HDR_UNSUPPORTED, TSUWA_HDR_RETRY_AFTER};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))

static void print_json(const struct tsuwa_answer *a)
{
	json_t *o = json_object();

	json_object_set_new(o, "ms", json_integer((json_int_t)a->ms));
	if (!a->message)
		json_object_set_new(o, "error", json_string(tsuwa_strerror(a->err)));
	if (a->message) {
		json_object_set_new(o, "status", json_integer(a->status));
		json_object_set_new(o, "reason", json_stringn(a->reason.p, a->reason.n));
	}
	for (size_t i = 0; a->message && i < SHOWN; i++) {
		struct tsuwa_str value = tsuwa_message_get(a->message, shown[i]);

		if (value.n)
			json_object_set_new(o, tsuwa_header_name(shown[i]),
					    json_stringn(value.p, value.n));
	}
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

static void print_text(const struct tsuwa_answer *a)
{
	char room[1024];

	if (!a->message) {
		printf("%s after %u ms\n", tsuwa_strerror(a->err), a->ms);
		return;
	}
	printf("%u %s in %u ms\n", a->status, ua_clean(a->reason, room, sizeof(room)), a->ms);
	for (size_t i = 0; i < SHOWN; i++) {
		struct tsuwa_str value = tsuwa_message_get(a->message, shown[i]);

		if (value.n)
			printf("%s: %s\n", tsuwa_header_name(shown[i]),
			       ua_clean(value, room, sizeof(room)));
	}
}

static void on_answer(void *ctx, struct tsuwa_ua *agent, const struct tsuwa_answer *a)
{
	struct single *s = ctx;

	if (s->ua->conf.json)
		print_json(a);
	else
		print_text(a);
	ua_stop(s->ua, a->message && a->status < 300 ? UA_DONE : UA_FAILED);
}

static void on_interrupt(void *ctx)
{
	struct single *s = ctx;

	ua_stop(s->ua, UA_FAILED);
}

static int run(const struct ua_conf *conf, struct tsuwa_request_conf *request)
{
	struct single s = {0};
	const struct ua_user user = {.on_interrupt = on_interrupt, .ctx = &s};
	int code = ua_new(conf, &user, &s.ua), err;

	if (code)
		return code;
	request->size = sizeof(*request);
	request->on_answer = on_answer;
	request->ctx = &s;
	err = tsuwa_ua_request(s.ua->agent, request, NULL);
	if (err) {
		ua_error("can't send: %s", tsuwa_strerror(err));
		code = UA_FAILED;
	} else {
		code = ua_run(s.ua);
	}
	ua_free(&s.ua);
	return code;
}

int ua_message(const struct ua_conf *conf, const char *uri, const char *text)
{
	struct tsuwa_request_conf request = {.method = "MESSAGE",
					     .uri = uri,
					     .content_type = "text/plain;charset=utf-8",
					     .body = text,
					     .body_n = strlen(text)};

	return run(conf, &request);
}

int ua_options(const struct ua_conf *conf, const char *uri)
{
	struct tsuwa_request_conf request = {
		.method = "OPTIONS", .uri = uri, .headers = "Accept: application/sdp\r\n"};

	return run(conf, &request);
}
