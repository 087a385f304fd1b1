#include <openssl/evp.h>

#include "sip/auth.h"
#include "sip_test.h"

static void hash(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		 char ret_hex[SIP_DIGEST_HEX_MAX])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len, i;
	struct buf b = buf_over(ret_hex, SIP_DIGEST_HEX_MAX);

	assert_int_equal(EVP_DigestInit_ex(md, alg == SIP_ALG_MD5 ? EVP_md5() : EVP_sha256(), NULL),
			 1);
	for (i = 0; i < n; i++)
		EVP_DigestUpdate(md, parts[i].p, parts[i].n);
	EVP_DigestFinal_ex(md, out, &len);
	EVP_MD_CTX_free(md);
	buf_put_hex(&b, out, len);
	buf_c(&b);
}

static const struct sip_hasher hasher = {.hash = hash};

static void assert_response(struct str authorization, struct str password, struct str method)
{
	struct sip_credentials c;
	char ha1[SIP_DIGEST_HEX_MAX], response[SIP_DIGEST_HEX_MAX];

	assert_true(sip_credentials_parse(authorization, &c));
	sip_digest_ha1(&hasher, c.algorithm, c.username, c.realm, password, ha1);
	sip_digest_response(&hasher, &c, str_c(ha1), method, response);
	assert_str(str_c(response), c.response);
}

/* RFC 2617 s3.5, RFC 7616 s3.9.1 (both of its algorithms). */
static void examples_of_the_rfcs(void **state)
{
	assert_response(STR("Digest username=\"Mufasa\",\r\n realm=\"testrealm@host.com\","
			    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\","
			    "qop=auth, nc=00000001, cnonce=\"0a4f113b\","
			    "response=\"6629fae49393a05397450978507c4ef1\","
			    "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""),
			STR("Circle Of Life"), STR("GET"));
	assert_response(STR("Digest username=\"Mufasa\", realm=\"http-auth@example.org\","
			    "uri=\"/dir/index.html\", algorithm=MD5,"
			    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001,"
			    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth,"
			    "response=\"8ca523f5e9506fed4657c9700eebdbec\","
			    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""),
			STR("Circle of Life"), STR("GET"));
	assert_response(
		STR("Digest username=\"Mufasa\", realm=\"http-auth@example.org\","
		    "uri=\"/dir/index.html\", algorithm=SHA-256,"
		    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001,"
		    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth,"
		    "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\","
		    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""),
		STR("Circle of Life"), STR("GET"));
}

static void challenges(void **state)
{
	struct sip_challenge c;

	assert_true(sip_challenge_parse(
		STR("Digest realm=\"a \\\"b\\\"\", nonce=\"n,=\" ,qop=\"auth-int, auth\","
		    "opaque=\"\",stale=TRUE,algorithm=\"sha-256\",domain=\"sip:a sip:b\""),
		&c));
	assert_str(c.realm, STR("a \\\"b\\\""));
	assert_str(c.nonce, STR("n,="));
	assert_str(c.domain, STR("sip:a sip:b"));
	assert_non_null(c.opaque.p);
	assert_int_equal(c.algorithm, SIP_ALG_SHA256);
	assert_true(c.stale && c.qop_given && c.qop_auth);
	assert_true(sip_challenge_parse(STR("digest\trealm=r,nonce=n"), &c));
	assert_int_equal(c.algorithm, SIP_ALG_MD5);
	assert_false(c.stale || c.qop_given || c.qop_auth);
	assert_true(sip_challenge_parse(
		STR("Digest realm=\"\",nonce=n,qop=auth-int,auth,algorithm=MD5-sess"), &c));
	assert_int_equal(c.algorithm, SIP_ALG_UNKNOWN);
	assert_true(c.qop_given && c.qop_auth);
	assert_true(sip_challenge_parse(STR("Digest realm=\"\",nonce=n,qop=\"auth-int\""), &c));
	assert_true(c.qop_given && !c.qop_auth);
}

static void bad_challenges(void **state)
{
	static const char *const rows[] = {
		"",
		"Digest",
		"Digest ",
		"Basic realm=\"x\"",
		"Digestrealm=\"x\",nonce=\"y\"",
		"Digest realm=\"x\"",
		"Digest nonce=\"x\"",
		"Digest realm=\"x,nonce=\"y\"",
		"Digest realm=\"x\",nonce=\"y\\",
		"Digest realm=\"x\" nonce=\"y\"",
		"Digest realm=\"x\",nonce=\"y\",realm=\"z\"",
		"Digest realm=\"x\",nonce=\"y\",=",
	};
	struct sip_challenge c;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (sip_challenge_parse(guard_str(str_c(rows[i])), &c))
			fail_msg("%s", rows[i]);
		guard_free_all();
	}
}

