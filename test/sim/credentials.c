/* Digest authentication from both sides (RFC 3261 s22, RFC 8760): what the server asks and takes, what a
 * user agent answers. */
#include "kit.h"
#include "server/hasher.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static unsigned lines_of(struct wire *w, const char *name)
{
	struct str rest = wire_text(w);
	unsigned n = 0;

	while (rest.n)
		n += str_istarts(str_split(&rest, '\n'), str_c(name));
	return n;
}

/* Where text stands in the message last taken; it must. */
static size_t place(struct wire *w, const char *text)
{
	const char *at = strstr(wire_text(w).p, text);

	if (!at)
		fail_msg("no %s in %.*s", text, STR_ARG(wire_text(w)));
	return (size_t)(at - wire_text(w).p);
}

/* ---- the server ---- */

/* RFC8760-2.3-1 RFC8760-2.3-2 RFC8760-2.6-5 RFC8760-3-1 RFC3261-22.4-5: each algorithm once, in the order
 * of the configuration, by default the better one first and MD5 for those who know no other; always with
 * qop.  RFC3261-22.2-1 RFC3261-22.3-1 RFC3261-22.1-1: by whom it is asked.  RFC3261-22.1-4: a domain's
 * name is the realm. */
static void challenges_say_what_is_preferred(void **state)
{
	static const struct {
		const char *method, *uri, *name;
		int status;
	} rows[] = {{"REGISTER", "sip:example.com", "WWW-Authenticate:", 401},
		    {"INVITE", "sip:bob@example.com", "Proxy-Authenticate:", 407},
		    {"MESSAGE", "sip:bob@example.com", "Proxy-Authenticate:", 407}};

	for (unsigned swap = 0; swap < 2; swap++) {
		for (unsigned i = 0; i < N(rows); i++) {
			struct kit k;
			struct talk t;

			kit_init_stopped(&k, 1 + i + 10 * swap);
			if (swap) {
				k.server->policy->algorithms[0] = SIP_ALG_MD5;
				k.server->policy->algorithms[1] = SIP_ALG_SHA256;
			}
			server_start(k.server);
			t = talk_new(&k, kit_wire(&k, "alice"), "alice");
			assert_int_equal(talk_ask(&t, rows[i].method, rows[i].uri,
						  "<sip:alice@example.com>", "", ""),
					 rows[i].status);
			assert_int_equal(lines_of(t.wire, rows[i].name), 2);
			assert_int_equal(lines_of(t.wire, "WWW-Authenticate:") +
						 lines_of(t.wire, "Proxy-Authenticate:"),
					 2);
			assert_true(swap == (place(t.wire, "algorithm=SHA-256") >
					     place(t.wire, "algorithm=MD5")));
			assert_int_equal(place(t.wire, "realm=\"example.com\"") <
						 place(t.wire, "qop=\"auth\""),
					 1);
			assert_non_null(strstr(strstr(wire_text(t.wire).p, "qop=\"auth\"") + 1,
					       "qop=\"auth\""));
			/* RFC3261-22-2 RFC3261-22.4-2 */
			assert_false(wire_has(t.wire, "Basic"));
			sim_run(&k.sim, 100000);
			kit_fini(&k);
		}
	}
}

/* The line of credentials, edited: `from` becomes `to`. */
static void edit(struct talk *t, const char *from, const char *to)
{
	char line[1024];
	char *at = strstr(t->credentials, from);
	struct buf b = buf_over(line, sizeof(line));

	assert_non_null(at);
	buf_fmt(&b, "%.*s%s%s", (int)(at - t->credentials), t->credentials, to, at + strlen(from));
	memcpy(t->credentials, buf_c(&b), b.n + 1);
}

/* A MESSAGE of alice's, signed for `uri`, and the line edited. */
static int ask_edited(struct talk *t, const char *request_uri, const char *uri,
		      const char *const change[2])
{
	t->credentials[0] = '\0';
	talk_say(t, "MESSAGE", request_uri, "<sip:bob@example.com>", "", "");
	assert_int_equal(wire_final(t->wire, 1000), 407);
	talk_credentials(t, "alice", "pw-alice", "MESSAGE", uri, 1);
	if (*change[0])
		edit(t, change[0], change[1]);
	talk_say(t, "MESSAGE", request_uri, "<sip:bob@example.com>", "", "");
	return wire_final(t->wire, 1000);
}

