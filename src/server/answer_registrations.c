/* What the control socket answers to "registrations", and how the operator takes some away: the
 * owner of the address-of-record does it, and answers when it is durable. */
#include <errno.h>

#include "admin/tables.h"
#include "base/alloc.h"
#include "net/clock.h"
#include "server/inside.h"
#include "store/disk.h"

#define ADDRESS_MAX 4096
#define ROWS_MAX (4u << 20)

/* ---- who is registered ---- */

struct walk {
	struct buf *out;
	uint64_t now_ms, n;
};

static bool on_aor(void *ctx, struct str aor, const struct loc_binding *b, unsigned n)
{
	struct walk *w = ctx;

	tables_put_bindings(w->out, aor, b, n, w->now_ms);
	w->n += n;
	return !w->out->failed;
}

/* "alice@example.com" or a SIP URI, aliases resolved. */
static bool aor_of(const struct server *s, const char *text, struct buf *ret)
{
	struct buf uri = buf_heap(ADDRESS_MAX);
	struct sip_uri u;
	bool good;

	if (!str_istarts(str_c(text), STR("sip:")) && !str_istarts(str_c(text), STR("sips:")) &&
	    !str_istarts(str_c(text), STR("tel:")))
		buf_fmt(&uri, "sip:");
	buf_fmt(&uri, "%s", text);
	good = !uri.failed && sip_uri_parse(buf_str(&uri), &u, NULL) &&
	       app_policy_aor(s->policy, &u, ret);
	buf_free(&uri);
	return good;
}

static void fail_address(struct control_reply **r, const char *text)
{
	control_fail(r, "\"%s\" is no address such as alice@example.com", text);
}

static void answer_one(struct server *s, struct control_reply *r, const char *text)
{
	struct buf aor = buf_heap(ADDRESS_MAX);
	struct loc_binding *list = NULL;
	uint64_t now = clock_wall_ms();
	struct arena arena;
	int n = 0;

	arena_init(&arena, NULL, 0, 0);
	if (!aor_of(s, text, &aor)) {
		fail_address(&r, text);
	} else {
		n = loc_lookup(s->loc, buf_str(&aor), now, &arena, &list);
		if (n > 0)
			tables_put_bindings(control_out(r), buf_str(&aor), list, (unsigned)n, now);
		control_end(&r, n > 0 ? (uint64_t)n : 0);
	}
	arena_fini(&arena);
	buf_free(&aor);
}

void server_answer_registrations(struct server *s, struct control_reply *r, const json_t *request)
{
	const char *aor = json_string_value(json_object_get(request, "aor"));
	struct walk w = {.out = control_out(r), .now_ms = clock_wall_ms()};

	if (aor) {
		answer_one(s, r, aor);
		return;
	}
	loc_walk(s->loc, w.now_ms, on_aor, &w);
	control_end(&r, w.n);
}

/* ---- taking away ---- */

struct removal {
	struct list link; /* server.removals */
	struct server *server;
	struct worker *owner;
	struct control_reply *reply;
	struct str aor, contact; /* owned; contact empty: all */
	struct loop_call go, back;
	/* The owner's until back: */
	struct loc_update *update; /* under way */
	struct buf rows;
	unsigned n;
	int err;
};

static void removal_free(struct removal *r)
{
	list_unlink(&r->link);
	str_free(&r->aor);
	str_free(&r->contact);
	buf_free(&r->rows);
	xfree(r);
}

static void fail_removal(struct removal *r)
{
	if (r->err != -ENOENT)
		control_fail(&r->reply, "the registration can't be removed: %s",
			     disk_error(r->err));
	else if (str_empty(r->contact))
		control_fail(&r->reply, "%.*s is not registered", STR_ARG(r->aor));
	else
		control_fail(&r->reply, "%.*s is not registered with the contact %.*s",
			     STR_ARG(r->aor), STR_ARG(r->contact));
}

/* On the main loop. */
static void on_back(void *ctx)
{
	struct removal *r = ctx;

	if (r->rows.failed)
		r->err = -ENOMEM;
	if (r->err) {
		fail_removal(r);
	} else {
		buf_puts(control_out(r->reply), buf_str(&r->rows));
		control_end(&r->reply, r->n);
	}
	removal_free(r);
}

/* On the owner, as what follows. */
static void on_removed(void *ctx, int err, const struct loc_binding *gone, unsigned n)
{
	struct removal *r = ctx;

	r->update = NULL;
	r->err = err;
	/* The server ends: nobody runs the main loop any more. */
	if (err == -ESHUTDOWN)
		return;
	if (!err) {
		tables_put_bindings(&r->rows, r->aor, gone, n, clock_wall_ms());
		r->n = n;
	}
	loop_post(r->server->loop, &r->back);
}

static void on_go(void *ctx)
{
	struct removal *r = ctx;
	const struct loc_update_user user = {.done = on_removed, .ctx = r};

	r->err = loc_remove(r->owner->door, r->aor, r->contact, &user, &r->update);
	if (r->err == -EBUSY) {
		r->owner = r->server->workers[loc_holder(r->server->loc, r->aor, r->owner->index)];
		loop_post(r->owner->loop, &r->go);
		return;
	}
	if (r->err)
		loop_post(r->server->loop, &r->back);
}

static struct removal *removal_new(struct server *s, struct str aor, struct str contact)
{
	struct removal *r = xzalloc(sizeof(*r));

	if (!r)
		return NULL;
	list_init(&r->link);
	r->rows = buf_heap(ROWS_MAX);
	r->server = s;
	r->owner = s->workers[0];
	r->go = (struct loop_call){.fn = on_go, .ctx = r};
	r->back = (struct loop_call){.fn = on_back, .ctx = r};
	if (str_dup(aor, &r->aor) || str_dup(contact, &r->contact)) {
		removal_free(r);
		return NULL;
	}
	return r;
}

void server_answer_removal(struct server *s, struct control_reply *reply, const json_t *request)
{
	const char *text = json_string_value(json_object_get(request, "aor"));
	const json_t *one = json_object_get(request, "contact");
	struct str contact = str_c(json_string_value(one));
	struct buf aor = buf_heap(ADDRESS_MAX);
	struct removal *r = NULL;

	/* What is meant to be one must never become all. */
	if (one && str_empty(contact)) {
		control_fail(&reply, "the contact is empty");
	} else if (!text || !aor_of(s, text, &aor)) {
		fail_address(&reply, text ? text : "");
	} else if (!(r = removal_new(s, buf_str(&aor), contact))) {
		control_fail(&reply, "no memory");
	} else {
		r->reply = reply;
		list_append(&s->removals, &r->link);
		loop_post(r->owner->loop, &r->go);
	}
	buf_free(&aor);
}

void server_drop_removals(struct server *s)
{
	LIST_EACH (n, &s->removals) {
		struct removal *r = container_of(n, struct removal, link);

		loc_update_detach(&r->update);
		control_fail(&r->reply, "the server is ending");
		removal_free(r);
	}
}
