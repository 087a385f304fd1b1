/* Values of attributes and lines: good ones, parsed, written and parsed again; bad ones; every
 * prefix of each at the end of readable memory. */
#include "harness.h"

#include "again.h"

#define K30 "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define K28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="
#define K46 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLQ=="
#define K44 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis="
#define K38 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCU="
#define PWD22 "abcdefghijklmnopqrstuv"
#define FP20 "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"
#define FP16 "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B"
#define FP32 FP16 ":" FP16

/* want NULL: it is written as it stood; "": it must not parse. */
static const struct {
	const char *kind, *value, *want;
} rows[] = {
	/* RFC 5245 s15.1, s21.2; RFC 6544; what browsers add; names of multicast DNS */
	{"candidate", "1 1 UDP 2130706431 10.0.1.1 8998 typ host", NULL},
	{"candidate", "2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998",
	 NULL},
	{"candidate", "candidate:1 2 udp 1 192.0.2.3 9 typ host", "1 2 udp 1 192.0.2.3 9 typ host"},
	{"candidate", "a/+ 256 tcp 0 2001:db8::1 0 typ relay raddr ::1 rport 9 tcptype passive",
	 NULL},
	{"candidate",
	 "842163049 1 udp 1677729535 198.51.100.9 46154 typ srflx raddr 0.0.0.0 rport 0 generation "
	 "0 "
	 "ufrag Xy12 network-id 1 network-cost 10",
	 NULL},
	{"candidate",
	 "4 1 udp 2113937151 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 54596 typ host", NULL},
	{"candidate", "1  1 UDP\t1 192.0.2.3 9 typ  host ", "1 1 UDP 1 192.0.2.3 9 typ host"},
	{"candidate", "1 1 UDP 1 192.0.2.3 9 typ other raddr h.example", NULL},
	{"candidate", "1 1 UDP 4294967295 192.0.2.3 9 TYP HOST",
	 "1 1 UDP 4294967295 192.0.2.3 9 "
	 "typ HOST"},
	{"candidate", "", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 9", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 9 typ", ""},
	{"candidate", "1 0 UDP 1 192.0.2.3 9 typ host", ""},
	{"candidate", "1 257 UDP 1 192.0.2.3 9 typ host", ""},
	{"candidate", "1 1 UDP 4294967296 192.0.2.3 9 typ host", ""},
	{"candidate", "1 1 UDP -1 192.0.2.3 9 typ host", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 65536 typ host", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 typ host", ""},
	{"candidate", "1_ 1 UDP 1 192.0.2.3 9 typ host", ""},
	{"candidate", "123456789012345678901234567890123 1 UDP 1 192.0.2.3 9 typ host", ""},
	{"candidate", "1 1 U/P 1 192.0.2.3 9 typ host", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 9 typ host generation", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 9 typ host raddr", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 9 typ host raddr h rport x", ""},
	{"candidate", "1 1 UDP 1 192.0.2.3 9 typ host x \x01", ""},
	{"remote-candidates", "1 192.0.2.3 45664", NULL},
	{"remote-candidates", "1 192.0.2.3 45664 2 2001:db8::1 45665", NULL},
	{"remote-candidates", "", ""},
	{"remote-candidates", "1 192.0.2.3", ""},
	{"remote-candidates", "1 192.0.2.3 1 2", ""},
	{"remote-candidates",
	 "1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 1 h 1 "
	 "1 h 1 1 h 1 1 h 1",
	 ""},
	{"ice-ufrag", "8hhY", NULL},
	{"ice-ufrag", "a+/9", NULL},
	{"ice-ufrag", "abc", ""},
	{"ice-ufrag", "abc-", ""},
	{"ice-pwd", PWD22, NULL},
	{"ice-pwd", "short", ""},
	{"ice-pwd", PWD22 "=", ""},
	{"ice-options", "trickle", NULL},
	{"ice-options", "ice2 trickle renomination google-ice", NULL},
	{"ice-options", "", ""},
	{"ice-options", "a (b)", ""},
	{"ice-pacing", "50", NULL},
	{"ice-pacing", "x", ""},
	{"ice-pacing", "50 1", ""},
	/* RFC 8122 s5 */
	{"fingerprint", "sha-1 " FP20, NULL},
	{"fingerprint", "SHA-256 " FP32, NULL},
	{"fingerprint", "sha-512 " FP32 ":" FP32, NULL},
	{"fingerprint", "md5 " FP16, NULL},
	{"fingerprint", "sha3-256 " FP32, NULL},
	{"fingerprint", "sha-1 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49:6b:19:e5:7c:ab",
	 "sha-1 " FP20},
	{"fingerprint", "sha-256 " FP20, ""},
	{"fingerprint", "sha-1 " FP32, ""},
	{"fingerprint", "sha-256", ""},
	{"fingerprint", "sha-1 " FP20 ":", ""},
	{"fingerprint", "sha-1 4A-AD", ""},
	{"fingerprint", "x 4AADB9", ""},
	{"fingerprint", "x 4G", ""},
	{"fingerprint", "x " FP32 ":" FP32 ":00", ""},
	{"fingerprint", "sha-1 " FP20 " more", ""},
	{"setup", "active", NULL},
	{"setup", "passive", NULL},
	{"setup", " actpass ", "actpass"},
	{"setup", "HOLDCONN", "holdconn"},
	{"setup", "actpas", ""},
	{"setup", "", ""},
	{"connection", "new", NULL},
	{"connection", "existing", NULL},
	{"connection", "old", ""},
	{"tls-id", "abc3de65cddef001be82", NULL},
	{"tls-id", "abc3de65cddef001be8", ""},
	{"tls-id", "abc3de65cddef001be8=", ""},
	/* RFC 4568 s6, s9; RFC 6188, RFC 7714 */
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30, NULL},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^20|1:4", NULL},
	{"crypto", "2 AES_CM_128_HMAC_SHA1_32 inline:" K30 "|2^31", NULL},
	{"crypto", "2 F8_128_HMAC_SHA1_80 inline:" K30 "|1066:4 UNENCRYPTED_SRTCP", NULL},
	{"crypto",
	 "3 F8_128_HMAC_SHA1_80 inline:" K30 "|1:4;inline:" K30 "|2^20|2:4 "
	 "KDR=24 UNENCRYPTED_SRTP UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP "
	 "FEC_ORDER=SRTP_FEC FEC_KEY=inline:x WSH=64 -X=1 Y",
	 NULL},
	{"crypto", "4 AES_192_CM_HMAC_SHA1_80 inline:" K38, NULL},
	{"crypto", "5 AES_256_CM_HMAC_SHA1_32 inline:" K46, NULL},
	{"crypto", "6 AEAD_AES_128_GCM inline:" K28, NULL},
	{"crypto", "7 AEAD_AES_256_GCM inline:" K44 "|1000", NULL},
	{"crypto", "999999999 FUTURE_1 inline:abc", NULL},
	{"crypto", "1  AES_CM_128_HMAC_SHA1_80\tINLINE:" K30 " KDR=0",
	 "1 AES_CM_128_HMAC_SHA1_80 inline:" K30},
	{"crypto's keys", "6 AEAD_AES_128_GCM inline:" K28, NULL},
	{"crypto's keys", "5 AES_256_CM_HMAC_SHA1_80 inline:" K46 "|2^48|1:128", NULL},
	{"crypto's keys", "4 AES_192_CM_HMAC_SHA1_32 inline:" K38, NULL},
	{"crypto's keys", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30, NULL},
	{"crypto", "", ""},
	{"crypto", "1", ""},
	{"crypto", "x AES_CM_128_HMAC_SHA1_80 inline:" K30, ""},
	{"crypto", "1000000000 AES_CM_128_HMAC_SHA1_80 inline:" K30, ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80", ""},
	{"crypto", "1 AES-CM inline:" K30, ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 uri:" K30, ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:abc", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K28, ""},
	{"crypto", "1 AEAD_AES_256_GCM inline:" K46, ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^49", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|0", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|020", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|281474976710657", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|1:129", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|01:4", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|1:", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|2^20|1:4|x", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 ";inline:" K30, ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 "|1:4;inline:" K30 "|2:2", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 " KDR=25", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 " WSH=63", ""},
	{"crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:" K30 " FEC_ORDER=X", ""},
	{"crypto", "1 X inline:a 1 2 3 4 5 6 7 8 9", ""},
	{"crypto",
	 "1 X inline:a;inline:a;inline:a;inline:a;inline:a;inline:a;inline:a;inline:a;inline:"
	 "a",
	 ""},
	/* RFC 5888, RFC 8843 */
	{"group", "BUNDLE audio video", NULL},
	{"group", "LS", NULL},
	{"group", "BUNDLE 0\t1  2", "BUNDLE 0 1 2"},
	{"group", "", ""},
	{"group", "BUNDLE a(b", ""},
	{"group", "B 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2", ""},
	{"mid", "0", NULL},
	{"mid", "audio{1}", NULL},
	{"mid", "", ""},
	{"mid", "a b", ""},
	/* RFC 3605, RFC 4585, RFC 5104 */
	{"rtcp", "53020", NULL},
	{"rtcp", "53020 IN IP4 126.16.64.4", NULL},
	{"rtcp", "53020 IN IP6 2001:2345:6789:ABCD:EF01:2345:6789:ABCD", NULL},
	{"rtcp", "", ""},
	{"rtcp", "0", ""},
	{"rtcp", "65536", ""},
	{"rtcp", "5 IN IP4", ""},
	{"rtcp", "5 IN IP4 h more", ""},
	{"rtcp-fb", "* nack", NULL},
	{"rtcp-fb", "96 nack pli", NULL},
	{"rtcp-fb", "96 ccm fir", NULL},
	{"rtcp-fb", "96 ccm tmmbr smaxpr=120", NULL},
	{"rtcp-fb", "98 trr-int 100", NULL},
	{"rtcp-fb", "111 transport-cc", NULL},
	{"rtcp-fb", "111 goog-remb", NULL},
	{"rtcp-fb", "96 ack app a b  c", NULL},
	{"rtcp-fb", "", ""},
	{"rtcp-fb", "96", ""},
	{"rtcp-fb", "128 nack", ""},
	{"rtcp-fb", "x nack", ""},
	{"rtcp-fb", "96 n/ack", ""},
	{"rtcp-fb", "96 trr-int", ""},
	{"rtcp-fb", "96 trr-int x", ""},
	{"rtcp-fb", "96 trr-int 1 2", ""},
	/* RFC 8285 s8 */
	{"extmap", "1 urn:ietf:params:rtp-hdrext:toffset", NULL},
	{"extmap", "2/recvonly http://example.com/082005/ext.htm#xmeta short", NULL},
	{"extmap", "4096/inactive urn:x a b", NULL},
	{"extmap", "", ""},
	{"extmap", "1", ""},
	{"extmap", "0 urn:x", ""},
	{"extmap", "65536 urn:x", ""},
	{"extmap", "1/both urn:x", ""},
	{"extmap", "1/ urn:x", ""},
	{"extmap", "x urn:x", ""},
	/* RFC 5576 s10 */
	{"ssrc", "4294967295 cname:user@example.com", NULL},
	{"ssrc", "0 a", NULL},
	{"ssrc", "314159 msid:s t", NULL},
	{"ssrc", "314159 fmtp:96 a=b;c:d", NULL},
	{"ssrc", "", ""},
	{"ssrc", "1", ""},
	{"ssrc", "4294967296 cname:x", ""},
	{"ssrc", "x cname:x", ""},
	{"ssrc", "1 :x", ""},
	{"ssrc", "1 a b:x", ""},
	{"ssrc-group", "FID 11111 22222", NULL},
	{"ssrc-group", "FEC", NULL},
	{"ssrc-group", "", ""},
	{"ssrc-group", "FID x", ""},
	{"ssrc-group", "F 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2", ""},
	/* RFC 8866 s5 */
	{"c=", "IN IP4 198.51.100.23", NULL},
	{"c=", "IN IP6 2001:db8::1", NULL},
	{"c=", "IN IP4 224.2.1.1/127/3", NULL},
	{"c=", "IN IP4 host.example.com", NULL},
	{"c=", "IN IP4", ""},
	{"c=", "IN IP4 h more", ""},
	{"c=", "I/N IP4 h", ""},
	{"o=", "alice 2890844526 2890844527 IN IP4 198.51.100.23", NULL},
	{"o=", "- 0 0 IN IP6 ::1", NULL},
	{"o=", "alice x 1 IN IP4 h", ""},
	{"o=", "alice 1 -1 IN IP4 h", ""},
	{"o=", "alice 1 IN IP4 h", ""},
	{"o=", "alice b 1 1 IN IP4 h", ""},
	{"b=", "AS:84", NULL},
	{"b=", "X-YZ:18446744073709551615", NULL},
	{"b=", "AS:18446744073709551616", ""},
	{"b=", "AS", ""},
	{"b=", "AS:", ""},
	{"b=", ":1", ""},
	{"b=", "A S:1", ""},
	{"b=", "AS:1.5", ""},
	{"t=", "0 0", NULL},
	{"t=", "3724394400 3724398000", NULL},
	{"t=", "0", ""},
	{"t=", "0 x", ""},
	{"t=", "0 0 0", ""},
	{"r=", "604800 3600 0 90000", "7d 1h 0 25h"},
	{"r=", "7d 1h 0 25h", NULL},
	{"r=", "90m 61s 1", "5400 61 1"},
	{"r=", "7d 1h", ""},
	{"r=", "0 1h 0", ""},
	{"r=", "7w 1h 0", ""},
	{"r=", "7d 1h -1", ""},
	{"r=", "9223372036854775807d 1h 0", ""},
	{"r=", "1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", ""},
	{"z=", "3724394400 -1h 3724398000 0", NULL},
	{"z=", "1 -61", NULL},
	{"z=", "1", ""},
	{"z=", "1 --1h", ""},
	{"z=", "1 1h 2", ""},
	{"z=", "-1 1h", ""},
	{"k=", "prompt", NULL},
	{"k=", "clear:a b", NULL},
	{"k=", "uri:https://example.com/k", NULL},
	{"k=", "base64:AAEC", NULL},
	{"k=", "prompt:x", ""},
	{"k=", "clear", ""},
	{"k=", "CLEAR:x", ""},
	{"k=", "clear:\x01", ""},
	{"e=", "j.doe@example.com", NULL},
	{"e=", "j.doe@example.com (Jane Doe)", "Jane Doe <j.doe@example.com>"},
	{"e=", "Jane Doe <j.doe@example.com>", NULL},
	{"e=", "jane", ""},
	{"e=", "@example.com", ""},
	{"e=", "a@", ""},
	{"e=", "Jane a@b>", ""},
	{"e=", "Jane (a@b) <a@b>", ""},
	{"p=", "+1 617 555-6011", NULL},
	{"p=", "+1 617 555-6011 (Jane Doe)", "Jane Doe <+1 617 555-6011>"},
	{"p=", "1", ""},
	{"p=", "+", ""},
	{"p=", "+1x", ""},
	{"p=", "", ""},
	/* RFC 8866 s6 */
	{"rtpmap", "0 PCMU/8000", NULL},
	{"rtpmap", "97 L16/44100/2", NULL},
	{"rtpmap", "97 L16/44100/1", "97 L16/44100"},
	{"rtpmap", "128 X/1", ""},
	{"rtpmap", "0 PCMU", ""},
	{"rtpmap", "0 PCMU/", ""},
	{"rtpmap", "0 PCMU/0", ""},
	{"rtpmap", "0 /8000", ""},
	{"rtpmap", "0 PC MU/8000", ""},
	{"rtpmap", "0 PCMU/8000/x", ""},
	{"rtpmap", "0 PCMU/8000/1/1", ""},
	{"fmtp", "96 a=b;c", NULL},
	{"fmtp", "t38 x  y", NULL},
	{"fmtp", "96", ""},
	{"fmtp", "", ""},
	{"events", "0-15", NULL},
	{"events", "0-15,66,70", NULL},
	{"events", "3,1,2, 5", "1-3,5"},
	{"events", "events=0-11", "0-11"},
	{"events", "255", NULL},
	{"events", "", ""},
	{"events", "256", ""},
	{"events", "5-3", ""},
	{"events", "0-", ""},
	{"events", "1,", ""},
	{"events", ",1", ""},
	{"events", "a", ""},
	{"real", "29.97", NULL},
	{"real", "25", NULL},
	{"real", "20.0", "20"},
	{"real", "0.000001", NULL},
	{"real", "1.1234567", "1.123456"},
	{"real", "0", ""},
	{"real", "0.0", ""},
	{"real", "1.", ""},
	{"real", ".5", ""},
	{"real", "1.x", ""},
	{"real", "-1", ""},
	{"quality", "0", NULL},
	{"quality", "10", NULL},
	{"quality", "x", ""},
	{"orient", "seascape", NULL},
	{"orient", "upside-down", ""},
	{"type", "H332", NULL},
	{"type", "broadcast", NULL},
	{"type", "chat", ""},
	{"charset", "ISO-8859-1", NULL},
	{"charset", "", ""},
	{"charset", "a b", ""},
	{"lang", "de", NULL},
	{"lang", "zh-Hant-TW", NULL},
	{"lang", "", ""},
	{"lang", "de_CH", ""},
	{"lang", "d3", ""},
	{"lang", "de-", ""},
	{"lang", "de--CH", ""},
	{"lang", "deutschland", ""},
};

static again_fn *kind_of(const char *name)
{
	for (size_t i = 0; i < AGAIN_KINDS; i++)
		if (strcmp(again_kinds[i].name, name) == 0)
			return again_kinds[i].again;
	fail_msg("no kind %s", name);
	return NULL;
}

static char room[2][4096];

static void row(size_t i)
{
	const char *want = rows[i].want ? rows[i].want : rows[i].value;
	struct buf one = buf_over(room[0], sizeof(room[0])),
		   two = buf_over(room[1], sizeof(room[1]));
	again_fn *again = kind_of(rows[i].kind);
	bool good = again(guard_str(str_c(rows[i].value)), &one);

	if (good != (*want != '\0'))
		fail_msg("%s: '%s' %s", rows[i].kind, rows[i].value,
			 good ? "parses" : "does not parse");
	if (!good)
		return;
	if (one.failed || !str_eq(buf_str(&one), str_c(want)))
		fail_msg("%s: '%s' became '%.*s'", rows[i].kind, rows[i].value,
			 STR_ARG(buf_str(&one)));
	assert_true(again(guard_str(buf_str(&one)), &two));
	assert_str(buf_str(&two), buf_str(&one));
}

static void good_and_bad(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row(i);
		guard_free_all();
	}
}

