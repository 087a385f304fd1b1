#include "sip/params.h"
#include "sip_test.h"

static void takes_them_in_turn(void **state)
{
	struct str rest = STR(";lr ; Tag = abc;x=\"a;b\\\"c\" ;y=[::1]:5;z=a@b==");
	struct sip_param p;

	assert_true(sip_param_next(&rest, &p));
	assert_str(p.name, STR("lr"));
	assert_false(p.has_value);
	assert_true(sip_param_next(&rest, &p));
	assert_str(p.name, STR("Tag"));
	assert_str(p.value, STR("abc"));
	assert_str(p.text, STR("Tag = abc"));
	assert_true(sip_param_next(&rest, &p));
	assert_true(p.quoted);
	assert_str(p.value, STR("a;b\\\"c"));
	assert_true(sip_param_next(&rest, &p));
	assert_str(p.value, STR("[::1]:5"));
	assert_true(sip_param_next(&rest, &p));
	assert_str(p.value, STR("a@b=="));
	assert_false(sip_param_next(&rest, &p));
	assert_int_equal(rest.n, 0);
}

static void validity(void **state)
{
	static const struct {
		struct str text;
		bool valid;
	} rows[] = {
		{STR_INIT(""), true},       {STR_INIT(" "), true},
		{STR_INIT("a"), true},      {STR_INIT(";a"), true},
		{STR_INIT("a=b;c"), true},  {STR_INIT("a\r\n =\r\n b"), true},
		{STR_INIT(";"), false},     {STR_INIT("a;"), false},
		{STR_INIT("a;;b"), false},  {STR_INIT(";;;;"), false},
		{STR_INIT("a="), false},    {STR_INIT("=b"), false},
		{STR_INIT("a=\"b"), false}, {STR_INIT("a=\"b\\"), false},
		{STR_INIT("a b"), false},   {STR_INIT("a=b c"), false},
		{STR_INIT("a=b,c"), false}, {STR_INIT("a=\"b\"c"), false},
		{STR_INIT("a=<b>"), false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(sip_params_valid(rows[i].text), rows[i].valid);
}

static void looks_one_up(void **state)
{
	struct str v;

	assert_true(sip_param_get(STR("a=1;Expires=60;lr"), STR("expires"), &v));
	assert_str(v, STR("60"));
	assert_true(sip_param_get(STR("a=1;lr"), STR("LR"), &v));
	assert_int_equal(v.n, 0);
	v = STR("kept");
	assert_false(sip_param_get(STR("a=1;lr"), STR("r"), &v));
	assert_str(v, STR("kept"));
}

static void unquotes(void **state)
{
	char room[32];

	assert_str(sip_unquote(STR("a\\\"b\\\\c"), room), STR("a\"b\\c"));
	assert_str(sip_unquote(STR("end\\"), room), STR("end\\"));
	assert_str(sip_unquote(STR(""), room), STR(""));
}

static void prefix(struct str s, void *ctx)
{
	struct str v;

	sip_params_valid(s);
	sip_param_get(s, STR("zzz"), &v);
}

static void reads_no_further(void **state)
{
	each_prefix(STR(";lr ; Tag = abc;x=\"a;b\\\"c\" ;y=[::1]:5;z=a@b=="), prefix, NULL);
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_them_in_turn), cmocka_unit_test(validity),
		cmocka_unit_test(looks_one_up),       cmocka_unit_test(unquotes),
		cmocka_unit_test(reads_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
