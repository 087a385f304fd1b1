#include "harness.h"

#include "load/template.h"

static const struct str none[GAP_COUNT];

static void gaps_are_filled(void **state)
{
	struct str fixed[GAP_COUNT] = {[GAP_DOMAIN] = STR("example.com")};
	struct str v[GAP_COUNT] = {[GAP_USER] = STR("u7"), [GAP_CSEQ] = STR("12")};
	struct template t;
	char room[128];
	size_t n;

	assert_true(template_make(&t, STR("<{user}@{domain}> {cseq}{auth}, {domain}"), fixed));
	assert_int_equal(t.n, 4);
	n = template_put(&t, v, room, sizeof(room));
	assert_str(str_of(room, n), STR("<u7@example.com> 12, example.com"));
	v[GAP_AUTH] = STR(" a");
	n = template_put(&t, v, room, sizeof(room));
	assert_str(str_of(room, n), STR("<u7@example.com> 12 a, example.com"));
}

static void ends_without_text(void **state)
{
	struct str v[GAP_COUNT] = {[GAP_URI] = STR("sip:x")};
	struct template t;
	char room[8];

	assert_true(template_make(&t, STR("{uri}"), none));
	assert_int_equal(template_put(&t, v, room, sizeof(room)), 5);
	assert_true(template_make(&t, STR("plain"), none));
	assert_int_equal(template_put(&t, v, room, sizeof(room)), 5);
	assert_true(template_make(&t, STR(""), none));
	assert_int_equal(template_put(&t, v, room, sizeof(room)), 0);
}

/* Any room that is too small gives nothing, and nothing is written behind it. */
static void too_little_room(void **state)
{
	struct str v[GAP_COUNT] = {[GAP_USER] = STR("alice")};
	struct template t;

	assert_true(template_make(&t, STR("<{user}>!"), none));
	for (size_t n = 0; n < 8; n++) {
		char *room = guard_end(str_of("12345678", n));

		assert_int_equal(template_put(&t, v, room, n), 0);
	}
	assert_int_equal(template_put(&t, v, guard_end(STR("12345678")), 8), 8);
	guard_free_all();
}

static void bad_sources(void **state)
{
	struct template t;
	char text[TEMPLATE_TEXT_MAX + 1];
	char gaps[(TEMPLATE_PIECES + 1) * 6];

	assert_false(template_make(&t, STR("{what}"), none));
	assert_false(template_make(&t,
				   STR("{user"
				       "{user}"),
				   none));
	memset(text, 'x', sizeof(text));
	assert_true(template_make(&t, str_of(text, TEMPLATE_TEXT_MAX), none));
	assert_false(template_make(&t, str_of(text, sizeof(text)), none));
	for (unsigned i = 0; i <= TEMPLATE_PIECES; i++)
		memcpy(gaps + i * 6, "{user}", 6);
	assert_true(template_make(&t, str_of(gaps, (TEMPLATE_PIECES - 1) * 6), none));
	assert_false(template_make(&t, str_of(gaps, TEMPLATE_PIECES * 6), none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_are_filled),
		cmocka_unit_test(ends_without_text),
		cmocka_unit_test(too_little_room),
		cmocka_unit_test(bad_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