/* What parses can be written, wherever it was cut. */
static void prefix(struct str s, void *ctx)
{
	struct buf b = buf_over(room[0], sizeof(room[0]));
	again_fn *const *again = ctx;

	if ((*again)(s, &b))
		assert_false(b.failed);
}

static void every_prefix(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		again_fn *again = kind_of(rows[i].kind);

		each_prefix(str_c(rows[i].value), prefix, &again);
		guard_free_all();
	}
}

/* A builder never writes more than there is room for, and says so. */
static void says_when_room_ends(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		again_fn *again = kind_of(rows[i].kind);
		struct buf b = buf_over(room[0], sizeof(room[0]));
		size_t need;

		if (!again(str_c(rows[i].value), &b))
			continue;
		need = b.n;
		for (size_t n = 0; n < need; n++) {
			b = buf_over(guard_end(str_of(room[1], n)), n);
			assert_true(again(str_c(rows[i].value), &b));
			assert_true(b.failed);
		}
		guard_free_all();
	}
}

static void candidates_in_fields(void **state)
{
	struct sdp_candidate c;
	struct str v;
	char text[ADDR_TEXT_MAX];

	assert_true(sdp_candidate_parse(STR("7 2 tcp 5 2001:db8::1 9 typ prflx raddr 10.0.0.1 "
					    "rport 8998 tcptype active generation 0"),
					&c));
	assert_int_equal(c.component, 2);
	assert_int_equal(c.priority, 5);
	assert_int_equal(c.type, SDP_CAND_PRFLX);
	assert_string_equal(addr_text(&c.addr, text), "[2001:db8::1]:9");
	assert_string_equal(addr_text(&c.rel_addr, text), "10.0.0.1:8998");
	assert_true(sdp_candidate_ext(&c, STR("tcptype"), &v));
	assert_str(v, STR("active"));
	assert_false(sdp_candidate_ext(&c, STR("active"), &v)); /* a value */
	assert_false(sdp_candidate_ext(&c, STR("ufrag"), &v));
	assert_false(sdp_candidate_is_mdns(&c));
	assert_true(sdp_candidate_parse(STR("1 1 UDP 1 x.LOCAL 9 typ host"), &c));
	assert_true(sdp_candidate_is_mdns(&c));
	assert_int_equal(c.addr.family, 0);
	assert_int_equal(c.port, 9);
	assert_true(sdp_ice_options_has(STR("ice2 trickle"), STR("trickle")));
	assert_false(sdp_ice_options_has(STR("ice2 trickles"), STR("trickle")));
}

