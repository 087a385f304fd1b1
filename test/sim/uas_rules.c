/* A user agent that is asked: what it refuses, in which order, and what every answer carries (RFC 3261 s8.2,
 * s12.1.1, s12.2.2, s15.1.2). */
#include <stdlib.h>

#include "kit.h"

#define PHONE_IP "198.51.100.50"
#define N(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct kit k;
	struct wire *peer;
	struct phone *phone;
	char ip[ADDR_TEXT_MAX];
	unsigned n;
};

static void rig_init(struct rig *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->peer = kit_wire(&r->k, "peer");
	kit_ip(r->peer, r->ip);
	r->phone = phone_new(&r->k.sim, "alice", "pw-alice", "example.com", PHONE_IP, r->ip,
			     TRANSPORT_UDP);
	r->k.phone[r->k.n_phones++] = r->phone;
	r->phone->no_media = true;
	phone_start(r->phone);
}

static void rig_fini(struct rig *r)
{
	sim_run(&r->k.sim, 300000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

/* A request of its own Call-ID, unless id says which. */
static void ask(struct rig *r, const char *method, const char *uri, const char *id,
		const char *lines, const char *body)
{
	char own[32];

	snprintf(own, sizeof(own), "ask%u", ++r->n);
	wire_send(
		r->peer, PHONE_IP,
		"%s %s SIP/2.0\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKu%u\n"
		"Via: SIP/2.0/TCP far.example;branch=z9hG4bKfar;x=\"1;2\"\n"
		"Max-Forwards: 70\nFrom: \"B;o\" <sip:bob@example.com>;tag=b\n"
		"To: <sip:alice@example.com>\nCall-ID: %s\nCSeq: 7 %s\n%sContent-Length: %zu\n\n%s",
		method, uri, r->ip, r->n, id ? id : own, method, lines, strlen(body), body);
}

/* RFC3261-8.2-3, RFC3261-8.2.1-1, RFC3261-8.2.1-2, RFC3261-8.2.1-3, RFC3261-8.2.1-4,
 * RFC3261-8.2.2-1, RFC3261-8.2.2-2, RFC3261-8.2.2.1-3, RFC3261-8.2.2.3-1, RFC3261-8.2.2.3-2,
 * RFC3261-8.2.3-1, RFC3261-8.2.3-2, RFC3261-8.2.3-3, RFC3261-8.2.6.1-2 */
static void what_it_refuses(void **state)
{
	static const struct {
		const char *method, *uri, *lines, *body;
		int status;
		const char *name, *value; /* a field of the answer */
	} rows[] = {
		{"REFER", "sip:alice@h", "Refer-To: <sip:c@h>\n", "", 405, "Allow",
		 "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, PRACK, UPDATE"},
		{"OPTIONS", "http://h/", "", "", 416, "Allow", ""},
		{"OPTIONS", "sip:alice@h", "Require: one, timer, two\n", "", 420, "Unsupported",
		 "one, two"},
		{"MESSAGE", "sip:alice@h", "Content-Type: image/png\n", "x", 415, "Accept",
		 "text/plain"},
		{"INVITE", "sip:alice@h", "Content-Type: application/sdp\nContent-Encoding: zip\n",
		 "x", 415, "Accept-Encoding", "identity"},
		/* in this order */
		{"REFER", "http://h/", "Require: one\n", "", 405, "Unsupported", ""},
		{"OPTIONS", "http://h/", "Require: one\n", "", 416, "Unsupported", ""},
		{"INVITE", "sip:alice@h", "Require: one\nContent-Type: a/b\n", "x", 420, "Accept",
		 ""},
		/* what is not known, or not needed and malformed, does not matter */
		{"OPTIONS", "sip:alice@h", "X-New: 1\nGrist: <>>;;,,\n", "", 200, "Allow",
		 "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, PRACK, UPDATE"},
		{"OPTIONS", "sip:alice@h", "Date: tomorrow\nRetry-After: soon\nWarning: nonsense\n",
		 "", 200, "Unsupported", ""},
	};
	struct rig r;

	rig_init(&r, 1);
	for (unsigned i = 0; i < N(rows); i++) {
		int status;

		ask(&r, rows[i].method, rows[i].uri, NULL, rows[i].lines, rows[i].body);
		status = wire_final(r.peer, 500);
		if (status != rows[i].status)
			fail_msg("row %u: %d", i, status);
		assert_string_equal(wire_header(r.peer, rows[i].name), rows[i].value);
	}
	assert_int_equal(r.phone->ended, 0);
	rig_fini(&r);
}

static void has(struct wire *w, const char *line)
{
	struct str s = wire_text(w);

	if (!memmem(s.p, s.n, line, strlen(line)))
		fail_msg("no %s in\n%.*s", line, (int)s.n, s.p);
}

/* RFC3261-8.2.6.2-1, RFC3261-8.2.6.2-2, RFC3261-8.2.6.2-3, RFC3261-8.2.6.2-4, RFC3261-8.2.6.2-6,
 * RFC3261-8.2.6.2-7, RFC3261-12.1-1, RFC3261-12.1.1-1, RFC3261-12.1.1-2, RFC3261-12.1.1-3,
 * RFC3261-12.1.1-5, RFC3261-13.3.1.1-1, RFC3261-13.3.1.4-1 */
static void every_answer_is_made_from_its_request(void **state)
{
	static const int want[] = {100, 180, 200};
	char tag[128] = "", via[256];
	struct rig r;

	rig_init(&r, 2);
	r.phone->manner = (struct phone_manner){500, 900, 200, 0};
	ask(&r, "INVITE", "sip:alice@h", NULL,
	    "Contact: <sip:bob@h>\nRecord-Route: <sip:p1;lr;x=1>, <sip:p2;lr>\n"
	    "Record-Route: <sip:p3;lr>\nContent-Type: application/sdp\n",
	    KIT_SDP);
	snprintf(via, sizeof(via),
		 "\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKu1\r\n"
		 "Via: SIP/2.0/TCP far.example;branch=z9hG4bKfar;x=\"1;2\"\r\n",
		 r.ip);
	for (unsigned i = 0; i < 3; i++) {
		const char *to;

		assert_int_equal(wire_status(r.peer, 3000), want[i]);
		has(r.peer, via);
		has(r.peer, "\r\nFrom: \"B;o\" <sip:bob@example.com>;tag=b\r\n");
		has(r.peer, "\r\nCall-ID: ask1\r\nCSeq: 7 INVITE\r\n");
		to = wire_header(r.peer, "To");
		if (i == 0) {
			assert_string_equal(to, "<sip:alice@example.com>");
			continue;
		}
		assert_int_equal(strncmp(to, "<sip:alice@example.com>;tag=", 28), 0);
		if (*tag)
			assert_string_equal(to, tag);
		str_to_c(str_c(to), tag, sizeof(tag));
		has(r.peer, "\r\nRecord-Route: <sip:p1;lr;x=1>, <sip:p2;lr>\r\n"
			    "Record-Route: <sip:p3;lr>\r\n");
		has(r.peer, "\r\nContact: <sip:alice@" PHONE_IP ":5060>\r\n");
	}
	has(r.peer, "\r\nAllow: INVITE, ");
	has(r.peer, "\r\nSupported: 100rel, timer\r\n");
	rig_fini(&r);
}

/* RFC3261-12.1.1-4 */
static void sips_makes_the_contact_sips(void **state)
{
	static const struct {
		const char *uri, *lines;
		bool sips;
	} rows[] = {
		{"sips:alice@h", "Contact: <sip:bob@h>\n", true},
		{"sip:alice@h", "Contact: <sips:bob@h>\n", true},
		{"sip:alice@h", "Contact: <sip:bob@h>\nRecord-Route: <sips:p;lr>\n", true},
		{"sip:alice@h", "Contact: <sips:bob@h>\nRecord-Route: <sip:p;lr>\n", false},
		{"sip:alice@h", "Contact: <sip:bob@h>\n", false},
	};

	for (unsigned i = 0; i < N(rows); i++) {
		struct rig r;
		char lines[256];

		rig_init(&r, 3);
		r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 200, 0};
		snprintf(lines, sizeof(lines), "%sContent-Type: application/sdp\n", rows[i].lines);
		ask(&r, "INVITE", rows[i].uri, NULL, lines, KIT_SDP);
		for (unsigned k = 0; k < 2; k++) { /* also when it is repeated */
			assert_int_equal(wire_final(r.peer, 3000), 200);
			assert_int_equal(strncmp(wire_header(r.peer, "Contact"), "<sips:", 6) == 0,
					 rows[i].sips);
		}
		rig_fini(&r);
	}
}

/* One request by two ways: the second is a loop.  RFC3261-8.2.2.2-1, RFC3261-8.2.2.2-2 */
static void a_request_by_two_ways(void **state)
{
	struct rig r;

	rig_init(&r, 4);
	for (unsigned i = 0; i < 2; i++) {
		wire_send(r.peer, KIT_IP,
			  "INVITE sip:echo@example.com SIP/2.0\nVia: SIP/2.0/UDP "
			  "%s:5060;branch=z9hG4bKw%u\n"
			  "Max-Forwards: 70\nFrom: <sip:bob@elsewhere.example>;tag=b\n"
			  "To: <sip:echo@example.com>\nCall-ID: forked\nCSeq: 7 INVITE\n"
			  "Contact: <sip:bob@%s>\nContent-Length: 0\n\n",
			  r.ip, i, r.ip);
		assert_int_equal(wire_final(r.peer, 1000), i ? 482 : 200);
	}
	rig_fini(&r);
}

/* RFC3261-12.2.2-1, RFC3261-15.1.2-1 */
static void requests_of_dialogs_that_are_not(void **state)
{
	static const char *const methods[] = {"BYE", "INVITE", "UPDATE", "INFO", "OPTIONS"};
	struct rig r;

	rig_init(&r, 5);
	for (unsigned i = 0; i < N(methods); i++) {
		wire_send(r.peer, PHONE_IP,
			  "%s sip:alice@h SIP/2.0\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKd%u\n"
			  "Max-Forwards: 70\nFrom: <sip:bob@h>;tag=b\nTo: <sip:alice@h>;tag=gone\n"
			  "Call-ID: gone\nCSeq: 7 %s\nContent-Length: 0\n\n",
			  methods[i], r.ip, i, methods[i]);
		assert_int_equal(wire_final(r.peer, 500), 481);
	}
	rig_fini(&r);
}

/* RFC3261-8.2.2.3-4: what a CANCEL requires does not matter. */
static void a_cancel_is_taken_whatever_it_requires(void **state)
{
	struct rig r;
	char via[128];

	rig_init(&r, 6);
	r.phone->manner = (struct phone_manner){10, PHONE_NEVER, 200, 0};
	ask(&r, "INVITE", "sip:alice@h", "cancel",
	    "Contact: <sip:bob@h>\nContent-Type: application/sdp\n", KIT_SDP);
	assert_int_equal(wire_status(r.peer, 1000), 180);
	snprintf(via, sizeof(via), "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bKu1\n", r.ip);
	wire_send(r.peer, PHONE_IP,
		  "CANCEL sip:alice@h SIP/2.0\n%sMax-Forwards: 70\n"
		  "From: \"B;o\" <sip:bob@example.com>;tag=b\nTo: <sip:alice@example.com>\n"
		  "Call-ID: cancel\nCSeq: 7 CANCEL\nRequire: nothing\nProxy-Require: nothing\n"
		  "Content-Length: 0\n\n",
		  via);
	assert_int_equal(wire_final(r.peer, 1000), 200);
	assert_int_equal(wire_final(r.peer, 1000), 487);
	assert_int_equal(r.phone->last.cause, DLG_CANCELED);
	rig_fini(&r);
}

/* RFC 2543 knew no tags.  RFC3261-12.1.1-11, RFC3261-12.1.1-14, RFC3261-12.2.1.1-5,
 * RFC3261-12.2.1.1-9, RFC3261-8.2.6.2-5 */
static void a_caller_without_a_tag(void **state)
{
	struct rig r;
	char to[128], text[64];

	rig_init(&r, 7);
	r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 200, 1000};
	for (unsigned i = 0; i < 2; i++) {
		wire_send(r.peer, PHONE_IP,
			  "%s sip:alice@h SIP/2.0\nVia: SIP/2.0/UDP %s:5060;branch=old%u\n"
			  "Max-Forwards: 70\nFrom: <sip:bob@example.com>\nTo: %s\nCall-ID: old\n"
			  "CSeq: %u %s\nContact: <sip:bob@%s>\n%sContent-Length: %zu\n\n%s",
			  i ? "INFO" : "INVITE", r.ip, i, i ? to : "<sip:alice@example.com>", 7 + i,
			  i ? "INFO" : "INVITE", r.ip, i ? "" : "Content-Type: application/sdp\n",
			  i ? (size_t)0 : strlen(KIT_SDP), i ? "" : KIT_SDP);
		assert_int_equal(wire_final(r.peer, 200), 200);
		if (i)
			assert_string_equal(wire_header(r.peer, "To"), to);
		str_to_c(str_c(wire_header(r.peer, "To")), to, sizeof(to));
		if (!i)
			wire_send(r.peer, PHONE_IP,
				  "ACK sip:alice@h SIP/2.0\nVia: SIP/2.0/UDP "
				  "%s:5060;branch=olda\n"
				  "Max-Forwards: 70\nFrom: <sip:bob@example.com>\nTo: %s\nCall-ID: "
				  "old\n"
				  "CSeq: 7 ACK\nContent-Length: 0\n\n",
				  r.ip, to);
	}
	assert_true(wire_request(r.peer, "BYE", 3000));
	assert_string_equal(wire_header(r.peer, "To"), "<sip:bob@example.com>");
	assert_true(strtoul(wire_header(r.peer, "CSeq"), NULL, 10) < 1ul << 31);
	snprintf(text, sizeof(text), "%s", wire_header(r.peer, "CSeq"));
	assert_non_null(strstr(text, " BYE"));
	wire_answer(r.peer, 200, "", "");
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_refuses),
		cmocka_unit_test(every_answer_is_made_from_its_request),
		cmocka_unit_test(sips_makes_the_contact_sips),
		cmocka_unit_test(a_request_by_two_ways),
		cmocka_unit_test(requests_of_dialogs_that_are_not),
		cmocka_unit_test(a_cancel_is_taken_whatever_it_requires),
		cmocka_unit_test(a_caller_without_a_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
