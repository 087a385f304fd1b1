#include "harness.h"

#include "server/config.h"

#define TEXT_MAX (1u << 20)

/* The file that init writes, with every comment sign of a key taken away, is a good one and says
 * nothing but defaults. */
static void uncomment(struct buf *b, struct str text)
{
	while (!str_empty(text)) {
		struct str line = str_split(&text, '\n');

		if (str_starts(line, STR("# ")) || str_starts(line, STR("#  #")))
			continue;
		if (str_starts(line, STR("#")))
			line = str_skip(line, 1);
		buf_fmt(b, "%.*s\n", STR_ARG(line));
	}
}

static void file_is_good(void **state)
{
	static const struct config_value values[] = {
		{"domains", "\n  - example.com"},
		{"tls", "\n  certificate: ./c\n  key: ./k"},
		{0},
	};
	struct buf file = buf_heap(TEXT_MAX), bare = buf_heap(TEXT_MAX), why = buf_heap(TEXT_MAX);
	struct config *c = NULL, *d = NULL;

	config_put_file(&file, values);
	assert_false(file.failed);
	assert_int_equal(config_parse(buf_str(&file), "f", &c, &why), 0);
	assert_str(c->domains[0].name, STR("example.com"));
	assert_str(c->tls_key, STR("k"));
	uncomment(&bare, buf_str(&file));
	if (config_parse(buf_str(&bare), "f", &d, &why))
		fail_msg("%s", buf_c(&why));
	assert_int_equal(d->workers, 2);
	assert_int_equal(d->timer_c_ms, c->timer_c_ms);
	assert_int_equal(d->n_listen, c->n_listen);
	assert_int_equal(d->shutdown_ms, c->shutdown_ms);
	assert_int_equal(d->log_level, c->log_level);
	config_free(&c);
	config_free(&d);
	buf_free(&file);
	buf_free(&bare);
	buf_free(&why);
}

static void lines_are_short(void **state)
{
	static const struct config_value none[] = {{0}};
	struct buf b = buf_heap(TEXT_MAX);
	struct str rest;

	config_put_file(&b, none);
	rest = buf_str(&b);
	while (!str_empty(rest))
		assert_true(str_split(&rest, '\n').n <= 80);
	buf_free(&b);
}

static void reference_has_all(void **state)
{
	struct buf b = buf_heap(TEXT_MAX), man = buf_heap(TEXT_MAX);

	config_put_reference(&b);
	config_put_man(&man);
	assert_non_null(strstr(buf_c(&b), "ring_timeout: duration (default: 185s)"));
	assert_non_null(strstr(buf_c(&man), ".BR ring_timeout"));
	buf_free(&b);
	buf_free(&man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_good),
		cmocka_unit_test(lines_are_short),
		cmocka_unit_test(reference_has_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