static void builds_a_candidate_from_addresses(void **state)
{
	struct sdp_candidate c = {.foundation = STR("1"),
				  .component = 1,
				  .transport = STR("UDP"),
				  .priority = 9,
				  .type = SDP_CAND_RELAY,
				  .has_rel_port = true,
				  .rel_port = 7};
	struct buf b = buf_over(room[0], sizeof(room[0]));

	assert_true(addr_parse(STR("[2001:db8::7]:4000"), &c.addr));
	assert_true(addr_parse_ip(STR("192.0.2.1"), &c.rel_addr));
	sdp_candidate_put(&b, &c);
	assert_false(b.failed);
	assert_str(buf_str(&b),
		   STR("1 1 UDP 9 2001:db8::7 4000 typ relay raddr 192.0.2.1 rport 7"));
	c.foundation = STR("a b");
	sdp_candidate_put(&b, &c);
	assert_true(b.failed);
}

static void keys_in_fields(void **state)
{
	struct sdp_crypto c;
	const char *why = NULL;

	assert_true(sdp_crypto_parse(
		STR("1 AEAD_AES_128_GCM inline:" K28 "|2^20|1066:4 WSH=128 -x y"), &c, NULL));
	assert_int_equal(c.suite, SDP_AEAD_AES_128_GCM);
	assert_int_equal(c.n_keys, 1);
	assert_int_equal(c.keys[0].n, 28);
	for (unsigned i = 0; i < 28; i++)
		assert_int_equal(c.keys[0].bytes[i], i);
	assert_int_equal(c.keys[0].lifetime, 1 << 20);
	assert_str(c.keys[0].mki, STR("1066"));
	assert_int_equal(c.keys[0].mki_bytes, 4);
	assert_int_equal(c.wsh, 128);
	assert_int_equal(c.n_ext, 2);
	assert_true(c.must_know);
	assert_true(sdp_crypto_parse(STR("1 AEAD_AES_128_GCM inline:" K28 " -x"), &c, NULL));
	assert_false(c.must_know);
	assert_false(sdp_crypto_parse(STR("1 AEAD_AES_128_GCM inline:" K30), &c, &why));
	assert_string_equal(why, "its key is not as long as its suite wants");
	assert_int_equal(sdp_suite_kind(SDP_AES_256_CM_HMAC_SHA1_80)->key_bytes, 32);
	assert_null(sdp_suite_kind(SDP_SUITE_OTHER));
}

