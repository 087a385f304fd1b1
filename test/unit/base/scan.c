#include "base/scan.h"
#include "harness.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define UNRESERVED ALNUM "-_.!~*'()"

/* The classes once more, as plain sets (RFC 3261 s25.1). */
static void classes_agree_with_the_grammar(void **state)
{
	static const struct {
		unsigned class;
		const char *set;
	} table[] = {
		{CC_DIGIT, "0123456789"},
		{CC_HEX, "0123456789abcdefABCDEF"},
		{CC_ALPHA, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"},
		{CC_TOKEN, ALNUM "-.!%*_+`'~"},
		{CC_WORD, ALNUM "-.!%*_+`'~()<>:\\\"/[]?{}"},
		{CC_URI_USER, UNRESERVED "&=+$,;?/"},
		{CC_PASSWORD, UNRESERVED "&=+$,"},
		{CC_URI_PARAM, UNRESERVED "[]/:&+$"},
		{CC_URI_HEADER, UNRESERVED "[]/?:+$"},
		{CC_HOST, ALNUM "-._"},
		{CC_WS, " \t"},
		{CC_LWS, " \t\r\n"},
		{CC_URIC, UNRESERVED ";/?:@&=+$,%"},
	};

	for (unsigned c = 0; c < 256; c++) {
		for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
			assert_int_equal(cc_is((char)c, table[i].class),
					 c && strchr(table[i].set, (int)c));
		assert_int_equal(cc_is((char)c, CC_CTL), c < 32 || c == 127);
		assert_int_equal(cc_is((char)c, CC_UTF8), c >= 128);
	}
}

static struct scan over(const char *text)
{
	return scan_over(guard_str(str_c(text)));
}

static void runs(void **state)
{
	struct scan s = over("abc;12");
	struct str got = STR("untouched");

	assert_false(scan_run(&s, CC_DIGIT, &got));
	assert_str(got, STR("untouched"));
	assert_true(scan_run(&s, CC_ALPHA, &got));
	assert_str(got, STR("abc"));
	assert_int_equal(scan_peek(&s), ';');
	assert_str(scan_run0(&s, CC_ALPHA), STR(""));
	assert_false(scan_char(&s, ','));
	assert_true(scan_char(&s, ';'));
	assert_str(scan_run0(&s, CC_DIGIT | CC_ALPHA), STR("12"));
	assert_true(scan_done(&s));
	assert_int_equal(scan_peek(&s), 0);
	assert_false(scan_char(&s, '\0'));
	assert_false(scan_run(&s, CC_DIGIT, &got));
	guard_free_all();
}

static void until(void **state)
{
	struct scan s = over("ab@cd");

	assert_str(scan_until(&s, '@'), STR("ab"));
	assert_str(scan_until(&s, '@'), STR(""));
	assert_true(scan_char(&s, '@'));
	assert_str(scan_until(&s, '@'), STR("cd"));
	assert_true(scan_done(&s));
	s = scan_over(STR_NONE);
	assert_str(scan_until(&s, '@'), STR(""));
	guard_free_all();
}

static void words(void **state)
{
	static const struct {
		const char *text;
		bool found;
		const char *rest;
	} table[] = {
		{"SIP/2.0", true, "/2.0"}, {"sip", true, ""},   {"Sip ", true, " "},
		{"sips", false, "sips"},   {"si", false, "si"}, {"", false, ""},
		{"sip-", false, "sip-"},   {"sip:", true, ":"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scan s = over(table[i].text);

		assert_int_equal(scan_word(&s, STR("SIP")), table[i].found);
		assert_str(scan_rest(&s), str_c(table[i].rest));
	}
	guard_free_all();
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool u32, u64;
		uint64_t value;
		size_t used;
	} table[] = {
		{"0", true, true, 0, 1},
		{"70;x", true, true, 70, 2},
		{"00000000000000000000070", true, true, 70, 23},
		{"4294967295 ", true, true, 4294967295, 10},
		{"4294967296", false, true, 4294967296, 10},
		{"18446744073709551615", false, true, UINT64_MAX, 20},
		{"18446744073709551616", false, false, 0, 0},
		{"", false, false, 0, 0},
		{"-1", false, false, 0, 0},
		{" 1", false, false, 0, 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scan s = over(table[i].text), t = s;
		uint32_t v32 = 77;
		uint64_t v64 = 77;

		assert_int_equal(scan_u32(&s, &v32), table[i].u32);
		assert_int_equal(v32, table[i].u32 ? table[i].value : 77);
		assert_int_equal(s.at - t.at, table[i].u32 ? table[i].used : 0);
		s = t;
		assert_int_equal(scan_u64(&s, &v64), table[i].u64);
		assert_true(v64 == (table[i].u64 ? table[i].value : 77));
		assert_int_equal(s.at - t.at, table[i].u64 ? table[i].used : 0);
	}
	guard_free_all();
}

static void white_space(void **state)
{
	static const struct {
		const char *text;
		size_t used;
	} table[] = {
		{"", 0},         {"a", 0},      {" a", 1},       {"\t  ", 3},         {"\r\n a", 3},
		{" \r\n\ta", 4}, {"\r\n", 0},   {"\r\na", 0},    {" \r\na", 1},       {"\n a", 2},
		{"\r a", 2},     {"\n\n a", 0}, {"\r\r\n a", 0}, {" \r\n \r\n a", 7}, {" \r", 1},
		{"\n", 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scan s = over(table[i].text), t = s;

		assert_int_equal(scan_lws(&s), table[i].used > 0);
		assert_int_equal(s.at - t.at, table[i].used);
		s = t;
		scan_sws(&s);
		assert_int_equal(s.at - t.at, table[i].used);
	}
	guard_free_all();
}

static void separators(void **state)
{
	static const struct {
		const char *text;
		bool found;
		size_t used;
	} table[] = {
		{";a", true, 1}, {" ; a", true, 3}, {"\r\n ;\r\n\ta", true, 7}, {" a", false, 0},
		{"", false, 0},  {" ", false, 0},   {";\r\n", true, 1},         {";;", true, 1},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scan s = over(table[i].text), t = s;

		assert_int_equal(scan_sep(&s, ';'), table[i].found);
		assert_int_equal(s.at - t.at, table[i].used);
	}
	guard_free_all();
}

static void quoted_strings(void **state)
{
	static const struct {
		struct str text;
		const char *inside; /* NULL: no quoted-string */
		size_t used;
	} table[] = {
		{STR_INIT("\"\""), "", 2},
		{STR_INIT("\"abc\"x"), "abc", 5},
		{STR_INIT(" \r\n \"a b\""), "a b", 9},
		{STR_INIT("\"a\\\"b\""), "a\\\"b", 6},
		{STR_INIT("\"a\\\\\""), "a\\\\", 5},
		{STR_INIT("\"a\r\n b\""), "a\r\n b", 7},
		{STR_INIT("\"\xc3\xa9\""), "\xc3\xa9", 4},
		{STR_INIT("\"a\tb\""), "a\tb", 5},
		{STR_INIT("\"\\\x01\""), "\\\x01", 4},
		{STR_INIT("\"abc"), NULL, 0},
		{STR_INIT("\"abc\\\""), NULL, 0},
		{STR_INIT("\"abc\\"), NULL, 0},
		{STR_INIT("\"a\r\nb\""), NULL, 0},
		{STR_INIT("\"a\x01\""), NULL, 0},
		{STR_INIT("\"a\0\""), NULL, 0},
		{STR_INIT("\"a\x7f\""), NULL, 0},
		{STR_INIT("\"a\\\n\""), NULL, 0},
		{STR_INIT("abc"), NULL, 0},
		{STR_INIT(""), NULL, 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scan s = scan_over(guard_str(table[i].text)), t = s;
		struct str got = STR("untouched");

		assert_int_equal(scan_quoted(&s, &got), table[i].inside != NULL);
		assert_str(got, table[i].inside ? str_c(table[i].inside) : STR("untouched"));
		assert_int_equal(s.at - t.at, table[i].used);
	}
	guard_free_all();
}

static void comments(void **state)
{
	static const struct {
		const char *text;
		size_t used;
	} table[] = {
		{"()", 2},
		{"(abc) x", 6},
		{" (a(b)c)", 8},
		{"(a\\)b)", 6},
		{"(a", 0},
		{"(a(b)", 0},
		{"a", 0},
		{"", 0},
		{"(a\r\n b)", 7},
		{"(a\r\nb)", 0},
		{")", 0},
		{"(\x01)", 0},
		{"((((((((((((((((x))))))))))))))))", 33},
		{"(((((((((((((((((x)))))))))))))))))", 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct scan s = over(table[i].text), t = s;

		assert_int_equal(scan_comment(&s), table[i].used > 0);
		assert_int_equal(s.at - t.at, table[i].used);
	}
	guard_free_all();
}

static void all_of_them(struct str text, void *ctx)
{
	struct scan s = scan_over(text);
	struct str str;
	uint64_t u64;
	uint32_t u32;

	while (!scan_done(&s)) {
		struct scan t = s;

		scan_lws(&t), t = s;
		scan_sep(&t, ';'), t = s;
		scan_quoted(&t, &str), t = s;
		scan_comment(&t), t = s;
		scan_word(&t, STR("tag")), t = s;
		scan_u32(&t, &u32), t = s;
		scan_u64(&t, &u64), t = s;
		scan_until(&t, ';');
		s.at++;
	}
}

static void stays_within_bounds(void **state)
{
	each_prefix(STR(" \r\n \"a\\\"b\r\n c\" ;tag = 123\r\n (x(y\\)z)) ; tag"), all_of_them,
		    NULL);
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_agree_with_the_grammar),
		cmocka_unit_test(runs),
		cmocka_unit_test(until),
		cmocka_unit_test(words),
		cmocka_unit_test(numbers),
		cmocka_unit_test(white_space),
		cmocka_unit_test(separators),
		cmocka_unit_test(quoted_strings),
		cmocka_unit_test(comments),
		cmocka_unit_test(stays_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
