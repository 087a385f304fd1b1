/* What traced messages say: reading, folding, media, masking, JSON. */
#include "harness.h"

#include "admin/trace_view.h"

#define INVITE                                                                                     \
	"INVITE sip:bob@example.com SIP/2.0\r\n"                                                   \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"                                           \
	"From: \"A\" <sip:alice@example.com>;tag=1\r\n"                                            \
	"To: <sip:bob@example.com>\r\n"                                                            \
	"Call-ID: abc@192.0.2.1\r\nCSeq: 7 INVITE\r\n"

static struct trace_view view_of(struct str bytes)
{
	struct trace_view v;
	struct arena a;

	arena_init(&a, NULL, 0, 0);
	trace_view_of(bytes, &a, &v);
	arena_fini(&a);
	return v;
}

static void reads(void **state)
{
	struct trace_view v = view_of(STR(
		"\r\n" INVITE "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"));

	assert_str(v.start_line, STR("INVITE sip:bob@example.com SIP/2.0"));
	assert_str(v.call_id, STR("abc@192.0.2.1"));
	assert_str(v.method, STR("INVITE"));
	assert_str(v.from, STR("sip:alice@example.com"));
	assert_str(v.from_user, STR("alice"));
	assert_str(v.to_user, STR("bob"));
	assert_int_equal(v.cseq, 7);
	assert_int_equal(v.status, 0);
	assert_true(v.is_sdp);
	assert_str(v.body, STR("v=0\r\n"));
	v = view_of(STR("SIP/2.0 486 Busy Here\r\nCall-ID: x\r\nCSeq: 9 BYE\r\n\r\n"));
	assert_int_equal(v.status, 486);
	assert_str(v.reason, STR("Busy Here"));
	assert_str(v.method, STR("BYE"));
}

/* Cut anywhere: what is whole is read, and nothing behind the end. */
static void read_prefix(struct str s, void *ctx)
{
	struct trace_view v = view_of(s);
	char room[1024];
	struct buf b = buf_over(room, sizeof(room));

	assert_true(v.start_line.n <= s.n);
	trace_put_masked(&b, s);
	trace_put_media(&b, s);
	assert_false(b.failed);
}

static void reads_what_was_cut(void **state)
{
	each_prefix(STR(INVITE "Authorization: Digest username=\"a\", response=\"b\\\"c\"\r\n"
			       "Content-Length: 999\r\n\r\nv=0"),
		    read_prefix, NULL);
	assert_str(view_of(STR(INVITE "Content-Length: 999\r\n\r\nv=0")).call_id,
		   STR("abc@192.0.2.1"));
	assert_str(view_of(STR("\x01\x02 nonsense")).start_line, STR("\x01\x02 nonsense"));
	guard_free_all();
}

static struct trace_message message(uint64_t at_us, bool out, const char *bytes)
{
	return (struct trace_message){.at_us = at_us,
				      .out = out,
				      .transport = STR("UDP"),
				      .remote = STR("192.0.2.1:5060"),
				      .bytes = str_c(bytes),
				      .full_n = strlen(bytes)};
}

static void folds(void **state)
{
	struct trace_message list[8], m = message(1, false, "a"), other = message(2, true, "a");
	size_t n = 0;

	assert_ptr_equal(trace_fold(list, &n, &m), &list[0]);
	assert_ptr_equal(trace_fold(list, &n, &other), &list[1]);
	m.at_us = 500001;
	assert_ptr_equal(trace_fold(list, &n, &m), &list[0]);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].count, 2);
	assert_int_equal(list[0].at_us, 1);
	assert_int_equal(list[0].last_us, 500001);
	assert_int_equal(list[1].count, 1);
	m.remote = STR("192.0.2.2:5060");
	trace_fold(list, &n, &m);
	m = message(3, false, "b");
	trace_fold(list, &n, &m);
	m.full_n++;
	trace_fold(list, &n, &m);
	assert_int_equal(n, 5);
}

