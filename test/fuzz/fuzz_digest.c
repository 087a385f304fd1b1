/* Digest authentication with true hashes (RFC 7616): the input is the value of a challenge and, behind a
 * line end, a nonce.  Whoever knows the password answers a challenge that was read, and is known again;
 * with another password, method or count he is not.  No nonce is good that was not given out, and none
 * twice with the same count. */
#include "fuzz.h"

#include "app/nonces.h"
#include "server/hasher.h"
#include "sip/auth.h"

#define WALL_MS 1700000000000ull
#define LIFE_MS 300000

static const uint8_t key[16] = "a key of nonces";

static void random_bytes(struct io *io, void *ret, size_t n)
{
	(void)io;
	memset(ret, 7, n);
}

static uint64_t wall_ms(struct io *io)
{
	(void)io;
	return WALL_MS;
}

static void expected(const struct sip_hasher *h, const struct sip_credentials *c,
		     const char *password, const char *method, char ret[SIP_DIGEST_HEX_MAX])
{
	char ha1[SIP_DIGEST_HEX_MAX];

	sip_digest_ha1(h, c->algorithm, c->username, c->realm, str_c(password), ha1);
	sip_digest_response(h, c, str_c(ha1), str_c(method), ret);
}

static void answer(const struct sip_hasher *h, struct str value)
{
	static char room[1 << 18];
	struct buf b = buf_over(room, sizeof(room));
	char response[SIP_DIGEST_HEX_MAX], other[SIP_DIGEST_HEX_MAX];
	struct sip_challenge ch;
	struct sip_credentials c, read;

	if (!sip_challenge_parse(value, &ch) || ch.algorithm == SIP_ALG_UNKNOWN)
		return;
	c = (struct sip_credentials){.username = STR("alice"),
				     .realm = ch.realm,
				     .nonce = ch.nonce,
				     .opaque = ch.opaque,
				     .uri = STR("sip:example.com"),
				     .algorithm = ch.algorithm,
				     .qop = ch.qop_auth ? STR("auth") : STR(""),
				     .nc = STR("00000001"),
				     .cnonce = STR("c0ffee")};
	expected(h, &c, "secret", "INVITE", response);
	c.response = str_c(response);
	sip_credentials_put(&b, &c);
	if (b.failed)
		return;
	check(sip_credentials_parse(buf_str(&b), &read));
	expected(h, &read, "secret", "INVITE", other);
	check(str_eq(str_c(other), read.response));
	expected(h, &read, "secre", "INVITE", other);
	check(!str_eq(str_c(other), read.response));
	expected(h, &read, "secret", "BYE", other);
	check(!str_eq(str_c(other), read.response));
	read.nc = STR("00000002");
	expected(h, &read, "secret", "INVITE", other);
	check(!str_eq(str_c(other), read.response) == !str_empty(read.qop));
}

/* What stands in Authorization, whoever wrote it, is calculated with. */
static void verify(const struct sip_hasher *h, struct str value)
{
	struct sip_credentials c;
	char other[SIP_DIGEST_HEX_MAX];

	if (sip_credentials_parse(value, &c))
		expected(h, &c, "secret", "INVITE", other);
}

static void use_nonce(struct str nonce)
{
	static const struct io_ops ops = {.random = random_bytes, .wall_ms = wall_ms};
	struct io io = {.ops = &ops};
	char room[NONCE_TEXT_MAX];
	struct buf b = buf_over(room, sizeof(room));
	struct nonces *n;
	struct str given;

	check(nonces_new(64, &n) == 0);
	nonce_make(key, &io, &b);
	given = buf_str(&b);
	if (!str_eq(nonce, given))
		check(nonces_use(n, key, nonce, 1, WALL_MS, LIFE_MS) == NONCE_STALE);
	check(nonces_use(n, key, given, 1, WALL_MS, LIFE_MS) == NONCE_GOOD);
	check(nonces_use(n, key, given, 1, WALL_MS, LIFE_MS) == NONCE_REPLAYED);
	check(nonces_use(n, key, given, 3, WALL_MS, LIFE_MS) == NONCE_GOOD);
	check(nonces_use(n, key, given, 4, WALL_MS + LIFE_MS + 1, LIFE_MS) == NONCE_STALE);
	nonces_free(&n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crypto *crypto; /* until the process ends */
	struct str nonce = str_of((const char *)data, size), value = str_split(&nonce, '\n');
	struct sip_hasher h;

	if (!crypto)
		crypto = crypto_new();
	h = server_hasher(crypto);
	answer(&h, value);
	verify(&h, value);
	use_nonce(nonce);
	return 0;
}
