/* What a session description breaks: a description changed in one place, and what is told of it. */
#include "base/buf.h"
#include "harness.h"
#include "lint/lint.h"

static char room[128 * 1024];
static struct arena arena;

#define K30 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define FP "a=fingerprint:sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB\r\n"
#define ICE "a=ice-ufrag:Xy12\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"

#define V "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define HEAD V "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"
#define DTLS "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\n"

static const struct {
	const char *sdp;
	enum lint_level level;
	const char *what, *rfc; /* what NULL: nothing is to be said */
	unsigned at_line; /* of the description, 0: not looked at */
} rows[] = {
	{HEAD AUDIO, 0, NULL, NULL, 0},
	{HEAD "a=group:BUNDLE 0 1\r\n" FP ICE DTLS "a=setup:actpass\r\na=mid:0\r\n"
	      "a=candidate:1 1 UDP 2130706431 192.0.2.1 4000 typ host\r\n"
	      "a=extmap:1 urn:x\r\na=extmap:2 urn:y\r\na=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\n"
	      "a=ssrc-group:FID 1 2\r\n"
	      "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\na=mid:1\r\na=rtcp-mux\r\n",
	 0, NULL, NULL, 0},
	{HEAD "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "\r\n"
	      "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" K30 "\r\n",
	 0, NULL, NULL, 0},
	{HEAD "m=video 0 RTP/AVP 99\r\n", 0, NULL, NULL, 0}, /* refused: little is asked */
	/* lines */
	{HEAD "b=AS\r\n" AUDIO, LINT_ERROR, "b= is malformed", "RFC 8866 s5.8", 6},
	{"v=0\r\no=- x 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" AUDIO,
	 LINT_ERROR, "o= is malformed", "RFC 8866 s5.2", 2},
	{V "c=IN IP4 224.2.1.1\r\nt=0 0\r\n" AUDIO, LINT_ERROR, "c= is malformed", "RFC 8866 s5.7",
	 4},
	{V "c=IN IP4 192.0.2.1\r\nt=now\r\n" AUDIO, LINT_ERROR, "t= is malformed", "RFC 8866 s5.9",
	 5},
	{V "e=nobody\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" AUDIO, LINT_WARNING, "e= is malformed",
	 "RFC 8866 s5.6", 4},
	{HEAD "k=x\r\n" AUDIO, LINT_ERROR, "k= is malformed", "RFC 8866 s5.12", 6},
	{V "t=0 0\r\n" AUDIO, LINT_ERROR, "no c= line", "RFC 8866 s5.7", 5},
	/* attributes by themselves */
	{HEAD AUDIO "a=candidate:1 1 UDP\r\n", LINT_ERROR, "a=candidate is malformed",
	 "RFC 5245 s15.1", 7},
	{HEAD DTLS "a=setup:actpass\r\na=fingerprint:sha-256 4A:AD\r\n", LINT_ERROR,
	 "number of bytes is not that of the hash", "RFC 8122 s5", 9},
	{HEAD AUDIO "a=fingerprint:md5 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B\r\n",
	 LINT_ERROR, "proves nothing", "RFC 8122 s5", 7},
	{HEAD AUDIO "a=fingerprint:x 4a\r\n", LINT_WARNING, "lower case", "RFC 8122 s5", 7},
	{HEAD AUDIO "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n", LINT_ERROR,
	 "key is not as long", "RFC 4568 s4", 7},
	{HEAD AUDIO "a=rtcp-mux:1\r\n", LINT_WARNING, "a=rtcp-mux is malformed: it has no value",
	 "RFC 5761 s5.1.1", 7},
	{HEAD AUDIO "a=rtpmap:0 PCMU\r\n", LINT_WARNING, "a=rtpmap is malformed", "RFC 8866 s6.6",
	 7},
	{HEAD AUDIO "a=ptime\r\n", LINT_WARNING, "a=ptime is malformed: it wants a value",
	 "RFC 8866 s6.4", 7},
	{HEAD "a=mid:1\r\n" AUDIO, LINT_WARNING, "belongs to a section", "RFC 5888 s4", 6},
	{HEAD AUDIO "a=group:LS\r\n", LINT_WARNING, "belongs to the whole session", "RFC 5888 s5",
	 7},
	{HEAD AUDIO "a=RTPMAP:0 PCMU/8000\r\n", LINT_WARNING, "is spelt a=rtpmap", "RFC 8866 s5.13",
	 7},
	/* keys */
	{HEAD DTLS "a=setup:actpass\r\n", LINT_ERROR, "without a=fingerprint", "RFC 5763 s5", 6},
	{HEAD DTLS FP, LINT_ERROR, "without a=setup", "RFC 5763 s5", 6},
	{HEAD DTLS FP "a=setup:active\r\n", LINT_WARNING, "leaves the peer to choose",
	 "RFC 5763 s5", 9},
	{HEAD "m=audio 4000 RTP/SAVP 0\r\n", LINT_ERROR, "without keys", "RFC 4568 s5.1.1", 6},
	{HEAD AUDIO "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "\r\n", LINT_WARNING,
	 "not encrypted", "RFC 4568 s5.1.1", 7},
	{HEAD "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "\r\n"
	      "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" K30 "\r\n",
	 LINT_ERROR, "have the tag 1", "RFC 4568 s4.1", 8},
	/* ICE */
	{HEAD AUDIO "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n", LINT_ERROR,
	 "without a=ice-ufrag", "RFC 5245 s15.4", 7},
	{HEAD AUDIO "a=ice-ufrag:Xy12\r\n", LINT_ERROR, "come together", "RFC 5245 s15.4", 7},
	{HEAD AUDIO ICE "a=candidate:1 1 UDP 1 192.0.2.9 4000 typ host\r\n", LINT_WARNING,
	 "not among the candidates", "RFC 5245 s4.3", 6},
	{HEAD AUDIO ICE "a=candidate:1 1 UDP 0 192.0.2.1 4000 typ host\r\n", LINT_ERROR,
	 "the priority 0", "RFC 5245 s15.1", 9},
	{HEAD AUDIO ICE "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ srflx\r\n", LINT_ERROR,
	 "wants raddr", "RFC 5245 s15.1", 9},
	{HEAD AUDIO ICE "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host raddr 10.0.0.1 rport 9\r\n",
	 LINT_ERROR, "has no raddr", "RFC 5245 s15.1", 9},
	{HEAD AUDIO ICE "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n"
			"a=candidate:2 1 UDP 1 x.local 4000 typ host\r\n",
	 LINT_NOTE, "multicast DNS", NULL, 10},
	/* groups */
	{HEAD "a=group:BUNDLE 0 1\r\n" AUDIO "a=mid:0\r\na=rtcp-mux\r\n", LINT_ERROR, "names 1",
	 "RFC 5888 s6", 6},
	{HEAD "a=group:BUNDLE 0\r\n" AUDIO "a=mid:0\r\n", LINT_ERROR, "has no a=rtcp-mux",
	 "RFC 8843 s9.3", 7},
	{HEAD AUDIO "a=mid:0\r\n" AUDIO "a=mid:0\r\n", LINT_ERROR, "two sections", "RFC 5888 s4",
	 9},
	{HEAD AUDIO "a=mid:0\r\na=bundle-only\r\n", LINT_ERROR, "in no a=group:BUNDLE",
	 "RFC 8843 s6", 8},
	{HEAD "a=group:BUNDLE 0\r\n" AUDIO "a=mid:0\r\na=rtcp-mux\r\na=bundle-only\r\n", LINT_ERROR,
	 "wants port 0", "RFC 8843 s6", 10},
	/* RTP */
	{HEAD "m=audio 4000 RTP/AVP 96\r\n", LINT_WARNING, "no a=rtpmap", "RFC 8866 s6.6", 6},
	{HEAD AUDIO "a=rtpmap:96 opus/48000/2\r\n", LINT_WARNING, "m= does not list",
	 "RFC 8866 s6.6", 7},
	{HEAD AUDIO "a=fmtp:96 x\r\n", LINT_WARNING, "m= does not list", "RFC 8866 s6.15", 7},
	{HEAD AUDIO "a=rtcp-fb:0 nack\r\n", LINT_WARNING, "no meaning in RTP/AVP", "RFC 4585 s4.2",
	 7},
	{HEAD "m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	      "a=fmtp:101 0-256\r\n",
	 LINT_ERROR, "list of events", "RFC 4733 s2.4.1", 8},
	{HEAD AUDIO "a=extmap:1 urn:x\r\na=extmap:1 urn:y\r\n", LINT_ERROR, "have the id 1",
	 "RFC 8285 s5", 8},
	{HEAD AUDIO "a=extmap:300 urn:x\r\n", LINT_ERROR, "no packet can carry", "RFC 8285 s5", 7},
	{HEAD AUDIO "a=ssrc:1 cname:x\r\na=ssrc-group:FID 1 2\r\n", LINT_ERROR, "the source 2",
	 "RFC 5576 s4.2", 8},
	{HEAD AUDIO "a=rtcp-mux-only\r\n", LINT_WARNING, "without a=rtcp-mux", "RFC 8858 s3", 7},
	{V "c=IN IP4 0.0.0.0\r\nt=0 0\r\n" AUDIO, LINT_NOTE, "as RFC 2543 did", "RFC 3264 s8.4", 6},
};