static void setups_answer_each_other(void **state)
{
	static const bool fits[4][4] = {/* answers: active passive actpass holdconn */
					[SDP_SETUP_ACTIVE] = {0, 1, 0, 1},
					[SDP_SETUP_PASSIVE] = {1, 0, 0, 1},
					[SDP_SETUP_ACTPASS] = {1, 1, 0, 1},
					[SDP_SETUP_HOLDCONN] = {0, 0, 0, 1}};

	for (unsigned o = 0; o < 4; o++)
		for (unsigned a = 0; a < 4; a++)
			assert_int_equal(sdp_setup_fits((enum sdp_setup)o, (enum sdp_setup)a),
					 fits[o][a]);
}

static void other_fields(void **state)
{
	struct sdp_bandwidth w;
	struct sdp_multicast m;
	struct sdp_events e;
	struct sdp_conn c;
	struct sdp_rtcp_fb f;
	struct str v;

	assert_true(sdp_bandwidth_parse(STR("AS:64"), &w));
	assert_int_equal(sdp_bandwidth_bits(&w), 64000);
	assert_true(sdp_bandwidth_parse(STR("TIAS:64"), &w));
	assert_int_equal(sdp_bandwidth_bits(&w), 64);
	assert_true(sdp_bandwidth_parse(STR("CT:18446744073709551615"), &w));
	assert_true(sdp_bandwidth_bits(&w) == UINT64_MAX);
	assert_true(sdp_conn_parse(STR("IN IP4 224.2.1.1/127/3"), &c));
	assert_true(sdp_multicast_of(&c, &m));
	assert_int_equal(m.ttl, 127);
	assert_int_equal(m.count, 3);
	assert_true(sdp_conn_parse(STR("IN IP6 ff15::101/3"), &c));
	assert_true(sdp_multicast_of(&c, &m));
	assert_false(m.has_ttl);
	assert_int_equal(m.count, 3);
	assert_true(sdp_conn_parse(STR("IN IP4 224.2.1.1"), &c));
	assert_false(sdp_multicast_of(&c, &m)); /* no TTL */
	assert_true(sdp_conn_parse(STR("IN IP4 192.0.2.1/127"), &c));
	assert_false(sdp_multicast_of(&c, &m));
	assert_true(sdp_conn_parse(STR("IN IP4 192.0.2.1"), &c));
	assert_true(sdp_multicast_of(&c, &m));
	assert_true(sdp_events_parse(STR("0-15,200"), &e));
	assert_true(sdp_events_has(&e, 200) && sdp_events_has(&e, 15) && !sdp_events_has(&e, 16));
	e = sdp_events_standard();
	assert_true(sdp_events_has(&e, 15) && !sdp_events_has(&e, 16));
	assert_true(sdp_rtcp_fb_parse(STR("98 trr-int 100"), &f));
	assert_int_equal(f.trr_int_ms, 100);
	assert_true(sdp_fmtp_param(STR("profile-level-id=42e01f; Packetization-Mode=1;x"),
				   STR("packetization-mode"), &v));
	assert_str(v, STR("1"));
	assert_true(sdp_fmtp_param(STR("a=1;x"), STR("x"), &v));
	assert_str(v, STR(""));
	assert_false(sdp_fmtp_param(STR("a=x"), STR("x"), &v));
	assert_true(sdp_extmap_id_valid(1) && sdp_extmap_id_valid(4096));
	assert_false(sdp_extmap_id_valid(256) || sdp_extmap_id_valid(4352));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_and_bad),
		cmocka_unit_test(every_prefix),
		cmocka_unit_test(says_when_room_ends),
		cmocka_unit_test(candidates_in_fields),
		cmocka_unit_test(builds_a_candidate_from_addresses),
		cmocka_unit_test(keys_in_fields),
		cmocka_unit_test(setups_answer_each_other),
		cmocka_unit_test(other_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