#define CRED "Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"sip:a\",response=\"x\""

static void credentials(void **state)
{
	struct sip_credentials c;

	assert_true(sip_credentials_parse(STR(CRED), &c));
	assert_int_equal(c.qop.n, 0);
	assert_true(sip_credentials_parse(STR(CRED ",qop=\"auth\",nc=\"0000000A\",cnonce=c"), &c));
	assert_str(c.qop, STR("auth"));
	assert_str(c.nc, STR("0000000A"));
	assert_false(sip_credentials_parse(STR(CRED ",qop=auth,nc=1,cnonce=c"), &c));
	assert_false(sip_credentials_parse(STR(CRED ",qop=auth,nc=00000001"), &c));
	assert_false(sip_credentials_parse(STR(CRED ",response=\"y\""), &c));
	assert_false(sip_credentials_parse(STR(CRED ",flag"), &c));
	assert_false(sip_credentials_parse(
		STR("Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"sip:a\""), &c));
	assert_false(sip_credentials_parse(STR("NoOneKnowsThisScheme opaque-data=here"), &c));
}

static void writes_what_it_reads(void **state)
{
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));
	struct sip_challenge ch = {.realm = STR("r"),
				   .nonce = STR("n"),
				   .opaque = STR("o"),
				   .algorithm = SIP_ALG_SHA256,
				   .stale = true,
				   .qop_auth = true},
			     ch2;
	struct sip_credentials cr = {.username = STR("u\\\"x"),
				     .realm = STR("r"),
				     .nonce = STR("n"),
				     .uri = STR("sip:a"),
				     .response = STR("f00"),
				     .opaque = STR(""),
				     .cnonce = STR("c"),
				     .nc = STR("00000001"),
				     .qop = STR("auth"),
				     .algorithm = SIP_ALG_MD5},
			       cr2;

	sip_challenge_put(&b, &ch);
	assert_str(buf_str(&b), STR("Digest realm=\"r\", nonce=\"n\", opaque=\"o\", qop=\"auth\", "
				    "algorithm=SHA-256, stale=true"));
	assert_true(sip_challenge_parse(buf_str(&b), &ch2));
	assert_true(ch2.stale && ch2.qop_auth && ch2.algorithm == SIP_ALG_SHA256);
	buf_reset(&b);
	sip_credentials_put(&b, &cr);
	assert_false(b.failed);
	assert_true(sip_credentials_parse(buf_str(&b), &cr2));
	assert_str(cr2.username, cr.username);
	assert_str(cr2.nc, cr.nc);
	assert_str(cr2.cnonce, cr.cnonce);
	assert_non_null(cr2.opaque.p);
}

static void refuses_to_write_what_would_break_out(void **state)
{
	static const char *const evil[] = {"a\"b", "a\r\nb", "a\\", "a\\\nb"};
	char room[1024];
	size_t i;

	for (i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		struct buf b = buf_over(room, sizeof(room));
		struct sip_challenge ch = {.realm = str_c(evil[i]), .nonce = STR("n")};
		struct sip_credentials cr = {.username = str_c(evil[i])};

		sip_challenge_put(&b, &ch);
		assert_true(b.failed);
		buf_reset(&b);
		sip_credentials_put(&b, &cr);
		assert_true(b.failed);
	}
}

static void prefix(struct str s, void *ctx)
{
	struct sip_challenge ch;
	struct sip_credentials cr;

	sip_challenge_parse(s, &ch);
	sip_credentials_parse(s, &cr);
}

static void reads_no_further(void **state)
{
	each_prefix(STR(CRED ",qop=\"auth\",nc=\"0000000A\",cnonce=c,stale=true,algorithm=MD5"),
		    prefix, NULL);
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_rfcs),
		cmocka_unit_test(challenges),
		cmocka_unit_test(bad_challenges),
		cmocka_unit_test(credentials),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(refuses_to_write_what_would_break_out),
		cmocka_unit_test(reads_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
