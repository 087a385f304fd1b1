/* crypto/digest.h - MD5, SHA-256 and HMAC-SHA-256 over parts, and random bytes.
 * Algorithms are looked up once, at creation: one struct crypto a worker, never
 * shared between threads.  OpenSSL stays behind it; knows no SIP. */
#ifndef TSUWA_CRYPTO_DIGEST_H
#define TSUWA_CRYPTO_DIGEST_H

#include "base/str.h"

enum crypto_digest { CRYPTO_MD5, CRYPTO_SHA256 };

#define CRYPTO_DIGEST_MAX 32 /* bytes */
#define CRYPTO_HEX_MAX 64 /* characters; no NUL */
#define CRYPTO_KEY_BYTES 32 /* a good length for keys of crypto_mac() */

struct crypto;

/* NULL when there is no memory or OpenSSL refuses (an algorithm that is disabled
 * fails later, when it is used). */
struct crypto *crypto_new(void);
void crypto_free(struct crypto **c);

/* Bytes of a digest: 16, 32. */
size_t crypto_digest_bytes(enum crypto_digest d);
/* The digest of the parts, one behind the other.  false when OpenSSL refuses, as MD5
 * under a FIPS policy. */
bool crypto_digest(struct crypto *c, enum crypto_digest d, const struct str *parts, size_t n,
		   uint8_t ret[CRYPTO_DIGEST_MAX]);
/* The same as lower-case hex digits; ret borrows room. */
bool crypto_digest_hex(struct crypto *c, enum crypto_digest d, const struct str *parts, size_t n,
		       char room[CRYPTO_HEX_MAX], struct str *ret);

/* HMAC-SHA-256 (RFC 2104) over the parts, cut to its first bytes (at most 32).  Each
 * part's length goes in before it, so that no two lists of parts look alike. */
bool crypto_mac(struct crypto *c, struct str key, const struct str *parts, size_t n, uint8_t *ret,
		size_t bytes);
/* HMAC-SHA-256 of one text as it stands, whole. */
bool crypto_hmac_sha256(struct crypto *c, struct str key, struct str text,
			uint8_t ret[CRYPTO_DIGEST_MAX]);

/* Unpredictable bytes of the kernel.  Never fails: ends the process when the kernel
 * has none to give, for no key may be guessed. */
void crypto_random(void *ret, size_t n);

#endif
