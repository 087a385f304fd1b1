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
			assert_str(app_policy_route_uri(r, 0, &u, &arena), str_c(rows[i].to));
	}
	arena_fini(&arena);
	app_policy_unref(&p);
}

static void several_targets(void **state)
{
	struct app_policy *p = policy();
	const struct app_route *r;
	struct arena arena;
	struct sip_uri u;

	(void)state;
	arena_init(&arena, NULL, 0, 0);
	assert_int_equal(app_policy_add_target(p, STR("sip:example.net")), 0);
	assert_true(sip_uri_parse(STR("sip:112@example.net"), &u, NULL));
	r = app_policy_route(p, &u);
	assert_non_null(r);
	assert_int_equal(r->n_to, 2);
	assert_str(app_policy_route_uri(r, 0, &u, &arena), STR("sip:desk@example.org"));
	assert_str(app_policy_route_uri(r, 1, &u, &arena), STR("sip:112@example.net"));
	arena_fini(&arena);
	app_policy_unref(&p);
}

/* The first to claim a name keeps it; hosts that are too long are nobody's. */
static void names_clash(void **state)
{
	struct app_policy *p = policy();
	char host[400];

	(void)state;
	assert_int_equal(app_policy_add_alias(p, STR("SIP.example.com")), 0);
	assert_int_equal(app_policy_add_domain(p, STR("example.com")), 0);
	assert_ptr_equal(app_policy_domain(p, STR("sip.example.com")), &p->domains[0]);
	assert_ptr_equal(app_policy_domain(p, STR("example.com")), &p->domains[0]);
	memset(host, 'a', sizeof(host));
	assert_int_equal(app_policy_add_alias(p, str_of(host, sizeof(host))), 0);
	assert_null(app_policy_domain(p, str_of(host, sizeof(host))));
	app_policy_unref(&p);
}

static struct str nth(char room[64], const char *format, unsigned i)
{
	struct buf b = buf_over(room, 64);

	buf_fmt(&b, "%s%u.example.com", format, i);
	return buf_str(&b);
}

/* A look-up costs the same with ten thousand domains as with ten: were it a walk, this test
 * would take minutes. */
static void many_domains(void **state)
{
	enum { N = 10000, ROUNDS = 100 };
	struct app_policy *p = app_policy_new();
	char room[64];

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(app_policy_add_domain(p, nth(room, "d", i)), 0);
		assert_int_equal(app_policy_add_alias(p, nth(room, "sip.d", i)), 0);
	}
	for (unsigned i = 0; i < ROUNDS * N; i++) {
		const struct app_domain *want = &p->domains[i % N];

		if (app_policy_domain(p, nth(room, i & 1 ? "D" : "sip.d", i % N)) != want)
			fail_msg("domain %u is not found", i % N);
	}
	assert_null(app_policy_domain(p, nth(room, "d", N)));
	assert_null(app_policy_domain(p, STR("127.0.0.1")));
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
		cmocka_unit_test(several_targets),
		cmocka_unit_test(names_clash),
		cmocka_unit_test(many_domains),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
