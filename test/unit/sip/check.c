#include "sip_test.h"

static void decodes_the_head(void **state)
{
	struct fixture f;
	struct sip_head h;

	parse_text(&f, STR(INVITE));
	assert_true(f.ok && sip_check(&f.m, &h, &f.err));
	assert_str(h.via.branch, STR("z9hG4bK2d4790.1"));
	assert_str(h.from.tag, STR("9fxced76sl"));
	assert_str(h.to.uri.user, STR("bob"));
	assert_str(h.call_id, STR("3848276298220188511@atlanta.example.com"));
	assert_int_equal(h.cseq.number, 1);
	assert_int_equal(h.max_forwards, 70);
	assert_true(h.has_max_forwards);
}

/* One line of a good request is replaced. */
static struct {
	const char *line, *with, *header, *why;
} const rows[] = {
	{"Via", "", "Via", "missing"},
	{"Via", "Via: SIP/2.0/UDP h;;", "Via", "parameter"},
	{"Via", "Via: SIP/2.0/UDP h;branch=z9hG4bKa, x", "Via", "SIP/2.0"},
	{"From", "", "From", "missing"},
	{"From", "From: <sip:a>", "From", "no tag"},
	{"From", "From: *;tag=x", "From", "no scheme"},
	{"From", "From: *", "From", "no address"},
	{"To", "", "To", "missing"},
	{"To", "To: <sip:a", "To", "not closed"},
	{"To", "To: <sip:a>\r\nt: <sip:b>", "To", "twice"},
	{"Call-ID", "", "Call-ID", "missing"},
	{"Call-ID", "Call-ID:", "Call-ID", "one word"},
	{"Call-ID", "Call-ID: a b", "Call-ID", "one word"},
	{"CSeq", "", "CSeq", "missing"},
	{"CSeq", "CSeq: 1", "CSeq", "a method"},
	{"CSeq", "CSeq: 1 BYE", "CSeq", "start line"},
	{"CSeq", "CSeq: 1 options", "CSeq", "start line"},
	{"CSeq", "CSeq: 1 OPTIONS\r\nCSeq: 1 OPTIONS", "CSeq", "twice"},
	{"Max-Forwards", "Max-Forwards: 256", "Max-Forwards", "255"},
	{"Max-Forwards", "Max-Forwards: -1", "Max-Forwards", "255"},
	{"Max-Forwards", "Max-Forwards: 1\r\nMax-Forwards: 1", "Max-Forwards", "twice"},
	{"Max-Forwards", "Contact: <sip:a>;;", "Contact", "parameter"},
	{"Max-Forwards", "m: <sip:a>, <b>", "Contact", "no scheme"},
	{"Max-Forwards", "Route: *", "Route", "no address"},
	{"Max-Forwards", "Route: <sip:a:x>", "Route", "port"},
	{"Max-Forwards", "Record-Route: sip", "Record-Route", "no scheme"},
	{"Max-Forwards", "Path: sip", "Path", "no scheme"},
	{"Max-Forwards", "Refer-To: sip:a?b=c", "Refer-To", "'?'"},
	{"Max-Forwards", "Require: a, b\1", "Require", "token"},
	{"Max-Forwards", "Proxy-Require: a\r\nProxy-Require: b c", "Proxy-Require", "token"},
	{"Max-Forwards", "Expires: 1\r\nExpires: 2", "Expires", "twice"},
	{"Max-Forwards", "Content-Type: a/b\r\nc: a/b", "Content-Type", "twice"},
	{"Max-Forwards", "l: 0\r\nContent-Length: 0", "Content-Length", "twice"},
	{"OPTIONS", "OPTIONS sip:a?x=y SIP/2.0", "", "holds headers"},
	{"OPTIONS", "OPTIONS sip:2001:db8::1 SIP/2.0", "", "port"},
	{"OPTIONS", "OPTIONS alice SIP/2.0", "", "no scheme"},
	/* these are borne */
	{"OPTIONS", "OPTIONS what:ever SIP/2.0", NULL, NULL},
	{"OPTIONS", "OPTIONS tel:+1-2 SIP/2.0", NULL, NULL},
	{"Max-Forwards", "", NULL, NULL},
	{"Max-Forwards", "Max-Forwards: 0068", NULL, NULL},
	{"Max-Forwards", "Contact: *", NULL, NULL},
	{"Max-Forwards", "Require: a,, b", NULL, NULL},
	{"Max-Forwards", "Date: whenever", NULL, NULL},
	{"Max-Forwards", "Expires: 99999999999999", NULL, NULL},
	{"Via", "Via: SIP/2.0/UDP h;branch=z9hG4bK", NULL, NULL},
	{"From", "From: <http://x>;tag=1", NULL, NULL},
};

