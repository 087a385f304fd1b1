/* What a user agent does with 401, 407 and 423 before its user hears of them. */
#include "core/uac.h"

#include <errno.h>

#include "base/alloc.h"
#include "core/internal.h"

#define UAC_ROUNDS 3            /* repetitions of one request */
#define UAC_ROOM 8192

struct core_uac {
	struct core *core;
	const struct core_account *account;
	struct core_uac_user user;
	struct core_client *client;
	struct str text;                /* owned: the request printed, as of the last round */
	struct str next_hop;            /* owned */
	uint32_t *cseq;
	unsigned rounds;
	bool cancelled;                 /* a challenge now is as good an end as any */
	uint32_t min_expires;           /* from a 423; 0: none */
	struct core_send send;          /* msg is set for each round */
};

static void uac_free(struct core_uac *u)
{
	if (u->client)
		core_client_detach(&u->client);
	str_free(&u->text);
	str_free(&u->next_hop);
	xfree(u);
}

static void on_end(void *ctx, int err)
{
	struct core_uac *u = ctx;
	struct core_uac_user user = u->user;

	u->client = NULL;
	uac_free(u);
	if (user.on_end)
		user.on_end(user.ctx, err);
}

static void put_fields(void *ctx, const struct flow *flow, struct buf *b)
{
	struct core_uac *u = ctx;

	if (u->user.put_fields)
		u->user.put_fields(u->user.ctx, flow, b);
}

/* ---- the next round ---- */

/* Any other is as if it were not there (RFC 8760 s2.4). */
static bool understood(struct str value, struct sip_challenge *ret)
{
	return sip_challenge_parse(value, ret) && ret->algorithm != SIP_ALG_UNKNOWN &&
	       (!ret->qop_given || ret->qop_auth);
}

/* The topmost that we understand (RFC 8760 s2.4), for each realm once. */
static bool is_first_of_realm(const struct sip_msg *m, enum sip_hdr_id id,
			      const struct sip_challenge *ch, struct str value)
{
	for (int i = sip_find(m, id, 0); i >= 0; i = sip_find(m, id, (unsigned)i + 1)) {
		struct sip_challenge other;
		struct str v = sip_hdr_value(&m->hdr[i]);

		if (v.p == value.p)
			return true;
		if (understood(v, &other) && str_eq(other.realm, ch->realm))
			return false;
	}
	return true;
}

/* cr but for its response, which is computed here. */
static void add_credentials(struct core_uac *u, struct sip_msg *m, enum sip_hdr_id answer,
			    struct sip_credentials *cr)
{
	const struct core_account *a = u->account;
	char ha1[SIP_DIGEST_HEX_MAX], response[SIP_DIGEST_HEX_MAX], text[2048];
	struct buf b = buf_over(text, sizeof(text));

	sip_digest_ha1(&a->hasher, cr->algorithm, a->user, cr->realm, a->password, ha1);
	sip_digest_response(&a->hasher, cr, str_c(ha1), m->method_name, response);
	cr->response = str_c(response);
	sip_credentials_put(&b, cr);
	if (!b.failed)
		sip_add(m, answer, arena_str(m->arena, buf_str(&b)));
}

static void answer_challenge(struct core_uac *u, struct sip_msg *m, enum sip_hdr_id answer,
			     const struct sip_challenge *ch)
{
	char cnonce[40];
	struct buf cb = buf_over(cnonce, sizeof(cnonce));
	struct sip_credentials cr = {
		.username = u->account->user, .realm = ch->realm, .nonce = ch->nonce, .uri = m->uri,
		.opaque = ch->opaque, .algorithm = ch->algorithm,
	};

	if (ch->qop_auth) {
		core_put_token(u->core, &cb);
		cr.qop = STR("auth");
		cr.nc = STR("00000001");
		cr.cnonce = buf_str(&cb);
	}
	add_credentials(u, m, answer, &cr);
}

