/* The registrar's rules (RFC 3261 s10.3) as a phone meets them, message by message. */
#include "kit.h"

static struct talk registering(struct kit *k, const char *user, const char *password)
{
	struct talk t = talk_new(k, kit_wire(k, user), user);

	t.password = password;
	return t;
}

static unsigned contacts_in(struct wire *w)
{
	struct str rest = wire_text(w);
	unsigned n = 0;

	while (rest.n)
		n += str_istarts(str_split(&rest, '\n'), STR("Contact:"));
	return n;
}

static bool answer_has(struct wire *w, const char *text)
{
	struct str s = wire_text(w);

	for (size_t i = 0; i + strlen(text) <= s.n; i++) {
		if (!memcmp(s.p + i, text, strlen(text)))
			return true;
	}
	return false;
}

static void asks_who_it_is(void **state)
{
	struct kit k;
	struct talk t;

	kit_init(&k, 1);
	t = registering(&k, "alice", NULL);
	assert_int_equal(talk_register(&t, "Contact: <sip:alice@198.51.100.9>\r\n"), 401);
	assert_true(answer_has(t.wire, "algorithm=SHA-256"));
	assert_true(answer_has(t.wire, "algorithm=MD5"));
	assert_int_equal(server_bindings(k.server, "alice"), 0);
	t.password = "wrong";
	assert_int_equal(talk_register(&t, "Contact: <sip:alice@198.51.100.9>\r\n"), 401);
	t.password = "pw-alice";
	assert_int_equal(talk_register(&t, "Contact: <sip:alice@198.51.100.9>\r\n"), 200);
	assert_int_equal(server_bindings(k.server, "alice"), 1);
	kit_fini(&k);
}

static void lets_nobody_register_another(void **state)
{
	struct kit k;
	struct talk t;

	kit_init(&k, 2);
	t = registering(&k, "alice", "pw-alice");
	assert_int_equal(talk_ask(&t, "REGISTER", "sip:example.com", "<sip:bob@example.com>",
				  "Contact: <sip:x@198.51.100.9>\r\n", ""),
			 403);
	assert_int_equal(talk_ask(&t, "REGISTER", "sip:example.com", "<sip:alice@other.example>",
				  "Contact: <sip:x@198.51.100.9>\r\n", ""),
			 404);
	assert_int_equal(server_bindings(k.server, "bob"), 0);
	kit_fini(&k);
}

/* One AoR's story: each REGISTER, its answer, and how many bindings show after it. */
struct step {
	const char *lines;
	int want;
	int bindings;
	const char *has; /* in the answer; NULL: not asked */
};

