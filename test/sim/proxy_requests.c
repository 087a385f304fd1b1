/* What becomes of a request in the proxy, message by message (RFC 3261 s16.2 to s16.6): strangers and
 * users ask, bob's phone and others say what reached them. */
#include "kit.h"

#define BOB_IP "198.51.100.2"
#define CALLER_IP "198.51.100.3"
#define FOREIGN_IP "203.0.113.7"
#define N(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct kit k;
	struct wire *bob; /* a phone of bob@example.com */
	struct wire *caller;
	struct wire *foreign; /* foreign.example: not ours */
	unsigned n;
};

static void rig_bind(struct rig *r, struct wire *w, const char *user, const char *contact)
{
	char password[16], line[512];
	struct buf pb = buf_over(password, sizeof(password)), b = buf_over(line, sizeof(line));
	struct talk t = talk_new(&r->k, w, user);

	buf_fmt(&pb, "pw-%s", user);
	t.password = buf_c(&pb);
	buf_fmt(&b, "Contact: %s\r\n", contact);
	assert_int_equal(talk_register(&t, buf_c(&b)), 200);
}

static void rig_init(struct rig *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->bob = kit_wire(&r->k, "bob");
	r->caller = kit_wire(&r->k, "caller");
	r->foreign = wire_new(&r->k.sim, "foreign", FOREIGN_IP);
	r->k.wire[r->k.n_wires++] = r->foreign;
	sim_zone_a(&r->k.sim, "foreign.example", FOREIGN_IP);
	rig_bind(r, r->bob, "bob", "<sip:bob@" BOB_IP ":5060>");
}