static struct str message(const char *sdp, char *out, size_t size)
{
	struct buf b = buf_over(out, size);

	buf_fmt(&b,
		"INVITE sip:bob@example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds\r\n"
		"Max-Forwards: 70\r\n"
		"To: Bob <sip:bob@example.com>\r\n"
		"From: Alice <sip:alice@example.com>;tag=1928301774\r\n"
		"Call-ID: a84b4c76e66710@pc33.example.com\r\n"
		"CSeq: 314159 INVITE\r\n"
		"Contact: <sip:alice@pc33.example.com>\r\n"
		"Content-Type: application/sdp\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		strlen(sdp), sdp);
	assert_false(b.failed);
	return buf_str(&b);
}

#define HEAD_LINES 11

static void finds(void **state)
{
	static char text[8192];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct lint_finding *f = NULL;
		struct lint l;

		arena_init(&arena, room, sizeof(room), 0);
		assert_true(lint_message(message(rows[i].sdp, text, sizeof(text)), &arena, &l));
		for (unsigned k = 0; k < l.n && !f; k++)
			if (!rows[i].what || (l.findings[k].level == rows[i].level &&
					      strstr(l.findings[k].what.p, rows[i].what)))
				f = &l.findings[k];
		if (!f != !rows[i].what)
			fail_msg("%s: %s", rows[i].sdp, f ? f->what.p : rows[i].what);
		if (f && rows[i].rfc && strcmp(f->rfc, rows[i].rfc) != 0)
			fail_msg("%s: %s", rows[i].sdp, f->rfc);
		if (f && rows[i].at_line && f->line != HEAD_LINES + rows[i].at_line)
			fail_msg("%s: line %u", rows[i].sdp, f->line - HEAD_LINES);
		arena_fini(&arena);
	}
}

/* Each says one thing at most: a rule does not bring another with it. */
static void says_it_once(void **state)
{
	static char text[8192];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned n = 0;
		struct lint l;

		arena_init(&arena, room, sizeof(room), 0);
		assert_true(lint_message(message(rows[i].sdp, text, sizeof(text)), &arena, &l));
		for (unsigned k = 0; rows[i].what && k < l.n; k++)
			n += strstr(l.findings[k].what.p, rows[i].what) != NULL;
		assert_int_equal(n, rows[i].what ? 1 : 0);
		arena_fini(&arena);
	}
}

static void every_prefix(void **state)
{
	static char text[8192];
	struct str whole = message(rows[1].sdp, text, sizeof(text));

	for (size_t n = whole.n - strlen(rows[1].sdp); n < whole.n; n++) {
		struct lint l;

		arena_init(&arena, room, sizeof(room), 0);
		assert_true(lint_message(guard_str(str_first(whole, n)), &arena, &l));
		for (unsigned k = 0; k < l.n; k++)
			assert_true(l.findings[k].offset + l.findings[k].length <= n);
		arena_fini(&arena);
		guard_free_all();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(says_it_once),
		cmocka_unit_test(every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
