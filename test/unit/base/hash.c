#include "base/hash.h"
#include "harness.h"

/* Of the bytes 0, 1, 2 ... under a key of zeros, as CPython 3.11 computes them. */
static void siphash_agrees(void **state)
{
	static const struct {
		size_t n;
		uint64_t hash;
	} table[] = {
		{1, 0x68a914128e01e473},  {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},
		{9, 0x75927f9d95124362},  {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7},
		{63, 0x385d3e39e5f37359},
	};
	const struct hash_seed zero = {0, 0};
	char bytes[64];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_true(hash_str(&zero, guard_str(str_of(bytes, table[i].n))) == table[i].hash);
	guard_free_all();
}

static void seed_and_length_matter(void **state)
{
	const struct hash_seed a = {1, 2}, b = {1, 3}, c = {2, 2};

	assert_true(hash_str(&a, STR("x")) != hash_str(&b, STR("x")));
	assert_true(hash_str(&a, STR("x")) != hash_str(&c, STR("x")));
	assert_true(hash_str(&a, STR("")) != hash_str(&a, STR("\0")));
	assert_true(hash_str(&a, STR_NONE) == hash_str(&a, STR("")));
	assert_true(hash_mix(1, 2) != hash_mix(2, 1));
}

/* RFC 3720 sB.4, and the check value of "123456789". */
static void crc_agrees(void **state)
{
	char room[32];

	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(crc32c(0, "", 0), 0);
	memset(room, 0, sizeof(room));
	assert_int_equal(crc32c(0, room, 32), 0x8a9136aa);
	memset(room, 0xff, sizeof(room));
	assert_int_equal(crc32c(0, room, 32), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		room[i] = (char)i;
	assert_int_equal(crc32c(0, room, 32), 0x46dd794e);
	for (unsigned i = 0; i < 32; i++)
		room[i] = (char)(31 - i);
	assert_int_equal(crc32c(0, room, 32), 0x113fdb5c);
}

static void crc_goes_on(void **state)
{
	const char text[] = "a record that is written in two pieces, cut anywhere";
	const size_t n = sizeof(text) - 1;

	for (size_t cut = 0; cut <= n; cut++) {
		uint32_t crc = crc32c(0, guard_end(str_of(text, cut)), cut);

		assert_int_equal(crc32c(crc, text + cut, n - cut), crc32c(0, text, n));
	}
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_agrees),
		cmocka_unit_test(seed_and_length_matter),
		cmocka_unit_test(crc_agrees),
		cmocka_unit_test(crc_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
