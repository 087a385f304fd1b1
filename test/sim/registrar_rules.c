/* The registrar's rules (RFC 3261 s10.3), statement by statement: where registrar.c plays an AoR's story,
 * here stands what must hold of each answer. */
#include "kit.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct kit k;
	struct wire *bob, *other;
};

static void rig_init(struct rig *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	kit_init_stopped(&r->k, seed);
	assert_int_equal(app_policy_add_domain(r->k.server->policy, STR("example.org")), 0);
	server_start(r->k.server);
	r->bob = kit_wire(&r->k, "bob");
	r->other = wire_new(&r->k.sim, "other", "203.0.113.7");
	r->k.wire[r->k.n_wires++] = r->other;
	sim_zone_a(&r->k.sim, "other.example", "203.0.113.7");
}

static struct talk as(struct rig *r, const char *user, const char *password)
{
	struct talk t = talk_new(&r->k, r->bob, user);

	t.password = password;
	return t;
}

#define BOB "<sip:bob@example.com>"

static void each_answer(void **state)
{
	static const struct {
		const char *user, *uri, *to, *lines;
		int want;
		const char *has; /* in the answer; NULL: not asked */
	} rows[] = {
		/* RFC3261-10.3-9: not without a password */
		{NULL, "sip:example.com", BOB, "Contact: <sip:b@192.0.2.9>\r\n", 401,
		 "WWW-Authenticate: Digest "},
		{"bob", "sip:example.com", BOB, "Contact: <sip:b@192.0.2.9>\r\n", 200,
		 "Contact: <sip:b@192.0.2.9>;expires=3600\r\n"},
		/* RFC3261-10.3-10 RFC3261-10.3-11 RFC3261-22-1: nobody else's */
		{"alice", "sip:example.com", BOB, "Contact: <sip:a@192.0.2.9>\r\n", 403, NULL},
		{"alice", "sip:example.com", BOB, "Contact: *\r\nExpires: 0\r\n", 403, NULL},
		{"alice", "sip:example.com", BOB, "", 403, NULL},
		/* RFC3261-10.3-12: of no domain of ours, of another one than was asked, of no user */
		{"bob", "sip:example.com", "<sip:bob@other.example>", "", 404, NULL},
		{"bob", "sip:example.org", BOB, "", 404, NULL},
		{"bob", "sip:example.com", "<sip:bob@example.org>", "", 404, NULL},
		/* RFC3261-10.3-8: every option that it has not is named (s8.2.2.3) */
		{"bob", "sip:example.com", BOB,
		 "Require: one, path\r\nContact: <sip:c@192.0.2.9>\r\nRequire: two\r\n", 420,
		 "Unsupported: one, two\r\n"},
		/* RFC3261-10.3-13 RFC3261-10.3-14: one AoR, however it is written */
		{"bob", "sip:example.com;transport=udp",
		 "<sip:%62o%62@EXAMPLE.COM:5060;user=phone;x=y>", "", 200,
		 "Contact: <sip:b@192.0.2.9>"},
		/* RFC3261-10.3-2: who passed it on, without Path, is nobody's business */
		{"bob", "sip:example.com", BOB,
		 "Record-Route: <sip:203.0.113.7;lr>\r\nContact: <sip:b@192.0.2.9>\r\n", 200,
		 "<sip:b@192.0.2.9>"},
		/* RFC3261-10.3-15 */
		{"bob", "sip:example.com", BOB, "Contact: *\r\nExpires: 1\r\n", 400, NULL},
		{"bob", "sip:example.com", BOB, "Contact: *\r\n", 400, NULL},
		{"bob", "sip:example.com", BOB, "Contact: *, <sip:c@192.0.2.9>\r\nExpires: 0\r\n",
		 400, NULL},
		{"bob", "sip:example.com", BOB, "Contact: *\r\nContact: *\r\nExpires: 0\r\n", 400,
		 NULL},
		/* RFC3261-10.3-19 RFC3261-10.3-20 RFC3261-10.3-21 RFC3261-10.3-29: whose time counts */
		{"bob", "sip:example.com", BOB,
		 "Contact: <sip:b@192.0.2.9>;expires=200\r\nExpires: 300\r\n", 200,
		 "<sip:b@192.0.2.9>;expires=200\r\n"},
		{"bob", "sip:example.com", BOB, "Contact: <sip:b@192.0.2.9>\r\nExpires: 300\r\n",
		 200, "<sip:b@192.0.2.9>;expires=300\r\n"},
		{"bob", "sip:example.com", BOB, "Contact: <sip:b@192.0.2.9>\r\n", 200,
		 "<sip:b@192.0.2.9>;expires=3600\r\n"},
		/* RFC3261-10.3-22 */
		{"bob", "sip:example.com", BOB, "Contact: <sip:b@192.0.2.9>;expires=59\r\n", 423,
		 "Min-Expires: 60\r\n"},
		/* RFC3261-10.3-26: none of two, where one can't be */
		{"bob", "sip:example.com", BOB,
		 "Contact: <sip:c@192.0.2.9>, <sip:d@192.0.2.9>;expires=1\r\n", 423, NULL},
		/* RFC3261-10.3-28: all of them, each with its time */
		{"bob", "sip:example.com", BOB, "Contact: <sip:c@192.0.2.9>;q=0.5;expires=77\r\n",
		 200,
		 "Contact: <sip:b@192.0.2.9>;expires=3600\r\n"
		 "Contact: <sip:c@192.0.2.9>;q=0.500;expires=77\r\n"},
	};
	struct rig r;

	rig_init(&r, 1);
	for (unsigned i = 0; i < N(rows); i++) {
		struct talk t = as(&r, rows[i].user ? rows[i].user : "bob", NULL);
		char password[16];
		struct buf b = buf_over(password, sizeof(password));
		int got;

		buf_fmt(&b, "pw-%s", t.user);
		t.password = rows[i].user ? buf_c(&b) : NULL;
		got = talk_ask(&t, "REGISTER", rows[i].uri, rows[i].to, rows[i].lines, "");
		if (got != rows[i].want)
			fail_msg("row %u: %d, wanted %d", i, got, rows[i].want);
		if (rows[i].has && !wire_has(r.bob, rows[i].has))
			fail_msg("row %u: %.*s", i, STR_ARG(wire_text(r.bob)));
		/* RFC3261-10.3-1 RFC3261-10.3-3 */
		assert_in_range(got, 200, 599);
		assert_string_equal(wire_header(r.bob, "Record-Route"), "");
		/* RFC3261-10.3-30 */
		if (got == 200)
			assert_true(str_ends(str_c(wire_header(r.bob, "Date")), STR(" GMT")));
	}
	/* RFC3261-10.3-2: and no request is led by it */
	wire_send(r.other, KIT_IP,
		  "MESSAGE sip:bob@example.com SIP/2.0\nVia: SIP/2.0/UDP "
		  "203.0.113.7;branch=z9hG4bKrr\n"
		  "From: <sip:x@other.example>;tag=1\nTo: " BOB
		  "\nCall-ID: rr\nCSeq: 1 MESSAGE\n\n");
	sim_run(&r.k.sim, 1000);
	while (!str_empty(wire_take(r.other, 0)))
		assert_true(str_starts(wire_text(r.other), STR("SIP/2.0 ")));
	sim_run(&r.k.sim, 100000);
	kit_fini(&r.k);
}

