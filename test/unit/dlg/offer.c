/* Offers as many kinds of equipment make them, and what is answered: a line of facts each. */
#include <errno.h>
#include <stdio.h>

#include "harness.h"

#include "dlg/offer.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define HEAD_NO_C "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"

static struct dlg_local local_of(const char *ip)
{
	struct dlg_local l = {.codecs = {DLG_PCMU, DLG_PCMA}, .n_codecs = 2, .dir = SDP_SENDRECV};

	assert_true(addr_parse_ip(str_c(ip), &l.rtp));
	l.rtp.port = 40000;
	return l;
}

static const struct {
	const char *name, *sdp;
	unsigned status;
	const char *want; /* part of the answer, or of the reason */
	enum dlg_codec codec;
	int pt, dtmf;
	enum sdp_dir dir;
	const char *to; /* "" none */
} offers[] = {
	{"a plain phone",
	 HEAD "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n", 200,
	 "m=audio 40000 RTP/AVP 0 101\r\n", DLG_PCMU, 0, 101, SDP_SENDRECV, "192.0.2.1:4000"},
	{"only PCMA", HEAD "m=audio 4000 RTP/AVP 8\r\n", 200, "m=audio 40000 RTP/AVP 8\r\n",
	 DLG_PCMA, 8, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"the caller prefers PCMA", HEAD "m=audio 4000 RTP/AVP 18 8 0\r\n", 200, "RTP/AVP 8\r\n",
	 DLG_PCMA, 8, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"no static map, lower case", HEAD "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 pcmu/8000\r\n",
	 200, "RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"PCMU with a dynamic type", HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000\r\n",
	 200, "RTP/AVP 96\r\na=rtpmap:96 PCMU/8000\r\n", DLG_PCMU, 96, -1, SDP_SENDRECV,
	 "192.0.2.1:4000"},
	{"channels spelt out", HEAD "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000/1\r\n", 200,
	 "RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"stereo PCMU is not ours", HEAD "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000/2\r\n",
	 488, "codec", 0, 0, 0, 0, NULL},
	{"a mobile phone",
	 HEAD
	 "m=audio 4000 RTP/AVP 104 9 8 0 100\r\na=rtpmap:104 AMR-WB/16000\r\n"
	 "a=fmtp:104 mode-set=0,1,2\r\na=rtpmap:100 telephone-event/16000\r\na=maxptime:40\r\n",
	 200, "RTP/AVP 8\r\n", DLG_PCMA, 8, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"two rates of events",
	 HEAD "m=audio 4000 RTP/AVP 9 0 100 101\r\na=rtpmap:100 telephone-event/16000\r\n"
	      "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n",
	 200, "RTP/AVP 0 101\r\n", DLG_PCMU, 0, 101, SDP_SENDRECV, "192.0.2.1:4000"},
	{"events at 96", HEAD "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n",
	 200, "a=fmtp:96 0-16\r\n", DLG_PCMU, 0, 96, SDP_SENDRECV, "192.0.2.1:4000"},
	{"opus and wideband only",
	 HEAD "m=audio 4000 RTP/AVP 111 9\r\na=rtpmap:111 opus/48000/2\r\n", 488, "codec", 0, 0, 0,
	 0, NULL},
	{"only events", HEAD "m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n",
	 488, "codec", 0, 0, 0, 0, NULL},
	{"only comfort noise", HEAD "m=audio 4000 RTP/AVP 13\r\n", 488, "codec", 0, 0, 0, 0, NULL},
	{"comfort noise beside", HEAD "m=audio 4000 RTP/AVP 13 0\r\n", 200, "RTP/AVP 0\r\n",
	 DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"on hold", HEAD "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", 200, "a=recvonly\r\n",
	 DLG_PCMU, 0, -1, SDP_RECVONLY, "192.0.2.1:4000"},
	{"held on both sides", HEAD "m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", 200,
	 "a=inactive\r\n", DLG_PCMU, 0, -1, SDP_INACTIVE, "192.0.2.1:4000"},
	{"listens only", HEAD "m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n", 200, "a=sendonly\r\n",
	 DLG_PCMU, 0, -1, SDP_SENDONLY, "192.0.2.1:4000"},
	{"hold for the session", HEAD "a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n", 200,
	 "a=recvonly\r\n", DLG_PCMU, 0, -1, SDP_RECVONLY, "192.0.2.1:4000"},
	{"the media's direction wins",
	 HEAD "a=inactive\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n", 200, "a=sendrecv\r\n",
	 DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"hold of RFC 2543", HEAD_NO_C "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", 200,
	 "a=recvonly\r\n", DLG_PCMU, 0, -1, SDP_RECVONLY, ""},
	{"address of the media", HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.77\r\n", 200,
	 "RTP/AVP 0", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.77:4000"},
	{"address only there", HEAD_NO_C "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.77\r\n", 200,
	 "RTP/AVP 0", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.77:4000"},
	{"no address at all", HEAD_NO_C "m=audio 4000 RTP/AVP 0\r\n", 200, "RTP/AVP 0", DLG_PCMU, 0,
	 -1, SDP_SENDRECV, ""},
	{"a name for an address",
	 HEAD_NO_C "c=IN IP4 host.example.com\r\nm=audio 4000 RTP/AVP 0\r\n", 200, "RTP/AVP 0",
	 DLG_PCMU, 0, -1, SDP_SENDRECV, ""},
	{"a multicast group", HEAD_NO_C "c=IN IP4 224.2.1.1/127\r\nm=audio 4000 RTP/AVP 0\r\n", 200,
	 "RTP/AVP 0", DLG_PCMU, 0, -1, SDP_SENDRECV, ""},
	{"IPv6 to an IPv4 side", HEAD_NO_C "c=IN IP6 2001:db8::1\r\nm=audio 4000 RTP/AVP 0\r\n",
	 488, "address", 0, 0, 0, 0, NULL},
	{"IPv6 first, then IPv4",
	 HEAD_NO_C "m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n"
		   "m=audio 4002 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\n",
	 200, "m=audio 0 RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.2:4002"},
	{"with video",
	 HEAD "m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n",
	 200, "m=video 0 RTP/AVP 99\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"video first", HEAD "m=video 4002 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 0\r\n", 200,
	 "m=audio 40000 RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"only video", HEAD "m=video 4002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n", 488, "audio",
	 0, 0, 0, 0, NULL},
	{"fax by T.38", HEAD "m=image 4000 udptl t38\r\na=T38FaxVersion:0\r\n", 488, "audio", 0, 0,
	 0, 0, NULL},
	{"a gateway with T.38 beside",
	 HEAD "m=audio 4000 RTP/AVP 8\r\nm=image 4004 udptl t38\r\na=T38MaxBitRate:14400\r\n", 200,
	 "m=image 0 udptl t38\r\n", DLG_PCMA, 8, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"two audio lines", HEAD "m=audio 4000 RTP/AVP 0\r\nm=audio 4010 RTP/AVP 8\r\n", 200,
	 "m=audio 0 RTP/AVP 8\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"SRTP first, then RTP",
	 HEAD "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
	      "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\nm=audio 4010 RTP/AVP 0\r\n",
	 200, "m=audio 0 RTP/SAVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4010"},
	{"SRTP alone",
	 HEAD "m=audio 4000 RTP/SAVP 0 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n", 488,
	 "RTP/AVP", 0, 0, 0, 0, NULL},
	{"a browser",
	 HEAD "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 "
	      "8\r\na=rtcp-mux\r\na=ice-ufrag:x\r\n"
	      "a=fingerprint:sha-256 00\r\na=setup:actpass\r\na=mid:0\r\n",
	 488, "RTP/AVP", 0, 0, 0, 0, NULL},
	{"encryption offered beside",
	 HEAD "m=audio 4000 RTP/AVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n", 200,
	 "RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"feedback", HEAD "m=audio 4000 RTP/AVPF 0\r\na=rtcp-fb:* nack\r\n", 200,
	 "m=audio 40000 RTP/AVPF 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"RTCP on the same port", HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\n", 200,
	 "a=rtcp-mux\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"RTCP elsewhere", HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:5001 IN IP4 192.0.2.9\r\n", 200,
	 "RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"packets of 30 ms", HEAD "m=audio 4000 RTP/AVP 0\r\na=ptime:30\r\n", 200, "a=ptime:20\r\n",
	 DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"audio refused already", HEAD "m=audio 0 RTP/AVP 0\r\n", 200, "m=audio 0 RTP/AVP 0\r\n", 0,
	 -2, 0, 0, NULL},
	{"no media at all", HEAD, 200, "t=0 0\r\n", 0, -2, 0, 0, NULL},
	{"bare line feeds",
	 "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 4000 RTP/AVP 0\n",
	 200, "RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"no t= and a name with blanks",
	 "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=SIP Call\r\nc=IN IP4 192.0.2.1\r\n"
	 "m=audio 4000 RTP/AVP 0\r\n",
	 200, "RTP/AVP 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"bandwidth and unknown lines",
	 HEAD "b=AS:64\r\nm=audio 4000 RTP/AVP 8 0\r\nb=TIAS:64000\r\na=X-nat:0\r\n"
	      "a=silenceSupp:off - - - -\r\na=ecan:b on g168\r\n",
	 200, "RTP/AVP 8\r\n", DLG_PCMA, 8, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"a profile in small letters", HEAD "m=audio 4000 rtp/avp 0\r\n", 200,
	 "m=audio 40000 rtp/avp 0\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"text chat beside",
	 HEAD
	 "m=audio 4000 RTP/AVP 0\r\nm=message 7654 TCP/MSRP *\r\na=accept-types:text/plain\r\n",
	 200, "m=message 0 TCP/MSRP *\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"conference floor beside",
	 HEAD "m=audio 4000 RTP/AVP 0\r\nm=application 5070 UDP/BFCP *\r\na=floorctrl:c-only\r\n",
	 200, "m=application 0 UDP/BFCP *\r\n", DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"number of ports", HEAD "m=audio 4000/2 RTP/AVP 0\r\n", 200, "m=audio 40000 RTP/AVP 0\r\n",
	 DLG_PCMU, 0, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"0 mapped to another", HEAD "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 iLBC/8000\r\n", 200,
	 "RTP/AVP 8\r\n", DLG_PCMA, 8, -1, SDP_SENDRECV, "192.0.2.1:4000"},
	{"not a description", "hello", 400, "", 0, 0, 0, 0, NULL},
};

static bool contains(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static void check_media(size_t i, const struct dlg_media *m)
{
	char room[ADDR_TEXT_MAX];

	if (offers[i].pt == -2) {
		assert_false(m->active);
		return;
	}
	assert_true(m->active);
	assert_int_equal(m->codec, offers[i].codec);
	assert_int_equal(m->send_pt, offers[i].pt);
	assert_int_equal(m->send_dtmf_pt, offers[i].dtmf);
	assert_int_equal(m->dir, offers[i].dir);
	assert_string_equal(m->rtp.family ? addr_text(&m->rtp, room) : "", offers[i].to);
}

/* RFC3264-5.1-4, RFC3264-5.1-11, RFC3264-6.1-24, RFC3264-6.1-25, RFC3264-6-6, RFC3264-8.3.2-3,
 * RFC3264-8.4-1, RFC3264-8.4-3 */
static void offers_of_all_kinds(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");

	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		struct buf b = buf_heap(65535);
		struct dlg_offer o;
		struct dlg_media m;
		const char *why = NULL;
		unsigned status;

		dlg_offer_init(&o, 42);
		status = dlg_offer_answer(&o, &l, str_c(offers[i].sdp), &b, &m, &why);
		if (status != offers[i].status ||
		    !contains(status == 200 ? buf_str(&b) : str_c(why), offers[i].want))
			fail_msg("%s: %u %s\n%.*s", offers[i].name, status, why ? why : "",
				 (int)b.n, b.p ? b.p : "");
		if (status == 200)
			check_media(i, &m);
		dlg_offer_fini(&o);
		buf_free(&b);
	}
}

static uint64_t version_of(struct str sdp)
{
	char room[8192];
	struct arena a;
	struct sdp s;
	uint64_t v = 0;

	arena_init(&a, room, sizeof(room), 0);
	assert_true(sdp_parse(sdp, &a, &s, NULL));
	assert_true(str_to_u64(s.origin.version, &v));
	arena_fini(&a);
	return v;
}

/* ---- what holds for every answer ---- */

static const struct sdp_fmt *fmt_of(const struct sdp_media *m, int pt)
{
	for (size_t i = 0; i < m->n_fmts; i++)
		if (m->fmts[i].pt == pt)
			return &m->fmts[i];
	return NULL;
}

/* Formats of the offer only, with its numbers, mapped, and in its order. */
static void check_formats(const struct sdp_media *offered, const struct sdp_media *answered,
			  struct str text)
{
	const struct sdp_fmt *last = NULL;
	char map[32];

	assert_true(answered->n_fmts > 0);
	for (size_t i = 0; i < answered->n_fmts; i++) {
		const struct sdp_fmt *f = &answered->fmts[i];
		const struct sdp_fmt *of = fmt_of(offered, f->pt);

		assert_non_null(of);
		assert_true(str_ieq(of->encoding, f->encoding) && of->rate == f->rate);
		assert_true(!last || of > last);
		last = of;
		snprintf(map, sizeof(map), "\r\na=rtpmap:%d ", f->pt);
		assert_true(contains(text, map));
	}
}

static void check_section(const struct sdp_media *offered, const struct sdp_media *answered,
			  struct str text)
{
	unsigned theirs = (unsigned)sdp_dir_reverse(offered->dir);

	assert_str(answered->type, offered->type);
	assert_str(answered->proto, offered->proto);
	assert_true(answered->n_fmts > 0 || offered->n_fmts == 0);
	if (offered->port == 0)
		assert_int_equal(answered->port, 0);
	if (answered->port == 0)
		return;
	assert_true(answered->conn.addr.family && !addr_is_any(&answered->conn.addr) &&
		    (answered->conn.addr.ip[0] & 0xf0) != 0xe0);
	assert_int_equal((unsigned)answered->dir & ~theirs, 0);
	check_formats(offered, answered, text);
}

static void check_answer(struct str offer, struct str answer)
{
	char room[16384];
	struct arena a;
	struct sdp x, y;
	uint64_t n;

	arena_init(&a, room, sizeof(room), 0);
	assert_true(sdp_parse(offer, &a, &x, NULL) && sdp_parse(answer, &a, &y, NULL));
	assert_true(str_to_u64(y.origin.id, &n) && n <= INT64_MAX);
	assert_true(str_to_u64(y.origin.version, &n) && n < (1ull << 62) - 1);
	assert_false(str_eq(x.origin.id, y.origin.id) && str_eq(x.origin.user, y.origin.user));
	assert_true(contains(answer, "\r\ns=-\r\n"));
	assert_int_equal(x.n_media, y.n_media);
	for (size_t i = 0; i < x.n_media; i++)
		check_section(&x.media[i], &y.media[i], answer);
	arena_fini(&a);
}

/* RFC3261-13.2.1-11, RFC3264-5-1, RFC3264-5.1-9, RFC3264-5-2, RFC3264-5-3, RFC3264-5-4,
 * RFC3264-5-5, RFC3264-6-1, RFC3264-6.1-1, RFC3264-6.1-2, RFC3264-6.1-3, RFC3264-6.1-4,
 * RFC3264-6.1-5, RFC3264-6.1-6, RFC3264-6.1-7, RFC3264-6.1-8, RFC3264-6.1-10, RFC3264-6.1-11,
 * RFC3264-6.1-12, RFC3264-6.1-14, RFC3264-6.1-15, RFC3264-6.1-18, RFC3264-6-2, RFC3264-6-3,
 * RFC3264-6-4, RFC3264-6-7, RFC3264-6-8, RFC3264-8.2-1 */
static void answers_hold_to_their_offers(void **state)
{
	static const enum sdp_dir dirs[] = {SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE};
	struct dlg_local l = local_of("198.51.100.1");
	unsigned n = 0;

	for (size_t i = 0; i < 4 * sizeof(offers) / sizeof(offers[0]); i++) {
		struct str offer = str_c(offers[i / 4].sdp);
		struct buf b = buf_heap(65535);
		struct dlg_offer o;
		struct dlg_media m;
		const char *why = NULL;

		l.dir = dirs[i % 4];
		dlg_offer_init(&o, UINT64_MAX);
		if (dlg_offer_answer(&o, &l, offer, &b, &m, &why) == 200) {
			check_answer(offer, buf_str(&b));
			n++;
		}
		dlg_offer_fini(&o);
		buf_free(&b);
	}
	assert_true(n > 120);
}

/* RFC3264-5-6, RFC3264-6-5 */
static void the_time_is_the_offers(void **state)
{
	static const char *const times[] = {"t=0 0", "t=3034423619 3042462419",
					    "t=3034423619 0\r\nt=3034423700 0"};
	struct dlg_local l = local_of("198.51.100.1");

	for (unsigned i = 0; i < 3; i++) {
		char offer[512], want[128];
		struct buf b = buf_heap(65535), text = buf_over(offer, sizeof(offer));
		struct buf line = buf_over(want, sizeof(want));
		struct dlg_offer o;
		struct dlg_media m;
		const char *why;

		buf_fmt(&text,
			"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n%s\r\n"
			"m=audio 4000 RTP/AVP 0\r\n",
			times[i]);
		buf_fmt(&line, "\r\n%s\r\nm=", times[i]);
		dlg_offer_init(&o, 42);
		assert_int_equal(dlg_offer_answer(&o, &l, buf_str(&text), &b, &m, &why), 200);
		assert_true(contains(buf_str(&b), buf_c(&line)));
		buf_reset(&b);
		assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
		assert_true(contains(buf_str(&b), "\r\nt=0 0\r\n"));
		dlg_offer_fini(&o);
		buf_free(&b);
	}
}

/* RFC3264-5.1-1, RFC3264-5.1-2, RFC3264-5.1-3, RFC3264-5.1-5, RFC3264-5.1-6, RFC3264-5.1-7,
 * RFC3264-5.1-12, RFC3264-6.1-9, RFC3264-8.4-2 */
static void offers_of_each_direction(void **state)
{
	static const struct {
		enum sdp_dir dir;
		const char *line;
	} rows[] = {{SDP_SENDRECV, "\r\na=sendrecv\r\n"},
		    {SDP_SENDONLY, "\r\na=sendonly\r\n"},
		    {SDP_RECVONLY, "\r\na=recvonly\r\n"},
		    {SDP_INACTIVE, "\r\na=inactive\r\n"}};
	struct dlg_local l = local_of("198.51.100.1");

	for (unsigned i = 0; i < 8; i++) {
		struct buf b = buf_heap(65535);
		struct dlg_offer o;
		struct dlg_media m;
		const char *why;

		l.dir = rows[i % 4].dir;
		l.ptime_ms = i < 4 ? 0 : 30;
		dlg_offer_init(&o, 42);
		assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
		assert_true(contains(buf_str(&b), rows[i % 4].line));
		assert_true(contains(buf_str(&b), "m=audio 40000 RTP/AVP 0 8 101\r\n"));
		assert_true(contains(buf_str(&b), i < 4 ? "a=ptime:20\r\n" : "a=ptime:30\r\n"));
		buf_reset(&b);
		dlg_offer_answer(&o, &l, STR(HEAD "m=audio 4000 RTP/AVP 0\r\n"), &b, &m, &why);
		assert_true(contains(buf_str(&b), "c=IN IP4 198.51.100.1\r\n"));
		assert_true(contains(buf_str(&b), "m=audio 40000 RTP/AVP 0\r\n"));
		dlg_offer_fini(&o);
		buf_free(&b);
	}
}

/* The same offer again changes nothing, and has an answer that says so.
 * RFC3261-14.2-3, RFC3264-8-3, RFC3264-8-4, RFC3311-5.2-4, RFC4028-7.4-12 */
static void an_offer_that_changes_nothing(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535), again = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m, same;
	const char *why;

	dlg_offer_init(&o, 42);
	for (unsigned i = 0; i < 3; i++) {
		buf_reset(&again);
		assert_int_equal(
			dlg_offer_answer(&o, &l, str_c(offers[0].sdp), &again, &same, &why), 200);
		if (i == 0) {
			buf_puts(&b, buf_str(&again));
			m = same;
		}
		assert_str(buf_str(&again), buf_str(&b));
		assert_true(addr_eq(&same.rtp, &m.rtp) && same.codec == m.codec &&
			    same.dir == m.dir);
	}
	buf_reset(&again);
	assert_int_equal(dlg_offer_answer(&o, &l, str_c(offers[14].sdp), &again, &same, &why), 200);
	assert_int_equal(same.dir, SDP_RECVONLY);
	assert_int_equal(version_of(buf_str(&again)), version_of(buf_str(&b)) + 1);
	dlg_offer_fini(&o);
	buf_free(&b);
	buf_free(&again);
}

/* RFC3264-6.1-22, RFC3264-7-3 */
static void packets_are_as_long_as_the_peer_wishes(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m;
	const char *why;

	dlg_offer_init(&o, 42);
	assert_int_equal(dlg_offer_answer(&o, &l,
					  STR(HEAD "m=audio 4000 RTP/AVP 0\r\na=ptime:30\r\n"), &b,
					  &m, &why),
			 200);
	assert_int_equal(m.ptime_ms, 30);
	assert_int_equal(
		dlg_offer_accept(&o, &l, STR(HEAD "a=ptime:40\r\nm=audio 4000 RTP/AVP 0\r\n"), &m),
		0);
	assert_int_equal(m.ptime_ms, 40);
	dlg_offer_fini(&o);
	buf_free(&b);
}

/* ---- details ---- */

static void rtcp_goes_where_it_is_wanted(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	static const struct {
		const char *sdp;
		uint16_t port;
		bool mux;
	} cases[] = {
		{HEAD "m=audio 4000 RTP/AVP 0\r\n", 4001, false},
		{HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:5001\r\n", 5001, false},
		{HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\n", 4000, true},
	};

	for (size_t i = 0; i < 3; i++) {
		struct buf b = buf_heap(65535);
		struct dlg_offer o;
		struct dlg_media m;
		const char *why;

		dlg_offer_init(&o, 1);
		assert_int_equal(dlg_offer_answer(&o, &l, str_c(cases[i].sdp), &b, &m, &why), 200);
		assert_int_equal(m.rtcp.port, cases[i].port);
		assert_int_equal(m.rtcp_mux, cases[i].mux);
		dlg_offer_fini(&o);
		buf_free(&b);
	}
}

/* RFC3261-14.1-1, RFC3264-5.1-1, RFC3264-8-1, RFC3264-8-2, RFC4028-7.4-11 */
static void the_version_rises_with_each_change(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	uint64_t first;

	dlg_offer_init(&o, UINT64_MAX);
	assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
	first = version_of(buf_str(&b));
	buf_reset(&b);
	assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
	assert_int_equal(version_of(buf_str(&b)), first);
	l.dir = SDP_SENDONLY;
	buf_reset(&b);
	assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
	assert_int_equal(version_of(buf_str(&b)), first + 1);
	assert_true(contains(buf_str(&b), "a=sendonly\r\n"));
	dlg_offer_fini(&o);
	buf_free(&b);
}

/* RFC3264-5.1-7, RFC3264-5.1-9, RFC3264-5.1-10 */
static void an_offer_in_full(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;

	dlg_offer_init(&o, 84);
	assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
	assert_str(buf_str(&b),
		   STR("v=0\r\no=tsuwa 42 1 IN IP4 198.51.100.1\r\ns=-\r\n"
		       "c=IN IP4 198.51.100.1\r\nt=0 0\r\n"
		       "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\n"
		       "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
		       "a=fmtp:101 0-16\r\na=ptime:20\r\na=rtcp-mux\r\na=sendrecv\r\n"));
	dlg_offer_fini(&o);
	buf_free(&b);
}

static void an_offer_by_ipv6(void **state)
{
	struct dlg_local l = local_of("2001:db8::5");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m;
	const char *why;

	dlg_offer_init(&o, 84);
	assert_int_equal(dlg_offer_answer(&o, &l,
					  STR("v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\n"
					      "c=IN IP6 2001:db8::1\r\nt=0 0\r\n"
					      "m=audio 4000 RTP/AVP 0\r\n"),
					  &b, &m, &why),
			 200);
	assert_true(contains(buf_str(&b), "c=IN IP6 2001:db8::5\r\n"));
	assert_int_equal(m.rtp.family, 6);
	dlg_offer_fini(&o);
	buf_free(&b);
}

/* Our later offer keeps the sections of the peer's, and its payload types (s8, s8.3.2).
 * RFC3261-14.2-8, RFC3261-14.2-9, RFC3264-8.3.2-1, RFC3264-8.3.2-2, RFC3264-8-5, RFC3264-8-6,
 * RFC3264-8-7 */
static void a_later_offer_keeps_its_shape(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m;
	const char *why;

	dlg_offer_init(&o, 84);
	assert_int_equal(
		dlg_offer_answer(&o, &l,
				 STR(HEAD
				     "m=video 4002 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 96 97\r\n"
				     "a=rtpmap:96 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\n"
				     "m=image 9 udptl t38\r\n"),
				 &b, &m, &why),
		200);
	buf_reset(&b);
	l.dir = SDP_SENDONLY;
	assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
	assert_true(contains(buf_str(&b), "m=video 0 RTP/AVP 99\r\n"));
	assert_true(contains(buf_str(&b), "m=audio 40000 RTP/AVP 96 8 97\r\n"));
	assert_true(contains(buf_str(&b), "m=image 0 udptl t38\r\n"));
	assert_int_equal(
		dlg_offer_accept(
			&o, &l,
			STR(HEAD "m=video 0 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 96\r\n"
				 "a=rtpmap:96 PCMU/8000\r\na=recvonly\r\nm=image 0 udptl t38\r\n"),
			&m),
		0);
	assert_true(m.active);
	assert_int_equal(m.send_pt, 96);
	assert_int_equal(m.dir, SDP_SENDONLY);
	dlg_offer_fini(&o);
	buf_free(&b);
}

static const struct {
	const char *sdp;
	int err;
	bool active;
	enum dlg_codec codec;
	int send_pt, recv_pt, dtmf;
	enum sdp_dir dir;
} answers[] = {
	{HEAD "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n", 0, true,
	 DLG_PCMA, 8, 8, 101, SDP_SENDRECV},
	{HEAD "m=audio 4000 RTP/AVP 0 8\r\n", 0, true, DLG_PCMU, 0, 0, -1, SDP_SENDRECV},
	{HEAD "m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 PCMU/8000\r\n", 0, true, DLG_PCMU, 97, 0, -1,
	 SDP_SENDRECV},
	{HEAD "m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", 0, true, DLG_PCMU, 0, 0, -1,
	 SDP_INACTIVE},
	{HEAD "m=audio 0 RTP/AVP 0\r\n", 0, false, 0, 0, 0, 0, 0},
	{HEAD, 0, false, 0, 0, 0, 0, 0},
	{HEAD "m=audio 4000 RTP/AVP 18\r\n", 0, false, 0, 0, 0, 0, 0},
	{HEAD "m=audio 4000 RTP/SAVP 0\r\n", 0, false, 0, 0, 0, 0, 0},
	{"nonsense", -EBADMSG, false, 0, 0, 0, 0, 0},
};

/* RFC3264-5.1-8, RFC3264-6.1-13, RFC3264-7-1, RFC3264-8.3.2-4 */
static void answers_are_read(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct buf b = buf_heap(65535);
		struct dlg_offer o;
		struct dlg_media m = {0};

		dlg_offer_init(&o, 84);
		assert_int_equal(dlg_offer_make(&o, &l, &b), 0);
		assert_int_equal(dlg_offer_accept(&o, &l, str_c(answers[i].sdp), &m),
				 answers[i].err);
		assert_int_equal(m.active, answers[i].active);
		if (m.active) {
			assert_int_equal(m.codec, answers[i].codec);
			assert_int_equal(m.send_pt, answers[i].send_pt);
			assert_int_equal(m.recv_pt, answers[i].recv_pt);
			assert_int_equal(m.send_dtmf_pt, answers[i].dtmf);
			assert_int_equal(m.dir, answers[i].dir);
		}
		dlg_offer_fini(&o);
		buf_free(&b);
	}
}

static void without_codecs_or_events_of_ours(void **state)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m;
	const char *why;

	l.n_codecs = 1;
	l.codecs[0] = DLG_PCMA;
	l.no_dtmf = true;
	dlg_offer_init(&o, 84);
	assert_int_equal(dlg_offer_answer(&o, &l,
					  STR(HEAD "m=audio 4000 RTP/AVP 0 8 101\r\n"
						   "a=rtpmap:101 telephone-event/8000\r\n"),
					  &b, &m, &why),
			 200);
	assert_true(contains(buf_str(&b), "m=audio 40000 RTP/AVP 8\r\n"));
	assert_int_equal(m.send_dtmf_pt, -1);
	buf_reset(&b);
	assert_int_equal(
		dlg_offer_answer(&o, &l, STR(HEAD "m=audio 4000 RTP/AVP 0\r\n"), &b, &m, &why),
		488);
	assert_int_equal(b.n, 0);
	dlg_offer_fini(&o);
	buf_free(&b);
}

static void answer_prefix(struct str sdp, void *ctx)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m;
	const char *why;
	unsigned status;

	dlg_offer_init(&o, 84);
	status = dlg_offer_answer(&o, &l, sdp, &b, &m, &why);
	assert_true(status == 200 || status == 488 || status == 400);
	dlg_offer_fini(&o);
	buf_free(&b);
}

