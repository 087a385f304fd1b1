#include "crypto/certificate.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/addr.h"

#define DAY_S 86400L
#define NAME_MAX_BYTES 256

/* ---- making ---- */

static bool set_serial(X509 *x)
{
	unsigned char bytes[16];
	BIGNUM *n;
	bool good;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 1; /* positive, RFC 5280 s4.1.2.2 */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	good = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return good;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	bool good;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	good = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return good;
}

/* "DNS:example.com,IP:192.0.2.1"; names are host names or addresses, so no comma comes in. */
static bool add_names(X509 *x, const struct str *names, size_t n)
{
	struct buf b = buf_heap(n * (NAME_MAX_BYTES + 8) + 1);
	bool good;

	for (size_t i = 0; i < n; i++) {
		struct addr a;
		bool ip = addr_parse_ip(names[i], &a);
		struct str s = names[i];

		if (ip && s.p[0] == '[')
			s = str_of(s.p + 1, s.n - 2);
		if (str_find(s, ',') < s.n || s.n > NAME_MAX_BYTES)
			b.failed = true;
		buf_fmt(&b, "%s%s:%.*s", i ? "," : "", ip ? "IP" : "DNS", STR_ARG(s));
	}
	good = !b.failed && add_extension(x, NID_subject_alt_name, buf_c(&b));
	buf_free(&b);
	return good;
}

static bool set_subject(X509 *x, struct str name)
{
	X509_NAME *n = X509_get_subject_name(x);

	/* The common name holds 64 characters; what counts is the alternative name. */
	return X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name.p,
					  (int)str_first(name, 64).n, -1, 0) == 1 &&
	       X509_set_issuer_name(x, n) == 1;
}

static bool fill(X509 *x, EVP_PKEY *key, const struct str *names, size_t n, unsigned days)
{
	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), (long)days * DAY_S) &&
	       X509_set_pubkey(x, key) == 1 && set_subject(x, names[0]) && add_names(x, names, n) &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x, NID_ext_key_usage, "serverAuth,clientAuth") &&
	       add_extension(x, NID_subject_key_identifier, "hash") &&
	       X509_sign(x, key, EVP_sha256()) > 0;
}

static bool put_bio(BIO *bio, struct buf *ret)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	if (n <= 0)
		return false;
	buf_put(ret, p, (size_t)n);
	return !ret->failed;
}

static bool put_pem(X509 *x, EVP_PKEY *key, struct buf *ret_pem, struct buf *ret_key_pem)
{
	BIO *cert_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_secmem());
	bool good = cert_bio && key_bio && PEM_write_bio_X509(cert_bio, x) == 1 &&
		    PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
		    put_bio(cert_bio, ret_pem) && put_bio(key_bio, ret_key_pem);

	BIO_free(cert_bio);
	BIO_free(key_bio);
	return good;
}

int certificate_make(const struct str *names, size_t n, unsigned days, struct buf *ret_pem,
		     struct buf *ret_key_pem)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	bool good =
		key && x && fill(x, key, names, n, days) && put_pem(x, key, ret_pem, ret_key_pem);

	X509_free(x);
	EVP_PKEY_free(key);
	if (ret_pem->failed || ret_key_pem->failed)
		return -ENOMEM;
	return good ? 0 : -EIO;
}

/* ---- looking ---- */

static int64_t seconds_of(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static bool covers(X509 *x, struct str name)
{
	char room[NAME_MAX_BYTES];
	struct addr a;

	if (name.n >= sizeof(room))
		return false;
	if (addr_parse_ip(name, &a)) {
		if (name.p[0] == '[')
			name = str_of(name.p + 1, name.n - 2);
		return X509_check_ip_asc(x, str_to_c(name, room, sizeof(room)), 0) == 1;
	}
	return X509_check_host(x, name.p, name.n, 0, NULL) == 1;
}

static FILE *open_pem(const char *path, struct buf *why)
{
	FILE *f = fopen(path, "re");

	if (!f)
		buf_fmt(why, "%s can't be read: %s", path, strerror(errno));
	return f;
}

/* A key with a pass phrase is refused rather than asked about. */
static int no_phrase(char *room, int size, int writing, void *ctx)
{
	return -1;
}

static X509 *read_certificate(const char *path, struct buf *why)
{
	FILE *f = open_pem(path, why);
	X509 *x = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f && !x)
		buf_fmt(why, "%s holds no certificate in PEM form", path);
	if (f)
		fclose(f);
	return x;
}

static EVP_PKEY *read_key(const char *path, struct buf *why)
{
	FILE *f = open_pem(path, why);
	EVP_PKEY *k = f ? PEM_read_PrivateKey(f, NULL, no_phrase, NULL) : NULL;

	if (f && !k)
		buf_fmt(why, "%s holds no private key in PEM form without a pass phrase", path);
	if (f)
		fclose(f);
	return k;
}

int certificate_look(const char *path, const char *key_path, const struct str *names, size_t n,
		     bool *ret_covers, struct certificate_facts *ret, struct buf *why)
{
	X509 *x = read_certificate(path, why);
	EVP_PKEY *key = x ? read_key(key_path, why) : NULL;

	if (key) {
		*ret = (struct certificate_facts){
			.not_before_s = seconds_of(X509_get0_notBefore(x)),
			.not_after_s = seconds_of(X509_get0_notAfter(x)),
			.key_matches = X509_check_private_key(x, key) == 1,
			.self_signed = X509_self_signed(x, 0) == 1,
		};
		for (size_t i = 0; i < n; i++)
			ret_covers[i] = covers(x, names[i]);
	}
	EVP_PKEY_free(key);
	X509_free(x);
	return key ? 0 : -EINVAL;
}
