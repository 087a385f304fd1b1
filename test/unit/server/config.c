#include "harness.h"

#include "base/log.h"
#include "server/config.h"

#define WHY_MAX (1u << 16)

static struct config *parse(const char *text)
{
	struct buf why = buf_heap(WHY_MAX);
	struct config *c = NULL;
	int err = config_parse(str_c(text), "dir/tsuwa.yaml", &c, &why);

	if (err)
		print_error("%s", buf_c(&why));
	assert_int_equal(err, 0);
	assert_int_equal(why.n, 0);
	buf_free(&why);
	return c;
}

/* Every line of want must be the file's errors, whole. */
static void expect_errors(const char *text, const char *want)
{
	struct buf why = buf_heap(WHY_MAX);
	struct config *c = NULL;

	assert_int_equal(config_parse(str_c(text), "t.yaml", &c, &why), -EINVAL);
	assert_null(c);
	assert_string_equal(buf_c(&why), want);
	buf_free(&why);
}

static const struct {
	const char *text, *want;
} bad[] = {
	/* keys */
	{"domain: [a.com]\n", "t.yaml:1:1: unknown key \"domain\"; did you mean \"domains\"?\n"},
	{"frobnicate: 1\n", "t.yaml:1:1: unknown key \"frobnicate\"\n"},
	{"registrar:\n  min_expire: 60\n",
	 "t.yaml:2:3: registrar: unknown key \"min_expire\"; did you mean \"min_expires\"?\n"},
	{"workers: 1\nworkers: 2\n", "t.yaml:2:1: \"workers\" is given twice, first in line 1\n"},
	{"\"a\\nb\\e[1m\": 1\n", "t.yaml:1:1: unknown key \"a?b?[1m\"\n"},
	{"- a\n", "t.yaml:1:1: expected keys such as \"domains:\", found a list\n"},
	{"just words\n", "t.yaml:1:1: expected keys such as \"domains:\", found \"just words\"\n"},
	{"auth: yes\n",
	 "t.yaml:1:7: auth: expected keys below it, as \"algorithms: ...\", found \"yes\"\n"},
	{"a: [\n", "t.yaml:2:1: not YAML: did not find expected node content, "
		   "while parsing a flow node\n"},
	/* values */
	{"workers: many\n",
	 "t.yaml:1:10: workers: expected a whole number from 1 to 256, found \"many\"\n"},
	{"workers: 0\n",
	 "t.yaml:1:10: workers: expected a whole number from 1 to 256, found \"0\"\n"},
	{"workers: [2]\n",
	 "t.yaml:1:10: workers: expected a whole number from 1 to 256, found a list\n"},
	{"auth: { register: maybe }\n",
	 "t.yaml:1:19: auth.register: expected true or false, found \"maybe\"\n"},
	{"log: { level: warnn }\n",
	 "t.yaml:1:15: log.level: expected error, warn, info, debug or bytes, found \"warnn\"; "
	 "did you mean \"warn\"?\n"},
	{"registrar: { min_expires: soon }\n",
	 "t.yaml:1:27: registrar.min_expires: expected a time such as 30s, 5m or 1h, "
	 "found \"soon\"\n"},
	{"registrar: { min_expires: 100d }\n",
	 "t.yaml:1:27: registrar.min_expires: expected a time from 1s to 7d, found \"100d\"\n"},
	{"registrar: { min_expires: 3h, max_expires: 1h }\n",
	 "t.yaml:1:27: registrar.min_expires: more than max_expires\n"},
	{"registrar: { default_expires: 3h }\n",
	 "t.yaml:1:31: registrar.default_expires: not between min_expires and max_expires\n"},
	{"proxy: { ring_timeout: 180s }\n",
	 "t.yaml:1:24: proxy.ring_timeout: expected a time from 180001ms to 1h, found \"180s\"\n"},
	{"media: { ports: 9000-80000 }\n",
	 "t.yaml:1:17: media.ports: expected FIRST-LAST within 1024-65535, "
	 "found \"9000-80000\"\n"},
	{"database: { }\n", "t.yaml:1:11: database: expected file, found a map of keys\n"},
	{"tls: { certificate: a.pem }\n", "t.yaml:1:6: tls: \"key\" is missing\n"},
	/* domains */
	{"domains: example.com\n",
	 "t.yaml:1:10: domains: expected a list, as [example.com], found \"example.com\"\n"},
	{"domains: []\n", "t.yaml:1:10: domains: at least one domain must stand here\n"},
	{"domains: [\"sip:example.com\"]\n",
	 "t.yaml:1:11: domains: expected a domain such as example.com, found \"sip:example.com\"; "
	 "write it without \"sip:\"\n"},
	{"domains: [\"example.com:5060\"]\n",
	 "t.yaml:1:11: domains: expected a domain such as example.com, "
	 "found \"example.com:5060\"; write it without a port\n"},
	{"domains: [\"2001:db8::1\"]\n",
	 "t.yaml:1:11: domains: expected a domain such as example.com, found \"2001:db8::1\"; "
	 "write an IPv6 address in brackets\n"},
	{"domains: [bob@example.com]\n",
	 "t.yaml:1:11: domains: expected a domain such as example.com, "
	 "found \"bob@example.com\"; write it without the user\n"},
	{"domains:\n  - a.com\n  - { name: b.com, aliases: [a.com] }\n",
	 "t.yaml:3:5: domains: \"a.com\" is given twice, first in line 2\n"},
	{"domains: [{ aliases: [x.com] }]\n",
	 "t.yaml:1:11: domains: a domain needs a name: { name: example.com }\n"},
	{"domains: [{ nam: a.com }]\n",
	 "t.yaml:1:13: domains: unknown key \"nam\"; did you mean \"name\"?\n"},
	/* listeners */
	{"listen:\n  - upd://127.0.0.1:5060\n",
	 "t.yaml:2:5: listen: expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, "
	 "found \"upd://127.0.0.1:5060\"; did you mean udp?\n"},
	{"listen: [\"udp://localhost:5060\"]\n",
	 "t.yaml:1:10: listen: expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, "
	 "found \"udp://localhost:5060\"; an IP address must stand there, a name goes to "
	 "advertise\n"},
	{"listen: [\"127.0.0.1:5060\"]\n",
	 "t.yaml:1:10: listen: expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, "
	 "found \"127.0.0.1:5060\"; begin with udp:// or tcp://\n"},
	{"listen: [\"udp://::1\"]\n",
	 "t.yaml:1:10: listen: expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, "
	 "found \"udp://::1\"; write an IPv6 address in brackets: [::1]:5060\n"},
	{"listen: [\"udp://127.0.0.1:99999\"]\n",
	 "t.yaml:1:10: listen: expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, "
	 "found \"udp://127.0.0.1:99999\"; an IP address must stand there, a name goes to "
	 "advertise\n"},
	{"listen: [\"tls://127.0.0.1:5061\"]\n",
	 "t.yaml:1:10: listen: this version listens on udp and tcp only; take out "
	 "\"tls://127.0.0.1:5061\"\n"},
	{"listen: [\"udp://0.0.0.0:5060\"]\n",
	 "t.yaml:1:10: listen: a wildcard address needs a name or address to give to others: "
	 "{ at: \"udp://0.0.0.0:5060\", advertise: sip.example.com }\n"},
	{"listen: [{ at: \"udp://0.0.0.0:5060\", advertise: 0.0.0.0 }]\n",
	 "t.yaml:1:49: listen.advertise: \"0.0.0.0\" is nowhere: write a name or address that "
	 "others can reach\n"},
	{"listen: [{ at: \"udp://0.0.0.0:5060\", advertise: \"a b\" }]\n",
	 "t.yaml:1:49: listen.advertise: expected a name or address that others can reach, "
	 "found \"a b\"\n"},
	{"listen: [{ advertise: sip.example.com }]\n",
	 "t.yaml:1:10: listen: a listener needs an address: { at: \"udp://127.0.0.1:5060\" }\n"},
	{"listen:\n  - udp://127.0.0.1:5060\n  - udp://127.0.0.1\n",
	 "t.yaml:3:5: listen: \"udp://127.0.0.1\" is given twice, first in line 2\n"},
	/* routes and words */
	{"routes: [{ match: \"sip:*\" }]\n", "t.yaml:1:10: routes: a route needs \"to\"\n"},
	{"routes: [{ match: \"sip:*\", to: \"10.0.0.1\" }]\n",
	 "t.yaml:1:32: routes.to: expected a SIP URI such as sip:10.0.0.9;transport=tcp, "
	 "found \"10.0.0.1\": URI has no scheme\n"},
	{"routes: [{ match: \"sip:*\", to: \"tel:+1\" }]\n",
	 "t.yaml:1:32: routes.to: expected a SIP URI such as sip:10.0.0.9;transport=tcp, "
	 "found \"tel:+1\"\n"},
	{"routes: [{ match: \"sip:*\", to: \"sip:a.com\", mode: redirct }]\n",
	 "t.yaml:1:51: routes.mode: expected proxy, redirect or stateless, found \"redirct\"; "
	 "did you mean \"redirect\"?\n"},
	{"routes: [{ match: \"sip:*\", to: [\"sip:a.com\", \"b.com\"], mode: redirect }]\n",
	 "t.yaml:1:46: routes.to: expected a SIP URI such as sip:10.0.0.9;transport=tcp, "
	 "found \"b.com\": URI has no scheme\n"},
	{"routes: [{ match: \"sip:*\", to: [], mode: redirect }]\n",
	 "t.yaml:1:10: routes: a route needs \"to\"\n"},
	{"routes: [{ match: \"sip:*\", to: [\"sip:a.com\", \"sip:b.com\"] }]\n",
	 "t.yaml:1:10: routes: several \"to\" are for mode: redirect\n"},
	{"routes: [{ match: \"sip:*\", to: \"sip:a.com\", status: 301 }]\n",
	 "t.yaml:1:10: routes: \"status\" is for mode: redirect\n"},
	{"routes: [{ match: \"sip:*\", to: \"sip:a.com\", mode: redirect, status: 305 }]\n",
	 "t.yaml:1:69: routes.status: expected auto, 300, 301 or 302, found \"305\"; "
	 "did you mean \"300\"?\n"},
	{"domains: [{ name: a.com, mode: stateless }]\n",
	 "t.yaml:1:32: domains.mode: expected proxy or redirect, found \"stateless\"\n"},
	{"auth: { algorithms: [SHA256] }\n",
	 "t.yaml:1:22: auth.algorithms: expected MD5 or SHA-256, found \"SHA256\"; "
	 "did you mean \"SHA-256\"?\n"},
	{"auth: { algorithms: [MD5, md5] }\n",
	 "t.yaml:1:27: auth.algorithms: MD5 is listed twice\n"},
	{"auth: { algorithms: [] }\n",
	 "t.yaml:1:21: auth.algorithms: expected a list, as [SHA-256, MD5], found an empty one\n"},
	/* several at once, in the order of the lines */
	{"workers: x\nbogus: 1\nlisten: [\"tcpp://1.2.3.4:1\"]\ndomains: [\"a b\"]\n",
	 "t.yaml:1:10: workers: expected a whole number from 1 to 256, found \"x\"\n"
	 "t.yaml:2:1: unknown key \"bogus\"\n"
	 "t.yaml:3:10: listen: expected udp://ADDRESS:PORT or tcp://ADDRESS:PORT, "
	 "found \"tcpp://1.2.3.4:1\"; did you mean tcp?\n"
	 "t.yaml:4:11: domains: expected a domain such as example.com, found \"a b\"\n"},
	/* what is shown is cleaned and cut */
	{"workers: \"a\\tb\\x1b[0m\"\n",
	 "t.yaml:1:10: workers: expected a whole number from 1 to 256, found \"a?b?[0m\"\n"},
	{"workers: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg\n",
	 "t.yaml:1:10: workers: expected a whole number from 1 to 256, found "
	 "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff...\"\n"},
};

