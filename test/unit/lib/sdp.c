/* tsuwa/sdp.h: descriptions, and two sides that agree. */
#include "harness.h"

#include <tsuwa/sdp.h>

#define OFFER                                                                                      \
	"v=0\r\n"                                                                                  \
	"o=alice 1 2 IN IP4 192.0.2.1\r\n"                                                         \
	"s=a call\r\n"                                                                             \
	"c=IN IP4 192.0.2.1\r\n"                                                                   \
	"t=0 0\r\n"                                                                                \
	"a=ice-lite\r\n"                                                                           \
	"m=audio 40000 RTP/AVP 8 0 101\r\n"                                                        \
	"a=rtpmap:101 telephone-event/8000\r\n"                                                    \
	"a=fmtp:101 0-16\r\n"                                                                      \
	"a=ptime:30\r\n"                                                                           \
	"a=sendonly\r\n"                                                                           \
	"a=x-one:1\r\n"                                                                            \
	"a=x-two\r\n"                                                                              \
	"m=video 40002 RTP/AVP 96\r\n"                                                             \
	"c=IN IP6 2001:db8::7\r\n"                                                                 \
	"a=rtpmap:96 VP8/90000\r\n"

#define assert_is(got, want) assert_is_at((got), (want), __LINE__)
static void assert_is_at(struct tsuwa_str got, const char *want, int line)
{
	if (!tsuwa_str_is(got, want))
		fail_msg("line %d: got \"%.*s\", not \"%s\"", line, TSUWA_STR_ARG(got), want);
}

static struct tsuwa_sdp *parsed(const char *text)
{
	struct tsuwa_sdp *s;
	struct tsuwa_error err;

	if (tsuwa_sdp_parse(text, strlen(text), &s, &err) != 0)
		fail_msg("%s", err.text);
	return s;
}

static void a_description_is_walked(void **state)
{
	struct tsuwa_sdp *s = parsed(OFFER);
	struct tsuwa_sdp_session_info info;
	struct tsuwa_sdp_media m;
	struct tsuwa_sdp_format f;

	tsuwa_sdp_info(s, &info);
	assert_is(info.name, "a call");
	assert_is(info.user, "alice");
	assert_is(info.version, "2");
	assert_is(info.address, "192.0.2.1");
	assert_int_equal(tsuwa_sdp_media_count(s), 2);
	assert_true(tsuwa_sdp_media_at(s, 0, &m));
	assert_is(m.type, "audio");
	assert_is(m.proto, "RTP/AVP");
	assert_is(m.address, "192.0.2.1");
	assert_int_equal(m.port, 40000);
	assert_int_equal(m.ptime_ms, 30);
	assert_int_equal(m.direction, TSUWA_SENDONLY);
	assert_int_equal(m.n_formats, 3);
	assert_true(tsuwa_sdp_format_at(s, 0, 1, &f));
	assert_is(f.encoding, "PCMU"); /* by RFC 3551 */
	assert_int_equal(f.rate_hz, 8000);
	assert_true(tsuwa_sdp_format_at(s, 0, 2, &f));
	assert_int_equal(f.payload_type, 101);
	assert_is(f.fmtp, "0-16");
	assert_false(tsuwa_sdp_format_at(s, 0, 3, &f));
	assert_true(tsuwa_sdp_media_at(s, 1, &m));
	assert_is(m.address, "2001:db8::7");
	assert_false(tsuwa_sdp_media_at(s, 2, &m));
	assert_false(tsuwa_sdp_format_at(s, 2, 0, &f));
	tsuwa_sdp_free(&s);
	assert_null(s);
	tsuwa_sdp_free(&s);
}

static void attributes_are_found(void **state)
{
	struct tsuwa_sdp *s = parsed(OFFER);
	struct tsuwa_str name, value;

	assert_true(tsuwa_sdp_attribute_at(s, TSUWA_SDP_SESSION, 0, &name, &value));
	assert_is(name, "ice-lite");
	assert_null(value.p);
	assert_false(tsuwa_sdp_attribute_at(s, TSUWA_SDP_SESSION, 1, &name, &value));
	assert_true(tsuwa_sdp_attribute_at(s, 0, 0, &name, &value));
	assert_is(name, "x-one");
	assert_is(value, "1");
	assert_true(tsuwa_sdp_attribute_at(s, 0, 1, &name, &value));
	assert_is(name, "x-two");
	assert_false(tsuwa_sdp_attribute_at(s, 0, 2, &name, &value));
	assert_true(tsuwa_sdp_find_attribute(s, 0, "x-one", &value));
	assert_is(value, "1");
	assert_false(tsuwa_sdp_find_attribute(s, 0, "x-three", &value));
	assert_false(tsuwa_sdp_find_attribute(s, 9, "x-one", &value));
	tsuwa_sdp_free(&s);
}

