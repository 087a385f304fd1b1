/* sdp/crypto.h - a=crypto: keys of SRTP in the description (RFC 4568; suites of RFC 6188 and
 * RFC 7714 too).  Decodes and writes keys; knows no cipher. */
#ifndef TSUWA_SDP_CRYPTO_H
#define TSUWA_SDP_CRYPTO_H

#include "base/buf.h"

#define SDP_KEYS_MAX 8 /* of one attribute */
#define SDP_KEY_BYTES_MAX 46 /* master key and salt */
#define SDP_CRYPTO_EXT_MAX 8 /* session parameters that are not known */

enum sdp_suite {
	SDP_AES_CM_128_HMAC_SHA1_80,
	SDP_AES_CM_128_HMAC_SHA1_32,
	SDP_F8_128_HMAC_SHA1_80,
	SDP_AES_192_CM_HMAC_SHA1_80,
	SDP_AES_192_CM_HMAC_SHA1_32,
	SDP_AES_256_CM_HMAC_SHA1_80,
	SDP_AES_256_CM_HMAC_SHA1_32,
	SDP_AEAD_AES_128_GCM,
	SDP_AEAD_AES_256_GCM,
	SDP_SUITE_OTHER
};

struct sdp_suite_kind {
	struct str name;
	uint8_t key_bytes, salt_bytes;
	uint8_t tag_bits; /* of the authentication tag of SRTP */
};

/* One master key: "inline:" key||salt ["|" lifetime] ["|" MKI ":" length]  s6.1 */
struct sdp_key_param {
	uint8_t bytes[SDP_KEY_BYTES_MAX]; /* the key, the salt behind it */
	size_t n; /* 0: of a suite that is not known, then as text */
	struct str text; /* in base64, as written; built from bytes when empty */
	uint64_t lifetime; /* packets; 0: the suite's default */
	struct str mki; /* a decimal number; empty: none */
	uint8_t mki_bytes; /* its length in the packets, 1 to 128 */
};

enum sdp_fec_order { SDP_FEC_UNSAID, SDP_FEC_SRTP, SDP_SRTP_FEC };

struct sdp_crypto {
	uint32_t tag; /* up to nine digits */
	enum sdp_suite suite;
	struct str suite_name; /* as written; built from suite when empty */
	struct sdp_key_param keys[SDP_KEYS_MAX];
	size_t n_keys;
	/* session parameters, s6.3 */
	uint8_t kdr; /* 2^kdr packets; 0: not given */
	bool unencrypted_srtp, unencrypted_srtcp, unauthenticated_srtp;
	enum sdp_fec_order fec_order;
	struct str fec_key; /* key-params as written */
	uint32_t wsh; /* 64 or more; 0: not given */
	struct str ext[SDP_CRYPTO_EXT_MAX];
	size_t n_ext;
	bool must_know; /* one of ext has no '-' in front: who does not know it refuses the line */
};

/* False also for what s6.1 calls invalid: a key that is not as long as the suite wants, a
 * lifetime or MKI out of range; *why (may be NULL) says what, a static text. */
bool sdp_crypto_parse(struct str value, struct sdp_crypto *ret, const char **why);
/* Writes the value; b->failed when a field can't stand there. */
void sdp_crypto_put(struct buf *b, const struct sdp_crypto *c);

/* NULL for SDP_SUITE_OTHER.  Names compare without case. */
const struct sdp_suite_kind *sdp_suite_kind(enum sdp_suite s);
enum sdp_suite sdp_suite_of(struct str name);

#endif
