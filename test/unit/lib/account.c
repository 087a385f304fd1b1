#include "harness.h"

#include "lib/account.h"

static const struct {
	const char *text;
	const char *user, *domain, *password, *proxy;
	enum transport transport;
	const char *why; /* NULL: good */
} files[] = {
	{"user: alice@example.com\npassword: \"s: e#c\"\nproxy: 127.0.0.1:5060\ntransport: udp\n",
	 "alice", "example.com", "s: e#c", "sip:127.0.0.1:5060", TRANSPORT_UDP, NULL},
	{"{user: 'sip:alice@example.com', transport: TCP}", "alice", "example.com", "", "",
	 TRANSPORT_TCP, NULL},
	{"# words\nuser: a@[::1]:5070\nproxy: sip:p.example.com;transport=tcp\n", "a", "[::1]:5070",
	 "", "sip:p.example.com;transport=tcp", TRANSPORT_NONE, NULL},
	{"", NULL, NULL, NULL, NULL, 0, "f: it names no user"},
	{"password: x\n", NULL, NULL, NULL, NULL, 0, "f: it names no user"},
	{"user: alice\n", NULL, NULL, NULL, NULL, 0,
	 "f:1:7: \"alice\" is no user: write USER@DOMAIN"},
	{"user: a@b\n  \nport: 1\n", NULL, NULL, NULL, NULL, 0,
	 "f:3:1: unknown key \"port\": user, password, proxy, transport"},
	{"user: a@b\ntransport: tls\n", NULL, NULL, NULL, NULL, 0,
	 "f:2:12: the transport \"tls\" is not built into this version: udp or tcp"},
	{"user: a@b\ntransport: pigeon\n", NULL, NULL, NULL, NULL, 0,
	 "f:2:12: \"pigeon\" is no transport: udp or tcp"},
	{"user: a@b\nproxy: 'a b'\n", NULL, NULL, NULL, NULL, 0,
	 "f:2:8: \"a b\" is no proxy: write HOST:PORT"},
	{"user: a@b\npassword:\n", NULL, NULL, NULL, NULL, 0, "f:2:10: \"password\" has no value"},
	{"user: [a@b]\n", NULL, NULL, NULL, NULL, 0, "f:1:7: a value here is one text"},
	{"user: {a: b}\n", NULL, NULL, NULL, NULL, 0, "f:1:7: a value here is one text"},
	{"alice\n", NULL, NULL, NULL, NULL, 0, "f:1:1: wanted \"key: value\" lines"},
	{"user: \"a\n", NULL, NULL, NULL, NULL, 0, "f:"},
};

static void files_are_read(void **state)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct tsuwa_account a = {0};
		struct tsuwa_error why;
		bool good = tsuwa_account_parse(&a, files[i].text, strlen(files[i].text), "f",
						&why) == 0;

		if (files[i].why) {
			assert_false(good);
			if (!str_starts(str_c(why.text), str_c(files[i].why)))
				fail_msg("case %u: %s", (unsigned)i, why.text);
			assert_true(str_empty(a.user));
			continue;
		}
		if (!good)
			fail_msg("case %u: %s", (unsigned)i, why.text);
		assert_str(a.user, str_c(files[i].user));
		assert_str(a.domain, str_c(files[i].domain));
		assert_str(a.password, str_c(files[i].password));
		assert_str(a.proxy, str_c(files[i].proxy));
		assert_int_equal(a.transport, files[i].transport);
		lib_account_fini(&a);
	}
}

static void a_later_setting_wins(void **state)
{
	struct tsuwa_account a = {0};
	char room[300];
	struct buf why = buf_over(room, sizeof(room));

	assert_true(lib_account_set(&a, STR("user"), STR("a@b"), &why));
	assert_true(lib_account_set(&a, STR("user"), STR("c@d"), &why));
	assert_str(a.user, STR("c"));
	assert_str(a.domain, STR("d"));
	assert_false(lib_account_set(&a, STR("user"), STR(""), &why));
	assert_str(a.user, STR("c"));
	lib_account_fini(&a);
}

static const struct {
	const char *given, *with, *without; /* an account; NULL: an error */
} uris[] = {
	{"echo", "sip:echo@example.com", NULL},
	{"a b", "sip:a%20b@example.com", NULL},
	{"+49123", "sip:+49123@example.com", NULL},
	{"bob@h", "sip:bob@h", "sip:bob@h"},
	{"sip:h", "sip:h", "sip:h"},
	{"sips:bob@h;transport=tcp", "sips:bob@h;transport=tcp", "sips:bob@h;transport=tcp"},
	{"tel:+49123", "tel:+49123", "tel:+49123"},
	{"sip:bob@h:x", NULL, NULL},
	{"a@b c", NULL, NULL},
	{"", NULL, NULL},
};

static void check_uri(const struct tsuwa_account *a, const char *given, const char *want)
{
	struct tsuwa_error why = {0};
	char room[300];
	bool good = tsuwa_account_complete(a, given, room, sizeof(room), &why) == 0;

	assert_int_equal(good, want != NULL);
	if (good)
		assert_string_equal(room, want);
	else
		assert_true(why.text[0] && why.code == -EINVAL);
}

static void uris_are_completed(void **state)
{
	struct tsuwa_account a = {0}, none = {0};
	char room[300];
	struct buf why = buf_over(room, sizeof(room));

	assert_true(lib_account_set(&a, STR("user"), STR("alice@example.com"), &why));
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		check_uri(&a, uris[i].given, uris[i].with);
		check_uri(&none, uris[i].given, uris[i].without);
	}
	lib_account_fini(&a);
}

static void escapes_are_undone_and_made(void **state)
{
	struct tsuwa_account a = {0};
	char room[300];
	struct buf b = buf_over(room, sizeof(room));

	assert_true(lib_account_set(&a, STR("user"), STR("a%20b@h"), &b));
	assert_str(a.user, STR("a b"));
	lib_account_put_aor(&a, &b);
	assert_str(buf_str(&b), STR("sip:a%20b@h"));
	lib_account_fini(&a);
}

static void read_one(void)
{
	struct tsuwa_account a = {0};
	struct tsuwa_error why;

	if (tsuwa_account_parse(&a, files[0].text, strlen(files[0].text), "f", &why) != 0)
		assert_true(alloc_has_failed());
	lib_account_fini(&a);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(read_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),     cmocka_unit_test(a_later_setting_wins),
		cmocka_unit_test(uris_are_completed), cmocka_unit_test(escapes_are_undone_and_made),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