static void what_is_printed_reads_the_same(void **state)
{
	struct tsuwa_sdp *s = parsed(OFFER), *again;
	struct tsuwa_sdp_media a, b;
	char room[2048];
	size_t n, need;

	assert_int_equal(tsuwa_sdp_print(s, room, sizeof(room), &n), 0);
	assert_int_equal(tsuwa_sdp_print(s, room, n - 1, &need), -ENOBUFS);
	assert_int_equal(need, n);
	assert_int_equal(tsuwa_sdp_print(s, room, n, &n), 0);
	assert_int_equal(tsuwa_sdp_parse(room, n, &again, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_true(tsuwa_sdp_media_at(s, i, &a) && tsuwa_sdp_media_at(again, i, &b));
		assert_int_equal(a.port, b.port);
		assert_int_equal(a.direction, b.direction);
		assert_int_equal(a.n_formats, b.n_formats);
	}
	tsuwa_sdp_free(&again);
	tsuwa_sdp_free(&s);
}

static void errors_say_where(void **state)
{
	struct tsuwa_sdp *s = NULL;
	struct tsuwa_error err;
	const char *text = "v=0\r\no=- 1 1 IN IP4 h\r\nm=audio x RTP/AVP 0\r\n";
	static char large[70000];

	assert_int_equal(tsuwa_sdp_parse(text, strlen(text), &s, &err), -EBADMSG);
	assert_int_equal(err.line, 3);
	assert_true(err.offset >= 23 && err.offset < (long)strlen(text));
	assert_true(err.text[0]);
	assert_int_equal(tsuwa_sdp_parse(large, sizeof(large), &s, &err), -EMSGSIZE);
	assert_null(s);
}

/* ---- offer and answer ---- */

static struct tsuwa_local_media local(const char *address, unsigned port)
{
	return (struct tsuwa_local_media){.address = address, .port = port};
}

struct side {
	struct tsuwa_negotiation *n;
	struct tsuwa_local_media local;
	struct tsuwa_agreement agreed;
	char text[4096];
	size_t text_n;
};

static void begin(struct side *s, uint64_t id, const char *address, unsigned port)
{
	memset(s, 0, sizeof(*s));
	s->local = local(address, port);
	assert_int_equal(tsuwa_negotiation_new(id, &s->n), 0);
}

static void agree(struct side *a, struct side *b)
{
	assert_int_equal(tsuwa_negotiation_offer(a->n, &a->local, a->text, sizeof(a->text),
						 &a->text_n, NULL),
			 0);
	assert_int_equal(tsuwa_negotiation_answer(b->n, &b->local, a->text, a->text_n, b->text,
						  sizeof(b->text), &b->text_n, &b->agreed, NULL),
			 0);
	assert_int_equal(
		tsuwa_negotiation_accept(a->n, &a->local, b->text, b->text_n, &a->agreed, NULL), 0);
}

static void two_sides_agree(void **state)
{
	struct side a, b;

	begin(&a, 1, "192.0.2.1", 20000);
	begin(&b, 2, "192.0.2.2", 30000);
	b.local.codecs = "pcma";
	agree(&a, &b);
	assert_true(a.agreed.active && b.agreed.active);
	assert_string_equal(a.agreed.codec, "PCMA");
	assert_string_equal(b.agreed.codec, "PCMA");
	assert_string_equal(a.agreed.address, "192.0.2.2");
	assert_int_equal(a.agreed.port, 30000);
	assert_int_equal(b.agreed.port, 20000);
	assert_int_equal(a.agreed.send_dtmf_pt, 101);
	assert_int_equal(a.agreed.direction, TSUWA_SENDRECV);
	/* The first holds. */
	a.local.has_direction = true;
	a.local.direction = TSUWA_SENDONLY;
	agree(&a, &b);
	assert_int_equal(a.agreed.direction, TSUWA_SENDONLY);
	assert_int_equal(b.agreed.direction, TSUWA_RECVONLY);
	tsuwa_negotiation_free(&a.n);
	tsuwa_negotiation_free(&b.n);
}

static void offers_are_refused_with_reasons(void **state)
{
	static const char video[] =
		"v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
		"m=video 4 RTP/AVP 96\r\n";
	struct side b;
	struct tsuwa_error err;

	begin(&b, 2, "2001:db8::2", 30000);
	assert_int_equal(tsuwa_negotiation_answer(b.n, &b.local, "junk", 4, b.text, sizeof(b.text),
						  &b.text_n, &b.agreed, &err),
			 -EBADMSG);
	assert_int_equal(err.status, 400);
	assert_int_equal(tsuwa_negotiation_answer(b.n, &b.local, video, sizeof(video) - 1, b.text,
						  sizeof(b.text), &b.text_n, &b.agreed, &err),
			 -EBADMSG);
	assert_int_equal(err.status, 488);
	assert_true(err.text[0]);
	tsuwa_negotiation_free(&b.n);
}

static void bad_wishes_are_told(void **state)
{
	static const struct tsuwa_local_media wishes[] = {
		{.address = NULL, .port = 1},
		{.address = "example.com", .port = 1},
		{.address = "192.0.2.1", .port = 0},
		{.address = "192.0.2.1", .port = 65536},
		{.address = "192.0.2.1", .port = 1, .codecs = "opus"},
		{.address = "192.0.2.1", .port = 1, .codecs = ""},
		{.address = "192.0.2.1", .port = 1, .ptime_ms = 1000},
	};
	struct side a;
	struct tsuwa_error err;

	begin(&a, 1, "192.0.2.1", 20000);
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(tsuwa_negotiation_offer(a.n, &wishes[i], a.text, sizeof(a.text),
							 &a.text_n, &err),
				 -EINVAL);
		assert_true(err.text[0]);
	}
	assert_int_equal(tsuwa_negotiation_offer(a.n, &a.local, a.text, 5, &a.text_n, &err),
			 -ENOBUFS);
	assert_true(a.text_n > 5);
	assert_string_equal(tsuwa_codec_name(0), "PCMU");
	assert_string_equal(tsuwa_codec_name(1), "PCMA");
	assert_null(tsuwa_codec_name(2));
	assert_string_equal(tsuwa_direction_name(TSUWA_RECVONLY), "recvonly");
	tsuwa_negotiation_free(&a.n);
}