static void rules_by_steps(void **state)
{
	static const struct step steps[] = {
		{"", 200, 0, NULL},
		{"Contact: <sip:a@198.51.100.9>\r\n", 200, 1, "expires=3600"},
		{"", 200, 1, "<sip:a@198.51.100.9>"},
		{"Contact: <sip:a@198.51.100.9>;expires=120\r\nExpires: 999\r\n", 200, 1,
		 "expires=120"},
		{"Contact: <sip:a@198.51.100.9>\r\nExpires: 99999\r\n", 200, 1, "expires=7200"},
		{"Contact: <sip:b@198.51.100.9>, <sip:c@198.51.100.9>;q=0.5\r\n", 200, 3, "q=0.5"},
		/* s10.2.8: too brief */
		{"Contact: <sip:d@198.51.100.9>;expires=5\r\n", 423, 3, "Min-Expires: 60"},
		/* all or none */
		{"Contact: <sip:d@198.51.100.9>, <sip:e@198.51.100.9>;expires=5\r\n", 423, 3, NULL},
		{"Contact: <sip:d@198.51.100.9>;q=7\r\n", 400, 3, NULL},
		/* step 6: "*" */
		{"Contact: *\r\nExpires: 10\r\n", 400, 3, NULL},
		{"Contact: *\r\n", 400, 3, NULL},
		{"Contact: *, <sip:d@198.51.100.9>\r\nExpires: 0\r\n", 400, 3, NULL},
		/* step 2: extensions */
		{"Require: frobnicate\r\nContact: <sip:d@198.51.100.9>\r\n", 420, 3,
		 "Unsupported: frobnicate"},
		{"Require: path\r\nSupported: path\r\nPath: <sip:p.example;lr>\r\n"
		 "Contact: <sip:d@198.51.100.9>\r\n",
		 200, 4, "Path: <sip:p.example;lr>"},
		/* s19.1.4: the same URI, written otherwise */
		{"Contact: <sip:%61@198.51.100.9>\r\n", 200, 4, NULL},
		{"Contact: <sip:A@198.51.100.9>\r\n", 200, 5, NULL},
		/* one goes */
		{"Contact: <sip:b@198.51.100.9>;expires=0\r\n", 200, 4, NULL},
		{"Contact: <sip:nobody@198.51.100.9>;expires=0\r\n", 200, 4, NULL},
		{"Contact: *\r\nExpires: 0\r\n", 200, 0, NULL},
		{"Contact: *\r\nExpires: 0\r\n", 200, 0, NULL},
		/* as many as are allowed, and one more */
		{"Contact: <sip:1@h.example>, <sip:2@h.example>, <sip:3@h.example>, "
		 "<sip:4@h.example>,"
		 " <sip:5@h.example>\r\nContact: <sip:6@h.example>, <sip:7@h.example>,"
		 " <sip:8@h.example>, <sip:9@h.example>, <sip:10@h.example>\r\n",
		 200, 10, NULL},
		{"Contact: <sip:11@h.example>\r\n", 403, 10, NULL},
		{"Contact: <sip:10@h.example>;expires=0, <sip:11@h.example>\r\n", 200, 10, NULL},
		{"Contact: mailto:alice@example.com\r\n", 403, 10, NULL},
	};
	struct kit k;
	struct talk t;

	kit_init(&k, 3);
	t = registering(&k, "alice", "pw-alice");
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *s = &steps[i];
		int got = talk_register(&t, s->lines), n = server_bindings(k.server, "alice");

		if (got != s->want || n != s->bindings || (s->has && !answer_has(t.wire, s->has)))
			fail_msg("step %u: %d with %d bindings, wanted %d with %d%s%s\n%.*s", i,
				 got, n, s->want, s->bindings, s->has ? " and " : "",
				 s->has ? s->has : "", STR_ARG(wire_text(t.wire)));
		if (got == 200)
			assert_int_equal(contacts_in(t.wire), s->bindings);
	}
	kit_fini(&k);
}

/* Step 7: one Call-ID counts upwards; another may begin where it will. */
static void order_within_a_call_id(void **state)
{
	struct kit k;
	struct talk t, other;
	unsigned high;

	kit_init(&k, 4);
	t = registering(&k, "alice", "pw-alice");
	t.cseq = 100;
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9>;expires=600\r\n"), 200);
	high = t.cseq;
	t.cseq = 50;
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9>;expires=0\r\n"), 500);
	assert_int_equal(server_bindings(k.server, "alice"), 1);
	t.cseq = high - 2; /* the repetition has the number of the last one */
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9>;expires=0\r\n"), 500);
	assert_int_equal(talk_register(&t, "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_int_equal(server_bindings(k.server, "alice"), 0);
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9>;expires=600\r\n"), 200);
	other = talk_new(&k, t.wire, "alice");
	other.password = "pw-alice";
	assert_int_equal(talk_register(&other, "Contact: <sip:a@198.51.100.9>;expires=0\r\n"), 200);
	assert_int_equal(server_bindings(k.server, "alice"), 0);
	kit_fini(&k);
}

static void bindings_end_with_their_time(void **state)
{
	struct kit k;
	struct talk t;
	size_t contacts;

	kit_init(&k, 5);
	t = registering(&k, "alice", "pw-alice");
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9>;expires=100\r\n"
					   "Contact: <sip:b@198.51.100.9>;expires=200\r\n"),
			 200);
	sim_run(&k.sim, 99000);
	assert_int_equal(server_bindings(k.server, "alice"), 2);
	sim_run(&k.sim, 2000);
	assert_int_equal(server_bindings(k.server, "alice"), 1);
	sim_run(&k.sim, 300000);
	assert_int_equal(server_bindings(k.server, "alice"), 0);
	loc_count(k.server->loc, &contacts);
	assert_int_equal(contacts, 0);
	kit_fini(&k);
}

