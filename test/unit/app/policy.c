/* Domains with their aliases, canonical AoRs, and the operator's routes. */
#include "harness.h"

#include "app/policy.h"

static struct app_policy *policy(void)
{
	struct app_policy *p = app_policy_new();

	assert_non_null(p);
	assert_int_equal(app_policy_add_domain(p, STR("Example.com")), 0);
	assert_int_equal(app_policy_add_alias(p, STR("sip.example.com")), 0);
	assert_int_equal(app_policy_add_alias(p, STR("192.0.2.7")), 0);
	assert_int_equal(app_policy_add_alias(p, STR("[2001:db8::192.0.2.1]")), 0);
	assert_int_equal(app_policy_add_domain(p, STR("example.org")), 0);
	assert_int_equal(app_policy_add_route(p, STR("sip:+*@example.com"), APP_ROUTE_PROXY,
					      STR("sip:10.0.0.9;transport=tcp")), 0);
	assert_int_equal(app_policy_add_route(p, STR("sip:1??@*"), APP_ROUTE_REDIRECT,
					      STR("sip:desk@example.org")), 0);
	return p;
}

static void domains_by_any_name(void **state)
{
	static const struct {
		const char *host, *name;
	} rows[] = {
		{ "example.com", "example.com" }, { "EXAMPLE.COM", "example.com" },
		{ "example.com.", "example.com" }, { "sip.Example.com", "example.com" },
		{ "192.0.2.7", "example.com" },   { "example.org", "example.org" },
		{ "example.net", NULL },	  { "xexample.com", NULL },
		{ "", NULL },			  { ".", NULL },
		{ "[2001:DB8::c000:201]", "example.com" },
		{ "[2001:db8:::192.0.2.1]", "example.com" },
		{ "[2001:db8::2]", NULL },
	};
	struct app_policy *p = policy();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct app_domain *d = app_policy_domain(p, str_c(rows[i].host));

		if (!rows[i].name)
			assert_null(d);
		else
			assert_str(d->name, str_c(rows[i].name));
	}
	app_policy_unref(&p);
}

static void one_aor_many_spellings(void **state)
{
	static const struct {
		const char *uri, *aor;
	} rows[] = {
		{ "sip:alice@example.com", "alice@example.com" },
		{ "sip:alice@sip.example.com:5060;transport=tcp", "alice@example.com" },
		{ "sips:%61lice@192.0.2.7", "alice@example.com" },
		{ "sip:Alice@EXAMPLE.ORG", "Alice@example.org" },
		{ "sip:bob@example.net", "bob@example.net" },
		{ "tel:+1-415-555-0123", "+14155550123@example.com" },
	};
	struct app_policy *p = policy();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char room[128];
		struct buf b = buf_over(room, sizeof(room));
		struct sip_uri u;

		assert_true(sip_uri_parse(str_c(rows[i].uri), &u, NULL));
		assert_true(app_policy_aor(p, &u, &b));
		assert_str(buf_str(&b), str_c(rows[i].aor));
	}
	app_policy_unref(&p);
}

static void routes_first_match(void **state)
{
	static const struct {
		const char *uri, *to;
	} rows[] = {
		{ "sip:+14155550123@example.com;user=phone", "sip:+14155550123@10.0.0.9;transport=tcp" },
		{ "tel:+1-415-555-0123", "sip:+14155550123@10.0.0.9;transport=tcp" },
		{ "sip:100@example.net", "sip:desk@example.org" },
		{ "sip:1000@example.net", NULL },
		{ "sip:alice@example.com", NULL },
	};
	struct app_policy *p = policy();
	char room[4096];
	struct arena arena;

	(void)state;
	arena_init(&arena, room, sizeof(room), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct app_route *r;
		struct sip_uri u;

		assert_true(sip_uri_parse(str_c(rows[i].uri), &u, NULL));
		r = app_policy_route(p, &u);
		if (!rows[i].to)
			assert_null(r);
		else
			assert_str(app_policy_route_uri(r, &u, &arena), str_c(rows[i].to));
	}
	arena_fini(&arena);
	app_policy_unref(&p);
}

static void make_one(void)
{
	struct app_policy *p = app_policy_new();

	if (!p)
		return;
	if (!app_policy_add_domain(p, STR("example.com"))) {
		app_policy_add_alias(p, STR("a"));
		app_policy_add_alias(p, STR("b"));
	}
	app_policy_add_route(p, STR("*"), APP_ROUTE_PROXY, STR("sip:a"));
	app_policy_unref(&p);
}

static void survives_no_memory(void **state)
{
	(void)state;
	alloc_sweep(make_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_by_any_name),
		cmocka_unit_test(one_aor_many_spellings),
		cmocka_unit_test(routes_first_match),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