static void errors(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		expect_errors(bad[i].text, bad[i].want);
}

static void many_errors(void **state)
{
	struct buf text = buf_heap(WHY_MAX), why = buf_heap(WHY_MAX);
	struct config *c = NULL;
	unsigned lines = 0;

	for (unsigned i = 0; i < 300; i++)
		buf_fmt(&text, "zz%u: 1\n", i);
	assert_int_equal(config_parse(buf_str(&text), "t.yaml", &c, &why), -EINVAL);
	for (size_t i = 0; i < why.n; i++)
		lines += why.p[i] == '\n';
	assert_int_equal(lines, 101);
	assert_true(str_ends(buf_str(&why), STR("t.yaml: there are more errors\n")));
	buf_free(&text);
	buf_free(&why);
}

static void defaults(void **state)
{
	struct buf why = buf_heap(WHY_MAX);
	struct config *c = NULL;

	assert_int_equal(config_parse(STR_NONE, NULL, &c, &why), 0);
	assert_int_equal(c->n_domains, 1);
	assert_str(c->domains[0].name, STR("localhost"));
	assert_int_equal(c->n_listen, 2);
	assert_int_equal(c->listen[0].transport, TRANSPORT_UDP);
	assert_int_equal(c->listen[1].transport, TRANSPORT_TCP);
	assert_int_equal(c->listen[1].at.port, 5060);
	assert_true(addr_is_loopback(&c->listen[0].at));
	assert_str(c->database, STR("tsuwa.db"));
	assert_true(c->auth_register && c->auth_invite);
	assert_int_equal(c->n_algorithms, 2);
	assert_int_equal(c->algorithms[0], CONFIG_SHA256);
	assert_int_equal(c->min_expires_ms, 60000);
	assert_int_equal(c->max_contacts, 10);
	assert_int_equal(c->log_level, LOG_INFO);
	assert_int_equal(c->media_port_min, 20000);
	assert_int_equal(c->media_port_max, 29999);
	assert_true(c->workers >= 1);
	assert_int_equal(c->n_routes, 0);
	config_free(&c);
	assert_null(c);
	buf_free(&why);
}

