#include "harness.h"

#include <jansson.h>

#include "admin/json.h"

static void strings(void **state)
{
	static const struct {
		struct str in;
		const char *want;
	} cases[] = {
		{STR_INIT(""), "\"\""},
		{STR_INIT("a\"b\\c"), "\"a\\\"b\\\\c\""},
		{STR_INIT("\n\t\x01\x7f"), "\"\\u000a\\u0009\\u0001\\u007f\""},
		{STR_INIT("a\0b"), "\"a\\u0000b\""},
		{STR_INIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
		 "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		/* cut, overlong, surrogate, beyond the last */
		{STR_INIT("\xc3"), "\"\\ufffd\""},
		{STR_INIT("\xc0\x80"), "\"\\ufffd\\ufffd\""},
		{STR_INIT("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\""},
		{STR_INIT("\xf4\x90\x80\x80x"), "\"\\ufffd\\ufffd\\ufffd\\ufffdx\""},
		{STR_INIT("\xe0\x9f\xbf"), "\"\\ufffd\\ufffd\\ufffd\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = buf_heap(4096);

		json_put_str(&b, cases[i].in);
		assert_string_equal(buf_c(&b), cases[i].want);
		buf_free(&b);
	}
}

static void random_bytes_are_json(void **state)
{
	uint64_t seed = 1;

	for (unsigned round = 0; round < 2000; round++) {
		struct buf b = buf_heap(4096);
		json_error_t err;
		json_t *j;
		char room[24];

		for (size_t i = 0; i < sizeof(room); i++)
			room[i] = (char)(test_random(&seed) | (test_random(&seed) & 0x80));
		json_open(&b, NULL, '[');
		json_item_str(&b, str_of(guard_end(str_of(room, sizeof(room))), sizeof(room)));
		buf_putc(&b, ']');
		j = json_loadb(b.p, b.n, JSON_ALLOW_NUL, &err);
		assert_non_null(j);
		json_decref(j);
		buf_free(&b);
		guard_free_all();
	}
}

static void members(void **state)
{
	struct buf b = buf_heap(4096);

	json_open(&b, NULL, '{');
	json_member_str(&b, "a", STR("{"));
	json_member_u64(&b, "b", UINT64_MAX);
	json_open(&b, "c", '[');
	json_item_str(&b, STR("x"));
	json_item_str(&b, STR("y"));
	buf_fmt(&b, "]");
	json_open(&b, "d", '{');
	json_member_bool(&b, "e", true);
	buf_fmt(&b, "}}");
	assert_string_equal(buf_c(&b),
			    "{\"a\":\"{\",\"b\":18446744073709551615,\"c\":[\"x\",\"y\"],"
			    "\"d\":{\"e\":true}}");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(random_bytes_are_json),
		cmocka_unit_test(members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