/* One AoR, however it is written (s10.3 step 5). */
static void one_aor_in_many_spellings(void **state)
{
	static const char *const spellings[] = {
		"<sip:alice@example.com>", "\"A\" <sip:alice@EXAMPLE.com:5060;transport=tcp>",
		"sip:%61lice@example.com", "<sips:alice@example.com>",
		"<sip:alice@192.0.2.1>",   "<sip:alice:password@example.com.>",
	};
	struct kit k;
	struct talk t;

	kit_init(&k, 6);
	t = registering(&k, "alice", "pw-alice");
	for (unsigned i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		char line[64];
		struct buf b = buf_over(line, sizeof(line));

		buf_fmt(&b, "Contact: <sip:c%u@198.51.100.9>\r\n", i);
		if (talk_ask(&t, "REGISTER", "sip:example.com", spellings[i], buf_c(&b), "") != 200)
			fail_msg("%s: %.*s", spellings[i], STR_ARG(wire_text(t.wire)));
		assert_int_equal(server_bindings(k.server, "alice"), (int)i + 1);
	}
	kit_fini(&k);
}

/* RFC 5626 s6: an instance with a reg-id names the binding. */
static void an_instance_replaces_itself(void **state)
{
	struct kit k;
	struct talk t;

	kit_init(&k, 7);
	t = registering(&k, "alice", "pw-alice");
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9:1000>;reg-id=1;"
					   "+sip.instance=\"<urn:uuid:1>\"\r\n"),
			 200);
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9:2000>;reg-id=1;"
					   "+sip.instance=\"<urn:uuid:1>\"\r\n"),
			 200);
	assert_int_equal(server_bindings(k.server, "alice"), 1);
	assert_true(answer_has(t.wire, "198.51.100.9:2000"));
	assert_int_equal(talk_register(&t, "Contact: <sip:a@198.51.100.9:3000>;reg-id=2;"
					   "+sip.instance=\"<urn:uuid:1>\"\r\n"),
			 200);
	assert_int_equal(server_bindings(k.server, "alice"), 2);
	kit_fini(&k);
}

/* Once more, with the credentials at hand. */
static int again(struct talk *t)
{
	talk_say(t, "REGISTER", "sip:example.com", "<sip:alice@example.com>", "", "");
	return wire_final(t->wire, 60000);
}

/* Nonces: fresh ones do, and each count once (RFC 7616 s5.12). */
static void nonces_are_good_once(void **state)
{
	struct kit k;
	struct talk t;

	kit_init(&k, 8);
	t = registering(&k, "alice", NULL);
	assert_int_equal(talk_register(&t, ""), 401);
	talk_credentials(&t, "alice", "pw-alice", "REGISTER", "sip:example.com", 1);
	assert_int_equal(again(&t), 200);
	assert_int_equal(again(&t), 401);
	assert_true(answer_has(t.wire, "stale=true"));
	talk_credentials(&t, "alice", "pw-alice", "REGISTER", "sip:example.com", 1);
	assert_int_equal(again(&t), 200);
	kit_fini(&k);
}