static void parse_prefix(struct str s, void *ctx)
{
	struct tsuwa_sdp *sdp;

	if (tsuwa_sdp_parse(s.p, s.n, &sdp, NULL) == 0)
		tsuwa_sdp_free(&sdp);
}

static void every_prefix_is_borne(void **state)
{
	each_prefix(STR(OFFER), parse_prefix, NULL);
}

static void good_or_no_memory(int err)
{
	if (err && (err != -ENOMEM || !alloc_has_failed()))
		fail_msg("%d", err);
}

static void use_all(void)
{
	struct tsuwa_local_media l = local("192.0.2.1", 20000);
	struct tsuwa_agreement agreed;
	struct tsuwa_negotiation *n = NULL;
	struct tsuwa_sdp *s = NULL;
	struct tsuwa_error err;
	char room[4096];
	size_t room_n;

	good_or_no_memory(tsuwa_sdp_parse(OFFER, strlen(OFFER), &s, &err));
	if (s)
		good_or_no_memory(tsuwa_sdp_print(s, room, sizeof(room), &room_n));
	tsuwa_sdp_free(&s);
	good_or_no_memory(tsuwa_negotiation_new(1, &n));
	if (!n)
		return;
	good_or_no_memory(tsuwa_negotiation_answer(n, &l, OFFER, strlen(OFFER), room, sizeof(room),
						   &room_n, &agreed, &err));
	good_or_no_memory(tsuwa_negotiation_offer(n, &l, room, sizeof(room), &room_n, &err));
	tsuwa_negotiation_free(&n);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(use_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_description_is_walked),
		cmocka_unit_test(attributes_are_found),
		cmocka_unit_test(what_is_printed_reads_the_same),
		cmocka_unit_test(errors_say_where),
		cmocka_unit_test(two_sides_agree),
		cmocka_unit_test(offers_are_refused_with_reasons),
		cmocka_unit_test(bad_wishes_are_told),
		cmocka_unit_test(every_prefix_is_borne),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
