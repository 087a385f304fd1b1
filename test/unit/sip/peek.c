#include <stdlib.h>

#include "sip/peek.h"

#include "sip_test.h"

static void tells_method_and_call_id(void **state)
{
	static const struct {
		struct str text, method, call_id;
	} rows[] = {
		{STR_INIT(INVITE), STR_INIT("INVITE"),
		 STR_INIT("3848276298220188511@atlanta.example.com")},
		{STR_INIT("SIP/2.0 200 OK\r\nv: x\r\ni:1\r\n\r\n"), STR_INIT("SIP/2.0"),
		 STR_INIT("1")},
		{STR_INIT("A b SIP/2.0\r\nIdentity: 7\r\nCaller: 8\r\ncall-id \t:  a \t\r\n\r\n"),
		 STR_INIT("A"), STR_INIT("a")},
		{STR_INIT("A b SIP/2.0\nv: 1\ni: 1\r\n\r\n"), STR_INIT("A"), STR_INIT("1")},
		{STR_INIT("A b SIP/2.0\r\nI: 1\r\nCall-ID: 2\r\n\r\n"), STR_INIT("A"),
		 STR_INIT("1")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_peek p;

		assert_true(sip_peek(rows[i].text, &p));
		assert_str(p.method, rows[i].method);
		assert_str(p.call_id, rows[i].call_id);
	}
}

static void leaves_the_rest_to_the_parser(void **state)
{
	static const struct str rows[] = {
		STR_INIT(""),
		STR_INIT("\r\nA b SIP/2.0\r\ni: 1\r\n\r\n"),
		STR_INIT("A b SIP/2.0\r\n"),
		STR_INIT("A b SIP/2.0\r\ni: 1"),
		STR_INIT("A b SIP/2.0\r\ni: 1\n\r\n"),
		STR_INIT("A b SIP/2.0\r\ni:\r\n\r\n"),
		STR_INIT("A b SIP/2.0\r\ni: 1\r\n 2\r\n\r\n"),
		STR_INIT("A b SIP/2.0\r\ni: 1\rv: x\r\n\r\n"),
		STR_INIT("A b SIP/2.0\r\nv: x\r\n\r\ni: 1\r\n"),
		STR_INIT("A b SIP/2.0\r\nCall-Info: 1\r\nv: \r\n i: 1\r\n\r\n"),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_peek p;

		if (sip_peek(rows[i], &p))
			fail_msg("row %zu", i);
	}
}

/* A message that is cut never shows another Call-ID than the whole one. */
static void every_prefix(void **state)
{
	for (size_t n = 0; n < sizeof(INVITE) - 1; n++) {
		char *bytes = malloc(n + !n);
		struct sip_peek p;

		memcpy(bytes, INVITE, n);
		if (sip_peek(str_of(bytes, n), &p))
			assert_str(p.call_id, STR("3848276298220188511@atlanta.example.com"));
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_method_and_call_id),
		cmocka_unit_test(leaves_the_rest_to_the_parser),
		cmocka_unit_test(every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
