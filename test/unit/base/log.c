#include "base/log.h"
#include "harness.h"

struct sink {
	char line[2048];
	size_t n;
	unsigned lines;
	enum log_level level;
};

static void keep(void *ctx, enum log_level level, struct str line)
{
	struct sink *k = ctx;

	assert_true(line.n < sizeof(k->line));
	memcpy(k->line, line.p, line.n);
	k->n = line.n;
	k->level = level;
	k->lines++;
}

static void writes_up_to_its_level(void **state)
{
	struct sink k = {0};
	struct log log = {LOG_INFO, keep, &k};

	log_info(&log, "it happened n=%d", 3);
	assert_str(str_of(k.line, k.n), STR("it happened n=3"));
	assert_int_equal(k.level, LOG_INFO);
	log_debug(&log, "not this");
	log_write(&log, LOG_BYTES, "nor this");
	assert_int_equal(k.lines, 1);
	log_error(&log, "but this");
	assert_int_equal(k.lines, 2);
}

static void silent_without_sink(void **state)
{
	struct log log = {.level = LOG_BYTES};

	log_error(NULL, "nobody");
	log_error(&log, "nobody");
}

static void one_event_is_one_line(void **state)
{
	struct sink k = {0};
	struct log log = {LOG_INFO, keep, &k};

	log_info(&log, "from=%s", "a\r\nforged: line\t\x1b[2J\x7f \xc3\xa9");
	assert_str(str_of(k.line, k.n), STR("from=a  forged: line ?[2J? \xc3\xa9"));
}

static void cuts_long_lines(void **state)
{
	struct sink k = {0};
	struct log log = {LOG_INFO, keep, &k};
	char text[1500];

	memset(text, 'x', sizeof(text));
	log_info(&log, "value=%.*s", (int)sizeof(text), text);
	assert_int_equal(k.n, 1024);
	assert_memory_equal(k.line, "value=xxx", 9);
	assert_int_equal(k.line[1023], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_up_to_its_level),
		cmocka_unit_test(silent_without_sink),
		cmocka_unit_test(one_event_is_one_line),
		cmocka_unit_test(cuts_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
