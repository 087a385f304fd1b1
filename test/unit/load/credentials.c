#include "harness.h"

#include "load/credentials.h"

/* The one way to know the answer: to do what a server does with it (RFC 7616 s3.4.1). */
static void hash(void *ctx, enum sip_algorithm alg, const struct str *parts, size_t n,
		 char ret_hex[SIP_DIGEST_HEX_MAX])
{
	struct str hex;

	assert_true(crypto_digest_hex(ctx, alg == SIP_ALG_MD5 ? CRYPTO_MD5 : CRYPTO_SHA256, parts,
				      n, ret_hex, &hex));
	ret_hex[hex.n] = '\0';
}

static void assert_answers(struct crypto *c, struct str line, const char *name,
			   enum sip_algorithm alg, const char *nc)
{
	struct sip_hasher h = {hash, c};
	struct sip_credentials got;
	char ha1[SIP_DIGEST_HEX_MAX], want[SIP_DIGEST_HEX_MAX];
	struct str value = line;

	assert_str(str_split(&value, ':'), str_c(name));
	assert_true(sip_credentials_parse(str_trim(value), &got));
	assert_true(str_ends(line, STR("\r\n")));
	assert_int_equal(got.algorithm, alg);
	assert_str(got.username, STR("alice"));
	assert_str(got.nc, str_c(nc));
	assert_str(got.opaque, STR("op"));
	sip_digest_ha1(&h, alg, STR("alice"), STR("here"), STR("secret"), ha1);
	sip_digest_response(&h, &got, str_c(ha1), STR("REGISTER"), want);
	assert_str(got.response, str_c(want));
}

#define CHALLENGE(alg)                                                                             \
	"Digest realm=\"here\", nonce=\"n0\", opaque=\"op\", qop=\"auth\", algorithm=" alg "\r\n"

static const char challenge[] =
	"SIP/2.0 401 Unauthorized\r\n"
	"WWW-Authenticate: Basic realm=\"here\"\r\n"
	"WWW-Authenticate: " CHALLENGE("SHA-512-256") "WWW-Authenticate: " CHALLENGE(
		"SHA-256") "WWW-Authenticate: " CHALLENGE("MD5") "\r\n";

struct fixture {
	struct credentials c;
	struct user user;
	struct user_nonce nonce;
	struct credentials_ask ask;
	struct arena arena;
	struct sip_msg m;
};

static void begin(struct fixture *f, enum sip_algorithm only, const char *text)
{
	struct sip_err err;

	*f = (struct fixture){.user = {.name = STR("alice"), .password = STR("secret")}};
	f->ask = (struct credentials_ask){.user = &f->user,
					  .nonce = &f->nonce,
					  .method = STR("REGISTER"),
					  .uri = STR("sip:here")};
	arena_init(&f->arena, NULL, 0, 0);
	assert_int_equal(credentials_init(&f->c, only), 0);
	assert_true(sip_parse(str_c(text), &f->arena, &f->m, &err));
}

static void end(struct fixture *f)
{
	credentials_fini(&f->c);
	arena_fini(&f->arena);
}

static void takes_the_first_that_it_knows(void **state)
{
	struct fixture f;
	char room[CREDENTIALS_MAX];
	size_t n;

	begin(&f, SIP_ALG_UNKNOWN, challenge);
	n = credentials_answer(&f.c, &f.ask, &f.m, room);
	assert_answers(f.c.crypto, str_of(room, n), "Authorization", SIP_ALG_SHA256, "00000001");
	end(&f);
}

static void takes_the_one_asked_for(void **state)
{
	struct fixture f;
	char room[CREDENTIALS_MAX];
	size_t n;

	begin(&f, SIP_ALG_MD5, challenge);
	n = credentials_answer(&f.c, &f.ask, &f.m, room);
	assert_answers(f.c.crypto, str_of(room, n), "Authorization", SIP_ALG_MD5, "00000001");
	end(&f);
}

static void a_kept_nonce_counts(void **state)
{
	struct fixture f;
	char room[CREDENTIALS_MAX];
	size_t n;

	begin(&f, SIP_ALG_UNKNOWN, challenge);
	assert_int_equal(credentials_again(&f.c, &f.ask, room), 0);
	assert_true(credentials_answer(&f.c, &f.ask, &f.m, room) > 0);
	n = credentials_again(&f.c, &f.ask, room);
	assert_answers(f.c.crypto, str_of(room, n), "Authorization", SIP_ALG_SHA256, "00000002");
	n = credentials_again(&f.c, &f.ask, room);
	assert_answers(f.c.crypto, str_of(room, n), "Authorization", SIP_ALG_SHA256, "00000003");
	end(&f);
}

static void proxies_are_told_apart(void **state)
{
	struct fixture f;
	char room[CREDENTIALS_MAX];
	size_t n;

	begin(&f, SIP_ALG_UNKNOWN, "SIP/2.0 407 P\r\nProxy-Authenticate: " CHALLENGE("MD5") "\r\n");
	assert_int_equal(credentials_answer(&f.c, &f.ask, &f.m, room), 0);
	f.ask.proxy = true;
	n = credentials_answer(&f.c, &f.ask, &f.m, room);
	assert_answers(f.c.crypto, str_of(room, n), "Proxy-Authorization", SIP_ALG_MD5, "00000001");
	end(&f);
}

static void what_cannot_be_answered(void **state)
{
	struct fixture f;
	char room[CREDENTIALS_MAX];

	begin(&f, SIP_ALG_UNKNOWN, challenge);
	f.user.password = STR_NONE;
	assert_int_equal(credentials_answer(&f.c, &f.ask, &f.m, room), 0);
	end(&f);
	begin(&f, SIP_ALG_UNKNOWN, "SIP/2.0 401 U\r\nServer: x\r\n\r\n");
	assert_int_equal(credentials_answer(&f.c, &f.ask, &f.m, room), 0);
	end(&f);
}

/* A second realm does not get the HA1 that was kept for the first. */
static void realms_are_told_apart(void **state)
{
	struct fixture f;
	char room[CREDENTIALS_MAX];
	size_t n;

	begin(&f, SIP_ALG_MD5,
	      "SIP/2.0 401 U\r\nWWW-Authenticate: Digest realm=\"there\", nonce=\"x\", "
	      "qop=\"auth\"\r\n\r\n");
	assert_true(credentials_answer(&f.c, &f.ask, &f.m, room) > 0);
	end(&f);
	begin(&f, SIP_ALG_MD5, challenge);
	memcpy(f.c.realm, "there", 5);
	f.c.realm_n = 5;
	n = credentials_answer(&f.c, &f.ask, &f.m, room);
	assert_answers(f.c.crypto, str_of(room, n), "Authorization", SIP_ALG_MD5, "00000001");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_first_that_it_knows),
		cmocka_unit_test(takes_the_one_asked_for),
		cmocka_unit_test(a_kept_nonce_counts),
		cmocka_unit_test(proxies_are_told_apart),
		cmocka_unit_test(what_cannot_be_answered),
		cmocka_unit_test(realms_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