static void whole(void **state)
{
	struct config *c =
		parse("domains:\n"
		      "  - Example.COM\n"
		      "  - { name: example.org, aliases: [sip.example.org, 192.0.2.7, "
		      "\"[2001:db8::7]\"] }\n"
		      "listen:\n"
		      "  - udp://127.0.0.1:0\n"
		      "  - { at: \"tcp://[::]:5070\", advertise: \"sip.Example.com:5090\" }\n"
		      "  - { at: \"udp://0.0.0.0:5060\", advertise: 192.0.2.1 }\n"
		      "tls: { certificate: ./a.crt, key: /k.key }\n"
		      "database: data/t.db\n"
		      "durability: sync\n"
		      "auth: { algorithms: [md5], register: off, invite: no, nonce_life: 90 }\n"
		      "routes:\n"
		      "  - { match: \"sip:+*@example.com\", mode: redirect, to: "
		      "[\"sip:10.0.0.9;transport=tcp\", \"sip:10.0.0.8\"], status: 301 }\n"
		      "  - { match: \"sip:9*\", to: \"sips:gw.example.net\" }\n"
		      "registrar: { min_expires: 1m, max_expires: 1d, default_expires: 500s }\n"
		      "workers: 3\n"
		      "limits:\n"
		      "log: { level: BYTES, format: json }\n");

	assert_str(c->domains[0].name, STR("example.com"));
	assert_int_equal(c->domains[1].n_aliases, 3);
	assert_ptr_equal(config_domain(c, STR("SIP.example.org")), &c->domains[1]);
	assert_null(config_domain(c, STR("example.net")));
	assert_int_equal(c->listen[0].at.port, 0);
	assert_str(c->listen[1].host, STR("sip.example.com"));
	assert_int_equal(c->listen[1].port, 5090);
	assert_int_equal(c->listen[1].at.family, 6);
	assert_str(c->listen[2].host, STR("192.0.2.1"));
	assert_int_equal(c->listen[2].port, 0);
	assert_str(c->tls_certificate, STR("dir/a.crt"));
	assert_str(c->tls_key, STR("/k.key"));
	assert_str(c->database, STR("dir/data/t.db"));
	assert_int_equal(c->durability, CONFIG_SYNC);
	assert_int_equal(c->n_algorithms, 1);
	assert_int_equal(c->algorithms[0], CONFIG_MD5);
	assert_false(c->auth_register || c->auth_invite);
	assert_int_equal(c->nonce_life_ms, 90000);
	assert_int_equal(c->n_routes, 2);
	assert_int_equal(c->routes[0].mode, CONFIG_REDIRECT);
	assert_int_equal(c->routes[0].n_to, 2);
	assert_str(c->routes[0].to[1], STR("sip:10.0.0.8"));
	assert_int_equal(c->routes[0].status, CONFIG_301);
	assert_int_equal(c->routes[1].mode, CONFIG_PROXY);
	assert_int_equal(c->routes[1].n_to, 1);
	assert_int_equal(c->domains[0].mode, CONFIG_DOMAIN_PROXY);
	assert_int_equal(c->default_expires_ms, 500000);
	assert_int_equal(c->max_connections, 20000);
	assert_int_equal(c->log_level, LOG_BYTES);
	assert_int_equal(c->log_format, CONFIG_JSON);
	config_free(&c);
}

