/* crypto/certificate.h - X.509 certificates of servers: making one that signs itself, and
 * looking at the one that an operator has.  PEM text and files; knows no TLS sessions. */
#ifndef TSUWA_CRYPTO_CERTIFICATE_H
#define TSUWA_CRYPTO_CERTIFICATE_H

#include "base/buf.h"

/* A fresh P-256 key and a certificate that it signs, for names (DNS names or IP addresses, at
 * least one), valid for days from yesterday.  Both are appended as PEM.  0, -ENOMEM, or -EIO when
 * OpenSSL refuses. */
int certificate_make(const struct str *names, size_t n, unsigned days, struct buf *ret_pem,
		     struct buf *ret_key_pem);

struct certificate_facts {
	int64_t not_before_s, not_after_s; /* since 1970 */
	bool key_matches;
	bool self_signed;
};

/* Reads a chain and its key from files.  names: which of n the certificate is good for is told by
 * ret_covers (n of them).  0; -errno with a sentence in why: a file can't be read or parsed. */
int certificate_look(const char *path, const char *key_path, const struct str *names, size_t n,
		     bool *ret_covers, struct certificate_facts *ret, struct buf *why);

#endif