static void summarises_media(void **state)
{
	static const struct {
		const char *body, *want;
	} cases[] = {
		{"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		 "m=audio 20000 RTP/AVP 0 96 101\r\na=rtpmap:96 opus/48000/2\r\n"
		 "a=rtpmap:101 telephone-event/8000\r\nm=video 0 RTP/AVP 97\r\n",
		 "audio 192.0.2.1:20000 PCMU,opus; video refused"},
		{"v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\n"
		 "m=audio 9 RTP/AVP 8\r\na=sendonly\r\n",
		 "audio [::1]:9 PCMA sendonly"},
		{"v=0\r\no=- 1 1 IN IP4 host.example\r\ns=-\r\nc=IN IP4 host.example\r\nt=0 0\r\n"
		 "m=audio 9 RTP/AVP 0\r\n",
		 "audio host.example:9 PCMU"},
		{"nonsense", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char room[256];
		struct buf b = buf_over(room, sizeof(room));

		trace_put_media(&b, str_c(cases[i].body));
		assert_str(buf_str(&b), str_c(cases[i].want));
	}
}

static void masks(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{"Authorization: Digest username=\"a\", response=\"0123\", uri=\"x\"\r\n",
		 "Authorization: Digest username=\"a\", response=\"…\", uri=\"x\"\r\n"},
		{"proxy-authorization : DIGEST response = \"01\\\"23\"\n",
		 "proxy-authorization : DIGEST response=\"…\"\n"},
		{"Authorization: Digest response=0123,nc=1\r\n",
		 "Authorization: Digest response=…,nc=1\r\n"},
		{"Authorization:\r\n Digest realm=\"r\",\r\n\tresponse=\r\n \"0123\"\r\nTo: x\r\n",
		 "Authorization:\r\n Digest realm=\"r\",\r\n\tresponse=\"…\"\r\nTo: x\r\n"},
		{"Authorization: Digest response=\"0123\r\nTo: <sip:x>\r\n",
		 "Authorization: Digest response=\"…\"\r\nTo: <sip:x>\r\n"},
		/* A quote that does not close hides nothing. */
		{"Authorization: Digest username=\"a, response=\"0123\"\r\n",
		 "Authorization: Digest username=\"a, response=\"…\"\r\n"},
		{"Authorization: Digest response=\"1\", response=\"2\"\r\n",
		 "Authorization: Digest response=\"…\", response=\"…\"\r\n"},
		{"Authorization: Basic YTpi\r\nTo: x\r\n", "Authorization: Basic …\r\nTo: x\r\n"},
		{"Authentication-Info: rspauth=\"01\", qop=auth\r\n",
		 "Authentication-Info: rspauth=\"…\", qop=auth\r\n"},
		/* However the lines end, and whatever stands before. */
		{"\r\n\r\nA b\rAuthorization: Digest response=\"1\"\r\r",
		 "\r\n\r\nA b\rAuthorization: Digest response=\"…\"\r\r"},
		{"A b\n\nAuthorization: Digest response=\"1\"",
		 "A b\n\nAuthorization: Digest response=\"…\""},
		{"To: <sip:response=\"1\">\r\n", "To: <sip:response=\"1\">\r\n"},
		{"WWW-Authenticate: Digest nonce=\"n\"\r\n",
		 "WWW-Authenticate: Digest nonce=\"n\"\r\n"},
		{"Authorization:", "Authorization:"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char room[256];
		struct buf b = buf_over(room, sizeof(room));

		trace_put_masked(&b, guard_str(str_c(cases[i].in)));
		assert_str(buf_str(&b), str_c(cases[i].want));
		guard_free_all();
	}
}

static void prints_json(void **state)
{
	char room[2048];
	struct buf b = buf_over(room, sizeof(room));
	struct trace_message m = message(1714557600123456, false, INVITE "\r\n");

	m.local = STR("192.0.2.9:5060");
	m.count = 3;
	m.view = view_of(m.bytes);
	trace_put_json(&b, &m, false, NULL);
	assert_str(
		buf_str(&b),
		STR("{\"time\":\"2024-05-01T10:00:00.123456Z\",\"direction\":\"in\","
		    "\"transport\":\"UDP\",\"from\":\"192.0.2.1:5060\",\"to\":\"192.0.2.9:5060\","
		    "\"start_line\":\"INVITE sip:bob@example.com SIP/2.0\","
		    "\"call_id\":\"abc@192.0.2.1\",\"cseq\":7,\"retransmissions\":2}"));
	buf_reset(&b);
	m.out = true;
	m.bytes = STR("x");
	trace_put_json(&b, &m, true, NULL);
	assert_true(str_ends(buf_str(&b), STR(",\"message\":\"x\"}")));
	assert_non_null(strstr(buf_c(&b), "\"from\":\"192.0.2.9:5060\",\"to\":\"192.0.2.1:5060\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads), cmocka_unit_test(reads_what_was_cut),
		cmocka_unit_test(folds), cmocka_unit_test(summarises_media),
		cmocka_unit_test(masks), cmocka_unit_test(prints_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
