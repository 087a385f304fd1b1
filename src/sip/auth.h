/* sip/auth.h - digest authentication's language: challenges and credentials (RFC 3261 s22,
 * RFC 7616, RFC 8760), and the response's calculation over a hash that is given.
 * Keeps no nonces and no users. */
#ifndef TSUWA_SIP_AUTH_H
#define TSUWA_SIP_AUTH_H

#include "sip/msg.h"

enum sip_algorithm { SIP_ALG_UNKNOWN, SIP_ALG_MD5, SIP_ALG_SHA256 };

#define SIP_DIGEST_HEX_MAX 65 /* with a NUL */

/* Gives a hash over the parts as lower-case hex; crypto/ has it. */
struct sip_hasher {
	void (*hash)(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		     char ret_hex[SIP_DIGEST_HEX_MAX]);
	void *ctx;
};

struct sip_challenge {
	struct str realm, nonce, opaque, domain; /* between the quotes */
	enum sip_algorithm algorithm; /* absent: MD5 */
	bool stale;
	bool qop_auth, qop_given; /* qop offered, and "auth" in it */
};

struct sip_credentials {
	struct str username, realm, nonce, uri, response, opaque, cnonce, nc;
	enum sip_algorithm algorithm; /* absent: MD5 */
	struct str qop; /* empty: none (RFC 2069 style) */
};

/* Of a WWW-/Proxy-Authenticate value; false when it is not Digest or lacks a field. */
bool sip_challenge_parse(struct str value, struct sip_challenge *ret);
/* Of an (Proxy-)Authorization value. */
bool sip_credentials_parse(struct str value, struct sip_credentials *ret);

/* What is wrong with a challenge or credentials of any scheme: a static text, or NULL.  Only
 * Digest is looked into. */
const char *sip_challenge_fault(struct str value);
const char *sip_credentials_fault(struct str value);

struct sip_auth_info {
	struct str nextnonce, qop, rspauth, cnonce, nc; /* empty: not given */
};

/* Authentication-Info of a 2xx; false when it says nothing that is known. */
bool sip_auth_info_parse(struct str value, struct sip_auth_info *ret);

/* HA1 = H(user ":" realm ":" password) */
void sip_digest_ha1(const struct sip_hasher *h, enum sip_algorithm alg, struct str user,
		    struct str realm, struct str password, char ret[SIP_DIGEST_HEX_MAX]);
/* The response that these credentials should hold for this HA1 and method. */
void sip_digest_response(const struct sip_hasher *h, const struct sip_credentials *c,
			 struct str ha1_hex, struct str method, char ret[SIP_DIGEST_HEX_MAX]);

struct str sip_algorithm_name(enum sip_algorithm alg); /* "SHA-256" */
/* "Digest realm=..., nonce=..., qop=\"auth\", algorithm=..., stale=..." */
void sip_challenge_put(struct buf *b, const struct sip_challenge *c);
void sip_credentials_put(struct buf *b, const struct sip_credentials *c);

#endif
