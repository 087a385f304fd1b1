#include "server/hasher.h"

#include <assert.h>

static_assert(SIP_DIGEST_HEX_MAX > CRYPTO_HEX_MAX, "room for the digits and a NUL");

static void hash(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		 char ret_hex[SIP_DIGEST_HEX_MAX])
{
	enum crypto_digest d = alg == SIP_ALG_SHA256 ? CRYPTO_SHA256 : CRYPTO_MD5;
	uint8_t junk[CRYPTO_DIGEST_MAX];
	struct buf b = buf_over(ret_hex, SIP_DIGEST_HEX_MAX);
	struct str hex;

	if (crypto_digest_hex(ctx, d, parts, n, ret_hex, &hex)) {
		ret_hex[hex.n] = '\0';
		return;
	}
	/* Never a constant: a response that anybody can foresee would open the door. */
	crypto_random(junk, sizeof(junk));
	buf_put_hex(&b, junk, crypto_digest_bytes(d));
	buf_c(&b);
}

struct sip_hasher server_hasher(struct crypto *c)
{
	return (struct sip_hasher){.hash = hash, .ctx = c};
}
