/* sdp/dtls.h - what DTLS-SRTP and other connections need of a description: a=fingerprint
 * (RFC 8122 s5), a=setup and a=connection (RFC 4145), a=tls-id (RFC 8842). */
#ifndef TSUWA_SDP_DTLS_H
#define TSUWA_SDP_DTLS_H

#include "base/buf.h"

#define SDP_FINGERPRINT_MAX 64 /* bytes: of sha-512 */

enum sdp_hash {
	SDP_HASH_SHA1,
	SDP_HASH_SHA224,
	SDP_HASH_SHA256,
	SDP_HASH_SHA384,
	SDP_HASH_SHA512,
	SDP_HASH_MD5, /* known only to be refused (RFC 8122 s5) */
	SDP_HASH_MD2,
	SDP_HASH_OTHER
};

struct sdp_fingerprint {
	enum sdp_hash hash;
	struct str hash_name; /* as written; built from hash when empty */
	uint8_t bytes[SDP_FINGERPRINT_MAX];
	size_t n;
	bool lower_case; /* it should be upper; built as upper */
};

/* False also when the number of bytes is not that of the hash; *why (may be NULL) says
 * what is wrong then, a static text. */
bool sdp_fingerprint_parse(struct str value, struct sdp_fingerprint *ret, const char **why);
void sdp_fingerprint_put(struct buf *b, const struct sdp_fingerprint *f);
/* Bytes of the hash, 0 for SDP_HASH_OTHER. */
size_t sdp_hash_bytes(enum sdp_hash h);

enum sdp_setup { SDP_SETUP_ACTIVE, SDP_SETUP_PASSIVE, SDP_SETUP_ACTPASS, SDP_SETUP_HOLDCONN };

bool sdp_setup_parse(struct str value, enum sdp_setup *ret);
struct str sdp_setup_name(enum sdp_setup s);
/* Whether an answer may say `answer` to `offer` (RFC 4145 s4.1). */
bool sdp_setup_fits(enum sdp_setup offer, enum sdp_setup answer);

/* *ret_new: "new", else "existing". */
bool sdp_connection_parse(struct str value, bool *ret_new);

/* 20 to 255 of ALPHA / DIGIT / "+" / "/" / "-" / "_" */
bool sdp_tls_id_valid(struct str value);

#endif
