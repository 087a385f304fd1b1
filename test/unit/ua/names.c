/* Names that the commands of the user agent make: of recordings. */
#include "harness.h"

#include "ua/audio.h"

static void recordings_are_numbered(void **state)
{
	static const struct {
		const char *name;
		unsigned n;
		const char *want;
	} cases[] = {
		{"rec.wav", 1, "rec.wav"},     {"rec.wav", 2, "rec-2.wav"},
		{"a.b/rec", 3, "a.b/rec-3"},   {"./.wav", 2, "./.wav-2"},
		{"a.b.wav", 10, "a.b-10.wav"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char room[64];
		struct buf b = buf_over(room, sizeof(room));

		ua_numbered_name(cases[i].name, cases[i].n, &b);
		assert_str(buf_str(&b), str_c(cases[i].want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_numbered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
