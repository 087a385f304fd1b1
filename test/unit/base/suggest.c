#include "harness.h"

#include "base/suggest.h"

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned want;
	} cases[] = {
		{"", "", 0},       {"udp", "udp", 0},        {"upd", "udp", 1},
		{"UDP", "udp", 0}, {"domain", "domains", 1}, {"listn", "listen", 1},
		{"abc", "", 3},    {"kitten", "sitting", 3}, {"ca", "abc", 3},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(suggest_distance(str_c(cases[i].a), str_c(cases[i].b)),
				 cases[i].want);
		assert_int_equal(suggest_distance(str_c(cases[i].b), str_c(cases[i].a)),
				 cases[i].want);
	}
}

static void words(void **state)
{
	static const char *const list[] = {"domains", "listen", "tls", "registrar", "udp", NULL};

	assert_string_equal(suggest_word(STR("domain"), list), "domains");
	assert_string_equal(suggest_word(STR("lisetn"), list), "listen");
	assert_string_equal(suggest_word(STR("upd"), list), "udp");
	assert_string_equal(suggest_word(STR("reg"), list), "registrar");
	assert_null(suggest_word(STR("certificate"), list));
	assert_null(suggest_word(STR(""), list));
}

static char longest[1000];

static void long_words(void **state)
{
	static const char *const list[] = {"udp", longest, NULL};

	memset(longest, 'a', sizeof(longest) - 1);
	assert_null(suggest_word(str_c(longest), list));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(words),
		cmocka_unit_test(long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
