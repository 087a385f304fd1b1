/* tsuwa/message.h and tsuwa/uri.h: what a program of others reads and builds. */
#include "harness.h"

#include <stdio.h>

#include <tsuwa/message.h>

#define INVITE                                                                                     \
	"INVITE sip:bob@example.com SIP/2.0\r\n"                                                   \
	"Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKa;rport, SIP/2.0/TCP "                      \
	"[2001:db8::1];branch=z9hG4bKb;received=192.0.2.9\r\n"                                     \
	"f: \"A, B\" <sip:alice:pw@example.com:5062;transport=tcp?h=1>;tag=88\r\n"                 \
	"To: <sip:bob@example.com>\r\n"                                                            \
	"Call-ID: c1@192.0.2.1\r\n"                                                                \
	"CSeq: 7 INVITE\r\n"                                                                       \
	"Max-Forwards: 69\r\n"                                                                     \
	"Route: <sip:p1;lr>, <sip:p2;lr>\r\n"                                                      \
	"Route: <sip:p3;lr>\r\n"                                                                   \
	"Record-Route: <sip:r1;lr>\r\n"                                                            \
	"Contact: <sip:alice@192.0.2.1:5070>;q=0.5;expires=60, sip:a@b;x=\"y z\"\r\n"              \
	"Supported: timer, 100rel\r\n"                                                             \
	"X-Own: one\r\n"                                                                           \
	"X-Own: two\r\n"                                                                           \
	"Content-Type: application/sdp;charset=utf-8\r\n"                                          \
	"Content-Length: 5\r\n\r\nv=0\r\nrest"

static struct tsuwa_message *parsed(const char *text)
{
	struct tsuwa_message *m = NULL;
	struct tsuwa_error err;
	int code = tsuwa_message_parse(text, strlen(text), &m, &err);

	if (code)
		fail_msg("%s: %s", text, err.text);
	return m;
}

#define assert_is(got, want) assert_is_at((got), (want), __LINE__)
static void assert_is_at(struct tsuwa_str got, const char *want, int line)
{
	if (!tsuwa_str_is(got, want))
		fail_msg("line %d: got \"%.*s\", not \"%s\"", line, TSUWA_STR_ARG(got), want);
}

/* The request that mutates its source owes it nothing. */
static void a_request_is_read(void **state)
{
	char text[] = INVITE;
	struct tsuwa_message *m = parsed(text);
	struct tsuwa_str s;

	memset(text, 'x', sizeof(text));
	assert_true(tsuwa_message_is_request(m));
	assert_int_equal(tsuwa_message_status(m), 0);
	assert_is(tsuwa_message_method(m), "INVITE");
	assert_is(tsuwa_message_uri(m), "sip:bob@example.com");
	assert_is(tsuwa_message_body(m), "v=0\r\n");
	assert_true(tsuwa_message_sdp(m, &s));
	assert_is(s, "v=0\r\n");
	assert_int_equal(tsuwa_message_check(m, NULL), 0);
	assert_is(tsuwa_message_get(m, TSUWA_HDR_CALL_ID), "c1@192.0.2.1");
	assert_is(tsuwa_message_get_named(m, "i"), "c1@192.0.2.1");
	assert_is(tsuwa_message_get_named(m, "x-OWN"), "one");
	assert_null(tsuwa_message_get(m, TSUWA_HDR_DATE).p);
	assert_null(tsuwa_message_get_named(m, "X-Other").p);
	assert_null(tsuwa_message_get(m, TSUWA_HDR_OTHER).p);
	assert_true(tsuwa_message_has_token(m, TSUWA_HDR_SUPPORTED, "100REL"));
	assert_false(tsuwa_message_has_token(m, TSUWA_HDR_SUPPORTED, "100"));
	tsuwa_message_free(&m);
	assert_null(m);
	tsuwa_message_free(&m);
}

static void fields_are_walked(void **state)
{
	static const char *const routes[] = {"<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"};
	struct tsuwa_message *m = parsed(INVITE);
	struct tsuwa_values v = tsuwa_message_values(m, TSUWA_HDR_ROUTE);
	struct tsuwa_str s;
	struct tsuwa_field f;

	for (size_t i = 0; i < 3; i++) {
		assert_true(tsuwa_values_next(&v, &s));
		assert_is(s, routes[i]);
	}
	assert_false(tsuwa_values_next(&v, &s));
	assert_int_equal(tsuwa_message_fields(m), 15);
	assert_true(tsuwa_message_field(m, 1, &f));
	assert_int_equal(f.id, TSUWA_HDR_FROM);
	assert_is(f.name, "f");
	assert_true(tsuwa_message_field(m, 12, &f));
	assert_int_equal(f.id, TSUWA_HDR_OTHER);
	assert_is(f.value, "two");
	assert_false(tsuwa_message_field(m, 15, &f));
	tsuwa_message_free(&m);
}

