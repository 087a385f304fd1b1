/* tsuwa/ua.h: the registration */
#include <errno.h>

#include "lib/ua.h"

#define RETRY_MS 30000 /* after a refresh that failed */

static void put_fields(void *ctx, const struct flow *flow, struct buf *b)
{
	struct lib_registration *r = ctx;

	r->flow = *flow;
	if (r->all) {
		buf_puts(b, STR("Contact: *\r\n"));
		return;
	}
	buf_puts(b, STR("Contact: <"));
	lib_ua_put_contact_uri(r->ua, flow, b);
	buf_fmt(b, ">;expires=%u\r\n", r->expires_s);
	if (r->old_contact[0])
		buf_fmt(b, "Contact: <%s>;expires=0\r\n", r->old_contact);
}

static int send(struct lib_registration *r)
{
	const struct tsuwa_account *a = &r->ua->account;
	char uri_room[300], to_room[600], expires_room[32];
	struct buf uri = buf_over(uri_room, sizeof(uri_room));
	struct buf to = buf_over(to_room, sizeof(to_room));
	struct buf expires = buf_over(expires_room, sizeof(expires_room));
	struct lib_outgoing out = {.method = STR("REGISTER"), .call_id = r->call_id};

	buf_fmt(&uri, "sip:%.*s", STR_ARG(a->domain));
	buf_putc(&to, '<');
	lib_account_put_aor(a, &to);
	buf_putc(&to, '>');
	buf_fmt(&expires, "Expires: %u\r\n", r->expires_s);
	if (uri.failed || to.failed)
		return -EMSGSIZE;
	out.uri = buf_str(&uri);
	out.to = buf_str(&to);
	out.headers = buf_str(&expires);
	return lib_request_send(&r->request, &out);
}

/* ---- the answer ---- */

static bool is_ours(const struct lib_registration *r, const struct sip_uri *uri)
{
	char room[300];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri own;

	lib_ua_put_contact_uri(r->ua, &r->flow, &b);
	return !b.failed && sip_uri_parse(buf_str(&b), &own, NULL) && sip_uri_equal(&own, uri);
}

/* Of our contact; a registrar that does not show it as we wrote it has still said for how
 * long (s10.3 step 8). */
static uint32_t granted(const struct lib_registration *r, const struct sip_rx *rx)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_CONTACT);
	uint32_t all = r->expires_s;
	struct sip_nameaddr c;
	struct str one;

	sip_get_u32(&rx->msg, SIP_HDR_EXPIRES, &all);
	while (sip_values_next(&v, &one))
		if (sip_nameaddr_parse(one, &c, NULL) && is_ours(r, &c.uri))
			return sip_contact_expires(&c, all);
	return all;
}

/* A minute early, or half-way when that is short. */
static uint64_t refresh_in_ms(uint32_t expires_s)
{
	return (uint64_t)(expires_s > 120 ? expires_s - 60 : (expires_s + 1) / 2) * 1000;
}

static bool move(struct lib_registration *r, const struct sip_rx *rx)
{
	char room[sizeof(r->old_contact)];
	struct buf b = buf_over(room, sizeof(room));

	if (r->all || !r->expires_s || r->moved >= 3)
		return false;
	lib_ua_put_contact_uri(r->ua, &r->flow, &b);
	if (b.failed || !lib_ua_learn_address(r->ua, rx))
		return false;
	r->moved++;
	str_to_c(buf_str(&b), r->old_contact, sizeof(r->old_contact));
	return send(r) == 0;
}

static enum tsuwa_registration_state state_after(const struct lib_registration *r, bool good)
{
	if (!good)
		return TSUWA_REGISTRATION_FAILED;
	return r->stands ? TSUWA_REGISTERED : TSUWA_UNREGISTERED;
}

static void tell(struct lib_registration *r, const struct sip_rx *rx, int err, uint64_t ms,
		 struct tsuwa_registration *told)
{
	struct tsuwa_ua *u = r->ua;
	struct tsuwa_message view;

	if (rx)
		view = lib_message_view(&rx->msg);
	told->answer = lib_answer(rx ? &view : NULL, err, ms);
	if (u->events.on_registration)
		u->events.on_registration(u->ctx, u, told);
}

static void on_done(void *ctx, const struct sip_rx *rx, int err, uint64_t ms)
{
	struct lib_registration *r = ctx;
	bool good = rx && rx->msg.status < 300;
	struct tsuwa_registration told = {0};

	if (good && move(r, rx))
		return;
	if (good) {
		r->old_contact[0] = '\0';
		told.expires_s = r->expires_s ? granted(r, rx) : 0;
		r->stands = told.expires_s > 0;
	}
	if (r->stands && r->expires_s)
		loop_timer(r->ua->loop, &r->refresh,
			   good ? refresh_in_ms(told.expires_s) : RETRY_MS);
	told.state = state_after(r, good);
	tell(r, rx, err, ms, &told);
}

static void on_refresh(void *ctx)
{
	struct lib_registration *r = ctx;

	if (send(r) != 0)
		loop_timer(r->ua->loop, &r->refresh, RETRY_MS);
}

/* ---- life ---- */

int lib_registration_init(struct lib_registration *r, struct tsuwa_ua *u)
{
	char room[128];
	struct buf id = buf_over(room, sizeof(room));

	core_put_call_id(u->core, &id);
	if (str_dup(buf_str(&id), &r->call_id) != 0)
		return -ENOMEM;
	r->ua = u;
	r->request =
		(struct lib_request){.ua = u, .done = on_done, .put_fields = put_fields, .ctx = r};
	timer_init(&r->refresh, on_refresh, r);
	return 0;
}

/* No more refreshes; what is under way is forgotten. */
static void halt(struct lib_registration *r)
{
	timer_cancel(loop_wheel(r->ua->loop), &r->refresh);
	lib_request_drop(&r->request);
}

void lib_registration_fini(struct lib_registration *r)
{
	if (!r->ua)
		return;
	halt(r);
	str_free(&r->call_id);
}

/* ---- the caller's ---- */

static int ask(struct lib_registration *r, uint32_t expires_s, bool all)
{
	int err;

	lib_ua_enter(r->ua);
	halt(r);
	r->expires_s = expires_s;
	r->all = all;
	err = send(r);
	lib_ua_leave(r->ua);
	return err;
}

int tsuwa_ua_register(struct tsuwa_ua *ua, uint32_t expires_s)
{
	if (str_empty(ua->account.user) || expires_s == 0)
		return -EINVAL;
	return ask(&ua->registration, expires_s, false);
}

int tsuwa_ua_unregister(struct tsuwa_ua *ua, bool all)
{
	if (str_empty(ua->account.user))
		return -EINVAL;
	if (all || ua->registration.stands)
		return ask(&ua->registration, 0, all);
	lib_ua_enter(ua);
	halt(&ua->registration);
	lib_ua_leave(ua);
	return -ENOENT;
}

bool tsuwa_ua_is_registered(const struct tsuwa_ua *ua)
{
	return ua->registration.stands;
}

bool tsuwa_ua_is_our_contact(const struct tsuwa_ua *ua, const struct tsuwa_address *contact)
{
	struct sip_uri uri;

	return ua->registration.flow.transport && contact->uri.text.p &&
	       sip_uri_parse(lib_in(contact->uri.text), &uri, NULL) &&
	       is_ours(&ua->registration, &uri);
}