/* RFC3261-16.3-13.  480: it was let in (nobody is registered). */
static void takes_what_is_signed_for_the_request(void **state)
{
	static const struct {
		const char *request_uri, *uri;
		const char *change[2];
		int want;
	} rows[] = {
		{"sip:bob@example.com", "sip:bob@example.com", {"", ""}, 480},
		/* RFC8760-2.6-3: the same in other words, or another one of ours */
		{"sip:bob@example.com", "sip:bob@EXAMPLE.com;transport=udp", {"", ""}, 480},
		{"sip:bob@example.com", "sip:192.0.2.1:5060", {"", ""}, 480},
		{"sip:bob@example.com", "sip:carol@example.com", {"", ""}, 480},
		/* and what is for nobody whom we know */
		{"sip:bob@example.com", "sip:bob@elsewhere.example", {"", ""}, 400},
		{"sip:bob@example.com", "elsewhere", {"", ""}, 400},
		/* RFC8760-2.6-4: qop is what it says */
		{"sip:bob@example.com", "sip:bob@example.com", {"qop=auth", "qop=auth-int"}, 400},
		{"sip:bob@example.com", "sip:bob@example.com", {"qop=auth", "qop=\"auth\""}, 480},
		{"sip:bob@example.com", "sip:bob@example.com", {"nc=00000001", "nc=1"}, 407},
		{"sip:bob@example.com", "sip:bob@example.com", {"nc=00000001", "nc=00000002"}, 407},
		/* RFC8760-2.6-1 RFC3261-22-2 RFC3261-22.4-2 */
		{"sip:bob@example.com", "sip:bob@example.com", {"Digest ", "Basic "}, 407},
	};
	struct kit k;
	struct talk t;

	kit_init(&k, 30);
	t = talk_new(&k, kit_wire(&k, "alice"), "alice");
	for (unsigned i = 0; i < N(rows); i++) {
		int got = ask_edited(&t, rows[i].request_uri, rows[i].uri, rows[i].change);

		if (got != rows[i].want)
			fail_msg("row %u: %d, wanted %d", i, got, rows[i].want);
		assert_false(wire_has(t.wire, "Basic"));
	}
	/* RFC8760-2.6-1: the password itself */
	t.credentials[0] = '\0';
	strcpy(t.credentials, "Proxy-Authorization: Basic YWxpY2U6cHctYWxpY2U=\r\n");
	talk_say(&t, "MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	assert_int_equal(wire_final(t.wire, 1000), 407);
	sim_run(&k.sim, 100000);
	kit_fini(&k);
}

/* As a client of RFC 2069: no qop, no cnonce, no count. */
static void put_old_credentials(struct talk *t, const char *uri)
{
	struct crypto *crypto = crypto_new();
	struct sip_hasher h = server_hasher(crypto);
	char value[1024], ha1[SIP_DIGEST_HEX_MAX], response[SIP_DIGEST_HEX_MAX];
	struct buf b = buf_over(t->credentials, sizeof(t->credentials));
	struct sip_credentials c = {.username = STR("alice"), .uri = str_c(uri)};
	struct sip_challenge ch;

	str_to_c(str_c(wire_header(t->wire, "Proxy-Authenticate")), value, sizeof(value));
	assert_true(sip_challenge_parse(str_c(value), &ch));
	c.realm = ch.realm;
	c.nonce = ch.nonce;
	c.algorithm = ch.algorithm;
	sip_digest_ha1(&h, c.algorithm, c.username, c.realm, STR("pw-alice"), ha1);
	sip_digest_response(&h, &c, str_c(ha1), STR("MESSAGE"), response);
	c.response = str_c(response);
	buf_fmt(&b, "Proxy-Authorization: ");
	sip_credentials_put(&b, &c);
	buf_fmt(&b, "\r\n");
	buf_c(&b);
	crypto_free(&crypto);
}

/* RFC3261-22.4-1 RFC3261-22.4-7: whether qop comes back says what a client knows; one that knows only
 * RFC 2069 is let in. */
static void old_clients_are_let_in(void **state)
{
	struct kit k;
	struct talk t;

	kit_init(&k, 33);
	t = talk_new(&k, kit_wire(&k, "alice"), "alice");
	talk_say(&t, "MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	assert_int_equal(wire_final(t.wire, 1000), 407);
	put_old_credentials(&t, "sip:bob@example.com");
	assert_null(strstr(t.credentials, "qop"));
	talk_say(&t, "MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	assert_int_equal(wire_final(t.wire, 1000), 480);
	sim_run(&k.sim, 100000);
	kit_fini(&k);
}

/* RFC3261-22.3-2 RFC3261-22.3-8 RFC3261-22.3-10 RFC3261-22.3-12: what is for another realm is left for its
 * proxy, and nothing is added; ours is found by its realm among others. */
static void other_realms_credentials_go_on(void **state)
{
	static const char other[] = "Proxy-Authorization: Digest username=\"x\", realm=\"other\", "
				    "nonce=\"n\", uri=\"sip:y\", response=\"z\"\r\n";
	struct kit k;
	struct talk t;
	struct wire *far;
	char line[1024];

	kit_init(&k, 31);
	far = wire_new(&k.sim, "far", "203.0.113.7");
	k.wire[k.n_wires++] = far;
	t = talk_new(&k, kit_wire(&k, "alice"), "alice");
	talk_say(&t, "MESSAGE", "sip:x@203.0.113.7", "<sip:x@203.0.113.7>", "", "");
	assert_int_equal(wire_final(t.wire, 1000), 407);
	talk_credentials(&t, "alice", "pw-alice", "MESSAGE", "sip:x@203.0.113.7", 1);
	memcpy(line, t.credentials, sizeof(line));
	talk_say(&t, "MESSAGE", "sip:x@203.0.113.7", "<sip:x@203.0.113.7>", other, "");
	assert_true(wire_request(far, "MESSAGE", 1000));
	assert_int_equal(lines_of(far, "Proxy-Authorization:"), 1);
	assert_true(wire_has(far, other));
	assert_false(wire_has(far, "realm=\"example.com\""));
	wire_answer(far, 200, "", "");
	assert_int_equal(wire_final(t.wire, 1000), 200);
	sim_run(&k.sim, 100000);
	kit_fini(&k);
}

/* RFC3261-22.1-6 RFC3261-22.1-7 RFC3261-22.1-8 RFC3261-22.1-9: ACK and CANCEL are never challenged, and
 * the CANCEL of a call is taken from the hop that made it. */
static void acks_and_cancels_are_not_challenged(void **state)
{
	struct kit k;
	struct talk t;
	struct wire *bob;

	kit_init(&k, 32);
	bob = kit_wire(&k, "bob");
	t = talk_new(&k, bob, "bob");
	t.password = "pw-bob";
	assert_int_equal(talk_register(&t, "Contact: <sip:bob@198.51.100.2>\r\n"), 200);
	t = talk_new(&k, kit_wire(&k, "alice"), "alice");
	talk_say(&t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	assert_int_equal(wire_final(t.wire, 1000), 407);
	talk_credentials(&t, "alice", "pw-alice", "INVITE", "sip:bob@example.com", 1);
	talk_say(&t, "INVITE", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	assert_true(wire_request(bob, "INVITE", 1000));
	wire_answer(bob, 180, "", "");
	assert_int_equal(wire_status(t.wire, 1000), 100);
	assert_int_equal(wire_status(t.wire, 1000), 180);
	t.credentials[0] = '\0';
	talk_repeat(&t, "CANCEL", "sip:bob@example.com", "<sip:bob@example.com>");
	assert_int_equal(wire_final(t.wire, 1000), 200);
	assert_true(wire_request(bob, "CANCEL", 1000));
	wire_answer(bob, 200, "", "");
	talk_say(&t, "ACK", "sip:bob@example.com", "<sip:bob@example.com>;tag=1", "", "");
	talk_say(&t, "CANCEL", "sip:bob@example.com", "<sip:bob@example.com>", "", "");
	sim_run(&k.sim, 1000);
	while (!str_empty(wire_take(t.wire, 0)))
		assert_false(wire_has(t.wire, " 401 ") || wire_has(t.wire, " 407 "));
	sim_run(&k.sim, 200000);
	kit_fini(&k);
}

/* ---- a user agent ---- */

struct agent {
	struct kit k;
	struct wire *registrar;
	struct phone *phone;
};

static void agent_init(struct agent *a, uint64_t seed)
{
	char ip[ADDR_TEXT_MAX];

	memset(a, 0, sizeof(*a));
	kit_init(&a->k, seed);
	a->registrar = kit_wire(&a->k, "registrar");
	a->phone = phone_new(&a->k.sim, "alice", "secret", "far.example", "198.51.100.3",
			     kit_ip(a->registrar, ip), TRANSPORT_UDP);
	a->k.phone[a->k.n_phones++] = a->phone;
	phone_start(a->phone);
	phone_register(a->phone, 3600);
	assert_true(wire_request(a->registrar, "REGISTER", 1000));
	assert_false(wire_has(a->registrar, "Authorization:"));
}

static void agent_fini(struct agent *a)
{
	sim_run(&a->k.sim, 100000);
	kit_fini(&a->k);
}

/* "%s, nonce=..." in one place. */
#define DIGEST(realm, more) "Digest realm=\"" realm "\", nonce=\"abc\"" more
#define WWW "WWW-Authenticate: "
#define QOP ", qop=\"auth\""

static void answers_what_it_understands(void **state)
{
	static const struct {
		const char *challenges;
		unsigned n; /* credentials in the next request; 0: there is none */
		const char *has[3], *has_not;
	} rows[] = {
		/* RFC8760-2.4-1: the topmost of a realm that it knows */
		{WWW DIGEST("a", QOP ", algorithm=SHA-256") "\n" WWW DIGEST("a", QOP
									    ", algorithm=MD5") "\n",
		 1,
		 {"algorithm=SHA-256", "realm=\"a\""},
		 "MD5"},
		{WWW DIGEST("a", QOP ", algorithm=MD5") "\n" WWW DIGEST("a", QOP
									", algorithm=SHA-256") "\n",
		 1,
		 {"algorithm=MD5"},
		 "SHA-256"},
		/* RFC8760-2.4-2: others as if they were not there */
		{WWW DIGEST("a", QOP ", algorithm=SHA-999") "\n" WWW DIGEST(
			 "a", QOP ", algorithm=SHA-256") "\n",
		 1,
		 {"algorithm=SHA-256"},
		 "SHA-999"},
		{WWW "Negotiate x=y\n" WWW DIGEST("a", QOP) "\n", 1, {"Digest "}, "Negotiate"},
		{WWW DIGEST("a", ", qop=\"auth-int\"") "\n" WWW DIGEST("a",
								       QOP ", algorithm=MD5") "\n",
		 1,
		 {"qop=auth,"},
		 "auth-int"},
		/* RFC8760-2.4-3: of any of the realms, the topmost of each */
		{WWW DIGEST("a", QOP ", algorithm=SHA-256") "\n" WWW DIGEST(
			 "b", QOP ", algorithm=MD5") "\n" WWW DIGEST("a", QOP) "\n",
		 2,
		 {"realm=\"a\"", "realm=\"b\"", "algorithm=SHA-256"},
		 "realm=\"c\""},
		/* RFC8760-2.6-1: never a password in the clear */
		{WWW "Basic realm=\"a\"\n" WWW DIGEST("a", QOP) "\n", 1, {"Digest "}, "Basic"},
		{WWW "Basic realm=\"a\"\n", 0, {NULL}, NULL},
		/* RFC8760-2.4-4 */
		{WWW DIGEST("a", QOP ", algorithm=SHA-999") "\n", 0, {NULL}, NULL},
		{WWW DIGEST("a", ", qop=\"auth-int\"") "\n", 0, {NULL}, NULL},
		/* RFC8760-2.6-4 RFC8760-2.6-5 RFC3261-22.4-6; RFC8760-2.6-2 RFC3261-22.4-3 */
		{WWW DIGEST("a", QOP) "\n", 1, {"qop=auth,", "nc=00000001", "uri=\"sip:"}, NULL},
		{WWW DIGEST("a", ", qop=\"auth-int,auth\"") "\n",
		 1,
		 {"qop=auth,", "cnonce=\""},
		 NULL},
		/* RFC3261-22.4-4 */
		{WWW DIGEST("a", "") "\n", 1, {"response=\""}, "nonce=\"\", cnonce"},
		/* RFC3261-22.3-4 */
		{"Proxy-Authenticate: " DIGEST("p", QOP) "\n",
		 1,
		 {"Proxy-Authorization: ", "realm=\"p\""},
		 NULL},
	};

	for (unsigned i = 0; i < N(rows); i++) {
		struct agent a;
		char first[256];
		bool again;

		agent_init(&a, 100 + i);
		str_to_c(str_c(wire_header(a.registrar, "CSeq")), first, sizeof(first));
		wire_answer(a.registrar, rows[i].challenges[0] == 'P' ? 407 : 401,
			    rows[i].challenges, "");
		again = wire_request(a.registrar, "REGISTER", 5000);
		if (again != (rows[i].n > 0) ||
		    (again && lines_of(a.registrar, "Authorization:") +
					      lines_of(a.registrar, "Proxy-Authorization:") !=
				      rows[i].n))
			fail_msg("row %u: %.*s", i, STR_ARG(wire_text(a.registrar)));
		for (unsigned k = 0; again && k < 3 && rows[i].has[k]; k++)
			place(a.registrar, rows[i].has[k]);
		if (again && rows[i].has_not)
			assert_false(wire_has(a.registrar, rows[i].has_not));
		if (again && strstr(rows[i].challenges, "qop") == NULL)
			assert_false(wire_has(a.registrar, "cnonce=") || wire_has(a.registrar, "qop="));
		if (again) {
			/* RFC3261-22.2-2 RFC3261-22.2-4 */
			assert_string_not_equal(wire_header(a.registrar, "CSeq"), first);
			wire_answer(a.registrar, 200, "", "");
			sim_run(&a.k.sim, 1000);
		}
		assert_int_equal(a.phone->reg_status, again ? 200 : 401);
		agent_fini(&a);
	}
}

/* RFC3261-22.1-11: what was refused is not said again, unless it was only late. */
static void does_not_insist(void **state)
{
	for (unsigned stale = 0; stale < 2; stale++) {
		struct agent a;

		agent_init(&a, 200 + stale);
		wire_answer(a.registrar, 401, WWW DIGEST("a", QOP) "\n", "");
		assert_true(wire_request(a.registrar, "REGISTER", 5000));
		wire_answer(a.registrar, 401,
			    stale ? WWW DIGEST("a", QOP ", stale=true") "\n"
				  : WWW DIGEST("a", QOP) "\n",
			    "");
		assert_int_equal(wire_request(a.registrar, "REGISTER", 5000), stale);
		if (stale)
			wire_answer(a.registrar, 200, "", "");
		agent_fini(&a);
	}
}

/* RFC3261-22.3-7: what a proxy asked for in one dialog is not said in the next, unasked. */
static void keeps_credentials_to_a_dialog(void **state)
{
	static const struct phone_plan plan = {.hold_ms = 1000};
	struct agent a;

	agent_init(&a, 300);
	wire_answer(a.registrar, 200, "", "");
	a.phone->no_media = true;
	for (unsigned i = 0; i < 2; i++) {
		assert_non_null(phone_call(a.phone, "sip:x@far.example", &plan));
		assert_true(wire_request(a.registrar, "INVITE", 1000));
		assert_false(wire_has(a.registrar, "Authorization:"));
		wire_answer(a.registrar, 407, "Proxy-Authenticate: " DIGEST("p", QOP) "\n", "");
		assert_true(wire_request(a.registrar, "INVITE", 1000));
		assert_true(wire_has(a.registrar, "Proxy-Authorization: "));
		wire_answer(a.registrar, 486, "", "");
		kit_wait_ended(&a.k, a.phone, i + 1, 5000);
	}
	agent_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(challenges_say_what_is_preferred),
		cmocka_unit_test(takes_what_is_signed_for_the_request),
		cmocka_unit_test(old_clients_are_let_in),
		cmocka_unit_test(other_realms_credentials_go_on),
		cmocka_unit_test(acks_and_cancels_are_not_challenged),
		cmocka_unit_test(answers_what_it_understands),
		cmocka_unit_test(does_not_insist),
		cmocka_unit_test(keeps_credentials_to_a_dialog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
