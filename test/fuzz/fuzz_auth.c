/* Challenges and credentials that parse are written anew and read the same. */
#include "fuzz.h"

#include "sip/auth.h"

static char room[256 * 1024];

/* A value may be of the bare kind that can't stand in quotes; then writing refuses. */
static void one_challenge(struct str value)
{
	struct buf b = buf_over(room, sizeof(room));
	struct sip_challenge c, again;

	if (!sip_challenge_parse(value, &c))
		return;
	sip_challenge_put(&b, &c);
	if (b.failed)
		return;
	check(sip_challenge_parse(buf_str(&b), &again));
	check(str_eq(c.realm, again.realm) && str_eq(c.nonce, again.nonce) &&
	      str_eq(c.opaque, again.opaque) && str_eq(c.domain, again.domain));
	check(c.stale == again.stale && c.qop_auth == again.qop_auth);
	check(c.algorithm == again.algorithm || c.algorithm == SIP_ALG_UNKNOWN);
}

/* No hash: what matters is which parts it is given. */
static void hash(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		 char ret_hex[SIP_DIGEST_HEX_MAX])
{
	size_t i, total = 0;

	for (i = 0; i < n; i++)
		total += parts[i].n;
	ret_hex[0] = (char)('a' + total % 6);
	ret_hex[1] = '\0';
}

static void one_credentials(struct str value)
{
	static const struct sip_hasher hasher = {.hash = hash};
	struct buf b = buf_over(room, sizeof(room));
	struct sip_credentials c, again;
	char response[SIP_DIGEST_HEX_MAX];

	if (!sip_credentials_parse(value, &c))
		return;
	sip_digest_response(&hasher, &c, STR("a"), STR("REGISTER"), response);
	sip_credentials_put(&b, &c);
	if (b.failed)
		return;
	check(sip_credentials_parse(buf_str(&b), &again));
	check(str_eq(c.username, again.username) && str_eq(c.realm, again.realm) &&
	      str_eq(c.nonce, again.nonce) && str_eq(c.uri, again.uri) &&
	      str_eq(c.response, again.response) && str_eq(c.qop, again.qop));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = str_of((const char *)data, size);

	one_challenge(value);
	one_credentials(value);
	return 0;
}
