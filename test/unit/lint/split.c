#include "harness.h"
#include "lint/lint.h"

#define A "OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nbody"
#define B "SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n"

static void expect(const char *text, const char *const *messages)
{
	struct str rest = guard_str(str_c(text)), m;

	for (; *messages; messages++) {
		assert_true(lint_next(&rest, &m));
		assert_str(m, str_c(*messages));
	}
	assert_false(lint_next(&rest, &m));
	guard_free_all();
}

#define EXPECT(text, ...) expect(text, (const char *const[]){__VA_ARGS__, NULL})

static void behind_each_other(void **state)
{
	EXPECT(A, A);
	EXPECT(A B, A, B);
	EXPECT("\r\n\r\n" B "\r\n" A "\r\n\r\n", B "\r\n", A);
	EXPECT(A A A, A, A, A);
}

static void between_lines(void **state)
{
	EXPECT("# first\n" A "\r\n---\r\nU 1.2.3.4:5060 -> 1.2.3.5:5060\n\n" B, A, B);
	EXPECT("10:00 a -> b\n" B "# more\n" A, B, A);
}

/* What Content-Length says is not always so. */
static void wrong_lengths(void **state)
{
	EXPECT("BYE sip:a SIP/2.0\r\nl: 90\r\n\r\nbody\r\n" B,
	       "BYE sip:a SIP/2.0\r\nl: 90\r\n\r\nbody\r\n", B);
	EXPECT("BYE sip:a SIP/2.0\r\nl: 2\r\n\r\nbody\r\n" B,
	       "BYE sip:a SIP/2.0\r\nl: 2\r\n\r\nbody\r\n", B);
	EXPECT("BYE sip:a SIP/2.0\r\nl: x\r\n\r\nv=0\r\n",
	       "BYE sip:a SIP/2.0\r\nl: x\r\n\r\nv=0\r\n");
}

static void broken_starts(void **state)
{
	EXPECT("INVITE  sip:a  SIP/2.0 \r\n\r\n" B, "INVITE  sip:a  SIP/2.0 \r\n\r\n", B);
	EXPECT("hello\n", "hello\n");
	expect("", (const char *const[]){NULL});
	expect("\r\n# nothing\r\n", (const char *const[]){NULL});
}

static void places(void **state)
{
	unsigned line, column;

	lint_place(STR("ab\r\ncd\ne\rf"), 5, &line, &column);
	assert_true(line == 2 && column == 2);
	lint_place(STR("ab\r\ncd\ne\rf"), 9, &line, &column);
	assert_true(line == 4 && column == 1);
	lint_place(STR(""), 0, &line, &column);
	assert_true(line == 1 && column == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_each_other),
		cmocka_unit_test(between_lines),
		cmocka_unit_test(wrong_lengths),
		cmocka_unit_test(broken_starts),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