static void put_message(struct buf *b, const char *line, const char *with)
{
	static const char *const lines[] = {
		"OPTIONS sip:a SIP/2.0",
		"Via: SIP/2.0/UDP h;branch=z9hG4bKa",
		"From: <sip:f>;tag=1",
		"To: <sip:t>",
		"Call-ID: c",
		"CSeq: 1 OPTIONS",
		"Max-Forwards: 70",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *text = strncmp(lines[i], line, strlen(line)) == 0 ? with : lines[i];

		if (*text)
			buf_fmt(b, "%s\r\n", text);
	}
	buf_puts(b, STR("\r\n"));
}

static void good_and_bad(void **state)
{
	char text[1024];
	struct fixture f;
	struct sip_head h;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));
		bool ok;

		put_message(&b, rows[i].line, rows[i].with);
		parse_text(&f, buf_str(&b));
		assert_true(f.ok);
		ok = sip_check(&f.m, &h, &f.err);
		if (ok != !rows[i].why)
			fail_msg("%s: %s", rows[i].with, ok ? "taken" : f.err.why);
		if (ok)
			continue;
		if (!strstr(f.err.why, rows[i].why) || strcmp(f.err.header, rows[i].header) != 0)
			fail_msg("%s: %s: %s", rows[i].with, f.err.header, f.err.why);
		assert_int_equal(f.err.status, 400);
		assert_true(f.err.offset <= b.n && f.err.rfc);
	}
}

/* What an RFC 2543 client leaves out. */
static void old_clients(void **state)
{
	struct fixture f;
	struct sip_head h;

	parse_text(&f,
		   STR("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:f\r\nTo: sip:t\r\n"
		       "Call-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"));
	assert_true(f.ok && sip_check(&f.m, &h, &f.err));
	assert_int_equal(h.max_forwards, 70);
	assert_false(h.has_max_forwards || h.via.is_rfc3261);
}

static void responses_are_dropped(void **state)
{
	struct fixture f;
	struct sip_head h;

	parse_text(&f, STR("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:f\r\nTo: sip:t\r\n"
			   "Call-ID: c\r\nCSeq: 9292394834772304023312 OPTIONS\r\n\r\n"));
	assert_true(f.ok);
	assert_false(sip_check(&f.m, &h, &f.err));
	assert_int_equal(f.err.status, 0);
	assert_str(h.call_id, STR("c"));
}

/* The head holds what could be read, so that an answer can be built. */
static void reads_what_it_can(void **state)
{
	struct fixture f;
	struct sip_head h;

	parse_text(&f, STR("OPTIONS sip:a?b=c SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n"
			   "To: bad <\r\nCall-ID: c\r\n\r\n"));
	assert_true(f.ok);
	assert_false(sip_check(&f.m, &h, &f.err));
	assert_string_equal(f.err.why, "Request-URI holds headers");
	assert_str(h.via.branch, STR("z9hG4bKa"));
	assert_str(h.call_id, STR("c"));
	assert_int_equal(h.to.text.n, 0);
	assert_int_equal(h.cseq.method.n, 0);
}

/* RFC 4475 s3.1.2.1: who sends bad Via parameters can be told so. */
static void keeps_sent_by_of_bad_via(void **state)
{
	struct fixture f;
	struct sip_head h;

	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h:5062;branch=z9hG4bKa;;,;,,\r\n"
			   "From: <sip:f>;tag=1\r\nTo: <sip:t>\r\nCall-ID: c\r\n"
			   "CSeq: 1 OPTIONS\r\n\r\n"));
	assert_true(f.ok);
	assert_false(sip_check(&f.m, &h, &f.err));
	assert_str(h.via.host, STR("h"));
	assert_int_equal(h.via.port, 5062);
	assert_int_equal(h.via.branch.n, 0);
	parse_text(&f, STR("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP ;;\r\n\r\n"));
	assert_false(f.ok && sip_check(&f.m, &h, &f.err));
	assert_int_equal(h.via.host.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_the_head),  cmocka_unit_test(good_and_bad),
		cmocka_unit_test(old_clients),       cmocka_unit_test(responses_are_dropped),
		cmocka_unit_test(reads_what_it_can), cmocka_unit_test(keeps_sent_by_of_bad_via),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