static void values_are_decoded(void **state)
{
	struct tsuwa_message *m = parsed(INVITE);
	struct tsuwa_address a;
	struct tsuwa_via via;
	struct tsuwa_media_type type;
	struct tsuwa_error err;
	struct tsuwa_str s;
	uint32_t n;

	assert_int_equal(tsuwa_message_address(m, TSUWA_HDR_FROM, &a, &err), 0);
	assert_is(a.display, "\"A, B\"");
	assert_is(a.tag, "88");
	assert_int_equal(a.uri.scheme, TSUWA_SCHEME_SIP);
	assert_is(a.uri.user, "alice");
	assert_is(a.uri.password, "pw");
	assert_is(a.uri.host, "example.com");
	assert_int_equal(a.uri.port, 5062);
	assert_is(a.uri.headers, "h=1");
	assert_true(tsuwa_uri_param(&a.uri, "Transport", &s));
	assert_is(s, "tcp");
	assert_false(tsuwa_uri_param(&a.uri, "lr", &s));
	assert_int_equal(tsuwa_message_address(m, TSUWA_HDR_TO, &a, &err), 0);
	assert_int_equal(a.tag.n, 0);
	assert_int_equal(tsuwa_message_address(m, TSUWA_HDR_CONTACT, &a, &err), 0);
	assert_int_equal(tsuwa_address_q(&a), 500);
	assert_int_equal(tsuwa_address_expires(&a, 7), 60);
	assert_int_equal(tsuwa_address_parse((struct tsuwa_str){"sip:a@b;x=\"y z\"", 15}, &a, NULL),
			 0);
	assert_true(tsuwa_param(a.params, "x", &s));
	assert_is(s, "y z");
	assert_int_equal(tsuwa_address_q(&a), 1000);
	assert_int_equal(tsuwa_address_expires(&a, 7), 7);
	assert_int_equal(tsuwa_message_via(m, &via, &err), 0);
	assert_is(via.transport, "UDP");
	assert_is(via.host, "192.0.2.1");
	assert_int_equal(via.port, 5070);
	assert_is(via.branch, "z9hG4bKa");
	assert_true(via.has_rport && via.rport == 0);
	assert_int_equal(tsuwa_message_cseq(m, &n, &s, &err), 0);
	assert_int_equal(n, 7);
	assert_is(s, "INVITE");
	assert_int_equal(tsuwa_message_number(m, TSUWA_HDR_MAX_FORWARDS, &n, &err), 0);
	assert_int_equal(n, 69);
	assert_int_equal(tsuwa_message_content_type(m, &type, &err), 0);
	assert_is(type.subtype, "sdp");
	assert_true(tsuwa_param(type.params, "charset", &s));
	tsuwa_message_free(&m);
}

static void what_is_absent_is_told(void **state)
{
	struct tsuwa_message *m = parsed("SIP/2.0 200 OK\r\nCSeq: 1 BYE\r\n\r\n");
	struct tsuwa_error err;
	struct tsuwa_address a;
	uint32_t n;

	assert_int_equal(tsuwa_message_status(m), 200);
	assert_is(tsuwa_message_reason(m), "OK");
	assert_is(tsuwa_message_method(m), "BYE");
	assert_int_equal(tsuwa_message_uri(m).n, 0);
	assert_int_equal(tsuwa_message_number(m, TSUWA_HDR_EXPIRES, &n, &err), -ENOENT);
	assert_string_equal(err.header, "Expires");
	assert_int_equal(err.code, -ENOENT);
	assert_int_equal(tsuwa_message_address(m, TSUWA_HDR_OTHER, &a, &err), -ENOENT);
	assert_int_equal(tsuwa_message_check(m, &err), -EBADMSG);
	assert_string_equal(err.header, "Via");
	tsuwa_message_free(&m);
}