/* RFC3261-10.3-7: another's registrar is reached through the proxy by who may use it (whichever worker
 * owns the AoR, or the Call-ID), and RFC3261-22.1-1: asked as a proxy asks. */
static void leads_to_other_registrars(void **state)
{
	struct rig r;

	rig_init(&r, 2);
	for (unsigned i = 0; i < 8; i++) {
		struct talk t = as(&r, "bob", NULL);
		char to[64];
		struct buf b = buf_over(to, sizeof(to));

		buf_fmt(&b, "<sip:bob%u@other.example>", i);
		buf_c(&b);
		assert_int_equal(talk_ask(&t, "REGISTER", "sip:other.example", to,
					  "Contact: <sip:b@198.51.100.2>\r\n", ""),
				 407);
		talk_credentials(&t, "bob", "pw-bob", "REGISTER", "sip:other.example", 1);
		talk_say(&t, "REGISTER", "sip:other.example", to,
			 "Contact: <sip:b@198.51.100.2>\r\n", "");
		assert_true(wire_request(r.other, "REGISTER", 1000));
		assert_string_equal(wire_header(r.other, "Contact"), "<sip:b@198.51.100.2>");
		wire_answer(r.other, 200, "Contact: <sip:b@198.51.100.2>;expires=60\n", "");
		assert_int_equal(wire_final(r.bob, 1000), 200);
	}
	sim_run(&r.k.sim, 100000);
	kit_quiet(&r.k);
	kit_fini(&r.k);
}

/* RFC3261-10.3-27: what the disk does not take has not happened. */
static void what_is_not_stored_is_500(void **state)
{
	struct rig r;
	struct talk t;

	rig_init(&r, 3);
	t = as(&r, "bob", "pw-bob");
	assert_int_equal(talk_register(&t, "Contact: <sip:b@192.0.2.9>\r\n"), 200);
	for (unsigned i = 0; i < SERVER_WORKERS; i++) {
		r.k.server->node->w[i].disk.fail_err = -5;
		r.k.server->node->w[i].disk.fail_n = 1;
	}
	assert_int_equal(talk_register(&t, "Contact: <sip:c@192.0.2.9>, <sip:d@192.0.2.9>\r\n"),
			 500);
	assert_string_equal(wire_header(r.bob, "Contact"), "");
	assert_int_equal(server_bindings(r.k.server, "bob"), 1);
	sim_run(&r.k.sim, 100000);
	kit_fini(&r.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer),
		cmocka_unit_test(leads_to_other_registrars),
		cmocka_unit_test(what_is_not_stored_is_500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