static void rig_fini(struct rig *r)
{
	sim_run(&r->k.sim, 200000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

/* A stranger's request: start line, and lines in place of what `plain` would hold. */
static void ask(struct rig *r, const char *method, const char *uri, const char *lines)
{
	r->n++;
	wire_send(r->caller, KIT_IP,
		  "%s %s SIP/2.0\nVia: SIP/2.0/UDP " CALLER_IP ":5060;branch=z9hG4bKask%u\n"
		  "From: <sip:x@elsewhere.example>;tag=1\nTo: <sip:bob@example.com>\n"
		  "Call-ID: ask%u\nCSeq: 1 %s\n%s\n",
		  method, uri, r->n, r->n, method, lines);
}

/* The request that reached w, and its Request-URI. */
static bool reached(struct wire *w, const char *method, char uri[256])
{
	struct str line;

	if (!wire_request(w, method, 2000))
		return false;
	line = wire_text(w);
	str_split(&line, ' ');
	str_to_c(str_split(&line, ' '), uri, 256);
	return true;
}

/* Drops the first line that starts so; false: there is none. */
static bool drop_line(char *text, const char *start)
{
	for (char *p = text, *end; (end = strchr(p, '\n')); p = end + 1) {
		if (strncmp(p, start, strlen(start)))
			continue;
		memmove(p, end + 1, strlen(end + 1) + 1);
		return true;
	}
	return false;
}

/* ---- the copy (s16.6) ---- */

/* All that a request holds, in its order, as it was written: unknown fields, compact and odd names,
 * fields that nobody could read but that are not the proxy's business, lists, a body that is no text. */
static void copies_all_that_is_not_its_business(void **state)
{
	static const char rest[] =
		"v: SIP/2.0/UDP first.example;branch=z9hG4bKbelow, SIP/2.0/TCP "
		"second.example;branch=z9hG4bKagain;received=192.0.2.99\r\n"
		"From: \"X\" <sip:x@elsewhere.example>;tag=1\r\n"
		"t: <sip:bob@example.com>\r\n"
		"X-First: 1\r\n"
		"cALL-iD: copies\r\n"
		"X-List: a, b\r\n"
		"CSeq: 0007 MESSAGE\r\n"
		"X-List:   c ,d\r\n"
		"Expires: soon, or not\r\n"
		"Date: never\r\n"
		"Record-Route: <sip:up.example;lr>, <sip:further.example;lr>\r\n"
		"Subject: a line\r\n that is folded\r\n"
		"Warning: %%%\r\n"
		"Authorization: Digest username=\"x\", realm=\"elsewhere\", nonce=\"n\", "
		"uri=\"sip:a\", response=\"r\"\r\n"
		"X-List: e\r\n"
		"Content-Type: application/octet-stream\r\n"
		"Content-Length: 9\r\n"
		"\r\n"
		"\x01\r\n\r\n\xff:,\"";
	static const struct {
		const char *top, *hops;
	} rows[] = {{"Max-Forwards: 12\r\n", "Max-Forwards: 11\r\n"}, {"", "Max-Forwards: 70\r\n"}};
	struct rig r;

	rig_init(&r, 1);
	for (unsigned i = 0; i < N(rows); i++) {
		char got[4096], want[4096], via[128];
		struct buf b = buf_over(want, sizeof(want)), vb = buf_over(via, sizeof(via));

		buf_fmt(&vb, "Via: SIP/2.0/UDP " CALLER_IP ":5060;branch=z9hG4bKcopy%u\r\n", i);
		buf_c(&vb);
		wire_send(r.caller, KIT_IP, "MESSAGE sip:bob@example.com SIP/2.0\r\n%s%s%s", via,
			  rows[i].top, rest);
		/* RFC3261-16.3-7 RFC3261-16.3-6 */
		assert_true(wire_request(r.bob, "MESSAGE", 2000));
		str_to_c(wire_text(r.bob), got, sizeof(got));
		/* RFC3261-16.6-39: ours is on top */
		assert_true(wire_has(r.bob, "SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;"));
		assert_true(drop_line(got, "Via:"));
		/* RFC3261-16.6-6 RFC3261-16.6-8 RFC3261-16.6-9 */
		buf_fmt(&b, "MESSAGE sip:bob@" BOB_IP ":5060 SIP/2.0\r\n");
		if (*rows[i].top)
			buf_fmt(&b, "%s%s", via, rows[i].hops);
		else
			buf_fmt(&b, "%s", via);
		buf_puts(&b, str_c(rest));
		if (!*rows[i].top) {
			/* one that was not there is added somewhere among the fields */
			assert_true(wire_has(r.bob, rows[i].hops));
			assert_true(drop_line(got, "Max-Forwards:"));
		}
		/* RFC3261-16.6-1 RFC3261-16.6-2 RFC3261-16.6-3 RFC3261-16.6-4 RFC3261-16.6-5 */
		assert_string_equal(got, buf_c(&b));
		wire_answer(r.bob, 200, "", "");
		assert_int_equal(wire_final(r.caller, 2000), 200);
	}
	rig_fini(&r);
}

/* RFC3261-16.6-7 RFC3261-16.6-6: what may stand in a Contact and not in a Request-URI goes. */
static void makes_a_request_uri_of_a_contact(void **state)
{
	static const struct {
		const char *contact, *want;
	} rows[] = {
		{"<sip:carol@" BOB_IP ":5060;x=1;transport=udp;lr?Subject=hello&Route=x>",
		 "sip:carol@" BOB_IP ":5060;x=1;transport=udp;lr"},
		{"<sip:carol@" BOB_IP ":5060;method=INVITE;x=2>", "sip:carol@" BOB_IP ":5060;x=2"},
		{"<sip:carol@" BOB_IP ";x=3;Method=INVITE?a=b>", "sip:carol@" BOB_IP ";x=3"},
	};
	struct rig r;

	rig_init(&r, 2);
	for (unsigned i = 0; i < N(rows); i++) {
		char uri[256];

		rig_bind(&r, r.bob, "carol", "*\r\nExpires: 0");
		rig_bind(&r, r.bob, "carol", rows[i].contact);
		ask(&r, "MESSAGE", "sip:carol@example.com", "Max-Forwards: 9\n");
		assert_true(reached(r.bob, "MESSAGE", uri));
		assert_string_equal(uri, rows[i].want);
		wire_answer(r.bob, 200, "", "");
		assert_int_equal(wire_final(r.caller, 2000), 200);
	}
	rig_fini(&r);
}

/* ---- validation (s16.3) ---- */

/* RFC3261-16.2-3: also methods that nobody knows */
static void judges_before_it_forwards(void **state)
{
	static const struct {
		const char *method, *uri, *lines;
		int want; /* 200: it reached bob, who said so */
		const char *has; /* in the answer */
	} rows[] = {
		{"FROBNICATE", "sip:bob@example.com", "", 200, NULL}, /* RFC3261-16.3-7 */
		{"MESSAGE", "sip:bob@example.com", "Max-Forwards: 1\n", 200, NULL},
		/* RFC3261-16.3-1 RFC3261-16.3-2 RFC3261-16.3-4 RFC3261-16.3-5: whatever it reads
		 * itself must be readable */
		{"MESSAGE", "sip:bob@example.com", "Max-Forwards: many\n", 400, "Max-Forwards"},
		{"MESSAGE", "sip:bob@example.com", "Route: <sip:\n", 400, "Route"},
		{"MESSAGE", "sip:bob@example.com", "CSeq: 2 MESSAGE\n", 400, "CSeq"},
		{"MESSAGE", "sip:bob@@example.com:5x", "", 400, NULL},
		{"MESSAGE", "sip:bob@example.com", "Record-Route: <sip:a>b>\n", 400, NULL},
		/* RFC3261-16.3-8 */
		{"MESSAGE", "urn:service:sos", "", 416, NULL},
		{"MESSAGE", "http://example.com/", "", 416, NULL},
		/* RFC3261-16.3-9 RFC3261-16.3-10 */
		{"MESSAGE", "sip:bob@example.com", "Max-Forwards: 0\n", 483, NULL},
		{"INVITE", "sip:bob@example.com", "Max-Forwards: 0\n", 483, NULL},
		{"OPTIONS", "sip:bob@example.com", "Max-Forwards: 0\n", 483, NULL},
		/* RFC3261-16.3-11 RFC3261-16.3-12: all of them are named */
		{"MESSAGE", "sip:bob@example.com", "Proxy-Require: one\n", 420, "Unsupported: one"},
		{"INVITE", "sip:bob@example.com",
		 "Proxy-Require: one, two\nX: y\nProxy-Require: three\n", 420,
		 "Unsupported: one, two, three\r\n"},
		/* what a user agent must support is none of our business */
		{"MESSAGE", "sip:bob@example.com", "Require: one\n", 200, NULL},
	};
	struct rig r;

	rig_init(&r, 3);
	for (unsigned i = 0; i < N(rows); i++) {
		bool passed;
		int got;

		ask(&r, rows[i].method, rows[i].uri, rows[i].lines);
		passed = wire_request(r.bob, rows[i].method, 1000);
		if (passed)
			wire_answer(r.bob, 200, "", "");
		got = wire_final(r.caller, 2000);
		if (got != rows[i].want || passed != (got == 200))
			fail_msg("row %u: %d, wanted %d", i, got, rows[i].want);
		if (rows[i].has && !wire_has(r.caller, rows[i].has))
			fail_msg("row %u: %.*s", i, STR_ARG(wire_text(r.caller)));
		/* RFC3261-16.1-1 RFC3261-16.3-2: its own answers are a user agent's (s8.2.6.2) */
		if (!passed)
			assert_non_null(strstr(wire_header(r.caller, "To"), ";tag="));
	}
	rig_fini(&r);
}

/* RFC3261-16.3-3: one request by two ways is for the user agent to tell (s8.2.2.2). */
static void merged_requests_are_no_error(void **state)
{
	struct rig r;

	rig_init(&r, 4);
	for (unsigned i = 0; i < 2; i++)
		wire_send(r.caller, KIT_IP,
			  "MESSAGE sip:bob@example.com SIP/2.0\n"
			  "Via: SIP/2.0/UDP " CALLER_IP ":5060;branch=z9hG4bKway%u\n"
			  "Via: SIP/2.0/UDP origin.example;branch=z9hG4bKorigin\n"
			  "Max-Forwards: 50\nFrom: <sip:x@elsewhere.example>;tag=1\n"
			  "To: <sip:bob@example.com>\nCall-ID: merged\nCSeq: 1 MESSAGE\n\n",
			  i);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(wire_request(r.bob, "MESSAGE", 100));
		wire_answer(r.bob, 200, "", "");
	}
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(wire_final(r.caller, 2000), 200);
	rig_fini(&r);
}

/* ---- route preprocessing (s16.4) and targets (s16.5) ---- */

static void finds_its_target(void **state)
{
	enum who { NOBODY, BOB, FOREIGN };
	static const struct {
		const char *from; /* NULL: a stranger; else that user, who logs in */
		const char *uri, *lines;
		enum who who;
		int want; /* where it reaches nobody */
		const char *request_uri; /* that reached who */
	} rows[] = {
		/* RFC3261-16.5-3: one AoR in many spellings */
		{NULL, "sip:bob@EXAMPLE.com:5060;user=ip", "", BOB, 0, "sip:bob@" BOB_IP ":5060"},
		{NULL, "sip:%62ob:pw@example.com;transport=udp", "", BOB, 0,
		 "sip:bob@" BOB_IP ":5060"},
		/* RFC3261-16.5-11 RFC3261-16.5-12 */
		{NULL, "sip:nobody@example.com", "", NOBODY, 404, NULL},
		{NULL, "sip:dave@example.com", "", NOBODY, 480, NULL},
		/* RFC3261-16.5-2: not ours: as it is */
		{"alice", "sip:x@foreign.example;p=1", "", FOREIGN, 0, "sip:x@foreign.example;p=1"},
		/* RFC3261-16.4-6: our own Route goes, by address and by name */
		{NULL, "sip:bob@example.com", "Route: <sip:192.0.2.1;lr>\r\n", BOB, 0,
		 "sip:bob@" BOB_IP ":5060"},
		{"alice", "sip:bob@example.com", "Route: <sip:example.com;lr>\r\n", BOB, 0,
		 "sip:bob@" BOB_IP ":5060"},
		/* RFC3261-16.6-34 RFC3261-16.6-27: the first Route is where it goes, whatever the
		 * Request-URI */
		{"alice", "sip:bob@example.com",
		 "Route: <sip:192.0.2.1;lr>, <sip:foreign.example;lr>\r\n", FOREIGN, 0,
		 "sip:bob@" BOB_IP ":5060"},
		{"alice", "sip:x@elsewhere.invalid", "Route: <sip:foreign.example;lr>\r\n", FOREIGN,
		 0, "sip:x@elsewhere.invalid"},
		/* RFC3261-16.4-4 RFC3261-16.4-5: a maddr of ours on the port that it came by says
		 * nothing */
		{NULL, "sip:bob@example.com;maddr=192.0.2.1", "", BOB, 0,
		 "sip:bob@" BOB_IP ":5060"},
		{NULL, "sip:bob@example.com:5060;transport=udp;maddr=example.com", "", BOB, 0,
		 "sip:bob@" BOB_IP ":5060"},
		{NULL, "sip:nobody@foreign.example;maddr=192.0.2.1", "", NOBODY, 403, NULL},
		/* RFC3261-16.5-1: any other is the only target */
		{"alice", "sip:bob@example.com;maddr=" FOREIGN_IP, "", FOREIGN, 0,
		 "sip:bob@example.com;maddr=" FOREIGN_IP},
		{NULL, "sip:bob@example.com;maddr=" FOREIGN_IP, "", NOBODY, 403, NULL},
	};
	struct rig r;

	rig_init(&r, 5);
	for (unsigned i = 0; i < N(rows); i++) {
		struct talk t = talk_new(&r.k, r.caller, rows[i].from);
		struct wire *to = rows[i].who == BOB ? r.bob : r.foreign;
		char uri[256];
		int got = 0;

		/* RFC3261-16.4-1 RFC3261-16.4-3: all by the Request-URI, To says bob each time */
		talk_say(&t, "MESSAGE", rows[i].uri, "<sip:bob@example.com>", rows[i].lines, "");
		if (rows[i].from) {
			assert_int_equal(wire_final(r.caller, 1000), 407);
			talk_credentials(&t, "alice", "pw-alice", "MESSAGE", rows[i].uri, 1);
			talk_say(&t, "MESSAGE", rows[i].uri, "<sip:bob@example.com>", rows[i].lines,
				 "");
		}
		if (rows[i].who == NOBODY) {
			got = wire_final(r.caller, 1000);
		} else if (!reached(to, "MESSAGE", uri)) {
			fail_msg("row %u: reached nobody: %.*s", i,
				 STR_ARG(wire_take(r.caller, 0)));
		} else {
			if (strcmp(uri, rows[i].request_uri))
				fail_msg("row %u: %s", i, uri);
			wire_answer(to, 200, "", "");
			assert_int_equal(wire_final(r.caller, 1000), 200);
		}
		if (got != rows[i].want || wire_left(r.bob) || wire_left(r.foreign))
			fail_msg("row %u: %d, wanted %d", i, got, rows[i].want);
	}
	rig_fini(&r);
}

/* A dialog of a stranger's with bob: what the caller learnt. */
struct dialog {
	struct talk t;
	char route[512], to[256];
};

static void set_up(struct rig *r, struct dialog *d)
{
	d->t = talk_new(&r->k, r->caller, NULL);
	talk_say(&d->t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>",
		 "Contact: <sip:x@" CALLER_IP ":5060>\r\n", KIT_SDP);
	assert_true(wire_request(r->bob, "INVITE", 3000));
	wire_answer(r->bob, 200, "Contact: <sip:bob@" BOB_IP ":5060>\n", KIT_SDP);
	assert_int_equal(wire_final(r->caller, 3000), 200);
	str_to_c(str_c(wire_header(r->caller, "Record-Route")), d->route, sizeof(d->route));
	str_to_c(str_c(wire_header(r->caller, "To")), d->to, sizeof(d->to));
	d->t.cseq--;
	talk_say(&d->t, "ACK", "sip:bob@" BOB_IP ":5060", d->to, "", "");
}

/* RFC3261-16.4-2: a strict router before us has put our Record-Route value into the Request-URI, and
 * the true one last. */
static void undoes_strict_routing(void **state)
{
	char own[512], lines[256], uri[256], *end;
	struct dialog d;
	struct rig r;
	struct buf b = buf_over(lines, sizeof(lines));

	rig_init(&r, 6);
	set_up(&r, &d);
	str_to_c(str_c(d.route + 1), own, sizeof(own));
	end = strchr(own, '>');
	assert_non_null(end);
	*end = '\0';
	buf_fmt(&b, "Route: <sip:foreign.example;lr>, <sip:bob@" BOB_IP ":5060;x=y>\r\n");
	d.t.cseq++;
	talk_say(&d.t, "INFO", own, d.to, buf_c(&b), "");
	assert_true(reached(r.foreign, "INFO", uri));
	assert_string_equal(uri, "sip:bob@" BOB_IP ":5060;x=y");
	assert_string_equal(wire_header(r.foreign, "Route"), "<sip:foreign.example;lr>");
	wire_answer(r.foreign, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	rig_fini(&r);
}

/* Asks as alice, who logs in. */
static void ask_as_alice(struct rig *r, struct talk *t, const char *method, const char *uri,
			 const char *lines)
{
	*t = talk_new(&r->k, r->caller, "alice");
	talk_say(t, method, uri, "<sip:bob@example.com>", lines, "");
	assert_int_equal(wire_final(r->caller, 1000), 407);
	talk_credentials(t, "alice", "pw-alice", method, uri, 1);
	talk_say(t, method, uri, "<sip:bob@example.com>", lines, "");
}

/* RFC3261-16.6-27 RFC3261-16.6-28 RFC3261-16.6-29 RFC3261-16.6-30 RFC3261-16.6-33: a strict router behind
 * us finds itself in the Request-URI, and the true one last. */
static void serves_strict_routers(void **state)
{
	struct rig r;
	struct talk t;
	char uri[256];

	rig_init(&r, 7);
	ask_as_alice(&r, &t, "MESSAGE", "sip:x@elsewhere.invalid",
		     "Route: <sip:strict@foreign.example;a=b>, <sip:next.invalid;lr>\r\n");
	assert_true(reached(r.foreign, "MESSAGE", uri));
	assert_string_equal(uri, "sip:strict@foreign.example;a=b");
	assert_true(wire_has(r.foreign, "Route: <sip:next.invalid;lr>\r\n"));
	assert_true(wire_has(r.foreign, "Route: <sip:x@elsewhere.invalid>\r\n"));
	assert_false(wire_has(r.foreign, "Route: <sip:strict"));
	wire_answer(r.foreign, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	rig_fini(&r);
}

/* RFC3261-16.6-22 RFC3261-16.6-23 RFC3261-16.6-24: the Path of a binding is the set of proxies that a
 * request has to visit (RFC 3327 s5.3). */
static void a_path_goes_before_routes(void **state)
{
	struct rig r;
	struct talk t;
	char uri[256];

	rig_init(&r, 8);
	rig_bind(&r, r.bob, "carol",
		 "<sip:carol@" BOB_IP ">\r\nSupported: path\r\n"
		 "Path: <sip:" FOREIGN_IP ";lr>,<sip:inner.example;lr>");
	for (unsigned i = 0; i < 2; i++) {
		ask_as_alice(&r, &t, "MESSAGE", "sip:carol@example.com",
			     i ? "Route: <sip:last.invalid;lr>\r\n" : "");
		assert_true(reached(r.foreign, "MESSAGE", uri));
		assert_string_equal(uri, "sip:carol@" BOB_IP);
		assert_string_equal(wire_header(r.foreign, "Route"),
				    "<sip:" FOREIGN_IP ";lr>, <sip:inner.example;lr>");
		assert_true(wire_has(r.foreign, "Route: <sip:last.invalid;lr>\r\n") == (i == 1));
		wire_answer(r.foreign, 200, "", "");
		assert_int_equal(wire_final(r.caller, 1000), 200);
	}
	rig_fini(&r);
}

/* RFC3261-16.6-25 RFC3261-16.6-31 RFC3261-16.6-32: where the operator sends a call is a target, not a way
 * past the Route that a user has. */
static void routes_of_the_operator_bypass_no_route(void **state)
{
	struct rig r;
	struct talk t;
	char uri[256];

	rig_init(&r, 9);
	assert_int_equal(app_policy_add_route(r.k.server->policy, STR("sip:+*@example.com"),
					      APP_ROUTE_PROXY, STR("sip:" BOB_IP ":5060")),
			 0);
	ask_as_alice(&r, &t, "MESSAGE", "sip:+49@example.com", "");
	assert_true(reached(r.bob, "MESSAGE", uri));
	assert_string_equal(uri, "sip:+49@" BOB_IP ":5060");
	wire_answer(r.bob, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	ask_as_alice(&r, &t, "MESSAGE", "sip:+49@example.com",
		     "Route: <sip:foreign.example;lr>\r\n");
	assert_true(reached(r.foreign, "MESSAGE", uri));
	assert_string_equal(uri, "sip:+49@" BOB_IP ":5060");
	assert_true(wire_has(r.foreign, "Route: <sip:foreign.example;lr>\r\n"));
	assert_int_equal(wire_left(r.bob), 0);
	wire_answer(r.foreign, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	rig_fini(&r);
}

/* A contact that is no SIP URI is told to who asks for it (302), and gets no request. */
static void sends_to_sip_uris_alone(void **state)
{
	static const char *const contacts[] = {"<tel:+4930>", "<mailto:carol@example.com>"};
	struct rig r;

	rig_init(&r, 21);
	for (unsigned i = 0; i < N(contacts); i++) {
		rig_bind(&r, r.bob, "carol", contacts[i]);
		ask(&r, "MESSAGE", "sip:carol@example.com", "");
		assert_int_equal(wire_final(r.caller, 40000), 480);
		assert_int_equal(wire_left(r.bob), 0);
	}
	rig_fini(&r);
}

/* RFC3261-16.5-6: two flows of one device with one URI are one target. */
static void no_target_twice(void **state)
{
	struct rig r;

	rig_init(&r, 10);
	for (unsigned i = 1; i <= 2; i++) {
		char contact[160];
		struct buf b = buf_over(contact, sizeof(contact));

		buf_fmt(&b,
			"<sip:carol@" BOB_IP ":5060%s>;reg-id=%u;+sip.instance=\"<urn:uuid:7>\"",
			i == 2 ? ";x=1" : "", i);
		rig_bind(&r, r.bob, "carol", buf_c(&b));
	}
	assert_int_equal(server_bindings(r.k.server, "carol"), 2);
	ask(&r, "MESSAGE", "sip:carol@example.com", "");
	assert_true(wire_request(r.bob, "MESSAGE", 1000));
	wire_answer(r.bob, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	sim_run(&r.k.sim, 1000);
	assert_int_equal(wire_left(r.bob), 0);
	rig_fini(&r);
}

/* ---- Record-Route (s16.6 step 4) ---- */

/* RFC3261-16.6-10 RFC3261-16.6-12 RFC3261-16.6-13 RFC3261-16.6-14 RFC3261-16.6-20: on top of others, also
 * beside a Route; a loose router's, without a transport; for any method that might make a dialog. */
static void stays_on_the_path(void **state)
{
	static const char *const methods[] = {"INVITE", "SUBSCRIBE", "REFER", "FROBNICATE"};
	struct rig r;
	struct talk t;

	rig_init(&r, 11);
	for (unsigned i = 0; i < N(methods); i++) {
		struct str text, line;

		ask_as_alice(
			&r, &t, methods[i], "sip:x@foreign.example",
			"Contact: <sip:x@" CALLER_IP ">\r\n"
			"Route: <sip:foreign.example;lr>\r\nRecord-Route: <sip:up.example;lr>\r\n");
		assert_true(wire_request(r.foreign, methods[i], 1000));
		text = wire_text(r.foreign);
		do
			line = str_split(&text, '\n');
		while (text.n && !str_starts(line, STR("Record-Route: ")));
		assert_true(str_starts(line, STR("Record-Route: <sip:192.0.2.1:5060;lr")));
		assert_true(str_find(line, 't') == 13 ||
			    !strstr(wire_header(r.foreign, "Record-Route"), "transport"));
		do
			line = str_split(&text, '\n');
		while (text.n && !str_starts(line, STR("Record-Route: ")));
		assert_true(str_starts(line, STR("Record-Route: <sip:up.example;lr>")));
		wire_answer(r.foreign, 486, "", "");
		assert_int_equal(wire_final(r.caller, 1000), 486);
		t.credentials[0] = '\0';
		if (!i)
			talk_repeat(&t, "ACK", "sip:x@foreign.example",
				    wire_header(r.caller, "To"));
	}
	rig_fini(&r);
}

/* RFC3261-16.6-11 RFC3261-16.6-15: what we said leads back to us, and is said anew in the dialog. */
static void stays_on_the_path_of_a_dialog(void **state)
{
	struct dialog d;
	struct rig r;
	char lines[640], uri[256];
	struct buf b = buf_over(lines, sizeof(lines));

	rig_init(&r, 12);
	set_up(&r, &d);
	assert_true(strstr(d.route, "<sip:192.0.2.1:5060;lr") == d.route);
	buf_fmt(&b, "Route: %s\r\nContact: <sip:x@" CALLER_IP ":5060>\r\n", d.route);
	d.t.cseq++;
	talk_say(&d.t, "INVITE", "sip:bob@" BOB_IP ":5060", d.to, buf_c(&b), KIT_SDP);
	assert_true(reached(r.bob, "INVITE", uri));
	assert_string_equal(uri, "sip:bob@" BOB_IP ":5060");
	assert_string_equal(wire_header(r.bob, "Route"), "");
	assert_string_equal(wire_header(r.bob, "Record-Route"), d.route);
	wire_answer(r.bob, 488, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 488);
	talk_repeat(&d.t, "ACK", "sip:bob@" BOB_IP ":5060", d.to);
	rig_fini(&r);
}

/* RFC3261-16.6-21: a user agent keeps what it learns to the dialog. */
static void an_endpoint_uses_it_in_its_dialog_alone(void **state)
{
	struct phone_plan plan = {.hold_ms = 2000};
	struct phone *alice;
	struct rig r;

	rig_init(&r, 20);
	alice = phone_new(&r.k.sim, "alice", "x", "far.example", "198.51.100.9", CALLER_IP,
			  TRANSPORT_UDP);
	r.k.phone[r.k.n_phones++] = alice;
	alice->no_media = true;
	phone_start(alice);
	for (unsigned i = 0; i < 2; i++) {
		assert_non_null(phone_call(alice, "sip:bob@far.example", &plan));
		assert_true(wire_request(r.caller, "INVITE", 1000));
		assert_false(wire_has(r.caller, "learnt"));
		wire_answer(r.caller, 200,
			    "Record-Route: <sip:" CALLER_IP ";lr;learnt>\n"
			    "Contact: <sip:bob@" BOB_IP ">\n",
			    KIT_SDP);
		assert_true(wire_request(r.caller, "BYE", 5000));
		assert_true(wire_has(r.caller, "Route: <sip:" CALLER_IP ";lr;learnt>"));
		wire_answer(r.caller, 200, "", "");
		kit_wait_ended(&r.k, alice, i + 1, 5000);
	}
	rig_fini(&r);
}

/* ---- sips: ---- */

static void rig_init_tls(struct rig *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	kit_init_stopped(&r->k, seed);
	sim_listen(r->k.server->node, TRANSPORT_TLS, 5061);
	server_start(r->k.server);
	r->bob = kit_wire(&r->k, "bob");
	r->caller = kit_wire(&r->k, "caller");
	r->foreign = wire_new(&r->k.sim, "foreign", FOREIGN_IP);
	r->k.wire[r->k.n_wires++] = r->foreign;
	sim_zone_a(&r->k.sim, "foreign.example", FOREIGN_IP);
	wire_secure(r->bob);
	wire_secure(r->foreign);
}

/* RFC3261-16.6-16 RFC3261-16.6-17: over TLS, and our Record-Route says so, though it came by UDP. */
static void sips_goes_over_tls_alone(void **state)
{
	struct rig r;
	struct talk t;
	char uri[256];

	rig_init_tls(&r, 13);
	rig_bind(&r, r.bob, "bob", "<sips:bob@" BOB_IP ":5061>");
	rig_bind(&r, r.bob, "carol", "<sip:carol@" BOB_IP ":5060>");
	ask(&r, "INVITE", "sips:bob@example.com", "Contact: <sips:x@" CALLER_IP ">\n");
	assert_true(reached(r.bob, "INVITE", uri));
	assert_string_equal(uri, "sips:bob@" BOB_IP ":5061");
	assert_true(wire_has(r.bob, "Via: SIP/2.0/TLS 192.0.2.1:5061;"));
	assert_true(wire_has(r.bob, "Record-Route: <sips:192.0.2.1:5061;lr"));
	wire_answer(r.bob, 486, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 486);
	/* nor by the datagrams that a phone has registered with */
	rig_bind(&r, r.bob, "dave", "<sips:dave@" BOB_IP ">");
	ask(&r, "MESSAGE", "sips:dave@example.com", "");
	assert_true(wire_request(r.bob, "MESSAGE", 1000));
	assert_true(wire_has(r.bob, "Via: SIP/2.0/TLS 192.0.2.1:5061;"));
	wire_answer(r.bob, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	/* to a phone that has no sips: it does not go at all (RFC 5630 s5.3) */
	ask(&r, "MESSAGE", "sips:carol@example.com", "");
	assert_int_equal(wire_final(r.caller, 1000), 480);
	/* RFC3261-16.6-26 RFC3261-16.6-35: nor to a next hop in the clear */
	ask_as_alice(&r, &t, "MESSAGE", "sips:x@elsewhere.invalid",
		     "Route: <sip:foreign.example;lr>\r\n");
	assert_true(wire_request(r.foreign, "MESSAGE", 1000));
	assert_true(wire_has(r.foreign, "Via: SIP/2.0/TLS 192.0.2.1:5061;"));
	wire_answer(r.foreign, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	sim_run(&r.k.sim, 200000);
	kit_fini(&r.k);
}

/* RFC3261-16.6-18: it came over TLS and goes on in the clear. */
static void no_sips_in_what_goes_on_in_the_clear(void **state)
{
	struct rig r;
	struct talk t;

	rig_init_tls(&r, 14);
	wire_secure(r.caller);
	rig_bind(&r, r.bob, "bob", "<sip:bob@" BOB_IP ":5060>");
	t = talk_new(&r.k, r.caller, NULL);
	t.stream = true;
	talk_say(&t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>",
		 "Contact: <sip:x@" CALLER_IP ";transport=tls>\r\n", KIT_SDP);
	assert_true(wire_request(r.bob, "INVITE", 1000));
	assert_true(strstr(wire_header(r.bob, "Record-Route"), "<sip:192.0.2.1:5060;lr") ==
		    wire_header(r.bob, "Record-Route"));
	assert_false(wire_has(r.bob, "sips:"));
	wire_answer(r.bob, 486, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 486);
	sim_run(&r.k.sim, 200000);
	kit_fini(&r.k);
}

/* ---- sending (s16.6 steps 7 to 11) ---- */

/* RFC3261-16.6-36 RFC3261-16.6-37 RFC3261-16.6-38: the hosts of a domain in their order, a transaction and
 * a branch each. */
static void tries_one_host_after_another(void **state)
{
	char first[512];
	struct rig r;
	struct talk t;

	rig_init(&r, 15);
	sim_zone_srv(&r.k.sim, "_sip._udp.two.example", 1, 1, 5060, "dead.two.example");
	sim_zone_srv(&r.k.sim, "_sip._udp.two.example", 2, 1, 5060, "busy.two.example");
	sim_zone_srv(&r.k.sim, "_sip._udp.two.example", 3, 1, 5060, "good.two.example");
	sim_zone_a(&r.k.sim, "dead.two.example", "203.0.113.99");
	sim_zone_a(&r.k.sim, "busy.two.example", FOREIGN_IP);
	sim_zone_a(&r.k.sim, "good.two.example", BOB_IP);
	ask_as_alice(&r, &t, "MESSAGE", "sip:x@two.example", "");
	assert_true(wire_request(r.foreign, "MESSAGE", 40000));
	assert_int_equal(wire_left(r.bob), 0);
	str_to_c(str_c(wire_header(r.foreign, "Via")), first, sizeof(first));
	wire_answer(r.foreign, 503, "", "");
	assert_true(wire_request(r.bob, "MESSAGE", 1000));
	assert_string_not_equal(first, wire_header(r.bob, "Via"));
	wire_answer(r.bob, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	rig_fini(&r);
}

/* RFC3261-16.6-46: a datagram's end says how long the body is, a stream's does not. */
static void streams_get_a_content_length(void **state)
{
	struct rig r;
	struct talk t;

	rig_init(&r, 16);
	t = talk_new(&r.k, r.bob, "carol");
	t.password = "pw-carol";
	t.stream = true;
	assert_int_equal(talk_register(&t, "Contact: <sip:carol@" BOB_IP ";transport=tcp>\r\n"),
			 200);
	ask(&r, "MESSAGE", "sip:carol@example.com", "Content-Type: text/plain\n\nseven!!");
	assert_true(wire_request(r.bob, "MESSAGE", 1000));
	/* the empty line of ask() is body too */
	assert_string_equal(wire_header(r.bob, "Content-Length"), "9");
	wire_answer(r.bob, 200, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 200);
	rig_fini(&r);
}

/* RFC3261-16.2-1 RFC3261-16.2-2 RFC3261-16.6-47 RFC3261-16.1-3: with state: INVITE is heard of at once, and
 * what came by a connection is sent again where nothing else makes sure of it. */
static void makes_sure_that_it_arrives(void **state)
{
	static const char *const methods[] = {"INVITE", "MESSAGE"};
	struct rig r;

	rig_init(&r, 17);
	for (unsigned i = 0; i < N(methods); i++) {
		struct talk t = talk_new(&r.k, r.caller, NULL);
		unsigned copies = 0;

		t.stream = true;
		talk_say(&t, methods[i], "sip:bob@example.com", "<sip:bob@example.com>", "", "");
		assert_int_equal(wire_status(r.caller, 400), i ? -1 : 100);
		sim_run(&r.k.sim, 3000);
		while (!str_empty(wire_take(r.bob, 0)))
			copies++;
		assert_int_equal(copies, 3);
		assert_int_equal(wire_left(r.caller), 0);
		sim_run(&r.k.sim, 60000);
		while (!str_empty(wire_take(r.bob, 0)) || !str_empty(wire_take(r.caller, 0)))
			;
	}
	rig_fini(&r);
}

/* The end of our branch that tells what decided on the request's way. */
static void loop_part(struct wire *w, char ret[16])
{
	const char *at = strstr(wire_header(w, "Via"), "branch=z9hG4bK"), *l = strstr(at, ".l");

	/* RFC3261-16.6-40 RFC3261-16.6-41: two parts, the first unique and with the cookie */
	assert_non_null(at);
	assert_non_null(l);
	str_to_c(str_first(str_c(l + 2), strcspn(l + 2, ";")), ret, 16);
}

static void branch_of(struct rig *r, unsigned n, const char *method, const char *uri,
		      const char *lines, char ret[16])
{
	wire_send(r->caller, KIT_IP,
		  "%s %s SIP/2.0\nVia: SIP/2.0/UDP " CALLER_IP ":5060;branch=z9hG4bKloop%u\n"
		  "From: <sip:x@elsewhere.example>;tag=1\nTo: <sip:bob@example.com>\n"
		  "Call-ID: loops\nCSeq: 1 %s\nMax-Forwards: 9\n%s\n",
		  method, uri, n, method, lines);
	assert_true(wire_request(r->bob, method, 1000));
	loop_part(r->bob, ret);
	wire_answer(r->bob, 486, "", "");
	assert_int_equal(wire_final(r->caller, 1000), 486);
}

/* RFC3261-16.6-42 RFC3261-16.6-43 RFC3261-16.6-44: what decides is in it, the method is not.  (A
 * Proxy-Require that is not empty goes no further.) */
static void branches_tell_loops(void **state)
{
	static const struct {
		const char *method, *uri, *lines;
		bool same; /* as the first */
	} rows[] = {
		{"MESSAGE", "sip:bob@example.com", "", true},
		{"INFO", "sip:bob@example.com", "", true},
		{"MESSAGE", "sip:bob@example.com;x=1", "", false},
		{"MESSAGE", "sip:bob@example.com",
		 "Proxy-Authorization: Digest "
		 "username=\"x\",realm=\"other\",nonce=\"n\",uri=\"sip:a\","
		 "response=\"r\"\n",
		 false},
	};
	char first[16], other[16];
	struct rig r;

	rig_init(&r, 18);
	branch_of(&r, 100, rows[0].method, rows[0].uri, rows[0].lines, first);
	for (unsigned i = 0; i < N(rows); i++) {
		branch_of(&r, i, rows[i].method, rows[i].uri, rows[i].lines, other);
		if (!strcmp(first, other) != rows[i].same)
			fail_msg("row %u: %s and %s", i, first, other);
	}
	rig_fini(&r);
}

/* RFC3261-16.6-45 */
static void acks_and_cancels_have_the_branch_of_their_invite(void **state)
{
	char via[512], invite[4096];
	struct rig r;
	struct talk t;

	rig_init(&r, 19);
	t = talk_new(&r.k, r.caller, NULL);
	talk_say(&t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	assert_true(wire_request(r.bob, "INVITE", 1000));
	str_to_c(wire_text(r.bob), invite, sizeof(invite));
	str_to_c(str_c(wire_header(r.bob, "Via")), via, sizeof(via));
	wire_answer(r.bob, 180, "", "");
	sim_run(&r.k.sim, 100);
	talk_repeat(&t, "CANCEL", "sip:bob@example.com", "<sip:bob@example.com>");
	assert_true(wire_request(r.bob, "CANCEL", 1000));
	assert_string_equal(wire_header(r.bob, "Via"), via);
	wire_answer(r.bob, 200, "", "");
	wire_remember(r.bob, KIT_IP, invite);
	wire_answer(r.bob, 487, "", "");
	assert_true(wire_request(r.bob, "ACK", 1000));
	assert_string_equal(wire_header(r.bob, "Via"), via);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_all_that_is_not_its_business),
		cmocka_unit_test(makes_a_request_uri_of_a_contact),
		cmocka_unit_test(judges_before_it_forwards),
		cmocka_unit_test(merged_requests_are_no_error),
		cmocka_unit_test(finds_its_target),
		cmocka_unit_test(undoes_strict_routing),
		cmocka_unit_test(serves_strict_routers),
		cmocka_unit_test(a_path_goes_before_routes),
		cmocka_unit_test(routes_of_the_operator_bypass_no_route),
		cmocka_unit_test(sends_to_sip_uris_alone),
		cmocka_unit_test(no_target_twice),
		cmocka_unit_test(stays_on_the_path),
		cmocka_unit_test(stays_on_the_path_of_a_dialog),
		cmocka_unit_test(an_endpoint_uses_it_in_its_dialog_alone),
		cmocka_unit_test(sips_goes_over_tls_alone),
		cmocka_unit_test(no_sips_in_what_goes_on_in_the_clear),
		cmocka_unit_test(tries_one_host_after_another),
		cmocka_unit_test(streams_get_a_content_length),
		cmocka_unit_test(makes_sure_that_it_arrives),
		cmocka_unit_test(branches_tell_loops),
		cmocka_unit_test(acks_and_cancels_have_the_branch_of_their_invite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
