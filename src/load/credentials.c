#include "load/credentials.h"

#include <errno.h>

static void hash(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		 char ret_hex[SIP_DIGEST_HEX_MAX])
{
	struct str hex;

	ret_hex[0] = '\0';
	if (crypto_digest_hex(ctx, alg == SIP_ALG_MD5 ? CRYPTO_MD5 : CRYPTO_SHA256, parts, n,
			      ret_hex, &hex))
		ret_hex[hex.n] = '\0';
}

int credentials_init(struct credentials *c, enum sip_algorithm only)
{
	*c = (struct credentials){.crypto = crypto_new(), .only = only};
	return c->crypto ? 0 : -ENOMEM;
}

void credentials_fini(struct credentials *c)
{
	crypto_free(&c->crypto);
}

/* HA1 is of one realm and algorithm; all users of a run meet the same. */
static struct str ha1_of(struct credentials *c, const struct sip_hasher *h, struct user *u,
			 enum sip_algorithm alg, struct str realm, char own[SIP_DIGEST_HEX_MAX])
{
	if (realm.n <= sizeof(c->realm) && c->realm_n == 0) {
		memcpy(c->realm, realm.p, realm.n);
		c->realm_n = realm.n;
	}
	if (!str_eq(realm, str_of(c->realm, c->realm_n))) {
		sip_digest_ha1(h, alg, u->name, realm, u->password, own);
		return str_c(own);
	}
	if (u->ha1_algorithm != alg) {
		sip_digest_ha1(h, alg, u->name, realm, u->password, u->ha1);
		u->ha1_algorithm = (uint8_t)alg;
	}
	return str_c(u->ha1);
}

static void put_hex8(char *p, uint32_t v)
{
	for (unsigned i = 8; i-- > 0; v >>= 4)
		p[i] = "0123456789abcdef"[v & 15];
}

static size_t put_line(struct credentials *c, const struct credentials_ask *ask,
		       const struct sip_challenge *ch, uint32_t nc, char *room)
{
	struct sip_hasher h = {hash, c->crypto};
	char ha1[SIP_DIGEST_HEX_MAX], response[SIP_DIGEST_HEX_MAX], nc_text[8], cnonce[8];
	struct sip_credentials answer = {
		.username = ask->user->name,
		.realm = ch->realm,
		.nonce = ch->nonce,
		.uri = ask->uri,
		.opaque = ch->opaque,
		.algorithm = ch->algorithm,
	};
	struct buf b = buf_over(room, CREDENTIALS_MAX);
	struct str secret;

	put_hex8(nc_text, nc);
	put_hex8(cnonce, (uint32_t)++c->n);
	if (ch->qop_auth) {
		answer.qop = STR("auth");
		answer.nc = str_of(nc_text, sizeof(nc_text));
		answer.cnonce = str_of(cnonce, sizeof(cnonce));
	}
	secret = ha1_of(c, &h, ask->user, ch->algorithm, ch->realm, ha1);
	sip_digest_response(&h, &answer, secret, ask->method, response);
	answer.response = str_c(response);
	buf_puts(&b, ask->proxy ? STR("Proxy-Authorization: ") : STR("Authorization: "));
	sip_credentials_put(&b, &answer);
	buf_puts(&b, STR("\r\n"));
	return b.failed ? 0 : b.n;
}

static bool find_challenge(const struct credentials *c, const struct sip_msg *m, enum sip_hdr_id id,
			   struct sip_challenge *ret)
{
	for (int i = sip_find(m, id, 0); i >= 0; i = sip_find(m, id, (unsigned)i + 1)) {
		struct sip_challenge ch;

		if (!sip_challenge_parse(sip_hdr_value(&m->hdr[i]), &ch) ||
		    ch.algorithm == SIP_ALG_UNKNOWN || (ch.qop_given && !ch.qop_auth) ||
		    (c->only != SIP_ALG_UNKNOWN && ch.algorithm != c->only))
			continue;
		*ret = ch;
		return true;
	}
	return false;
}

static void keep_nonce(struct user_nonce *n, const struct sip_challenge *ch)
{
	if (ch->realm.n >= sizeof(n->realm) || ch->opaque.n >= sizeof(n->opaque) ||
	    ch->nonce.n > sizeof(n->nonce) || !ch->qop_auth) {
		n->nc = 0;
		return;
	}
	*n = (struct user_nonce){.nc = 1,
				 .realm_n = (uint8_t)ch->realm.n,
				 .opaque_n = (uint8_t)ch->opaque.n,
				 .nonce_n = (uint16_t)ch->nonce.n,
				 .algorithm = (uint8_t)ch->algorithm};
	memcpy(n->realm, ch->realm.p, ch->realm.n);
	if (ch->opaque.n)
		memcpy(n->opaque, ch->opaque.p, ch->opaque.n);
	memcpy(n->nonce, ch->nonce.p, ch->nonce.n);
}

size_t credentials_answer(struct credentials *c, const struct credentials_ask *ask,
			  const struct sip_msg *m, char *room)
{
	enum sip_hdr_id id = ask->proxy ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE;
	struct sip_challenge ch;

	if (!ask->user->password.p || !find_challenge(c, m, id, &ch))
		return 0;
	if (ask->nonce)
		keep_nonce(ask->nonce, &ch);
	return put_line(c, ask, &ch, 1, room);
}

size_t credentials_again(struct credentials *c, const struct credentials_ask *ask, char *room)
{
	struct user_nonce *n = ask->nonce;
	struct sip_challenge ch;

	if (!n || !n->nc)
		return 0;
	ch = (struct sip_challenge){.realm = str_of(n->realm, n->realm_n),
				    .nonce = str_of(n->nonce, n->nonce_n),
				    .opaque = str_of(n->opaque, n->opaque_n),
				    .algorithm = (enum sip_algorithm)n->algorithm,
				    .qop_auth = true};
	return put_line(c, ask, &ch, ++n->nc, room);
}
