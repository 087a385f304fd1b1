#include "base/str.h"
#include "harness.h"

static void compares_without_case(void **state)
{
	static const struct {
		struct str a, b;
		bool same;
	} table[] = {
		{STR_INIT(""), STR_INIT(""), true},
		{STR_INIT("a"), STR_INIT("A"), true},
		{STR_INIT("Call-ID"), STR_INIT("CALL-id"), true},
		{STR_INIT("Content-Disposition"), STR_INIT("content-disposition"), true},
		{STR_INIT("Content-Disposition"), STR_INIT("content-dispositioN"), true},
		{STR_INIT("Content-Disposition"), STR_INIT("content-dispositiom"), false},
		{STR_INIT("a"), STR_INIT("ab"), false},
		{STR_INIT("@@@@@@@@@"), STR_INIT("`````````"), false},
		{STR_INIT("[[[[[[[[["), STR_INIT("{{{{{{{{{"), false},
		{STR_INIT("\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1"),
		 STR_INIT("\xe1\xe1\xe1\xe1\xe1\xe1\xe1\xe1"), false},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_int_equal(str_ieq(guard_str(table[i].a), guard_str(table[i].b)),
				 table[i].same);
	guard_free_all();
}

/* Every pair of bytes, at each place of a text longer than one machine word. */
static void case_agrees_with_ascii(void **state)
{
	char a[11], b[11];

	for (unsigned x = 0; x < 256; x++)
		for (unsigned y = 0; y < 256; y++) {
			size_t at = (x + y) % sizeof(a);
			bool same = ascii_lower((char)x) == ascii_lower((char)y);

			memset(a, 'q', sizeof(a));
			memset(b, 'Q', sizeof(b));
			a[at] = (char)x;
			b[at] = (char)y;
			assert_int_equal(str_ieq(str_of(a, 11), str_of(b, 11)), same);
		}
}

static void orders(void **state)
{
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("b"), STR("a")) > 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_true(str_cmp(STR("\x80"), STR("a")) > 0);
	assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
	assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
}

static void knows_beginning_and_end(void **state)
{
	assert_true(str_starts(STR("sip:a"), STR("sip:")));
	assert_true(str_starts(STR("sip:"), STR("sip:")));
	assert_true(str_starts(STR_NONE, STR("")));
	assert_false(str_starts(STR("sip"), STR("sip:")));
	assert_false(str_starts(STR("SIP:a"), STR("sip:")));
	assert_true(str_istarts(STR("SIP:a"), STR("sip:")));
	assert_false(str_istarts(STR("si"), STR("sip:")));
	assert_true(str_ends(STR("a.wav"), STR(".wav")));
	assert_false(str_ends(STR("wav"), STR(".wav")));
	assert_true(str_ends(STR("a"), STR("")));
}

static void trims_and_cuts(void **state)
{
	assert_str(str_trim(STR(" \t\r\n a b \r\n")), STR("a b"));
	assert_str(str_trim(STR(" \t ")), STR(""));
	assert_str(str_trim(STR_NONE), STR(""));
	assert_str(str_skip(STR("abc"), 1), STR("bc"));
	assert_str(str_skip(STR("abc"), 4), STR(""));
	assert_int_equal(str_skip(STR_NONE, 1).n, 0);
	assert_str(str_first(STR("abc"), 2), STR("ab"));
	assert_str(str_first(STR("abc"), 9), STR("abc"));
}

static void splits(void **state)
{
	struct str rest = STR("a,,b");

	assert_str(str_split(&rest, ','), STR("a"));
	assert_str(str_split(&rest, ','), STR(""));
	assert_str(str_split(&rest, ','), STR("b"));
	assert_str(rest, STR(""));
	assert_str(str_split(&rest, ','), STR(""));
	assert_int_equal(str_find(STR("abc"), 'c'), 2);
	assert_int_equal(str_find(STR("abc"), 'x'), 3);
	assert_int_equal(str_find(STR_NONE, 'x'), 0);
}

static void reads_numbers(void **state)
{
	static const struct {
		struct str text;
		bool u32, u64;
		uint64_t value;
	} table[] = {
		{STR_INIT("0"), true, true, 0},
		{STR_INIT("007"), true, true, 7},
		{STR_INIT("4294967295"), true, true, UINT32_MAX},
		{STR_INIT("4294967296"), false, true, 4294967296},
		{STR_INIT("18446744073709551615"), false, true, UINT64_MAX},
		{STR_INIT("18446744073709551616"), false, false, 0},
		{STR_INIT("99999999999999999999"), false, false, 0},
		{STR_INIT(""), false, false, 0},
		{STR_INIT("-1"), false, false, 0},
		{STR_INIT("+1"), false, false, 0},
		{STR_INIT("1 "), false, false, 0},
		{STR_INIT("1a"), false, false, 0},
		{STR_INIT(":"), false, false, 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct str s = guard_str(table[i].text);
		uint32_t v32 = 77;
		uint64_t v64 = 77;

		assert_int_equal(str_to_u32(s, &v32), table[i].u32);
		assert_int_equal(v32, table[i].u32 ? table[i].value : 77);
		assert_int_equal(str_to_u64(s, &v64), table[i].u64);
		assert_true(v64 == (table[i].u64 ? table[i].value : 77));
	}
	guard_free_all();
}

static void dup_once(void)
{
	struct str s = STR("untouched");
	int err = str_dup(STR("abc"), &s);

	if (err) {
		assert_true(alloc_has_failed());
		assert_int_equal(err, -ENOMEM);
		assert_str(s, STR("untouched"));
		return;
	}
	assert_false(alloc_has_failed());
	assert_string_equal(s.p, "abc");
	str_free(&s);
	assert_null(s.p);
	str_free(&s);
}

static void copies(void **state)
{
	char room[4];
	struct str s;

	alloc_sweep(dup_once);
	assert_int_equal(str_dup(STR_NONE, &s), 0);
	assert_string_equal(s.p, "");
	str_free(&s);
	assert_string_equal(str_to_c(STR("abcdef"), room, sizeof(room)), "abc");
	assert_string_equal(str_to_c(STR("ab"), room, sizeof(room)), "ab");
	assert_string_equal(str_to_c(STR_NONE, room, sizeof(room)), "");
}

static void compares_secrets(void **state)
{
	assert_true(str_eq_secret(STR("abc"), STR("abc")));
	assert_true(str_eq_secret(STR_NONE, STR("")));
	assert_false(str_eq_secret(STR("abc"), STR("abd")));
	assert_false(str_eq_secret(STR("xbc"), STR("abc")));
	assert_false(str_eq_secret(STR("ab"), STR("abc")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_without_case),
		cmocka_unit_test(case_agrees_with_ascii),
		cmocka_unit_test(orders),
		cmocka_unit_test(knows_beginning_and_end),
		cmocka_unit_test(trims_and_cuts),
		cmocka_unit_test(splits),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(copies),
		cmocka_unit_test(compares_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
