#include "harness.h"

#include <fcntl.h>
#include <unistd.h>

#include "server/logging.h"

#define READ_MAX (1u << 20)

static int pipe_ends[2];
static struct logging logging;
static char text[READ_MAX];

static void begin(bool json, bool journal, enum log_level level)
{
	assert_int_equal(pipe2(pipe_ends, O_NONBLOCK), 0);
	fcntl(pipe_ends[0], F_SETPIPE_SZ, READ_MAX);
	logging_init(&logging, pipe_ends[1], json, journal);
	logging_set(&logging, level, json);
}

static const char *end(void)
{
	ssize_t n;

	logging_fini(&logging);
	n = read(pipe_ends[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	return text;
}

static unsigned lines_with(const char *all, const char *word)
{
	unsigned n = 0;

	for (const char *p = all; (p = strstr(p, word)); p++)
		n++;
	return n;
}

static void as_text(void **state)
{
	struct log log;

	begin(false, false, LOG_INFO);
	log = logging_log(&logging, LOG_INFO);
	log_warn(&log, "refused source=%s", "192.0.2.1");
	log_debug(&log, "not shown");
	end();
	assert_non_null(strstr(text, "Z warn  refused source=192.0.2.1\n"));
	assert_null(strstr(text, "not shown"));
	assert_int_equal(text[4], '-');
}

static void as_json(void **state)
{
	struct log log;

	begin(true, false, LOG_INFO);
	log = logging_log(&logging, LOG_INFO);
	log_error(&log, "a \"b\" \xff");
	end();
	assert_non_null(strstr(text, "\"level\":\"error\",\"message\":\"a \\\"b\\\" \\ufffd\"}\n"));
	assert_int_equal(text[0], '{');
}

static void for_the_journal(void **state)
{
	struct log log;

	begin(false, true, LOG_INFO);
	log = logging_log(&logging, LOG_INFO);
	log_error(&log, "broken");
	end();
	assert_string_equal(text, "<3>broken\n");
}

static void floods_are_cut(void **state)
{
	struct log log;

	begin(false, false, LOG_INFO);
	log = logging_log(&logging, LOG_INFO);
	for (unsigned i = 0; i < 1000; i++)
		log_warn(&log, "refused source=192.0.2.%u", i);
	log_warn(&log, "something else x=1");
	end();
	/* The loop may cross into the next second. */
	assert_in_range(lines_with(text, "refused source="), LOGGING_BURST, 2 * LOGGING_BURST);
	assert_int_equal(lines_with(text, "something else"), 1);
}

static void debug_is_not_cut(void **state)
{
	struct log log;

	begin(false, false, LOG_DEBUG);
	log = logging_log(&logging, LOG_DEBUG);
	for (unsigned i = 0; i < 1000; i++)
		log_warn(&log, "refused source=192.0.2.%u", i);
	end();
	assert_int_equal(lines_with(text, "refused source="), 1000);
}

static void long_lines(void **state)
{
	static char word[5000];
	struct log log;

	memset(word, '"', sizeof(word) - 1);
	begin(true, false, LOG_INFO);
	log = logging_log(&logging, LOG_INFO);
	log_warn(&log, "%s", word);
	end();
	assert_int_equal(lines_with(text, "\n"), 1);
	assert_true(str_ends(str_c(text), STR("\"}\n")));
}

static void whole_messages(void **state)
{
	struct flow f = {.transport = TRANSPORT_UDP};

	begin(false, false, LOG_BYTES);
	addr_parse(STR("192.0.2.1:5060"), &f.remote);
	logging_bytes(&logging, false, &f, STR("OPTIONS sip:a SIP/2.0\r\nX: \x1b[m\r\n\r\n"));
	end();
	assert_non_null(strstr(text, "received from 192.0.2.1:5060 UDP bytes="));
	assert_non_null(strstr(text, "\n    OPTIONS sip:a SIP/2.0\n    X: ?[m\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text),          cmocka_unit_test(as_json),
		cmocka_unit_test(for_the_journal),  cmocka_unit_test(floods_are_cut),
		cmocka_unit_test(debug_is_not_cut), cmocka_unit_test(long_lines),
		cmocka_unit_test(whole_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
