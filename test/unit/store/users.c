/* The snapshot of users. */
#include "store/users.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "harness.h"

static const struct hash_seed seed = {1, 2};

#define MD5 "00112233445566778899aabbccddeeff"

static void finds(void **state)
{
	struct user_entry e[] = {
		{STR("alice"), STR("example.com"), STR("example.com"), .ha1_md5 = MD5},
		{STR("alice"), STR("example.org"), STR("example.org")},
		{STR("bob"), STR("example.com"), STR("r")},
	};
	struct users *u;

	assert_int_equal(users_new(e, 3, &seed, &u), 0);
	assert_int_equal(users_count(u), 3);
	assert_string_equal(users_find(u, STR("alice"), STR("example.com"))->ha1_md5, MD5);
	assert_str(users_find(u, STR("alice"), STR("example.org"))->realm, STR("example.org"));
	assert_str(users_find(u, STR("bob"), STR("example.com"))->realm, STR("r"));
	assert_null(users_find(u, STR("bob"), STR("example.org")));
	assert_null(users_find(u, STR("Bob"), STR("example.com")));
	assert_null(users_find(u, STR(""), STR("")));
	assert_null(users_find(u, STR("alicee"), STR("xample.com")));
	users_unref(&u);
	assert_null(u);
	users_unref(&u);
}

static void the_later_wins(void **state)
{
	struct user_entry e[] = {
		{STR("alice"), STR("d"), STR("old")},
		{STR("alice"), STR("d"), STR("new")},
	};
	struct users *u;

	assert_int_equal(users_new(e, 2, &seed, &u), 0);
	assert_int_equal(users_count(u), 1);
	assert_str(users_find(u, STR("alice"), STR("d"))->realm, STR("new"));
	users_unref(&u);
}

static void owns_its_texts(void **state)
{
	char name[] = "carol";
	struct user_entry e = {str_c(name), STR("d"), STR("d")};
	struct users *u, *again;

	assert_int_equal(users_new(&e, 1, &seed, &u), 0);
	memset(name, 'x', 5);
	again = users_ref(u);
	users_unref(&u);
	assert_str(users_find(again, STR("carol"), STR("d"))->user, STR("carol"));
	users_unref(&again);
}

static void dummy_is_its_own(void **state)
{
	static const struct hash_seed other = {1, 3};
	struct users *a, *b;

	assert_int_equal(users_new(NULL, 0, &seed, &a), 0);
	assert_int_equal(users_new(NULL, 0, &other, &b), 0);
	assert_true(user_ha1_valid(str_c(users_dummy(a)->ha1_md5), 32));
	assert_true(user_ha1_valid(str_c(users_dummy(a)->ha1_sha256), 64));
	assert_ptr_equal(users_dummy(a), users_dummy(a));
	assert_string_not_equal(users_dummy(a)->ha1_sha256, users_dummy(b)->ha1_sha256);
	assert_null(users_find(a, STR(""), STR("")));
	users_unref(&a);
	users_unref(&b);
}

static void many(void **state)
{
	enum { N = 20000 };
	struct user_entry *e = xcalloc(N, sizeof(*e));
	char(*names)[16] = xcalloc(N, sizeof(*names));
	struct users *u;

	for (size_t i = 0; i < N; i++) {
		struct buf b = buf_over(names[i], sizeof(names[i]));

		buf_fmt(&b, "user%zu", i);
		e[i].user = buf_str(&b);
		e[i].domain = STR("example.com");
	}
	assert_int_equal(users_new(e, N, &seed, &u), 0);
	for (size_t i = 0; i < N; i++)
		assert_str(users_find(u, e[i].user, STR("example.com"))->user, e[i].user);
	users_unref(&u);
	xfree(names);
	xfree(e);
}

static void names(void **state)
{
	static char long_name[256];

	memset(long_name, 'a', sizeof(long_name));
	assert_true(user_name_valid(STR("alice")));
	assert_true(user_name_valid(STR("J\xc3\xb6rg +1")));
	assert_true(user_name_valid(str_of(long_name, 255)));
	assert_false(user_name_valid(str_of(long_name, 256)));
	assert_false(user_name_valid(STR("")));
	assert_false(user_name_valid(STR("a:b")));
	assert_false(user_name_valid(STR("a\nb")));
	assert_false(user_name_valid(STR("a\0b")));
	assert_false(user_name_valid(STR("a\x7f")));
	assert_true(user_domain_valid(STR("example.com")));
	assert_true(user_domain_valid(STR("192.0.2.7")));
	assert_true(user_domain_valid(STR("[2001:db8::1]")));
	assert_false(user_domain_valid(STR("Example.com")));
	assert_false(user_domain_valid(STR("")));
	assert_false(user_domain_valid(STR("[x]")));
	assert_false(user_domain_valid(STR("a b")));
	assert_false(user_domain_valid(str_of(long_name, 254)));
	assert_true(user_ha1_valid(STR(MD5), 32));
	assert_false(user_ha1_valid(STR("00112233445566778899AABBCCDDEEFF"), 32));
	assert_false(user_ha1_valid(STR(MD5), 64));
}

static void make(void)
{
	struct user_entry e = {STR("alice"), STR("d"), STR("d")};
	struct users *u;
	int err = users_new(&e, 1, &seed, &u);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	if (!err)
		users_unref(&u);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(the_later_wins),
		cmocka_unit_test(owns_its_texts),
		cmocka_unit_test(dummy_is_its_own),
		cmocka_unit_test(many),
		cmocka_unit_test(names),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
