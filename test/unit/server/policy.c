#include "harness.h"

#include "server/policy.h"

#define WHY_MAX 4096

static struct config *parse(const char *text)
{
	struct buf why = buf_heap(WHY_MAX);
	struct config *c = NULL;

	if (config_parse(str_c(text), "t.yaml", &c, &why))
		fail_msg("%s", buf_c(&why));
	buf_free(&why);
	return c;
}

static struct tport_listener listener(const struct config *c, unsigned i)
{
	struct tport_listener l = {0};
	struct addr bound = c->listen[i].at;

	if (!bound.port)
		bound.port = 4711;
	assert_int_equal(policy_listener(&c->listen[i], &bound, &l), 0);
	return l;
}

static void listeners(void **state)
{
	struct config *c = parse("listen: [\"udp://127.0.0.1:0\", \"tcp://[::1]:5060\",\n"
				 "  { at: \"udp://0.0.0.0:5060\", advertise: \"a.com:5090\" }]\n");
	struct tport_listener l[3] = {listener(c, 0), listener(c, 1), listener(c, 2)};

	assert_str(l[0].host, STR("127.0.0.1"));
	assert_int_equal(l[0].port, 4711);
	assert_str(l[1].host, STR("[::1]"));
	assert_int_equal(l[1].transport, TRANSPORT_TCP);
	assert_str(l[2].host, STR("a.com"));
	assert_int_equal(l[2].port, 5090);
	for (unsigned i = 0; i < 3; i++)
		str_free(&l[i].host);
	config_free(&c);
}

static const struct app_domain *domain(const struct app_policy *p, const char *name)
{
	return app_policy_domain(p, str_c(name));
}

static void whole(void **state)
{
	struct config *c =
		parse("domains: [a.com, { name: b.com, aliases: [sip.b.com, 127.0.0.2] }]\n"
		      "listen: [\"udp://127.0.0.1:5060\", \"udp://127.0.0.2:5060\", "
		      "\"tcp://[::1]:5060\",\n"
		      "  { at: \"udp://127.0.0.3:5060\", advertise: sip.b.com },\n"
		      "  { at: \"tcp://127.0.0.3:5060\", advertise: sip.a.com }]\n"
		      "auth: { algorithms: [MD5], invite: no }\n"
		      "registrar: { min_expires: 90s, max_contacts: 3 }\n"
		      "proxy: { follow_redirects: yes }\n"
		      "routes: [{ match: \"sip:+*\", mode: stateless, to: \"sip:gw.com\" }]\n");
	struct tport_listener l[5];
	struct app_policy *p = NULL;

	for (unsigned i = 0; i < 5; i++)
		l[i] = listener(c, i);
	assert_int_equal(policy_make(c, l, 5, &p), 0);
	assert_int_equal(p->n_domains, 2);
	assert_ptr_equal(domain(p, "127.0.0.1"), &p->domains[0]);
	assert_ptr_equal(domain(p, "[::1]"), &p->domains[0]);
	assert_ptr_equal(domain(p, "::1"), &p->domains[0]);
	assert_ptr_equal(domain(p, "SIP.a.com"), &p->domains[0]);
	assert_ptr_equal(domain(p, "127.0.0.3"), &p->domains[0]);
	/* What the configuration gives to another stays there. */
	assert_ptr_equal(domain(p, "127.0.0.2"), &p->domains[1]);
	assert_ptr_equal(domain(p, "sip.b.com"), &p->domains[1]);
	assert_null(domain(p, "c.com"));
	assert_int_equal(p->n_algorithms, 1);
	assert_int_equal(p->algorithms[0], SIP_ALG_MD5);
	assert_true(p->auth_register && !p->auth_invite && p->recurse);
	assert_int_equal(p->min_expires_s, 90);
	assert_int_equal(p->max_contacts, 3);
	assert_int_equal(p->timer_c_ms, 185000);
	assert_int_equal(p->n_routes, 1);
	assert_int_equal(p->routes[0].mode, APP_ROUTE_STATELESS);
	app_policy_unref(&p);
	for (unsigned i = 0; i < 5; i++)
		str_free(&l[i].host);
	config_free(&c);
}

static struct config *sweep_config;

static void make_once(void)
{
	struct addr bound = sweep_config->listen[0].at;
	struct tport_listener l = {0};
	struct app_policy *p = NULL;
	int err = policy_listener(&sweep_config->listen[0], &bound, &l);

	if (!err)
		err = policy_make(sweep_config, &l, 1, &p);
	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	app_policy_unref(&p);
	str_free(&l.host);
}

static void survives_no_memory(void **state)
{
	sweep_config = parse("domains: [a.com, b.com]\nlisten: [\"udp://127.0.0.1:1\"]\n"
			     "routes: [{ match: \"*\", to: \"sip:a\" }]\n");
	alloc_sweep(make_once);
	config_free(&sweep_config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners),
		cmocka_unit_test(whole),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