static void advertised_ipv6(void **state)
{
	struct config *c =
		parse("listen: [{ at: \"udp://[::]:5060\", advertise: \"2001:db8::1\" },\n"
		      "  { at: \"tcp://[::]:5060\", advertise: \"[2001:db8::1]:5080\" }]\n");

	assert_str(c->listen[0].host, STR("[2001:db8::1]"));
	assert_str(c->listen[1].host, STR("[2001:db8::1]"));
	assert_int_equal(c->listen[1].port, 5080);
	config_free(&c);
}

static const char sample[] =
	"domains: [a.com, {name: b.com, aliases: [c.com]}]\nlisten: [\"udp://127.0.0.1:1\", {at: "
	"\"tcp://0.0.0.0:2\", advertise: x.com}]\nbogus: 1\nroutes: [{match: \"*\", to: "
	"\"sip:a\"}]\n";

static void one_prefix(struct str s, void *ctx)
{
	struct buf why = buf_heap(WHY_MAX);
	struct config *c = NULL;

	config_parse(s, "t.yaml", &c, &why);
	config_free(&c);
	buf_free(&why);
}

static void prefixes(void **state)
{
	each_prefix(str_c(sample), one_prefix, NULL);
}

static void parse_once(void)
{
	struct buf why = buf_heap(WHY_MAX);
	struct config *c = NULL;
	int err = config_parse(STR("domains: [a.com]\nworkers: 2\n"), "d/t.yaml", &c, &why);

	assert_true(err == 0 || (alloc_has_failed() && err < 0));
	assert_true(err == 0 ? c != NULL : c == NULL);
	config_free(&c);
	buf_free(&why);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(parse_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors),
		cmocka_unit_test(many_errors),
		cmocka_unit_test(defaults),
		cmocka_unit_test(whole),
		cmocka_unit_test(advertised_ipv6),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