static void every_prefix_is_answered(void **state)
{
	each_prefix(str_c(offers[8].sdp), answer_prefix, NULL);
	each_prefix(str_c(offers[33].sdp), answer_prefix, NULL);
}

static void answer_and_offer(void)
{
	struct dlg_local l = local_of("198.51.100.1");
	struct buf b = buf_heap(65535);
	struct dlg_offer o;
	struct dlg_media m;
	const char *why;

	dlg_offer_init(&o, 84);
	if (dlg_offer_answer(&o, &l, str_c(offers[0].sdp), &b, &m, &why) == 200) {
		buf_reset(&b);
		l.dir = SDP_INACTIVE;
		if (dlg_offer_make(&o, &l, &b) == 0)
			dlg_offer_accept(&o, &l, str_c(answers[0].sdp), &m);
	} else {
		assert_true(alloc_has_failed());
	}
	dlg_offer_fini(&o);
	buf_free(&b);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(answer_and_offer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_of_all_kinds),
		cmocka_unit_test(rtcp_goes_where_it_is_wanted),
		cmocka_unit_test(answers_hold_to_their_offers),
		cmocka_unit_test(the_time_is_the_offers),
		cmocka_unit_test(offers_of_each_direction),
		cmocka_unit_test(an_offer_that_changes_nothing),
		cmocka_unit_test(packets_are_as_long_as_the_peer_wishes),
		cmocka_unit_test(the_version_rises_with_each_change),
		cmocka_unit_test(an_offer_in_full),
		cmocka_unit_test(an_offer_by_ipv6),
		cmocka_unit_test(a_later_offer_keeps_its_shape),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(without_codecs_or_events_of_ours),
		cmocka_unit_test(every_prefix_is_answered),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