static void counts_go_on_with_a_nonce(void **state)
{
	static const struct {
		unsigned nc;
		int want;
	} uses[] = {{1, 200}, {2, 200}, {5, 200},     {4, 200}, {4, 401},
		    {5, 401}, {6, 200}, {0x100, 200}, {7, 401}, {0xffffffff, 200}};
	struct kit k;
	struct talk t;
	char challenge[1024];

	kit_init(&k, 9);
	t = registering(&k, "alice", NULL);
	assert_int_equal(talk_register(&t, ""), 401);
	str_to_c(wire_text(t.wire), challenge, sizeof(challenge));
	for (unsigned i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		int got;

		wire_remember(t.wire, KIT_IP, challenge);
		talk_credentials(&t, "alice", "pw-alice", "REGISTER", "sip:example.com",
				 uses[i].nc);
		got = again(&t);
		if (got != uses[i].want)
			fail_msg("nc %x: %d, wanted %d", uses[i].nc, got, uses[i].want);
	}
	kit_fini(&k);
}

static void old_nonces_are_stale(void **state)
{
	struct kit k;
	struct talk t;

	kit_init(&k, 10);
	t = registering(&k, "alice", NULL);
	assert_int_equal(talk_register(&t, ""), 401);
	talk_credentials(&t, "alice", "pw-alice", "REGISTER", "sip:example.com", 1);
	sim_run(&k.sim, 301000);
	assert_int_equal(again(&t), 401);
	assert_true(answer_has(t.wire, "stale=true"));
	/* A wrong password is not told that it was only late. */
	talk_credentials(&t, "alice", "wrong", "REGISTER", "sip:example.com", 1);
	sim_run(&k.sim, 301000);
	assert_int_equal(again(&t), 401);
	assert_false(answer_has(t.wire, "stale=true"));
	kit_fini(&k);
}

/* What differs from answer to answer, made the same: the nonces. */
static void mask_nonces(struct str text, char *room, size_t size)
{
	struct buf b = buf_over(room, size);

	while (text.n) {
		if (str_starts(text, STR("nonce=\""))) {
			buf_fmt(&b, "nonce=?");
			text = str_skip(text, 7);
			text = str_skip(text, str_find(text, '"') + 1);
			continue;
		}
		buf_putc(&b, text.p[0]);
		text = str_skip(text, 1);
	}
	buf_c(&b);
}

static void strangers_and_wrong_passwords_look_alike(void **state)
{
	static const char *const users[] = {"alice", "zzzzz"};
	char answer[2][2048];
	struct kit k;
	struct talk t;

	kit_init(&k, 11);
	t = registering(&k, "alice", NULL);
	assert_int_equal(talk_register(&t, ""), 401);
	talk_say(&t, "REGISTER", "sip:example.com", "<sip:alice@example.com>", "", "");
	assert_int_equal(wire_final(t.wire, 60000), 401);
	for (unsigned i = 0; i < 2; i++) {
		talk_credentials(&t, users[i], "wrong", "REGISTER", "sip:example.com", 1);
		/* the very same request but for the credentials */
		talk_repeat(&t, "REGISTER", "sip:example.com", "<sip:alice@example.com>");
		assert_int_equal(wire_final(t.wire, 60000), 401);
		mask_nonces(wire_text(t.wire), answer[i], sizeof(answer[i]));
	}
	assert_string_equal(answer[0], answer[1]);
	kit_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_who_it_is),
		cmocka_unit_test(lets_nobody_register_another),
		cmocka_unit_test(rules_by_steps),
		cmocka_unit_test(order_within_a_call_id),
		cmocka_unit_test(bindings_end_with_their_time),
		cmocka_unit_test(one_aor_in_many_spellings),
		cmocka_unit_test(an_instance_replaces_itself),
		cmocka_unit_test(nonces_are_good_once),
		cmocka_unit_test(counts_go_on_with_a_nonce),
		cmocka_unit_test(old_nonces_are_stale),
		cmocka_unit_test(strangers_and_wrong_passwords_look_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