static const struct {
	const char *text, *header;
	long offset;
	unsigned status;
} bad[] = {
	{"", "", 0, 0},
	{"INVITE sip:a SIP/3.0\r\n\r\n", "", 13, 505},
	{"OPTIONS sip:a SIP/2.0\r\nNo colon here\r\n\r\n", "", 23, 400},
	{"OPTIONS sip:a SIP/2.0\r\nContent-Length: x\r\n\r\n", "Content-Length", 39, 400},
	{"OPTIONS sip:a SIP/2.0\r\n", "", 23, 400},
};

static void errors_say_what_and_where(void **state)
{
	struct tsuwa_error err;
	struct tsuwa_message *m = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(tsuwa_message_parse(bad[i].text, strlen(bad[i].text), &m, &err),
				 -EBADMSG);
		assert_null(m);
		if (strcmp(err.header, bad[i].header) != 0 || err.offset != bad[i].offset ||
		    err.status != bad[i].status || !err.text[0])
			fail_msg("case %zu: \"%s\" in \"%s\" at %ld, %u", i, err.text, err.header,
				 err.offset, err.status);
		assert_int_equal(tsuwa_message_parse(bad[i].text, strlen(bad[i].text), &m, NULL),
				 -EBADMSG);
	}
	m = parsed("OPTIONS sip:a SIP/2.0\r\nTo: <sip:a\r\nCSeq: x\r\n\r\n");
	{
		struct tsuwa_address a;
		struct tsuwa_str s;
		uint32_t n;

		assert_int_equal(tsuwa_message_address(m, TSUWA_HDR_TO, &a, &err), -EBADMSG);
		assert_int_equal(err.offset, 27);
		assert_string_equal(err.header, "To");
		assert_int_equal(tsuwa_message_cseq(m, &n, &s, &err), -EBADMSG);
		assert_int_equal(err.offset, 41);
	}
	tsuwa_message_free(&m);
}

static void uris_compare(void **state)
{
	struct tsuwa_uri a, b, c;
	struct tsuwa_error err;

	assert_int_equal(tsuwa_uri_parse((struct tsuwa_str){"sip:%61@EXAMPLE.com", 19}, &a, NULL),
			 0);
	assert_int_equal(tsuwa_uri_parse((struct tsuwa_str){"sip:a@example.com", 17}, &b, NULL), 0);
	assert_int_equal(tsuwa_uri_parse((struct tsuwa_str){"tel:+49-1", 9}, &c, NULL), 0);
	assert_true(tsuwa_uri_equal(&a, &b));
	assert_false(tsuwa_uri_equal(&a, &c));
	assert_is(c.user, "+49-1");
	assert_int_equal(c.scheme, TSUWA_SCHEME_TEL);
	assert_int_equal(tsuwa_uri_parse((struct tsuwa_str){"sip:a@b:99999", 13}, &a, &err),
			 -EBADMSG);
	assert_true(err.text[0]);
	assert_int_equal(tsuwa_uri_parse((struct tsuwa_str){NULL, 0}, &a, &err), -EBADMSG);
}

static void names_have_numbers(void **state)
{
	for (int i = 1; i <= TSUWA_HDR_RECV_INFO; i++) {
		const char *name = tsuwa_header_name((enum tsuwa_header)i);

		assert_non_null(name);
		assert_int_equal(tsuwa_header_of(name), i);
	}
	assert_int_equal(tsuwa_header_of("v"), TSUWA_HDR_VIA);
	assert_int_equal(tsuwa_header_of("X-None"), TSUWA_HDR_OTHER);
	assert_null(tsuwa_header_name(TSUWA_HDR_OTHER));
	assert_null(tsuwa_header_name((enum tsuwa_header)(TSUWA_HDR_RECV_INFO + 1)));
	assert_null(tsuwa_header_name((enum tsuwa_header)(-1)));
}

/* ---- building ---- */

static void check_print(const struct tsuwa_message *m, const char *want)
{
	char room[4096];
	size_t n, need;

	assert_int_equal(tsuwa_message_print(m, room, sizeof(room), &n), 0);
	if (n != strlen(want) || memcmp(room, want, n) != 0)
		fail_msg("got:\n%.*s\nwant:\n%s", (int)n, room, want);
	assert_int_equal(tsuwa_message_print(m, room, n - 1, &need), -ENOBUFS);
	assert_int_equal(need, n);
	assert_int_equal(tsuwa_message_print(m, NULL, 0, &need), -ENOBUFS);
	assert_int_equal(tsuwa_message_print(m, room, need, &n), 0);
}