static bool next_count(struct str nc, struct buf *b)
{
	uint8_t raw[4];

	if (nc.n != 8 || !hex_decode(nc, raw, sizeof(raw)))
		return false;
	buf_fmt(b, "%08x", ((uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 |
			    (uint32_t)raw[2] << 8 | raw[3]) + 1);
	return true;
}

/* What was given before goes with the repetition too, for a 423 or another realm's challenge, and a
 * nonce count is good once (RFC 7616 s3.4). */
static void count_on(struct core_uac *u, struct sip_msg *m, enum sip_hdr_id answer)
{
	for (unsigned n = sip_count(m, answer); n && u->account; n--) {
		int i = sip_find(m, answer, 0);
		struct str value = sip_hdr_value(&m->hdr[i]);
		struct sip_credentials cr;
		char room[9];
		struct buf nc = buf_over(room, sizeof(room));

		sip_remove(m, (unsigned)i);
		if (!sip_credentials_parse(value, &cr) || str_empty(cr.qop) ||
		    !next_count(cr.nc, &nc)) {
			sip_add(m, answer, value);
			continue;
		}
		cr.nc = buf_str(&nc);
		add_credentials(u, m, answer, &cr);
	}
}

/* Credentials that we gave for this realm; -1: none. */
static int given_for(const struct sip_msg *m, enum sip_hdr_id answer, struct str realm)
{
	for (int i = sip_find(m, answer, 0); i >= 0; i = sip_find(m, answer, (unsigned)i + 1)) {
		struct sip_credentials cr;

		if (sip_credentials_parse(sip_hdr_value(&m->hdr[i]), &cr) && str_eq(cr.realm, realm))
			return i;
	}
	return -1;
}

/* False when a digest was refused that was not stale: asking again would not help. */
static bool answer_all(struct core_uac *u, const struct sip_msg *response, struct sip_msg *m,
		       enum sip_hdr_id challenge, enum sip_hdr_id answer, bool *any)
{
	for (int i = sip_find(response, challenge, 0); i >= 0;
	     i = sip_find(response, challenge, (unsigned)i + 1)) {
		struct str value = sip_hdr_value(&response->hdr[i]);
		struct sip_challenge ch;
		int given;

		if (!understood(value, &ch) || !is_first_of_realm(response, challenge, &ch, value))
			continue;
		given = given_for(m, answer, ch.realm);
		if (given >= 0 && !ch.stale)
			return false;
		if (given >= 0)
			sip_remove(m, (unsigned)given);
		answer_challenge(u, m, answer, &ch);
		*any = true;
	}
	return true;
}

static void raise_cseq(struct core_uac *u, struct sip_msg *m)
{
	++*u->cseq;
	sip_set(m, SIP_HDR_CSEQ, arena_fmt(m->arena, "%u %.*s", *u->cseq, STR_ARG(m->method_name)));
}

static void set_expires(struct core_uac *u, struct sip_msg *m)
{
	if (u->min_expires)
		sip_set(m, SIP_HDR_EXPIRES, arena_fmt(m->arena, "%u", u->min_expires));
}

static bool may_repeat(const struct core_uac *u, const struct sip_rx *rx)
{
	if (u->rounds >= UAC_ROUNDS || u->cancelled)
		return false;
	if (rx->msg.status == 423)
		return u->min_expires == 0;
	return (rx->msg.status == 401 || rx->msg.status == 407) && u->account;
}

static bool prepare(struct core_uac *u, const struct sip_rx *rx, struct sip_msg *m)
{
	bool any = false;

	count_on(u, m, SIP_HDR_AUTHORIZATION);
	count_on(u, m, SIP_HDR_PROXY_AUTHORIZATION);
	if (rx->msg.status == 423) {
		if (!sip_get_u32(&rx->msg, SIP_HDR_MIN_EXPIRES, &u->min_expires) || !u->min_expires)
			return false;
		any = true;
	} else if (!answer_all(u, &rx->msg, m, SIP_HDR_WWW_AUTHENTICATE, SIP_HDR_AUTHORIZATION,
			       &any) ||
		   !answer_all(u, &rx->msg, m, SIP_HDR_PROXY_AUTHENTICATE,
			       SIP_HDR_PROXY_AUTHORIZATION, &any)) {
		return false;
	}
	if (any) {
		set_expires(u, m);
		raise_cseq(u, m);
	}
	return any;
}

static void on_response(void *ctx, const struct sip_rx *rx);

static int send_round(struct core_uac *u, const struct sip_msg *m)
{
	const struct core_client_user user = { on_response, on_end, put_fields, u };
	struct core_client *old = u->client;
	int err;

	u->send.msg = m;
	u->send.next_hop = u->next_hop;
	err = core_client_new(u->core, &u->send, &user, &u->client);
	if (err)
		u->client = old;
	else if (old)
		core_client_detach(&old);
	return err;
}

/* The message as it now stands becomes the text of the next round. */
static int keep_text(struct core_uac *u, const struct sip_msg *m)
{
	struct buf b = buf_heap(CORE_OUT_BYTES);
	int err = -ENOMEM;

	if (sip_print(m, &b))
		err = str_dup(buf_str(&b), &u->text);
	buf_free(&b);
	return err;
}

/* Where the first target is dead, the next round begins with the one that answered (RFC 3665 s3.4), unless
 * a long request must look for TCP anew. */
static void stay(struct core_uac *u)
{
	if (core_client_moved(u->client) && u->text.n + 200 <= CORE_UDP_LIMIT)
		u->send.flow = core_client_flow(u->client);
}

static bool repeat(struct core_uac *u, const struct sip_rx *rx)
{
	char room[UAC_ROOM];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;
	struct str old = u->text;
	bool ok = false;

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_parse(old, &arena, &m, &err) && prepare(u, rx, &m) && !keep_text(u, &m)) {
		u->rounds++;
		stay(u);
		ok = send_round(u, &m) == 0;
		str_free(&old);
	}
	arena_fini(&arena);
	return ok;
}

