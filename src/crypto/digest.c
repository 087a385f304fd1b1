#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/digest.h"

#define BLOCK_BYTES 64 /* of SHA-256 */
#define KINDS 2

struct crypto {
	EVP_MD *md[KINDS]; /* NULL: not to be had */
	EVP_MD_CTX *ctx; /* used again for each digest */
};

void crypto_free(struct crypto **c)
{
	if (!*c)
		return;
	for (unsigned i = 0; i < KINDS; i++)
		EVP_MD_free((*c)->md[i]);
	EVP_MD_CTX_free((*c)->ctx);
	xfree(*c);
	*c = NULL;
}

struct crypto *crypto_new(void)
{
	struct crypto *c = xzalloc(sizeof(*c));

	if (!c)
		return NULL;
	c->ctx = EVP_MD_CTX_new();
	c->md[CRYPTO_MD5] = EVP_MD_fetch(NULL, "MD5", NULL);
	c->md[CRYPTO_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!c->ctx || !c->md[CRYPTO_SHA256])
		crypto_free(&c);
	return c;
}

size_t crypto_digest_bytes(enum crypto_digest d)
{
	return d == CRYPTO_MD5 ? 16 : 32;
}

static bool start(struct crypto *c, enum crypto_digest d)
{
	return c->md[d] && EVP_DigestInit_ex2(c->ctx, c->md[d], NULL) == 1;
}

static bool add(struct crypto *c, const void *p, size_t n)
{
	return n == 0 || EVP_DigestUpdate(c->ctx, p, n) == 1;
}

static bool finish(struct crypto *c, uint8_t ret[CRYPTO_DIGEST_MAX])
{
	return EVP_DigestFinal_ex(c->ctx, ret, NULL) == 1;
}

bool crypto_digest(struct crypto *c, enum crypto_digest d, const struct str *parts, size_t n,
		   uint8_t ret[CRYPTO_DIGEST_MAX])
{
	if (!start(c, d))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add(c, parts[i].p, parts[i].n))
			return false;
	return finish(c, ret);
}

bool crypto_digest_hex(struct crypto *c, enum crypto_digest d, const struct str *parts, size_t n,
		       char room[CRYPTO_HEX_MAX], struct str *ret)
{
	uint8_t bytes[CRYPTO_DIGEST_MAX];
	struct buf b = buf_over(room, CRYPTO_HEX_MAX);

	if (!crypto_digest(c, d, parts, n, bytes))
		return false;
	buf_put_hex(&b, bytes, crypto_digest_bytes(d));
	*ret = buf_str(&b);
	return true;
}

/* RFC 2104 s2.  The context is our own, so that a MAC costs no allocation. */
static bool pad_key(struct crypto *c, struct str key, uint8_t pad[BLOCK_BYTES])
{
	memset(pad, 0, BLOCK_BYTES);
	if (key.n > BLOCK_BYTES)
		return crypto_digest(c, CRYPTO_SHA256, &key, 1, pad);
	if (key.n)
		memcpy(pad, key.p, key.n);
	return true;
}

static void turn_pad(uint8_t pad[BLOCK_BYTES], uint8_t with)
{
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		pad[i] ^= with;
}

static bool hmac(struct crypto *c, struct str key, const struct str *parts, size_t n, bool lengths,
		 uint8_t ret[CRYPTO_DIGEST_MAX])
{
	uint8_t pad[BLOCK_BYTES], inner[CRYPTO_DIGEST_MAX];
	bool good = pad_key(c, key, pad);

	turn_pad(pad, 0x36);
	good = good && start(c, CRYPTO_SHA256) && add(c, pad, sizeof(pad));
	for (size_t i = 0; good && i < n; i++) {
		char room[8];
		struct buf b = buf_over(room, sizeof(room));

		buf_put_le(&b, parts[i].n, 8);
		good = (!lengths || add(c, b.p, b.n)) && add(c, parts[i].p, parts[i].n);
	}
	turn_pad(pad, 0x36 ^ 0x5c);
	good = good && finish(c, inner) && start(c, CRYPTO_SHA256) && add(c, pad, sizeof(pad)) &&
	       add(c, inner, sizeof(inner)) && finish(c, ret);
	OPENSSL_cleanse(pad, sizeof(pad));
	OPENSSL_cleanse(inner, sizeof(inner));
	return good;
}

bool crypto_mac(struct crypto *c, struct str key, const struct str *parts, size_t n, uint8_t *ret,
		size_t bytes)
{
	uint8_t whole[CRYPTO_DIGEST_MAX];

	if (bytes > sizeof(whole) || !hmac(c, key, parts, n, true, whole))
		return false;
	memcpy(ret, whole, bytes);
	return true;
}

bool crypto_hmac_sha256(struct crypto *c, struct str key, struct str text,
			uint8_t ret[CRYPTO_DIGEST_MAX])
{
	return hmac(c, key, &text, 1, false, ret);
}
