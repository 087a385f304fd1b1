/* What becomes of responses in the proxy (RFC 3261 s16.7 to s16.10): what goes upstream at once, what is
 * chosen in the end, where it leads to new branches, and when a branch ends by itself. */
#include "kit.h"

#define CALLER_IP "198.51.100.2"
#define PHONES 3
#define N(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct kit k;
	struct wire *caller;
	struct wire *bob[PHONES];
	char invite[PHONES][4096]; /* that each phone has */
	struct talk t;
};

static void bind_to(struct rig *r, struct wire *w, const char *user, const char *contact)
{
	char password[16], line[256];
	struct buf pb = buf_over(password, sizeof(password)), b = buf_over(line, sizeof(line));
	struct talk t = talk_new(&r->k, w, user);

	buf_fmt(&pb, "pw-%s", user);
	t.password = buf_c(&pb);
	buf_fmt(&b, "Contact: %s\r\n", contact);
	assert_int_equal(talk_register(&t, buf_c(&b)), 200);
}

static void rig_init(struct rig *r, uint64_t seed, unsigned phones)
{
	static const char *const names[] = {"bob0", "bob1", "bob2"};

	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->caller = kit_wire(&r->k, "caller");
	for (unsigned i = 0; i < PHONES; i++) {
		char contact[64], ip[ADDR_TEXT_MAX];
		struct buf b = buf_over(contact, sizeof(contact));

		r->bob[i] = kit_wire(&r->k, names[i]);
		buf_fmt(&b, "<sip:%s@%s:5060>", names[i], kit_ip(r->bob[i], ip));
		if (i < phones)
			bind_to(r, r->bob[i], "bob", buf_c(&b));
	}
}