static void a_request_is_built(void **state)
{
	struct tsuwa_message *m, *other = parsed(INVITE);

	assert_int_equal(tsuwa_message_request("MESSAGE", "sip:bob@h", &m), 0);
	assert_int_equal(tsuwa_message_add(m, "From", "<sip:a@h>;tag=1"), 0);
	assert_int_equal(tsuwa_message_add(m, "x-b", "2"), 0);
	assert_int_equal(tsuwa_message_prepend(m, "Via", "SIP/2.0/UDP h;branch=z9hG4bK1"), 0);
	assert_int_equal(tsuwa_message_prepend(m, "X-B", "1"), 0);
	assert_int_equal(tsuwa_message_prepend(m, "X-Top", "0"), 0);
	assert_int_equal(tsuwa_message_set(m, "To", "<sip:bob@h>"), 0);
	assert_int_equal(tsuwa_message_set(m, "t", "<sip:bob@h2>"), 0);
	assert_int_equal(tsuwa_message_add(m, "X-C", "1"), 0);
	assert_int_equal(tsuwa_message_add(m, "X-C", "2"), 0);
	assert_int_equal(tsuwa_message_set(m, "x-c", "3"), 0);
	assert_int_equal(tsuwa_message_add(m, "Subject", " gone "), 0);
	assert_int_equal(tsuwa_message_remove(m, "s"), 0);
	assert_int_equal(tsuwa_message_remove(m, "X-Never"), 0);
	assert_int_equal(tsuwa_message_copy(m, other, "Route"), 0);
	assert_int_equal(tsuwa_message_copy(m, other, "X-Own"), 0);
	assert_int_equal(tsuwa_message_set_body(m, "text/plain", "hi", 2), 0);
	tsuwa_message_free(&other);
	check_print(m, "MESSAGE sip:bob@h SIP/2.0\r\n"
		       "X-Top: 0\r\n"
		       "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
		       "From: <sip:a@h>;tag=1\r\n"
		       "X-B: 1\r\n"
		       "x-b: 2\r\n"
		       "To: <sip:bob@h2>\r\n"
		       "x-c: 3\r\n"
		       "Route: <sip:p1;lr>, <sip:p2;lr>\r\n"
		       "Route: <sip:p3;lr>\r\n"
		       "X-Own: one\r\n"
		       "X-Own: two\r\n"
		       "Content-Type: text/plain\r\n"
		       "Content-Length: 2\r\n\r\nhi");
	assert_int_equal(tsuwa_message_set_body(m, NULL, NULL, 0), 0);
	assert_int_equal(tsuwa_message_body(m).n, 0);
	assert_null(tsuwa_message_get(m, TSUWA_HDR_CONTENT_TYPE).p);
	tsuwa_message_free(&m);
}

static void nothing_brings_a_line_in(void **state)
{
	struct tsuwa_message *m;

	assert_int_equal(tsuwa_message_request("IN VITE", "sip:a", &m), -EINVAL);
	assert_int_equal(tsuwa_message_request("INVITE", "sip:a b", &m), -EINVAL);
	assert_int_equal(tsuwa_message_request("INVITE", "sip:a\r\nX: y", &m), -EINVAL);
	assert_int_equal(tsuwa_message_request("INVITE", "", &m), -EINVAL);
	assert_int_equal(tsuwa_message_request("INVITE", "sip:a", &m), 0);
	assert_int_equal(tsuwa_message_add(m, "X Y", "1"), -EINVAL);
	assert_int_equal(tsuwa_message_add(m, "", "1"), -EINVAL);
	assert_int_equal(tsuwa_message_add(m, "X", "1\r\nY: 2"), -EINVAL);
	assert_int_equal(tsuwa_message_set(m, "X", "a\nb"), -EINVAL);
	assert_int_equal(tsuwa_message_prepend(m, "X:", "a"), -EINVAL);
	assert_int_equal(tsuwa_message_set_body(m, "a/b\r\nX: y", "z", 1), -EINVAL);
	assert_int_equal(tsuwa_message_set_body(m, NULL, "z", 1), -EINVAL);
	assert_int_equal(tsuwa_message_fields(m), 0);
	check_print(m, "INVITE sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n");
	tsuwa_message_free(&m);
}