/* What was on its way to somebody behind us, and nobody is (s8.1.3.3). */
static bool has_vias_of_others(const struct sip_rx *rx)
{
	struct sip_values vias = sip_values(&rx->msg, SIP_HDR_VIA);
	struct str via;

	return sip_values_next(&vias, &via) && sip_values_next(&vias, &via);
}

static void on_response(void *ctx, const struct sip_rx *rx)
{
	struct core_uac *u = ctx;

	if (has_vias_of_others(rx))
		return;
	if (may_repeat(u, rx) && repeat(u, rx))
		return;
	if (rx->msg.status < 200)
		core_client_renew_c(u->client);
	u->user.on_response(u->user.ctx, rx);
}

/* ---- creation ---- */

int core_uac_new(struct core *c, const struct core_send *send, const struct core_account *account,
		 uint32_t *cseq, const struct core_uac_user *user, struct core_uac **ret)
{
	struct core_uac *u = xzalloc(sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	u->core = c;
	u->account = account && !str_empty(account->user) ? account : NULL;
	u->user = *user;
	u->cseq = cseq;
	u->send = *send;
	err = keep_text(u, send->msg);
	if (!err)
		err = str_dup(send->next_hop, &u->next_hop);
	if (!err)
		err = send_round(u, send->msg);
	if (err)
		uac_free(u);
	else
		*ret = u;
	return err;
}

void core_uac_put_credentials(const struct core_uac *u, struct sip_msg *m)
{
	char room[UAC_ROOM];
	struct arena arena;
	struct sip_msg sent;
	struct sip_err err;

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_parse(u->text, &arena, &sent, &err)) {
		sip_copy_all(m, &sent, SIP_HDR_AUTHORIZATION);
		sip_copy_all(m, &sent, SIP_HDR_PROXY_AUTHORIZATION);
	}
	arena_fini(&arena);
}

void core_uac_cancel(struct core_uac *u, struct str headers)
{
	u->cancelled = true;
	core_client_cancel(u->client, headers);
}

struct flow core_uac_flow(const struct core_uac *u)
{
	return core_client_flow(u->client);
}

void core_uac_detach(struct core_uac **pu)
{
	if (!*pu)
		return;
	uac_free(*pu);
	*pu = NULL;
}
