#include "ua/registration.h"

#include <errno.h>

#include "base/alloc.h"

#define RETRY_MS 30000 /* after a refresh that failed */

struct ua_registration {
	struct ua *ua;
	struct ua_registration_user user;
	struct ua_request request;
	struct timer refresh;
	uint32_t expires_s; /* asked for; 0: to be removed */
	bool all, stands;
	unsigned moved; /* how often a NAT was seen: not for ever */
	struct flow flow; /* the way of the last REGISTER */
	struct str call_id; /* owned: one for all (s10.2) */
	char old_contact[200]; /* taken away with the next REGISTER; empty: none */
	uint64_t took_ms;
};

static void put_fields(void *ctx, const struct flow *flow, struct buf *b)
{
	struct ua_registration *r = ctx;

	r->flow = *flow;
	if (r->all) {
		buf_puts(b, STR("Contact: *\r\n"));
		return;
	}
	buf_puts(b, STR("Contact: <"));
	ua_put_contact_uri(r->ua, flow, b);
	buf_fmt(b, ">;expires=%u\r\n", r->expires_s);
	if (r->old_contact[0])
		buf_fmt(b, "Contact: <%s>;expires=0\r\n", r->old_contact);
}

static int send(struct ua_registration *r)
{
	const struct ua_account *a = r->ua->conf.account;
	char uri_room[300], to_room[600], expires_room[16];
	struct buf uri = buf_over(uri_room, sizeof(uri_room));
	struct buf to = buf_over(to_room, sizeof(to_room));
	struct buf expires = buf_over(expires_room, sizeof(expires_room));
	struct ua_outgoing out = {.method = STR("REGISTER"), .call_id = r->call_id};

	buf_fmt(&uri, "sip:%.*s", STR_ARG(a->domain));
	buf_putc(&to, '<');
	ua_account_put_aor(a, &to);
	buf_putc(&to, '>');
	buf_put_u64(&expires, r->expires_s);
	if (uri.failed || to.failed)
		return -EMSGSIZE;
	out.uri = buf_str(&uri);
	out.to = buf_str(&to);
	out.fields[out.n_fields++] = (struct dlg_field){SIP_HDR_EXPIRES, buf_str(&expires)};
	return ua_request_send(&r->request, &out);
}

/* ---- the answer ---- */

bool ua_registration_is_ours(const struct ua_registration *r, const struct sip_nameaddr *c)
{
	char room[300];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_uri own;

	ua_put_contact_uri(r->ua, &r->flow, &b);
	return !b.failed && sip_uri_parse(buf_str(&b), &own, NULL) && sip_uri_equal(&own, &c->uri);
}

/* Of our contact; a registrar that does not show it as we wrote it has still said for how
 * long (s10.3 step 8). */
static uint32_t granted(const struct ua_registration *r, const struct sip_rx *rx)
{
	struct sip_values v = sip_values(&rx->msg, SIP_HDR_CONTACT);
	uint32_t all = r->expires_s;
	struct sip_nameaddr c;
	struct str one;

	sip_get_u32(&rx->msg, SIP_HDR_EXPIRES, &all);
	while (sip_values_next(&v, &one))
		if (sip_nameaddr_parse(one, &c, NULL) && ua_registration_is_ours(r, &c))
			return sip_contact_expires(&c, all);
	return all;
}

/* A minute early, or half-way when that is short. */
static uint64_t refresh_in_ms(uint32_t expires_s)
{
	return (uint64_t)(expires_s > 120 ? expires_s - 60 : (expires_s + 1) / 2) * 1000;
}

static bool move(struct ua_registration *r, const struct sip_rx *rx)
{
	char room[sizeof(r->old_contact)];
	struct buf b = buf_over(room, sizeof(room));

	if (r->all || !r->expires_s || r->moved >= 3)
		return false;
	ua_put_contact_uri(r->ua, &r->flow, &b);
	if (b.failed || !ua_learn_address(r->ua, rx))
		return false;
	r->moved++;
	str_to_c(buf_str(&b), r->old_contact, sizeof(r->old_contact));
	return send(r) == 0;
}

static void on_done(void *ctx, const struct sip_rx *rx, int err)
{
	struct ua_registration *r = ctx;
	bool good = rx && rx->msg.status < 300;
	uint32_t expires_s = 0;

	r->took_ms = loop_now_ms(r->ua->loop) - r->request.sent_at_ms;
	if (good && move(r, rx))
		return;
	if (good) {
		r->old_contact[0] = '\0';
		expires_s = granted(r, rx);
		r->stands = expires_s > 0;
	}
	if (good && r->stands && r->expires_s)
		loop_timer(r->ua->loop, &r->refresh, refresh_in_ms(expires_s));
	else if (!good && r->stands && r->expires_s)
		loop_timer(r->ua->loop, &r->refresh, RETRY_MS);
	r->user.on_answer(r->user.ctx, rx, err, expires_s);
}

static void on_refresh(void *ctx)
{
	struct ua_registration *r = ctx;

	if (send(r) != 0)
		loop_timer(r->ua->loop, &r->refresh, RETRY_MS);
}

/* ---- life ---- */

int ua_registration_new(struct ua *u, const struct ua_registration_user *user,
			struct ua_registration **ret)
{
	struct ua_registration *r = xzalloc(sizeof(*r));
	char room[128];
	struct buf id = buf_over(room, sizeof(room));

	if (!r)
		return -ENOMEM;
	core_put_call_id(u->core, &id);
	if (str_dup(buf_str(&id), &r->call_id) != 0) {
		xfree(r);
		return -ENOMEM;
	}
	r->ua = u;
	r->user = *user;
	r->request =
		(struct ua_request){.ua = u, .done = on_done, .put_fields = put_fields, .ctx = r};
	timer_init(&r->refresh, on_refresh, r);
	*ret = r;
	return 0;
}

void ua_registration_pause(struct ua_registration *r)
{
	timer_cancel(loop_wheel(r->ua->loop), &r->refresh);
	ua_request_drop(&r->request);
}

void ua_registration_free(struct ua_registration **pr)
{
	struct ua_registration *r = *pr;

	if (!r)
		return;
	*pr = NULL;
	ua_registration_pause(r);
	str_free(&r->call_id);
	xfree(r);
}

int ua_registration_start(struct ua_registration *r, uint32_t expires_s)
{
	r->expires_s = expires_s;
	r->all = false;
	return send(r);
}

int ua_registration_remove(struct ua_registration *r, bool all)
{
	ua_registration_pause(r);
	r->expires_s = 0;
	r->all = all;
	return send(r);
}

bool ua_registration_stands(const struct ua_registration *r)
{
	return r->stands;
}

uint64_t ua_registration_took_ms(const struct ua_registration *r)
{
	return r->took_ms;
}