static void rig_fini(struct rig *r)
{
	sim_run(&r->k.sim, 300000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

/* The phones have their INVITE. */
static void call(struct rig *r, const char *uri, unsigned phones)
{
	r->t = talk_new(&r->k, r->caller, NULL);
	talk_say(&r->t, "INVITE", uri, "<sip:bob@example.com>",
		 "Contact: <sip:x@" CALLER_IP ":5060>\r\n", KIT_SDP);
	for (unsigned i = 0; i < phones; i++) {
		assert_true(wire_request(r->bob[i], "INVITE", 1000));
		str_to_c(wire_text(r->bob[i]), r->invite[i], sizeof(r->invite[i]));
	}
	assert_int_equal(wire_status(r->caller, 1000), 100);
}

static void says(struct rig *r, unsigned i, unsigned status, const char *lines)
{
	wire_remember(r->bob[i], KIT_IP, r->invite[i]);
	wire_answer(r->bob[i], status, lines, "");
	sim_run(&r->k.sim, 100);
}

static void acknowledge(struct rig *r)
{
	char to[256];

	str_to_c(str_c(wire_header(r->caller, "To")), to, sizeof(to));
	talk_repeat(&r->t, "ACK", "sip:bob@example.com", to);
}

/* The final answer, acknowledged. */
static int end_of_call(struct rig *r)
{
	int status = wire_final(r->caller, 40000);

	if (status >= 300)
		acknowledge(r);
	return status;
}

/* ---- as it is ---- */

/* Lines of the request whose names begin so, as they came. */
static void copy_lines(struct buf *b, struct str text, const char *name)
{
	while (text.n) {
		struct str line = str_split(&text, '\n');

		if (str_istarts(line, str_c(name)))
			buf_fmt(b, "%.*s\n", STR_ARG(line));
	}
}

/* Each response of a phone's goes upstream without our Via and without any other change: fields that nobody
 * knows or could read, their order, parameters of the Vias below, To with a tag or without, the body. */
static void passes_on_what_it_is_given(void **state)
{
	static const struct {
		const char *line, *tag;
	} rows[] = {
		/* RFC3261-16.7-13 RFC3261-16.7-29: none is put in */
		{"180 Ringing", ""},
		{"183 On the way", ";tag=one"},
		/* RFC3261-16.7-30: of any branch */
		{"199 Early Dialog Terminated", ";tag=two;x=y"},
		/* RFC3261-16.7-31 (and for a request with a tag RFC3261-16.7-32, below) */
		{"404 Nobody \"here\"", ";TAG=three"},
	};
	struct rig r;

	rig_init(&r, 1, 1);
	call(&r, "sip:bob@example.com", 1);
	for (unsigned i = 0; i < N(rows); i++) {
		char text[4096], *want;
		struct buf b = buf_over(text, sizeof(text));
		struct str invite = str_c(r.invite[0]);

		buf_fmt(&b, "SIP/2.0 %s\r\n", rows[i].line);
		copy_lines(&b, invite, "Via:");
		buf_fmt(&b, "X-Odd: %%%%\r\nContact: <sip:b@x>;q=2\r\n");
		copy_lines(&b, invite, "From:");
		copy_lines(&b, invite, "Call-ID:");
		buf_fmt(&b, "To: <sip:bob@example.com>%s\r\nDate: never\r\n", rows[i].tag);
		copy_lines(&b, invite, "Record-Route:");
		copy_lines(&b, invite, "CSeq:");
		buf_fmt(&b, "Warning: ?\r\nContent-Length: 5\r\n\r\n\x01\r\n\xff=");
		buf_c(&b);
		wire_remember(r.bob[0], KIT_IP, r.invite[0]);
		wire_reply(r.bob[0], text);
		assert_true(wire_status(r.caller, 1000) > 100);
		/* RFC3261-16.7-3 RFC3261-16.7-39 RFC3261-16.7-40 RFC3261-16.7-41 RFC3261-16.7-18
		 * RFC3261-16.7-28 */
		want = strstr(text, "\r\nVia:") + 2;
		memmove(want, strstr(want, "\r\n") + 2, strlen(strstr(want, "\r\n") + 2) + 1);
		assert_int_equal(strncmp(wire_text(r.caller).p, text, strlen(text)), 0);
		assert_int_equal(wire_text(r.caller).n, strlen(text));
		assert_true(wire_has(r.caller, ";received=" CALLER_IP) || !strstr(text, "received"));
	}
	acknowledge(&r);
	rig_fini(&r);
}

/* RFC3261-16.7-32 */
static void keeps_the_tag_of_a_dialog(void **state)
{
	struct rig r;
	struct talk t;

	rig_init(&r, 2, 1);
	t = talk_new(&r.k, r.caller, NULL);
	talk_say(&t, "MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>;tag=theirs", "", "");
	assert_true(wire_request(r.bob[0], "MESSAGE", 1000));
	wire_answer(r.bob[0], 481, "", "");
	assert_int_equal(wire_final(r.caller, 1000), 481);
	assert_string_equal(wire_header(r.caller, "To"), "<sip:bob@example.com>;tag=theirs");
	rig_fini(&r);
}

/* RFC3261-16.7-6: nothing below our Via: it was for us, and goes nowhere. */
static void what_is_for_us_goes_nowhere(void **state)
{
	struct rig r;
	char text[2048];
	struct buf b = buf_over(text, sizeof(text));
	struct str invite;

	rig_init(&r, 3, 1);
	call(&r, "sip:bob@example.com", 1);
	invite = str_c(r.invite[0]);
	buf_fmt(&b, "SIP/2.0 180 Ringing\r\n");
	buf_fmt(&b, "Via: %s\r\n", wire_header(r.bob[0], "Via"));
	copy_lines(&b, invite, "From:");
	copy_lines(&b, invite, "To:");
	copy_lines(&b, invite, "Call-ID:");
	copy_lines(&b, invite, "CSeq:");
	buf_fmt(&b, "Content-Length: 0\r\n\r\n");
	wire_reply(r.bob[0], buf_c(&b));
	sim_run(&r.k.sim, 1000);
	assert_int_equal(wire_left(r.caller), 0);
	says(&r, 0, 180, "");
	assert_int_equal(wire_status(r.caller, 1000), 180);
	says(&r, 0, 486, "");
	assert_int_equal(end_of_call(&r), 486);
	rig_fini(&r);
}

/* ---- what is chosen ---- */

/* RFC3261-16.1-2 RFC3261-16.7-19 RFC3261-16.7-20 RFC3261-16.7-22: one answer when all have refused, the best of what there
 * is. */
static void the_best_of_them(void **state)
{
	static const struct {
		unsigned status[PHONES];
		int want;
	} rows[] = {
		/* RFC3261-16.7-24: the lowest class */
		{{500, 404, 580}, 404},
		{{404, 302, 486}, 302},
		{{500, 513, 305}, 305},
		/* RFC3261-16.7-25: what tells how to ask again */
		{{404, 401, 486}, 401},
		{{486, 480, 407}, 407},
		{{415, 404, 486}, 415},
		{{486, 404, 420}, 420},
		{{404, 484, 403}, 484},
		/* RFC3261-16.7-23: 6xx before all, whatever came first */
		{{302, 486, 604}, 604},
		{{401, 606, 500}, 606},
		/* RFC3261-16.7-26: what is about one next hop is not said of us */
		{{503, 486, 503}, 486},
		{{503, 503, 500}, 500},
		{{503, 599, 503}, 599},
		/* RFC3261-16.7-27 */
		{{503, 503, 503}, 500},
	};
	struct rig r;

	rig_init(&r, 4, PHONES);
	for (unsigned i = 0; i < N(rows); i++) {
		int got;

		call(&r, "sip:bob@example.com", PHONES);
		for (unsigned k = 0; k < PHONES; k++) {
			/* RFC3261-16.7-16 RFC3261-16.7-17: no sooner; a 100 never */
			assert_int_equal(wire_left(r.caller), 0);
			if (k == 0)
				says(&r, k, 100, "");
			says(&r, k, rows[i].status[k], "");
		}
		got = end_of_call(&r);
		if (got != rows[i].want)
			fail_msg("row %u: %d, wanted %d", i, got, rows[i].want);
		sim_run(&r.k.sim, 40000);
		/* RFC3261-16.7-16: and no other after it */
		assert_int_equal(wire_left(r.caller), 0);
		for (unsigned k = 0; k < PHONES; k++) {
			while (!str_empty(wire_take(r.bob[k], 0)))
				;
		}
	}
	rig_fini(&r);
}

/* RFC3261-16.7-33 RFC8760-2.5-1 RFC8760-2.5-2 RFC3261-22.3-3 RFC3261-22.3-11: the challenges of all, as
 * they were, those of one phone in its order. */
static void challenges_are_gathered(void **state)
{
	static const char *const of[PHONES] = {
		"Proxy-Authenticate: Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256\n"
		"WWW-Authenticate: Digest realm=\"aa\", nonce=\"2\"\n"
		"Proxy-Authenticate: Digest realm=\"a\",nonce=\"3\",algorithm=MD5\n",
		"X: y\n",
		"WWW-Authenticate: Digest realm=\"c\",  nonce=\"4\", algorithm=SHA-256, x=y\n"
		"WWW-Authenticate: Digest realm=\"c\", nonce=\"5\", algorithm=MD5\n",
	};
	static const unsigned status[PHONES] = {407, 404, 401};
	static const char *const in_order[] = {
		"Proxy-Authenticate: Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256\r\n",
		"Proxy-Authenticate: Digest realm=\"a\",nonce=\"3\",algorithm=MD5\r\n",
		NULL,
		"WWW-Authenticate: Digest realm=\"c\",  nonce=\"4\", algorithm=SHA-256, x=y\r\n",
		"WWW-Authenticate: Digest realm=\"c\", nonce=\"5\", algorithm=MD5\r\n",
		NULL,
		"WWW-Authenticate: Digest realm=\"aa\", nonce=\"2\"\r\n"};
	struct rig r;
	const char *at;

	rig_init(&r, 5, PHONES);
	call(&r, "sip:bob@example.com", PHONES);
	for (unsigned k = 0; k < PHONES; k++)
		says(&r, k, status[k], of[k]);
	assert_in_range(wire_final(r.caller, 1000), 401, 407);
	at = wire_text(r.caller).p;
	for (unsigned i = 0; i < N(in_order); i++) {
		at = in_order[i] ? strstr(at, in_order[i]) : wire_text(r.caller).p;
		if (!at)
			fail_msg("missing or out of order: %s", in_order[i]);
	}
	acknowledge(&r);
	rig_fini(&r);
}

/* ---- after the final one ---- */

/* RFC3261-16.7-15 RFC3261-16.7-44: every 2xx of an INVITE, and nothing else; RFC3261-16.7-45: the others
 * hear CANCEL.  RFC3261-16.7-2 */
static void each_2xx_goes_upstream(void **state)
{
	struct rig r;

	rig_init(&r, 6, PHONES);
	call(&r, "sip:bob@example.com", PHONES);
	for (unsigned k = 0; k < PHONES; k++)
		says(&r, k, 180, "");
	says(&r, 0, 200, "Contact: <sip:bob@198.51.100.3>\n");
	for (unsigned k = 0; k < PHONES; k++)
		assert_int_equal(wire_status(r.caller, 1000), 180);
	assert_int_equal(wire_status(r.caller, 1000), 200);
	for (unsigned k = 1; k < PHONES; k++)
		assert_true(wire_request(r.bob[k], "CANCEL", 1000));
	says(&r, 1, 183, "");
	says(&r, 1, 200, "Contact: <sip:bob@198.51.100.4>\n");
	says(&r, 2, 486, "");
	says(&r, 0, 200, "Contact: <sip:bob@198.51.100.3>\n");
	assert_int_equal(wire_status(r.caller, 1000), 200);
	assert_non_null(strstr(wire_header(r.caller, "To"), "tag=bob1"));
	assert_int_equal(wire_status(r.caller, 1000), 200);
	assert_non_null(strstr(wire_header(r.caller, "To"), "tag=bob0"));
	sim_run(&r.k.sim, 10000);
	assert_int_equal(wire_left(r.caller), 0);
	rig_fini(&r);
}

/* RFC3261-16.7-42: by the server transaction, which says it again to who asks again. */
static void the_server_transaction_repeats_it(void **state)
{
	struct rig r;

	rig_init(&r, 7, 1);
	call(&r, "sip:bob@example.com", 1);
	says(&r, 0, 180, "");
	assert_int_equal(wire_status(r.caller, 1000), 180);
	talk_repeat(&r.t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>");
	assert_int_equal(wire_status(r.caller, 400), 180);
	says(&r, 0, 486, "");
	assert_int_equal(wire_status(r.caller, 100), 486);
	assert_int_equal(wire_status(r.caller, 1000), 486); /* timer G */
	acknowledge(&r);
	rig_fini(&r);
}

/* RFC3261-16.7-14 RFC3261-16.7-46: after a 6xx the others end, and none begins. */
static void a_decline_ends_all(void **state)
{
	struct rig r;
	char contact[128], ip[ADDR_TEXT_MAX];
	struct buf b = buf_over(contact, sizeof(contact));

	rig_init(&r, 8, 2);
	r.k.server->policy->recurse = true;
	call(&r, "sip:bob@example.com", 2);
	says(&r, 0, 180, "");
	assert_int_equal(wire_status(r.caller, 1000), 180);
	says(&r, 1, 603, "");
	assert_int_equal(wire_left(r.caller), 0);
	assert_true(wire_request(r.bob[0], "CANCEL", 1000));
	buf_fmt(&b, "Contact: <sip:c@%s>\n", kit_ip(r.bob[2], ip));
	says(&r, 0, 302, buf_c(&b));
	assert_int_equal(end_of_call(&r), 603);
	assert_int_equal(wire_left(r.bob[2]), 0);
	rig_fini(&r);
}

/* ---- recursion (s16.7 step 4, s16.5) ---- */

/* A 302 of the first phone with these contacts ("%s": the address of the third); what the third refuses
 * with, and what the caller hears. */
static void follows_contacts(void **state)
{
	static const struct {
		const char *uri; /* asked for */
		const char *contacts;
		bool tried; /* the third phone is */
		int want;
		const char *contact; /* in the answer; NULL: there is none */
	} rows[] = {
		/* RFC3261-16.7-9: all are followed: the 302 counts no more.  RFC3261-16.5-10: once */
		{"sip:bob@example.com", "<sip:c@%s>, <sip:c@%s>", true, 486, NULL},
		/* RFC3261-16.7-7: what was followed is not in it any more */
		{"sip:bob@example.com", "<sip:c@%s>, <mailto:b@x>", true, 302, "<mailto:b@x>"},
		{"sip:bob@example.com", "<mailto:b@x>", false, 302, "<mailto:b@x>"},
		/* RFC3261-16.5-7: not where the Request-URI is not ours */
		{"sip:bob0@198.51.100.3:5060", "<sip:c@%s>", false, 302, "<sip:c@198.51.100.5>"},
	};
	struct rig r;

	rig_init(&r, 9, 1);
	r.k.server->policy->recurse = true;
	for (unsigned i = 0; i < N(rows); i++) {
		char lines[256], ip[ADDR_TEXT_MAX];
		struct buf b = buf_over(lines, sizeof(lines));
		int got;

		kit_ip(r.bob[2], ip);
		buf_fmt(&b, "Contact: ");
		buf_fmt(&b, rows[i].contacts, ip, ip);
		buf_fmt(&b, "\n");
		r.t = talk_new(&r.k, r.caller, "alice");
		talk_say(&r.t, "INVITE", rows[i].uri, "<sip:bob@example.com>", "", "");
		assert_int_equal(end_of_call(&r), 407);
		talk_credentials(&r.t, "alice", "pw-alice", "INVITE", rows[i].uri, 1);
		talk_say(&r.t, "INVITE", rows[i].uri, "<sip:bob@example.com>", "", "");
		r.t.credentials[0] = '\0';
		assert_true(wire_request(r.bob[0], "INVITE", 1000));
		wire_answer(r.bob[0], 302, buf_c(&b), "");
		if (rows[i].tried) {
			assert_true(wire_request(r.bob[2], "INVITE", 1000));
			wire_answer(r.bob[2], 486, "", "");
			assert_true(wire_request(r.bob[2], "ACK", 1000));
		}
		got = end_of_call(&r);
		if (got != rows[i].want || strcmp(wire_header(r.caller, "Contact"),
						  rows[i].contact ? rows[i].contact : ""))
			fail_msg("row %u: %d, Contact: %s", i, got,
				 wire_header(r.caller, "Contact"));
		assert_int_equal(wire_left(r.bob[2]), 0);
		while (!str_empty(wire_take(r.bob[0], 0)))
			;
	}
	rig_fini(&r);
}

/* RFC3261-16.7-8: what is to be secure is not led to less. */
static void sips_is_not_led_to_less(void **state)
{
	struct rig r;
	char lines[128], ip[ADDR_TEXT_MAX], contact[64];
	struct buf b = buf_over(lines, sizeof(lines)), cb = buf_over(contact, sizeof(contact));

	memset(&r, 0, sizeof(r));
	kit_init_stopped(&r.k, 10);
	sim_listen(r.k.server->node, TRANSPORT_TLS, 5061);
	r.k.server->policy->recurse = true;
	server_start(r.k.server);
	r.caller = kit_wire(&r.k, "caller");
	r.bob[0] = kit_wire(&r.k, "bob0");
	r.bob[2] = kit_wire(&r.k, "bob2");
	wire_secure(r.bob[0]);
	buf_fmt(&cb, "<sips:bob@%s:5061>", kit_ip(r.bob[0], ip));
	bind_to(&r, r.bob[0], "bob", buf_c(&cb));
	r.t = talk_new(&r.k, r.caller, NULL);
	talk_say(&r.t, "INVITE", "sips:bob@example.com", "<sips:bob@example.com>", "", "");
	assert_true(wire_request(r.bob[0], "INVITE", 1000));
	buf_fmt(&b, "Contact: <sip:c@%s>\n", kit_ip(r.bob[2], ip));
	wire_answer(r.bob[0], 302, buf_c(&b), "");
	assert_int_equal(end_of_call(&r), 302);
	assert_int_equal(wire_left(r.bob[2]), 0);
	sim_run(&r.k.sim, 300000);
	kit_fini(&r.k);
}

/* RFC3261-16.5-8 RFC3261-16.5-9 RFC3261-16.5-10: who registers while it rings is called too, once. */
static void who_comes_late_is_called_too(void **state)
{
	struct rig r;

	rig_init(&r, 60, 1);
	call(&r, "sip:bob@example.com", 1);
	says(&r, 0, 180, "");
	sim_run(&r.k.sim, 3000);
	bind_to(&r, r.bob[1], "bob", "<sip:bob1@198.51.100.4>");
	assert_true(wire_request(r.bob[1], "INVITE", 1200));
	str_to_c(wire_text(r.bob[1]), r.invite[1], sizeof(r.invite[1]));
	says(&r, 1, 180, "");
	bind_to(&r, r.bob[0], "bob", "<sip:bob0@198.51.100.3:5060>;expires=100");
	sim_run(&r.k.sim, 5000);
	assert_int_equal(wire_left(r.bob[0]), 0);
	assert_int_equal(wire_left(r.bob[1]), 0);
	says(&r, 0, 486, "");
	says(&r, 1, 486, "");
	assert_int_equal(end_of_call(&r), 486);
	bind_to(&r, r.bob[2], "bob", "<sip:bob2@198.51.100.5>");
	sim_run(&r.k.sim, 5000);
	assert_int_equal(wire_left(r.bob[2]), 0);
	/* nor is who comes after a CANCEL */
	assert_int_equal(wire_left(r.caller), 0);
	bind_to(&r, r.bob[1], "bob", "*\r\nExpires: 0");
	bind_to(&r, r.bob[0], "bob", "<sip:bob0@198.51.100.3:5060>");
	while (!str_empty(wire_take(r.bob[0], 0)))
		;
	call(&r, "sip:bob@example.com", 1);
	talk_repeat(&r.t, "CANCEL", "sip:bob@example.com", "<sip:bob@example.com>");
	bind_to(&r, r.bob[2], "bob", "<sip:bob2@198.51.100.5>");
	sim_run(&r.k.sim, 5000);
	assert_int_equal(wire_left(r.bob[2]), 0);
	rig_fini(&r);
}

/* ---- timer C (s16.6 step 11, s16.8) ---- */

/* RFC3261-16.6-48 RFC3261-16.6-49 RFC3261-16.7-4 RFC3261-16.7-5 RFC3261-16.8-1 RFC3261-16.8-2: more than
 * three minutes after the last sign of life but 100 there is CANCEL. */
static void rings_no_longer_than_timer_c(void **state)
{
	static const struct {
		unsigned status, begins_anew;
	} rows[] = {{100, 0}, {180, 1}, {199, 1}};

	for (unsigned i = 0; i < N(rows); i++) {
		struct rig r;
		uint64_t since;

		rig_init(&r, 20 + i, 1);
		since = sim_now_ms(&r.k.sim);
		call(&r, "sip:bob@example.com", 1);
		says(&r, 0, 180, "");
		sim_run(&r.k.sim, 100000);
		says(&r, 0, rows[i].status, "");
		if (rows[i].begins_anew)
			since = sim_now_ms(&r.k.sim) - 100;
		assert_true(wire_request(r.bob[0], "CANCEL", 400000));
		assert_in_range(sim_now_ms(&r.k.sim) - since, 180001, 181300);
		wire_answer(r.bob[0], 200, "", "");
		says(&r, 0, 487, "");
		assert_int_equal(wire_final(r.caller, 1000), 487);
		acknowledge(&r);
		rig_fini(&r);
	}
}

/* RFC3261-16.8-3 RFC3261-16.7-21: no answer at all is 408. */
static void silence_is_408(void **state)
{
	struct rig r;

	rig_init(&r, 30, 2);
	call(&r, "sip:bob@example.com", 2);
	assert_int_equal(end_of_call(&r), 408);
	rig_fini(&r);
}

/* ---- what can't be sent (s16.9) ---- */

/* RFC3261-16.9-1 RFC3261-16.9-2: as if it had said 503: an answer of anybody else is better, and nobody is
 * cancelled for it. */
static void who_is_not_there_counts_for_503(void **state)
{
	static const unsigned rows[] = {486, 500, 599};

	for (unsigned i = 0; i < N(rows); i++) {
		struct rig r;

		rig_init(&r, 40 + i, 2);
		sim_kill(wire_node(r.bob[0]), false);
		r.t = talk_new(&r.k, r.caller, NULL);
		talk_say(&r.t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
		assert_true(wire_request(r.bob[1], "INVITE", 1000));
		str_to_c(wire_text(r.bob[1]), r.invite[1], sizeof(r.invite[1]));
		says(&r, 1, 180, "");
		sim_run(&r.k.sim, 5000);
		assert_int_equal(wire_left(r.bob[1]), 0);
		says(&r, 1, rows[i], "");
		assert_int_equal(end_of_call(&r), rows[i]);
		rig_fini(&r);
	}
}

/* ---- CANCEL (s16.10) ---- */

/* RFC3261-16.10-1 RFC3261-16.10-2 RFC3261-16.10-3: 200 at once, and CANCEL for all that is pending. */
static void a_cancel_is_answered_at_once(void **state)
{
	struct rig r;

	rig_init(&r, 50, 2);
	call(&r, "sip:bob@example.com", 2);
	for (unsigned k = 0; k < 2; k++) {
		says(&r, k, 180, "");
		assert_int_equal(wire_status(r.caller, 1000), 180);
	}
	talk_repeat(&r.t, "CANCEL", "sip:bob@example.com", "<sip:bob@example.com>");
	assert_int_equal(wire_status(r.caller, 20), 200);
	assert_true(strstr(wire_header(r.caller, "CSeq"), "CANCEL") != NULL);
	for (unsigned k = 0; k < 2; k++) {
		assert_true(wire_request(r.bob[k], "CANCEL", 1000));
		wire_answer(r.bob[k], 200, "", "");
		assert_int_equal(wire_left(r.caller), 0);
		says(&r, k, 487, "");
	}
	assert_int_equal(end_of_call(&r), 487);
	rig_fini(&r);
}

/* RFC3261-16.10-4: of what we do not know: it goes on, and its answer comes back. */
static void a_cancel_of_nothing_goes_on(void **state)
{
	struct rig r;
	char branch[512];

	rig_init(&r, 51, 1);
	r.t = talk_new(&r.k, r.caller, NULL);
	r.t.cseq = 1;
	strcpy(r.t.via, "Via: SIP/2.0/UDP " CALLER_IP ":5060;rport;branch=z9hG4bKlost");
	for (unsigned i = 0; i < 2; i++) {
		talk_repeat(&r.t, "CANCEL", "sip:bob@example.com", "<sip:bob@example.com>");
		assert_true(wire_request(r.bob[0], "CANCEL", 1000));
		assert_true(wire_has(r.bob[0], "CANCEL sip:bob0@198.51.100.3:5060 SIP/2.0\r\n"));
		if (i)
			assert_string_equal(wire_header(r.bob[0], "Via"), branch);
		str_to_c(str_c(wire_header(r.bob[0], "Via")), branch, sizeof(branch));
		wire_answer(r.bob[0], 481, "", "");
		assert_int_equal(wire_final(r.caller, 1000), 481);
		assert_non_null(strstr(wire_header(r.caller, "To"), "tag=bob0"));
	}
	sim_run(&r.k.sim, 60000);
	assert_int_equal(wire_left(r.bob[0]), 0);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_on_what_it_is_given),
		cmocka_unit_test(keeps_the_tag_of_a_dialog),
		cmocka_unit_test(what_is_for_us_goes_nowhere),
		cmocka_unit_test(the_best_of_them),
		cmocka_unit_test(challenges_are_gathered),
		cmocka_unit_test(each_2xx_goes_upstream),
		cmocka_unit_test(the_server_transaction_repeats_it),
		cmocka_unit_test(a_decline_ends_all),
		cmocka_unit_test(follows_contacts),
		cmocka_unit_test(sips_is_not_led_to_less),
		cmocka_unit_test(who_comes_late_is_called_too),
		cmocka_unit_test(rings_no_longer_than_timer_c),
		cmocka_unit_test(silence_is_408),
		cmocka_unit_test(who_is_not_there_counts_for_503),
		cmocka_unit_test(a_cancel_is_answered_at_once),
		cmocka_unit_test(a_cancel_of_nothing_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
