#include "harness.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load/users.h"

static void names_are_counted(void **state)
{
	struct users u;

	assert_int_equal(users_make(&u, 12, STR("load-"), "secret"), 0);
	assert_int_equal(u.n, 12);
	assert_str(u.user[0].name, STR("load-0"));
	assert_str(u.user[11].name, STR("load-11"));
	assert_str(u.user[0].password, STR("secret"));
	assert_str(u.user[11].password, STR("secret"));
	users_free(&u);
	assert_int_equal(users_make(&u, 1, STR("u"), NULL), 0);
	assert_null(u.user[0].password.p);
	users_free(&u);
}

static int read_text(const char *text, struct users *u, unsigned *bad)
{
	char path[32];
	int fd = memfd_create("users", MFD_CLOEXEC), err;

	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	err = users_read(u, path, bad);
	close(fd);
	return err;
}

static void lines_of_a_file(void **state)
{
	struct users u;
	unsigned bad = 0;

	assert_int_equal(read_text("user,password\nalice@example.com,one\r\n# no\n\n"
				   "bob, example.com ,\"t,wo\"\n\"carol\",three",
				   &u, &bad),
			 0);
	assert_int_equal(u.n, 3);
	assert_str(u.user[0].name, STR("alice"));
	assert_str(u.user[0].password, STR("one"));
	assert_str(u.user[1].name, STR("bob"));
	assert_str(u.user[1].password, STR("t,wo"));
	assert_str(u.user[2].name, STR("carol"));
	assert_str(u.user[2].password, STR("three"));
	users_free(&u);
}

static void bad_files(void **state)
{
	struct users u;
	unsigned bad = 0;

	assert_int_equal(read_text("alice,one\nbob\n", &u, &bad), -EBADMSG);
	assert_int_equal(bad, 2);
	users_free(&u);
	assert_int_equal(read_text("", &u, &bad), -EBADMSG);
	assert_int_equal(bad, 1);
	users_free(&u);
	assert_int_equal(users_read(&u, "/nowhere/at/all", &bad), -ENOENT);
	users_free(&u);
}

static void make_and_free(void)
{
	struct users u;
	int err = users_make(&u, 3, STR("a-name-that-needs-more-room-than-the-first-"), "p");

	if (!err)
		err = users_keep_nonces(&u);
	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
	users_free(&u);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(make_and_free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_counted),
		cmocka_unit_test(lines_of_a_file),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
