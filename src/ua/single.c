/* tsuwa message, tsuwa options: one request, one answer. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "ua/commands.h"
#include "ua/request.h"

struct single {
	struct ua *ua;
	struct ua_request request;
};

static const enum sip_hdr_id shown[] = {SIP_HDR_SERVER,      SIP_HDR_USER_AGENT, SIP_HDR_ALLOW,
					SIP_HDR_SUPPORTED,   SIP_HDR_ACCEPT,     SIP_HDR_WARNING,
					SIP_HDR_UNSUPPORTED, SIP_HDR_RETRY_AFTER};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))

static void print_json(const struct sip_rx *rx, uint64_t ms, int err)
{
	json_t *o = json_object();

	json_object_set_new(o, "ms", json_integer((json_int_t)ms));
	if (!rx)
		json_object_set_new(o, "error", json_string(ua_error_text(err)));
	if (rx) {
		json_object_set_new(o, "status", json_integer(rx->msg.status));
		json_object_set_new(o, "reason", json_stringn(rx->msg.reason.p, rx->msg.reason.n));
	}
	for (size_t i = 0; rx && i < SHOWN; i++) {
		struct str value = sip_get(&rx->msg, shown[i]), name = sip_hdr_id_name(shown[i]);
		char key[32];

		if (!str_empty(value))
			json_object_set_new(o, str_to_c(name, key, sizeof(key)),
					    json_stringn(value.p, value.n));
	}
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

static void print_text(const struct sip_rx *rx, uint64_t ms, int err)
{
	char room[1024];

	if (!rx) {
		printf("%s after %llu ms\n", ua_error_text(err), (unsigned long long)ms);
		return;
	}
	printf("%u %s in %llu ms\n", rx->msg.status, ua_clean(rx->msg.reason, room, sizeof(room)),
	       (unsigned long long)ms);
	for (size_t i = 0; i < SHOWN; i++) {
		struct str value = sip_get(&rx->msg, shown[i]), name = sip_hdr_id_name(shown[i]);

		if (!str_empty(value))
			printf("%.*s: %s\n", STR_ARG(name), ua_clean(value, room, sizeof(room)));
	}
}

static void on_done(void *ctx, const struct sip_rx *rx, int err)
{
	struct single *s = ctx;
	uint64_t ms = loop_now_ms(s->ua->loop) - s->request.sent_at_ms;

	if (s->ua->conf.json)
		print_json(rx, ms, err);
	else
		print_text(rx, ms, err);
	ua_stop(s->ua, rx && rx->msg.status < 300 ? UA_DONE : UA_FAILED);
}

static void on_interrupt(void *ctx)
{
	struct single *s = ctx;

	ua_stop(s->ua, UA_FAILED);
}

static int run(const struct ua_conf *conf, struct ua_outgoing *out, const char *uri)
{
	struct single s = {0};
	const struct ua_user user = {.on_interrupt = on_interrupt, .ctx = &s};
	char to_room[600];
	struct buf to = buf_over(to_room, sizeof(to_room));
	int code = ua_new(conf, &user, &s.ua), err;

	if (code)
		return code;
	s.request = (struct ua_request){.ua = s.ua, .done = on_done, .ctx = &s};
	buf_fmt(&to, "<%s>", uri);
	out->uri = str_c(uri);
	out->to = buf_str(&to);
	err = to.failed ? -EMSGSIZE : ua_request_send(&s.request, out);
	if (err) {
		ua_error("can't send: %s", ua_error_text(err));
		code = UA_FAILED;
	} else {
		code = ua_run(s.ua);
	}
	ua_request_drop(&s.request);
	ua_free(&s.ua);
	return code;
}

int ua_message(const struct ua_conf *conf, const char *uri, const char *text)
{
	struct ua_outgoing out = {.method = STR("MESSAGE"),
				  .content_type = STR("text/plain;charset=utf-8"),
				  .body = str_c(text)};

	return run(conf, &out, uri);
}

int ua_options(const struct ua_conf *conf, const char *uri)
{
	struct ua_outgoing out = {.method = STR("OPTIONS")};

	out.fields[out.n_fields++] = (struct dlg_field){SIP_HDR_ACCEPT, STR("application/sdp")};
	return run(conf, &out, uri);
}
