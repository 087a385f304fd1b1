/* tsuwa register */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "ua/commands.h"
#include "ua/registration.h"

struct registering {
	struct ua *ua;
	const struct ua_register_wish *wish;
	struct ua_registration *registration;
	bool told, leaving;
};

static void print_contacts(const struct registering *g, const struct sip_rx *rx)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_CONTACT);
	struct sip_nameaddr c;
	struct str one;
	char room[300];
	unsigned n = 0;

	while (sip_values_next(&v, &one)) {
		if (!sip_nameaddr_parse(one, &c, NULL))
			continue;
		if (n++ == 0)
			printf("%-48s  %9s\n", "CONTACT", "EXPIRES");
		printf("%-48s  %7u s%s\n", ua_clean(c.uri_text, room, sizeof(room)),
		       sip_contact_expires(&c, 0),
		       ua_registration_is_ours(g->registration, &c) ? "  (this one)" : "");
	}
	if (n == 0)
		printf("no contacts\n");
	fflush(stdout);
}

static void print_json(const struct registering *g, const struct sip_rx *rx, int err)
{
	json_t *o = json_object(), *list = json_array();
	struct sip_values v;
	struct sip_nameaddr c;
	struct str one;
	char room[600];
	struct buf aor = buf_over(room, sizeof(room));

	ua_account_put_aor(g->ua->conf.account, &aor);
	json_object_set_new(o, "aor", json_stringn(aor.p, aor.n));
	json_object_set_new(o, "ms",
			    json_integer((json_int_t)ua_registration_took_ms(g->registration)));
	if (rx) {
		json_object_set_new(o, "status", json_integer(rx->msg.status));
		json_object_set_new(o, "reason", json_stringn(rx->msg.reason.p, rx->msg.reason.n));
		v = sip_values(&rx->msg, SIP_HDR_CONTACT);
		while (sip_values_next(&v, &one))
			if (sip_nameaddr_parse(one, &c, NULL))
				json_array_append_new(
					list,
					json_pack("{s:s%,s:I,s:b}", "uri", c.uri_text.p,
						  c.uri_text.n, "expires",
						  (json_int_t)sip_contact_expires(&c, 0), "ours",
						  ua_registration_is_ours(g->registration, &c)));
	} else {
		json_object_set_new(o, "error", json_string(ua_error_text(err)));
	}
	json_object_set_new(o, "contacts", list);
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

static void say_failure(struct registering *g, const struct sip_rx *rx, int err)
{
	char room[400];
	struct buf b = buf_over(room, sizeof(room));

	if (rx)
		ua_put_status(rx, &b);
	else
		buf_puts(&b, str_c(ua_error_text(err)));
	ua_say(g->ua, "not registered: %s%s", buf_c(&b), ua_hint(g->ua, rx ? rx->msg.status : 0));
}

static void on_answer(void *ctx, const struct sip_rx *rx, int err, uint32_t expires_s)
{
	struct registering *g = ctx;
	bool good = rx && rx->msg.status < 300;
	bool ends = g->leaving || g->wish->once || g->wish->remove;

	if (!good) {
		say_failure(g, rx, err);
		if (g->ua->conf.json && !g->told)
			print_json(g, rx, err);
		if (!g->told || ends)
			ua_stop(g->ua, g->leaving && g->told ? UA_DONE : UA_FAILED);
		return;
	}
	if (g->leaving)
		ua_say(g->ua, "unregistered");
	else if (g->wish->remove)
		ua_say(g->ua, "all contacts removed");
	else
		ua_say(g->ua, "registered for %u s", expires_s);
	if (!g->told && g->ua->conf.json)
		print_json(g, rx, 0);
	else if (!g->told)
		print_contacts(g, rx);
	g->told = true;
	if (ends)
		ua_stop(g->ua, UA_DONE);
}

static void on_interrupt(void *ctx)
{
	struct registering *g = ctx;

	g->leaving = true;
	if (!g->told || ua_registration_remove(g->registration, false) != 0)
		ua_stop(g->ua, g->told ? UA_DONE : UA_FAILED);
}

int ua_register(const struct ua_conf *conf, const struct ua_register_wish *wish)
{
	struct registering g = {.wish = wish};
	const struct ua_user user = {.on_interrupt = on_interrupt, .ctx = &g};
	const struct ua_registration_user reg_user = {on_answer, &g};
	int code = ua_new(conf, &user, &g.ua), err;

	if (code)
		return code;
	err = ua_registration_new(g.ua, &reg_user, &g.registration);
	if (!err)
		err = wish->remove ? ua_registration_remove(g.registration, true)
				   : ua_registration_start(g.registration, wish->expires_s);
	if (err) {
		ua_error("can't register: %s", ua_error_text(err));
		code = UA_FAILED;
	} else {
		code = ua_run(g.ua);
	}
	ua_registration_free(&g.registration);
	ua_free(&g.ua);
	return code;
}