static void a_response_follows_from_its_request(void **state)
{
	struct tsuwa_message *m = parsed(INVITE), *r;

	assert_int_equal(tsuwa_message_response(m, 99, NULL, NULL, &r), -EINVAL);
	assert_int_equal(tsuwa_message_response(m, 200, "a\r\nb", NULL, &r), -EINVAL);
	assert_int_equal(tsuwa_message_response(m, 200, NULL, "a b", &r), -EINVAL);
	assert_int_equal(tsuwa_message_response(m, 180, NULL, "t1", &r), 0);
	tsuwa_message_free(&m);
	check_print(r, "SIP/2.0 180 Ringing\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKa;rport, SIP/2.0/TCP "
		       "[2001:db8::1];branch=z9hG4bKb;received=192.0.2.9\r\n"
		       "Record-Route: <sip:r1;lr>\r\n"
		       "f: \"A, B\" <sip:alice:pw@example.com:5062;transport=tcp?h=1>;tag=88\r\n"
		       "To: <sip:bob@example.com>;tag=t1\r\n"
		       "Call-ID: c1@192.0.2.1\r\n"
		       "CSeq: 7 INVITE\r\n"
		       "Content-Length: 0\r\n\r\n");
	assert_int_equal(tsuwa_message_add(r, "Server", "x"), 0);
	assert_is(tsuwa_message_get(r, TSUWA_HDR_SERVER), "x");
	assert_int_equal(tsuwa_message_response(r, 200, NULL, NULL, &m), -EINVAL);
	tsuwa_message_free(&r);
}

static void parse_prefix(struct str s, void *ctx)
{
	struct tsuwa_message *m;
	struct tsuwa_error err;

	if (tsuwa_message_parse(s.p, s.n, &m, &err) == 0)
		tsuwa_message_free(&m);
	else
		assert_true(err.text[0] && err.offset <= (long)s.n);
}

static void every_prefix_is_borne(void **state)
{
	each_prefix(STR(INVITE), parse_prefix, NULL);
}

/* ---- memory ---- */

static void good_or_no_memory(int err)
{
	if (err && (err != -ENOMEM || !alloc_has_failed()))
		fail_msg("%d", err);
}

static void use_all(void)
{
	struct tsuwa_message *m = NULL, *r = NULL, *built = NULL;
	struct tsuwa_error err;
	char room[4096];
	size_t n;

	good_or_no_memory(tsuwa_message_parse(INVITE, strlen(INVITE), &m, &err));
	if (m)
		good_or_no_memory(tsuwa_message_response(m, 200, NULL, "t", &r));
	good_or_no_memory(tsuwa_message_request("INFO", "sip:a", &built));
	if (built && m) {
		good_or_no_memory(tsuwa_message_copy(built, m, "X-Own"));
		good_or_no_memory(tsuwa_message_prepend(built, "X-Top", "1"));
		good_or_no_memory(tsuwa_message_set(built, "X-Top", "2"));
		good_or_no_memory(tsuwa_message_set(built, "To", "2"));
		good_or_no_memory(tsuwa_message_set_body(built, "a/b", "body", 4));
		good_or_no_memory(tsuwa_message_print(built, room, sizeof(room), &n));
		good_or_no_memory(tsuwa_message_print(built, room, 3, &n) == -ENOBUFS ? 0
										      : -ENOMEM);
	}
	tsuwa_message_free(&built);
	tsuwa_message_free(&r);
	tsuwa_message_free(&m);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(use_all);
}

/* A message that is edited for ever ends with -ENOMEM, and can still be printed. */
static void edits_are_bounded(void **state)
{
	struct tsuwa_message *m;
	char room[256];
	size_t n;
	int err = 0;

	assert_int_equal(tsuwa_message_request("INFO", "sip:a", &m), 0);
	for (unsigned i = 0; !err; i++) {
		assert_true(i < 10000000);
		err = tsuwa_message_set(m, "Subject", "0123456789012345678901234567890123456789");
	}
	assert_int_equal(err, -ENOMEM);
	assert_int_equal(tsuwa_message_print(m, room, sizeof(room), &n), 0);
	tsuwa_message_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read),
		cmocka_unit_test(fields_are_walked),
		cmocka_unit_test(values_are_decoded),
		cmocka_unit_test(what_is_absent_is_told),
		cmocka_unit_test(errors_say_what_and_where),
		cmocka_unit_test(uris_compare),
		cmocka_unit_test(names_have_numbers),
		cmocka_unit_test(a_request_is_built),
		cmocka_unit_test(nothing_brings_a_line_in),
		cmocka_unit_test(a_response_follows_from_its_request),
		cmocka_unit_test(every_prefix_is_borne),
		cmocka_unit_test(survives_no_memory),
		cmocka_unit_test(edits_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
