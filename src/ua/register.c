/* tsuwa register */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "ua/commands.h"

struct registering {
	struct ua *ua;
	const struct ua_register_wish *wish;
	bool told, leaving;
};

/* The next contact of a registrar's answer that can be read. */
static bool next_contact(struct tsuwa_values *v, struct tsuwa_address *ret)
{
	struct tsuwa_str one;

	while (tsuwa_values_next(v, &one))
		if (tsuwa_address_parse(one, ret, NULL) == 0)
			return true;
	return false;
}

static void print_contacts(const struct registering *g, const struct tsuwa_message *m)
{
	struct tsuwa_values v = tsuwa_message_values(m, TSUWA_HDR_CONTACT);
	struct tsuwa_address c;
	char room[300];
	unsigned n = 0;

	while (next_contact(&v, &c)) {
		if (n++ == 0)
			printf("%-48s  %9s\n", "CONTACT", "EXPIRES");
		printf("%-48s  %7u s%s\n", ua_clean(c.uri.text, room, sizeof(room)),
		       tsuwa_address_expires(&c, 0),
		       tsuwa_ua_is_our_contact(g->ua->agent, &c) ? "  (this one)" : "");
	}
	if (n == 0)
		printf("no contacts\n");
	fflush(stdout);
}

static json_t *contacts_json(const struct registering *g, const struct tsuwa_message *m)
{
	struct tsuwa_values v = tsuwa_message_values(m, TSUWA_HDR_CONTACT);
	struct tsuwa_address c;
	json_t *list = json_array();

	while (next_contact(&v, &c))
		json_array_append_new(list,
				      json_pack("{s:s%,s:I,s:b}", "uri", c.uri.text.p, c.uri.text.n,
						"expires", (json_int_t)tsuwa_address_expires(&c, 0),
						"ours", tsuwa_ua_is_our_contact(g->ua->agent, &c)));
	return list;
}

static void print_json(const struct registering *g, const struct tsuwa_answer *a)
{
	json_t *o = json_object();
	char aor[600] = "";

	tsuwa_account_aor(g->ua->conf.account, aor, sizeof(aor));
	json_object_set_new(o, "aor", json_string(aor));
	json_object_set_new(o, "ms", json_integer((json_int_t)a->ms));
	if (a->message) {
		json_object_set_new(o, "status", json_integer(a->status));
		json_object_set_new(o, "reason", json_stringn(a->reason.p, a->reason.n));
	} else {
		json_object_set_new(o, "error", json_string(tsuwa_strerror(a->err)));
	}
	json_object_set_new(o, "contacts",
			    a->message ? contacts_json(g, a->message) : json_array());
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

static void failed(struct registering *g, const struct tsuwa_answer *a, bool ends)
{
	char room[400];
	struct buf b = buf_over(room, sizeof(room));

	ua_put_answer(a, &b);
	ua_say(g->ua, "not registered: %s%s", buf_c(&b), ua_hint(g->ua, a->status));
	if (g->ua->conf.json && !g->told)
		print_json(g, a);
	if (!g->told || ends)
		ua_stop(g->ua, g->leaving && g->told ? UA_DONE : UA_FAILED);
}

static void on_registration(void *ctx, struct tsuwa_ua *agent, const struct tsuwa_registration *r)
{
	struct registering *g = ctx;
	bool ends = g->leaving || g->wish->once || g->wish->remove;

	if (r->state == TSUWA_REGISTRATION_FAILED) {
		failed(g, &r->answer, ends);
		return;
	}
	if (g->leaving)
		ua_say(g->ua, "unregistered");
	else if (g->wish->remove)
		ua_say(g->ua, "all contacts removed");
	else
		ua_say(g->ua, "registered for %u s", r->expires_s);
	if (!g->told && g->ua->conf.json)
		print_json(g, &r->answer);
	else if (!g->told)
		print_contacts(g, r->answer.message);
	g->told = true;
	if (ends)
		ua_stop(g->ua, UA_DONE);
}

static void on_interrupt(void *ctx)
{
	struct registering *g = ctx;

	g->leaving = true;
	if (!g->told || tsuwa_ua_unregister(g->ua->agent, false) != 0)
		ua_stop(g->ua, g->told ? UA_DONE : UA_FAILED);
}

int ua_register(const struct ua_conf *conf, const struct ua_register_wish *wish)
{
	struct registering g = {.wish = wish};
	const struct ua_user user = {
		.events = {.on_registration = on_registration},
		.on_interrupt = on_interrupt,
		.ctx = &g,
	};
	int code = ua_new(conf, &user, &g.ua), err;

	if (code)
		return code;
	err = wish->remove ? tsuwa_ua_unregister(g.ua->agent, true)
			   : tsuwa_ua_register(g.ua->agent, wish->expires_s);
	if (err) {
		ua_error("can't register: %s", tsuwa_strerror(err));
		code = UA_FAILED;
	} else {
		code = ua_run(g.ua);
	}
	ua_free(&g.ua);
	return code;
}
