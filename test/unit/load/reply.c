#include "harness.h"

#include "load/reply.h"

#define TOKEN "L0badcafe0300000700000102"
static const struct token token = {.run = 0x0badcafe, .worker = 3, .slot = 7, .generation = 0x102};

static void assert_token(struct token got, struct token want)
{
	assert_int_equal(got.run, want.run);
	assert_int_equal(got.worker, want.worker);
	assert_int_equal(got.slot, want.slot);
	assert_int_equal(got.generation, want.generation);
}

static void tokens_come_back(void **state)
{
	struct token got, most = {.run = UINT32_MAX,
				  .worker = 255,
				  .slot = TOKEN_SLOTS - 1,
				  .generation = UINT32_MAX};
	char text[TOKEN_CHARS];

	token_put(token, text);
	assert_str(str_of(text, sizeof(text)), STR(TOKEN));
	assert_true(token_read(str_of(text, sizeof(text)), &got));
	assert_token(got, token);
	token_put(most, text);
	assert_true(token_read(str_of(text, sizeof(text)), &got));
	assert_token(got, most);
	assert_true(token_read(STR("L0BADCAFE0300000700000102@x"), &got));
	assert_false(token_read(STR("M0badcafe0300000700000102"), &got));
	assert_false(token_read(STR("L0badcafe030000070000010g"), &got));
}

static void good_replies(void **state)
{
	static const struct {
		const char *text;
		unsigned status;
	} good[] = {
		{"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK" TOKEN "\r\n\r\n", 200},
		{"SIP/2.0 100 \r\nv:SIP/2.0/UDP a;rport=5;branch=z9hG4bK" TOKEN "\r\n", 100},
		{"SIP/2.0 699 x\nServer: v\nVersion: 1\nVIA  : SIP/2.0/TCP z;branch=z9hG4bK" TOKEN
		 "\n",
		 699},
		/* The topmost is ours; what stands below is not looked at. */
		{"SIP/2.0 401 No\r\nVia: SIP/2.0/UDP z9.example;branch=z9hG4bK" TOKEN
		 ", SIP/2.0/UDP b;branch=z9hG4bKL0000000000000000000000000\r\n",
		 401},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct reply r;

		assert_true(reply_read(guard_str(str_c(good[i].text)), &r));
		assert_int_equal(r.status, good[i].status);
		assert_token(r.token, token);
	}
	guard_free_all();
}

static void bad_replies(void **state)
{
	static const char *const bad[] = {
		"",
		"SIP/2.0 2",
		"SIP/2.0 20x OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" TOKEN "\r\n",
		"SIP/2.0 099 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" TOKEN "\r\n",
		"SIP/2.0 700 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" TOKEN "\r\n",
		"SIP/3.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" TOKEN "\r\n",
		"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" TOKEN "\r\n",
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKx\r\n",
		"SIP/2.0 200 OK\r\n\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" TOKEN "\r\n",
		"SIP/2.0 200 OK\r\nVia\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct reply r = {.status = 1};

		assert_false(reply_read(guard_str(str_c(bad[i])), &r));
		assert_int_equal(r.status, 1);
	}
	guard_free_all();
}

static void read_prefix(struct str s, void *ctx)
{
	struct reply r;

	reply_read(s, &r);
}

static void reads_no_further_than_the_end(void **state)
{
	each_prefix(STR("SIP/2.0 200 OK\r\nServer: zzz\r\n"
			"Via: SIP/2.0/UDP zz9hG4bK;branch=z9hG4bK" TOKEN "\r\n"),
		    read_prefix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_come_back),
		cmocka_unit_test(good_replies),
		cmocka_unit_test(bad_replies),
		cmocka_unit_test(reads_no_further_than_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
