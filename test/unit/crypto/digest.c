#include "crypto/digest.h"
#include "base/buf.h"
#include "harness.h"

static struct str hex(const uint8_t *p, size_t n)
{
	static char room[2 * CRYPTO_DIGEST_MAX];
	struct buf b = buf_over(room, sizeof(room));

	buf_put_hex(&b, p, n);
	return buf_str(&b);
}

/* RFC 1321 sA.5 and FIPS 180-4's examples. */
static void digests_agree(void **state)
{
	static const struct {
		enum crypto_digest d;
		struct str parts[3];
		const char *hex;
	} table[] = {
		{CRYPTO_MD5, {STR_INIT("")}, "d41d8cd98f00b204e9800998ecf8427e"},
		{CRYPTO_MD5, {STR_INIT("abc")}, "900150983cd24fb0d6963f7d28e17f72"},
		{CRYPTO_MD5,
		 {STR_INIT("message"), STR_INIT(" "), STR_INIT("digest")},
		 "f96b697d7cb7938d525a2f31aaf161d0"},
		{CRYPTO_SHA256,
		 {STR_INIT("")},
		 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{CRYPTO_SHA256,
		 {STR_INIT("a"), STR_INIT(""), STR_INIT("bc")},
		 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{CRYPTO_SHA256,
		 {STR_INIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")},
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	struct crypto *c = crypto_new();

	assert_non_null(c);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		char room[CRYPTO_HEX_MAX];
		struct str got;

		assert_true(crypto_digest_hex(c, table[i].d, table[i].parts, 3, room, &got));
		assert_str(got, str_c(table[i].hex));
	}
	assert_int_equal(crypto_digest_bytes(CRYPTO_MD5), 16);
	assert_int_equal(crypto_digest_bytes(CRYPTO_SHA256), 32);
	crypto_free(&c);
	assert_null(c);
	crypto_free(&c);
}

/* RFC 2617 s3.5: what a SIP server computes for a digest, in its three steps. */
static void digest_of_digests(void **state)
{
	const struct str a1[] = {STR("Mufasa:"), STR("testrealm@host.com"), STR(":Circle Of Life")};
	const struct str a2[] = {STR("GET:"), STR("/dir/index.html")};
	char r1[CRYPTO_HEX_MAX], r2[CRYPTO_HEX_MAX], r3[CRYPTO_HEX_MAX];
	struct str all[3], got;
	struct crypto *c = crypto_new();

	assert_non_null(c);
	assert_true(crypto_digest_hex(c, CRYPTO_MD5, a1, 3, r1, &all[0]));
	all[1] = STR(":dcd98b7102dd2f0e8b11d0f600bfb0c093:00000001:0a4f113b:auth:");
	assert_true(crypto_digest_hex(c, CRYPTO_MD5, a2, 2, r2, &all[2]));
	assert_true(crypto_digest_hex(c, CRYPTO_MD5, all, 3, r3, &got));
	assert_str(got, STR("6629fae49393a05397450978507c4ef1"));
	crypto_free(&c);
}

/* RFC 4231 s4: short key, text; key and text longer than a block. */
static void hmac_agrees(void **state)
{
	char long_key[131];
	struct crypto *c = crypto_new();
	uint8_t got[CRYPTO_DIGEST_MAX];

	assert_non_null(c);
	assert_true(crypto_hmac_sha256(c, STR("Jefe"), STR("what do ya want for nothing?"), got));
	assert_str(hex(got, 32),
		   STR("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	memset(long_key, 0xaa, sizeof(long_key));
	assert_true(crypto_hmac_sha256(
		c, str_of(long_key, sizeof(long_key)),
		STR("Test Using Larger Than Block-Size Key - Hash Key First"), got));
	assert_str(hex(got, 32),
		   STR("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
	crypto_free(&c);
}

static void mac_tells_parts_apart(void **state)
{
	const struct str one[] = {STR("ab"), STR("c")}, two[] = {STR("a"), STR("bc")};
	const struct str three[] = {STR("abc")};
	uint8_t m1[12], m2[12], m3[12], again[32];
	struct crypto *c = crypto_new();

	assert_non_null(c);
	assert_true(crypto_mac(c, STR("key"), one, 2, m1, sizeof(m1)));
	assert_true(crypto_mac(c, STR("key"), two, 2, m2, sizeof(m2)));
	assert_true(crypto_mac(c, STR("key"), three, 1, m3, sizeof(m3)));
	assert_memory_not_equal(m1, m2, sizeof(m1));
	assert_memory_not_equal(m1, m3, sizeof(m1));
	assert_true(crypto_mac(c, STR("key"), one, 2, again, sizeof(again)));
	assert_memory_equal(m1, again, sizeof(m1));
	assert_true(crypto_mac(c, STR("kez"), one, 2, again, sizeof(again)));
	assert_memory_not_equal(m1, again, sizeof(m1));
	assert_true(crypto_mac(c, STR_NONE, NULL, 0, again, sizeof(again)));
	assert_false(crypto_mac(c, STR("key"), one, 2, again, 33));
	crypto_free(&c);
}

/* HMAC of the parts with their lengths, 8 bytes little-endian, before them: stored
 * MACs must mean the same after an update. */
static void mac_has_a_fixed_form(void **state)
{
	const struct str parts[] = {STR("ab"), STR("c")};
	uint8_t whole[32], mac[32];
	struct crypto *c = crypto_new();

	assert_non_null(c);
	assert_true(crypto_mac(c, STR("key"), parts, 2, mac, 32));
	assert_true(crypto_hmac_sha256(c, STR("key"),
				       STR("\2\0\0\0\0\0\0\0"
					   "ab"
					   "\1\0\0\0\0\0\0\0"
					   "c"),
				       whole));
	assert_memory_equal(mac, whole, 32);
	crypto_free(&c);
}

static void random_differs(void **state)
{
	uint8_t a[64] = {0}, b[64] = {0};
	char *guarded = guard_end(STR("12345"));

	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	crypto_random(guarded, 5);
	crypto_random(NULL, 0);
	guard_free_all();
}

static void create_once(void)
{
	struct crypto *c = crypto_new();

	assert_int_equal(c == NULL, alloc_has_failed());
	crypto_free(&c);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(create_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_agree),        cmocka_unit_test(digest_of_digests),
		cmocka_unit_test(hmac_agrees),          cmocka_unit_test(mac_tells_parts_apart),
		cmocka_unit_test(mac_has_a_fixed_form), cmocka_unit_test(random_differs),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
