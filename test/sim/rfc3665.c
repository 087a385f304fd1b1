/* The call flows of RFC 3665, section by section: who says what to whom in which order, as the RFC's
 * F1 to Fn, and what each message must carry from the one before.  100 and repetitions are not
 * counted; every proxy here stays in the path (Record-Route), also where the RFC's does not. */
#include <stdlib.h>

#include "kit.h"

#define FLOW_MAX 64
#define P2_IP "192.0.2.2"

struct message {
	char step[64]; /* "alice > p1 407 INVITE" */
	char *text;
	size_t n;
	unsigned again; /* times it was repeated */
	struct arena arena;
	struct sip_msg msg;
};

struct play {
	struct kit k;
	struct server *p2;
	struct message m[FLOW_MAX];
	unsigned n;
};

/* ---- what was said ---- */

static void put_step(const struct sip_msg *m, const char *from, const char *to, struct buf *b)
{
	buf_fmt(b, "%s > %s ", from, to);
	if (m->status) {
		struct str cseq = sip_get(m, SIP_HDR_CSEQ);

		buf_fmt(b, "%u ", m->status);
		buf_puts(b, str_skip(cseq, str_find(cseq, ' ') + 1));
	} else {
		buf_puts(b, m->method_name);
	}
	buf_c(b);
}

static bool is_again(struct play *p, const char *step, struct str bytes)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct message *m = &p->m[i];

		if (strcmp(m->step, step) || !str_eq(str_of(m->text, m->n), bytes))
			continue;
		m->again++;
		return true;
	}
	return false;
}

static void message_fini(struct message *m)
{
	arena_fini(&m->arena);
	free(m->text);
}

static void watch(void *ctx, const struct sim_node *from, const char *to, struct str bytes)
{
	struct play *p = ctx;
	struct message *m = &p->m[p->n];
	struct buf b = buf_over(m->step, sizeof(m->step));
	struct sip_err err;

	if (p->n + 1 == FLOW_MAX)
		abort();
	m->n = bytes.n;
	m->again = 0;
	m->text = malloc(bytes.n);
	if (!m->text)
		abort();
	memcpy(m->text, bytes.p, bytes.n);
	arena_init(&m->arena, NULL, 0, 0);
	if (!sip_parse(str_of(m->text, m->n), &m->arena, &m->msg, &err))
		abort();
	put_step(&m->msg, from->name, to, &b);
	if (m->msg.status == 100 || is_again(p, m->step, bytes))
		message_fini(m);
	else
		p->n++;
}

static void forget(struct play *p)
{
	while (p->n)
		message_fini(&p->m[--p->n]);
}

static void play_init(struct play *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	kit_init_stopped(&p->k, seed);
	memcpy(p->k.server->node->name, "p1", 3);
	p->k.sim.link = (struct sim_link){.delay_ms = 5};
	sim_zone_a(&p->k.sim, "example.com", KIT_IP);
	p->k.sim.watch = watch;
	p->k.sim.watch_ctx = p;
}

static void add_p2(struct play *p)
{
	p->p2 = server_new(&p->k.sim, "p2", P2_IP, "example.org");
	server_add_user(p->p2, "alice", "pw-alice");
	server_add_user(p->p2, "bob", "pw-bob");
	sim_zone_a(&p->k.sim, "example.org", P2_IP);
}

static void play_fini(struct play *p)
{
	sim_run(&p->k.sim, 150000);
	kit_quiet(&p->k);
	if (p->p2)
		assert_true(server_is_idle(p->p2));
	forget(p);
	p->k.sim.watch = NULL;
	server_free(&p->p2);
	kit_fini(&p->k);
}

/* ---- what it was like ---- */

static const struct sip_msg *fn(const struct play *p, unsigned n)
{
	assert_in_range(n, 1, p->n);
	return &p->m[n - 1].msg;
}

static struct str value(const struct play *p, unsigned n, enum sip_hdr_id id)
{
	return sip_get(fn(p, n), id);
}

static unsigned count(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct sip_values v = sip_values(m, id);
	struct str one;
	unsigned n = 0;

	while (sip_values_next(&v, &one))
		n++;
	return n;
}

static bool has(struct str s, const char *text)
{
	for (size_t i = 0; i + strlen(text) <= s.n; i++) {
		if (!memcmp(s.p + i, text, strlen(text)))
			return true;
	}
	return false;
}

/* The tag of From or To; empty: none. */
static struct str tag(const struct sip_msg *m, enum sip_hdr_id id)
{
	struct str s = sip_get(m, id);

	while (s.n && !str_starts(s, STR(";tag=")))
		s = str_skip(s, 1);
	return str_skip(s, s.n < 5 ? s.n : 5);
}

static uint32_t number(const struct sip_msg *m)
{
	struct str s = sip_get(m, SIP_HDR_CSEQ);
	uint32_t n = 0;

	assert_true(str_to_u32(str_first(s, str_find(s, ' ')), &n));
	return n;
}

static struct str branch(const struct sip_msg *m)
{
	struct str s = sip_get(m, SIP_HDR_VIA);

	while (s.n && !str_starts(s, STR("branch=")))
		s = str_skip(s, 1);
	return str_first(s,
			 str_find(s, ';') < str_find(s, ',') ? str_find(s, ';') : str_find(s, ','));
}

static void same(const struct play *p, unsigned a, unsigned b, enum sip_hdr_id id)
{
	if (!str_eq(value(p, a, id), value(p, b, id)))
		fail_msg("F%u %.*s, but F%u %.*s", a, STR_ARG(value(p, a, id)), b,
			 STR_ARG(value(p, b, id)));
}

/* The steps before b that were taken between the same two, with the roles turned. */
static bool answers(const char *response, const char *request)
{
	char a[24], b[24], c[24], d[24];

	return sscanf(response, "%23s > %23s", a, b) == 2 &&
	       sscanf(request, "%23s > %23s", c, d) == 2 && !strcmp(a, d) && !strcmp(b, c);
}

/* A response is to a request that this peer had sent: s8.2.6.2. */
static void check_response(const struct play *p, unsigned n)
{
	const struct sip_msg *r = fn(p, n);

	for (unsigned i = n - 1; i >= 1; i--) {
		const struct sip_msg *q = fn(p, i);

		if (q->status || !answers(p->m[n - 1].step, p->m[i - 1].step) ||
		    !str_eq(branch(q), branch(r)) ||
		    !str_eq(sip_get(q, SIP_HDR_CSEQ), sip_get(r, SIP_HDR_CSEQ)))
			continue;
		same(p, n, i, SIP_HDR_CALL_ID);
		same(p, n, i, SIP_HDR_FROM);
		assert_int_equal(count(r, SIP_HDR_VIA), count(q, SIP_HDR_VIA));
		assert_false(str_empty(tag(r, SIP_HDR_TO)));
		if (!str_empty(tag(q, SIP_HDR_TO)))
			same(p, n, i, SIP_HDR_TO);
		return;
	}
	fail_msg("F%u (%s) answers nothing", n, p->m[n - 1].step);
}

/* The request that a proxy had before it sent this one on: one Via less, one hop more. */
static void check_request(const struct play *p, unsigned n)
{
	const struct sip_msg *q = fn(p, n);
	uint32_t hops = 0, before = 0;

	assert_true(sip_get_u32(q, SIP_HDR_MAX_FORWARDS, &hops));
	assert_true(has(branch(q), "branch=z9hG4bK"));
	if (count(q, SIP_HDR_VIA) == 1) {
		assert_int_equal(hops, 70);
		return;
	}
	for (unsigned i = n - 1; i >= 1; i--) {
		const struct sip_msg *o = fn(p, i);

		if (o->status || o->method != q->method ||
		    count(o, SIP_HDR_VIA) + 1 != count(q, SIP_HDR_VIA) ||
		    !str_eq(sip_get(o, SIP_HDR_CALL_ID), sip_get(q, SIP_HDR_CALL_ID)) ||
		    number(o) != number(q))
			continue;
		assert_true(sip_get_u32(o, SIP_HDR_MAX_FORWARDS, &before));
		assert_int_equal(hops + 1, before);
		same(p, n, i, SIP_HDR_FROM);
		same(p, n, i, SIP_HDR_TO);
		assert_true(str_eq(o->body, q->body));
		return;
	}
	fail_msg("F%u (%s) comes from nowhere", n, p->m[n - 1].step);
}

static void tell(const struct play *p, const char *const *want, unsigned n)
{
	for (unsigned i = 0; i < p->n || i < n; i++)
		print_error("F%-3u %-30s %s%s\n", i + 1, i < n ? want[i] : "-",
			    i < p->n ? p->m[i].step : "-",
			    i >= n || i >= p->n || strcmp(want[i], p->m[i].step) ? " <--" : "");
}

static void expect_steps(const struct play *p, const char *const *want, unsigned n)
{
	bool good = p->n == n;

	for (unsigned i = 0; good && i < n; i++)
		good = !strcmp(want[i], p->m[i].step);
	if (!good) {
		tell(p, want, n);
		fail_msg("the flow is another");
	}
	for (unsigned i = 1; i <= n; i++) {
		if (fn(p, i)->status)
			check_response(p, i);
		else
			check_request(p, i);
	}
}

#define EXPECT(p, ...)                                                                             \
	do {                                                                                       \
		static const char *const want_[] = {__VA_ARGS__};                                  \
                                                                                                   \
		expect_steps(p, want_, sizeof(want_) / sizeof(want_[0]));                          \
	} while (0)

/* ---- s2: registration ---- */

static struct talk bobs_talk(struct play *p, const char *password)
{
	struct talk t = talk_new(&p->k, kit_wire(&p->k, "bob"), "bob");

	t.password = password;
	return t;
}

/* RFC 3665 s2.1 */
static void s2_1_successful_new_registration(void **state)
{
	struct play p;

	play_init(&p, 201);
	server_start(p.k.server);
	kit_phone(&p.k, "bob", TRANSPORT_UDP);
	EXPECT(&p, "bob > p1 REGISTER", "p1 > bob 401 REGISTER", "bob > p1 REGISTER",
	       "p1 > bob 200 REGISTER");
	assert_true(sip_has(fn(&p, 2), SIP_HDR_WWW_AUTHENTICATE));
	assert_false(sip_has(fn(&p, 1), SIP_HDR_AUTHORIZATION));
	assert_true(has(value(&p, 3, SIP_HDR_AUTHORIZATION), "username=\"bob\""));
	assert_int_equal(number(fn(&p, 3)), number(fn(&p, 1)) + 1);
	same(&p, 1, 3, SIP_HDR_CALL_ID);
	same(&p, 1, 3, SIP_HDR_FROM);
	assert_false(str_eq(branch(fn(&p, 1)), branch(fn(&p, 3))));
	assert_true(str_empty(tag(fn(&p, 3), SIP_HDR_TO)));
	assert_int_equal(count(fn(&p, 4), SIP_HDR_CONTACT), 1);
	assert_true(has(value(&p, 4, SIP_HDR_CONTACT), "expires=3600"));
	play_fini(&p);
}

/* Bob has registered once, and knows a nonce that is good for more. */
static struct talk bob_is_known(struct play *p)
{
	struct talk t = bobs_talk(p, NULL);
	char challenge[2048];

	assert_int_equal(talk_register(&t, ""), 401);
	str_to_c(wire_text(t.wire), challenge, sizeof(challenge));
	talk_credentials(&t, "bob", "pw-bob", "REGISTER", "sip:example.com", 1);
	talk_say(&t, "REGISTER", "sip:example.com", "<sip:bob@example.com>",
		 "Contact: <sip:bob@198.51.100.77>;expires=3600\r\n", "");
	assert_int_equal(wire_final(t.wire, 3000), 200);
	wire_remember(t.wire, KIT_IP, challenge);
	talk_credentials(&t, "bob", "pw-bob", "REGISTER", "sip:example.com", 2);
	forget(p);
	return t;
}

static void registers_at_once(struct play *p, struct talk *t, const char *lines)
{
	talk_say(t, "REGISTER", "sip:example.com", "<sip:bob@example.com>", lines, "");
	assert_int_equal(wire_final(t->wire, 3000), 200);
	EXPECT(p, "bob > p1 REGISTER", "p1 > bob 200 REGISTER");
}

/* RFC 3665 s2.2; its mailto: contact is one that this server does not take */
static void s2_2_update_of_contact_list(void **state)
{
	struct play p;
	struct talk t;

	play_init(&p, 202);
	server_start(p.k.server);
	t = bob_is_known(&p);
	registers_at_once(&p, &t, "Contact: <sip:bob@office.example>\r\n");
	assert_int_equal(count(fn(&p, 2), SIP_HDR_CONTACT), 2);
	assert_true(has(str_of(p.m[1].text, p.m[1].n), "<sip:bob@198.51.100.77>"));
	assert_true(has(str_of(p.m[1].text, p.m[1].n), "<sip:bob@office.example>"));
	assert_int_equal(server_bindings(p.k.server, "bob"), 2);
	play_fini(&p);
}

/* RFC 3665 s2.3 */
static void s2_3_request_for_current_contact_list(void **state)
{
	struct play p;
	struct talk t;

	play_init(&p, 203);
	server_start(p.k.server);
	t = bob_is_known(&p);
	registers_at_once(&p, &t, "");
	assert_false(sip_has(fn(&p, 1), SIP_HDR_CONTACT));
	assert_int_equal(count(fn(&p, 2), SIP_HDR_CONTACT), 1);
	assert_int_equal(server_bindings(p.k.server, "bob"), 1);
	play_fini(&p);
}

/* RFC 3665 s2.4 */
static void s2_4_cancellation_of_registration(void **state)
{
	struct play p;
	struct talk t;

	play_init(&p, 204);
	server_start(p.k.server);
	t = bob_is_known(&p);
	registers_at_once(&p, &t, "Expires: 0\r\nContact: *\r\n");
	assert_int_equal(count(fn(&p, 2), SIP_HDR_CONTACT), 0);
	assert_int_equal(server_bindings(p.k.server, "bob"), 0);
	play_fini(&p);
}

/* RFC 3665 s2.5 */
static void s2_5_unsuccessful_registration(void **state)
{
	struct play p;
	struct phone *bob;

	play_init(&p, 205);
	server_start(p.k.server);
	bob = kit_phone_new(&p.k, "bob", TRANSPORT_UDP);
	memcpy(bob->password, "wrong", 6);
	phone_start(bob);
	kit_register(&p.k, bob, 401);
	EXPECT(&p, "bob > p1 REGISTER", "p1 > bob 401 REGISTER", "bob > p1 REGISTER",
	       "p1 > bob 401 REGISTER");
	assert_true(sip_has(fn(&p, 4), SIP_HDR_WWW_AUTHENTICATE));
	assert_int_equal(number(fn(&p, 3)), number(fn(&p, 1)) + 1);
	assert_int_equal(count(fn(&p, 4), SIP_HDR_CONTACT), 0);
	assert_int_equal(server_bindings(p.k.server, "bob"), 0);
	play_fini(&p);
}

/* ---- s3: sessions ---- */

/* Bob's phone at the second proxy, registered there. */
static struct phone *bob_of_p2(struct play *p)
{
	struct phone *bob = phone_new(&p->k.sim, "bob", "pw-bob", "example.org", "198.51.100.200",
				      P2_IP, TRANSPORT_UDP);

	p->k.phone[p->k.n_phones++] = bob;
	phone_start(bob);
	kit_register(&p->k, bob, 200);
	return bob;
}

struct pair {
	struct phone *alice, *bob;
};

/* Alice at p1, Bob at p2. */
static struct pair two_proxies(struct play *p, uint64_t seed)
{
	struct pair x;

	play_init(p, seed);
	add_p2(p);
	server_start(p->k.server);
	server_start(p->p2);
	x.alice = kit_phone(&p->k, "alice", TRANSPORT_UDP);
	x.bob = bob_of_p2(p);
	x.bob->manner = (struct phone_manner){.ring_ms = 100, .answer_ms = 1000, .status = 200};
	forget(p);
	return x;
}

static void call(struct play *p, struct phone *from, const char *uri, struct phone_plan plan,
		 enum dlg_cause cause, unsigned status)
{
	assert_non_null(phone_call(from, uri, &plan));
	kit_wait_ended(&p->k, from, 1, 100000);
	if (from->last.cause != cause || from->last.status != status)
		fail_msg("%s %u %d", phone_cause(from->last.cause), from->last.status,
			 from->last.err);
	sim_run(&p->k.sim, 1000);
}

/* All of a call's messages share its Call-ID; the dialog's tags are those of its 2xx. */
static void one_dialog(const struct play *p, unsigned first, unsigned ok)
{
	struct str caller = tag(fn(p, ok), SIP_HDR_FROM), callee = tag(fn(p, ok), SIP_HDR_TO);

	for (unsigned i = first; i <= p->n; i++) {
		const struct sip_msg *m = fn(p, i);

		same(p, i, first, SIP_HDR_CALL_ID);
		if (i <= ok || m->status)
			continue;
		assert_true((str_eq(tag(m, SIP_HDR_FROM), caller) &&
			     str_eq(tag(m, SIP_HDR_TO), callee)) ||
			    (str_eq(tag(m, SIP_HDR_FROM), callee) &&
			     str_eq(tag(m, SIP_HDR_TO), caller)));
	}
}

/* RFC 3665 s3.1 */
static void s3_1_successful_session_establishment(void **state)
{
	struct play p;
	struct phone *alice, *bob;
	char uri[64];
	struct buf b = buf_over(uri, sizeof(uri));

	play_init(&p, 301);
	server_start(p.k.server);
	alice = kit_phone_new(&p.k, "alice", TRANSPORT_UDP);
	bob = kit_phone_new(&p.k, "bob", TRANSPORT_UDP);
	alice->proxy[0] = bob->proxy[0] = '\0';
	bob->manner.hangup_ms = 3000;
	phone_start(alice);
	phone_start(bob);
	buf_fmt(&b, "sip:bob@%s", bob->host);
	call(&p, alice, buf_c(&b), (struct phone_plan){0}, DLG_PEER_BYE, 0);
	EXPECT(&p, "alice > bob INVITE", "bob > alice 180 INVITE", "bob > alice 200 INVITE",
	       "alice > bob ACK", "bob > alice BYE", "alice > bob 200 BYE");
	one_dialog(&p, 1, 3);
	assert_true(str_eq(tag(fn(&p, 2), SIP_HDR_TO), tag(fn(&p, 3), SIP_HDR_TO)));
	assert_int_equal(number(fn(&p, 4)), number(fn(&p, 1)));
	assert_false(sip_has(fn(&p, 4), SIP_HDR_ROUTE));
	assert_true(fn(&p, 1)->body.n && fn(&p, 3)->body.n && !fn(&p, 4)->body.n);
	assert_true(alice->last.packets_received > 0 && bob->last.packets_received > 0);
	play_fini(&p);
}

/* F1 to F3 of s3.2: p1 asks its own users who they are, also where the RFC's does not */
#define CHALLENGED "alice > p1 INVITE", "p1 > alice 407 INVITE", "alice > p1 ACK"
#define THROUGH_TWO                                                                                \
	"alice > p1 INVITE", "p1 > p2 INVITE", "p2 > bob INVITE", "bob > p2 180 INVITE",           \
		"p2 > p1 180 INVITE", "p1 > alice 180 INVITE"
#define ANSWERED_THROUGH_TWO                                                                       \
	"bob > p2 200 INVITE", "p2 > p1 200 INVITE", "p1 > alice 200 INVITE", "alice > p1 ACK",    \
		"p1 > p2 ACK", "p2 > bob ACK"
#define BOB_ENDS_THROUGH_TWO                                                                       \
	"bob > p2 BYE", "p2 > p1 BYE", "p1 > alice BYE", "alice > p1 200 BYE", "p1 > p2 200 BYE",  \
		"p2 > bob 200 BYE"

/* What a proxy put on top of the request that it sent on at `out`: one value, or two where its sides
 * speak differently or one can be reached by its flow alone (RFC 5658, RFC 5626 s5.3). */
static unsigned values_added(const struct play *p, unsigned in, unsigned out, const char *host)
{
	struct sip_values v = sip_values(fn(p, out), SIP_HDR_RECORD_ROUTE);
	unsigned n =
		count(fn(p, out), SIP_HDR_RECORD_ROUTE) - count(fn(p, in), SIP_HDR_RECORD_ROUTE);
	struct str one;

	assert_in_range(n, 1, 2);
	for (unsigned i = 0; i < n; i++)
		assert_true(sip_values_next(&v, &one) && has(one, host) && has(one, ";lr"));
	return n;
}

/* INVITE at i from Alice and its 200 at ok to her, with two proxies between that stay. */
static void two_record_routes(const struct play *p, unsigned i, unsigned ok, unsigned ack)
{
	unsigned one = values_added(p, i, i + 1, KIT_IP),
		 two = values_added(p, i + 1, i + 2, P2_IP);

	assert_int_equal(count(fn(p, i), SIP_HDR_RECORD_ROUTE), 0);
	assert_int_equal(count(fn(p, i + 2), SIP_HDR_VIA), 3);
	for (unsigned k = ok - 2; k <= ok; k++)
		assert_int_equal(count(fn(p, k), SIP_HDR_RECORD_ROUTE), one + two);
	/* The route set, its own values gone at each proxy. */
	assert_int_equal(count(fn(p, ack), SIP_HDR_ROUTE), one + two);
	assert_int_equal(count(fn(p, ack + 1), SIP_HDR_ROUTE), two);
	assert_int_equal(count(fn(p, ack + 2), SIP_HDR_ROUTE), 0);
	assert_true(has(fn(p, ack)->uri, "sip:bob@198.51.100.200"));
	assert_int_equal(number(fn(p, ack)), number(fn(p, i)));
	assert_false(sip_has(fn(p, ack), SIP_HDR_RECORD_ROUTE));
}

/* RFC 3665 s3.2 */
static void s3_2_through_two_proxies(void **state)
{
	struct play p;
	struct pair x = two_proxies(&p, 302);

	x.bob->manner.hangup_ms = 3000;
	call(&p, x.alice, "sip:bob@example.org", (struct phone_plan){0}, DLG_PEER_BYE, 0);
	EXPECT(&p, CHALLENGED, THROUGH_TWO, ANSWERED_THROUGH_TWO, BOB_ENDS_THROUGH_TWO);
	assert_true(sip_has(fn(&p, 2), SIP_HDR_PROXY_AUTHENTICATE));
	assert_true(str_eq(branch(fn(&p, 3)), branch(fn(&p, 1))));
	assert_int_equal(number(fn(&p, 4)), number(fn(&p, 1)) + 1);
	assert_true(str_empty(tag(fn(&p, 4), SIP_HDR_TO)));
	same(&p, 4, 1, SIP_HDR_FROM);
	assert_true(has(value(&p, 4, SIP_HDR_PROXY_AUTHORIZATION), "realm=\"example.com\""));
	two_record_routes(&p, 4, 12, 13);
	one_dialog(&p, 1, 12);
	/* Bob's route set is Alice's turned around. */
	assert_int_equal(count(fn(&p, 16), SIP_HDR_ROUTE), count(fn(&p, 13), SIP_HDR_ROUTE));
	assert_true(has(value(&p, 16, SIP_HDR_ROUTE), P2_IP));
	assert_true(has(value(&p, 17, SIP_HDR_ROUTE), KIT_IP));
	assert_int_equal(count(fn(&p, 18), SIP_HDR_ROUTE), 0);
	play_fini(&p);
}

/* RFC 3665 s3.3: both ask, each for its own realm */
static void s3_3_multiple_proxy_authentication(void **state)
{
	struct play p;
	struct phone *alice;

	play_init(&p, 303);
	add_p2(&p);
	/* Alice of the first domain is to the second a user of its own. */
	assert_int_equal(app_policy_add_alias(p.p2->policy, STR("example.com")), 0);
	server_start(p.k.server);
	server_start(p.p2);
	alice = kit_phone(&p.k, "alice", TRANSPORT_UDP);
	bob_of_p2(&p)->manner = (struct phone_manner){
		.ring_ms = PHONE_NEVER, .answer_ms = 500, .status = 200, .hangup_ms = 3000};
	forget(&p);
	call(&p, alice, "sip:bob@example.org", (struct phone_plan){0}, DLG_PEER_BYE, 0);
	EXPECT(&p, "alice > p1 INVITE", "p1 > alice 407 INVITE", "alice > p1 ACK",
	       "alice > p1 INVITE", "p1 > p2 INVITE", "p2 > p1 407 INVITE", "p1 > p2 ACK",
	       "p1 > alice 407 INVITE", "alice > p1 ACK", "alice > p1 INVITE", "p1 > p2 INVITE",
	       "p2 > bob INVITE", ANSWERED_THROUGH_TWO, BOB_ENDS_THROUGH_TWO);
	assert_true(has(value(&p, 2, SIP_HDR_PROXY_AUTHENTICATE), "realm=\"example.com\""));
	assert_true(has(value(&p, 8, SIP_HDR_PROXY_AUTHENTICATE), "realm=\"example.org\""));
	assert_int_equal(sip_count(fn(&p, 10), SIP_HDR_PROXY_AUTHORIZATION), 2);
	for (unsigned k = 0; k < 2; k++)
		assert_int_equal(number(fn(&p, 4 + 6 * k)), number(fn(&p, 1)) + 1 + k);
	two_record_routes(&p, 10, 15, 16);
	one_dialog(&p, 1, 15);
	play_fini(&p);
}

static struct phone *alice_of_two_hosts(struct play *p)
{
	struct phone *alice = kit_phone_new(&p->k, "alice", TRANSPORT_UDP);
	struct buf b = buf_over(alice->proxy, sizeof(alice->proxy));

	buf_fmt(&b, "sip:proxies.example;lr");
	buf_c(&b);
	sim_zone_srv(&p->k.sim, "_sip._udp.proxies.example", 1, 0, 5060, "p1.example");
	sim_zone_srv(&p->k.sim, "_sip._udp.proxies.example", 2, 0, 5060, "p2.example");
	sim_zone_a(&p->k.sim, "p2.example", KIT_IP);
	phone_start(alice);
	return alice;
}

/* F8 to F23 of s3.4 */
#define BY_THE_SECOND                                                                              \
	"alice > p2 INVITE", "p2 > alice 407 INVITE", "alice > p2 ACK", "alice > p2 INVITE",       \
		"p2 > bob INVITE", "bob > p2 180 INVITE", "p2 > alice 180 INVITE",                 \
		"bob > p2 200 INVITE", "p2 > alice 200 INVITE", "alice > p2 ACK", "p2 > bob ACK",  \
		"bob > p2 BYE", "p2 > alice BYE", "alice > p2 200 BYE", "p2 > bob 200 BYE"

/* RFC 3665 s3.4: the first proxy is silent, or (RFC 3263 s4.3) says 503; the second is taken */
static void s3_4_proxy_failure(void **state)
{
	for (unsigned says = 0; says < 2; says++) {
		struct play p;
		struct phone *alice, *bob;
		struct wire *first;
		char ip[ADDR_TEXT_MAX];

		play_init(&p, 304 + 1000 * says);
		memcpy(p.k.server->node->name, "p2", 3);
		server_start(p.k.server);
		first = kit_wire(&p.k, "p1");
		sim_zone_a(&p.k.sim, "p1.example", kit_ip(first, ip));
		bob = kit_phone(&p.k, "bob", TRANSPORT_UDP);
		bob->manner.hangup_ms = 3000;
		alice = alice_of_two_hosts(&p);
		forget(&p);
		assert_non_null(phone_call(alice, "sip:bob@example.com", &(struct phone_plan){0}));
		if (says) {
			assert_true(wire_request(first, "INVITE", 3000));
			wire_answer(first, 503, "", "");
		}
		kit_wait_ended(&p.k, alice, 1, 100000);
		assert_int_equal(alice->last.cause, DLG_PEER_BYE);
		sim_run(&p.k.sim, 1000);
		if (says)
			EXPECT(&p, "alice > p1 INVITE", "p1 > alice 503 INVITE", "alice > p1 ACK",
			       BY_THE_SECOND);
		else
			EXPECT(&p, "alice > p1 INVITE", BY_THE_SECOND);
		assert_int_equal(p.m[0].again, says ? 0 : 6);
		play_fini(&p);
	}
}

/* RFC 3665 s3.5: Alice is behind a router; what keeps her reachable is the proxy that she names in a
 * preloaded Route, as the RFC's gateway is */
static void s3_5_through_a_router(void **state)
{
	struct play p;
	struct phone *alice, *bob;

	play_init(&p, 305);
	add_p2(&p);
	server_start(p.k.server);
	server_start(p.p2);
	alice = kit_phone_new(&p.k, "alice", TRANSPORT_UDP);
	phone_behind(alice, sim_nat_new(&p.k.sim, "203.0.113.1"));
	phone_start(alice);
	kit_register(&p.k, alice, 200);
	bob = bob_of_p2(&p);
	alice->no_media = bob->no_media = true;
	forget(&p);
	call(&p, alice, "sip:bob@example.org", (struct phone_plan){.hold_ms = 3000}, DLG_HUNG_UP,
	     0);
	EXPECT(&p, CHALLENGED, THROUGH_TWO, ANSWERED_THROUGH_TWO, "alice > p1 BYE", "p1 > p2 BYE",
	       "p2 > bob BYE", "bob > p2 200 BYE", "p2 > p1 200 BYE", "p1 > alice 200 BYE");
	assert_false(has(value(&p, 4, SIP_HDR_VIA), "received"));
	assert_true(has(str_of(p.m[4].text, p.m[4].n), ";received=203.0.113.1"));
	assert_true(has(value(&p, 12, SIP_HDR_VIA), "rport=40000"));
	two_record_routes(&p, 4, 12, 13);
	one_dialog(&p, 1, 12);
	play_fini(&p);
}

/* The INVITE of s3.6, once to each: no offer in it. */
static void invite_from_alice(struct wire *alice, const char *ip, const char *uri, unsigned cseq)
{
	char own[ADDR_TEXT_MAX];

	kit_ip(alice, own);
	wire_send(alice, ip,
		  "INVITE %s SIP/2.0\nVia: SIP/2.0/UDP %s:5060;rport;branch=z9hG4bKi%u\n"
		  "Max-Forwards: 70\nFrom: <sip:alice@else.example>;tag=9fx\n"
		  "To: <sip:bob@example.com>\nCall-ID: two-places\nCSeq: %u INVITE\n"
		  "Contact: <sip:alice@%s:5060>\nContent-Length: 0\n\n",
		  uri, own, cseq, cseq, own);
}

static void ack_from_alice(struct wire *alice, const char *ip, const char *uri, const char *lines,
			   unsigned via, unsigned cseq, const char *body)
{
	char own[ADDR_TEXT_MAX], to[256];

	kit_ip(alice, own);
	str_to_c(str_c(wire_header(alice, "To")), to, sizeof(to));
	wire_send(alice, ip,
		  "ACK %s SIP/2.0\nVia: SIP/2.0/UDP %s:5060;rport;branch=z9hG4bKi%u\n"
		  "Max-Forwards: 70\nFrom: <sip:alice@else.example>;tag=9fx\n"
		  "To: %s\nCall-ID: two-places\nCSeq: %u ACK\n%s%s"
		  "Content-Length: %u\n\n%s",
		  uri, own, via, to, cseq, lines, *body ? "Content-Type: application/sdp\n" : "",
		  (unsigned)strlen(body), body);
}

/* RFC 3665 s3.6 */
static void s3_6_redirect_and_sdp_in_ack(void **state)
{
	struct play p;
	struct wire *alice;
	struct phone *bob;
	char routes[512], rr[400];
	struct buf b = buf_over(routes, sizeof(routes));

	play_init(&p, 306);
	add_p2(&p);
	assert_int_equal(app_policy_add_route(p.k.server->policy, STR("sip:bob@example.com"),
					      APP_ROUTE_REDIRECT, STR("sip:bob@example.org")),
			 0);
	server_start(p.k.server);
	server_start(p.p2);
	alice = kit_wire(&p.k, "alice");
	bob = bob_of_p2(&p);
	bob->no_media = true;
	bob->manner = (struct phone_manner){100, 500, 200, 3000};
	forget(&p);
	invite_from_alice(alice, KIT_IP, "sip:bob@example.com", 1);
	assert_int_equal(wire_final(alice, 3000), 302);
	assert_true(str_eq(str_c(wire_header(alice, "Contact")), STR("<sip:bob@example.org>")));
	ack_from_alice(alice, KIT_IP, "sip:bob@example.com", "", 1, 1, "");
	invite_from_alice(alice, P2_IP, "sip:bob@example.org", 2);
	assert_int_equal(wire_final(alice, 3000), 200);
	str_to_c(str_c(wire_header(alice, "Record-Route")), rr, sizeof(rr));
	buf_fmt(&b, "Route: %s\n", rr);
	ack_from_alice(alice, P2_IP, "sip:bob@198.51.100.200:5060", buf_c(&b), 3, 2, KIT_SDP);
	assert_true(wire_request(alice, "BYE", 5000));
	wire_answer(alice, 200, "", "");
	kit_wait_ended(&p.k, bob, 1, 3000);
	assert_int_equal(bob->last.cause, DLG_HUNG_UP);
	sim_run(&p.k.sim, 1000);
	EXPECT(&p, "alice > p1 INVITE", "p1 > alice 302 INVITE", "alice > p1 ACK",
	       "alice > p2 INVITE", "p2 > bob INVITE", "bob > p2 180 INVITE",
	       "p2 > alice 180 INVITE", "bob > p2 200 INVITE", "p2 > alice 200 INVITE",
	       "alice > p2 ACK", "p2 > bob ACK", "bob > p2 BYE", "p2 > alice BYE",
	       "alice > p2 200 BYE", "p2 > bob 200 BYE");
	assert_int_equal(fn(&p, 5)->body.n, 0);
	assert_true(fn(&p, 9)->body.n > 0);
	assert_true(str_eq(fn(&p, 11)->body, fn(&p, 10)->body) && fn(&p, 11)->body.n > 0);
	assert_int_equal(count(fn(&p, 2), SIP_HDR_RECORD_ROUTE), 0);
	one_dialog(&p, 4, 9);
	play_fini(&p);
}

/* What Bob keeps of the call when he moves. */
struct moving {
	char from[256], to[256], call_id[128], route[512], target[128], tagged[300];
};

static void keep_invite(struct wire *bob, struct moving *v)
{
	str_to_c(str_c(wire_header(bob, "From")), v->from, sizeof(v->from));
	str_to_c(str_c(wire_header(bob, "To")), v->to, sizeof(v->to));
	str_to_c(str_c(wire_header(bob, "Call-ID")), v->call_id, sizeof(v->call_id));
	str_to_c(str_c(wire_header(bob, "Record-Route")), v->route, sizeof(v->route));
	str_to_c(str_c(wire_header(bob, "Contact")), v->target, sizeof(v->target));
}

/* A request of Bob's from his new address; his own tag is in `tagged`. */
static void from_new_place(struct wire *bob, const struct moving *v, const char *method,
			   unsigned via, const char *body)
{
	char own[ADDR_TEXT_MAX];
	struct str uri = str_c(v->target);

	kit_ip(bob, own);
	uri = str_skip(uri, str_find(uri, '<') + 1);
	uri = str_first(uri, str_find(uri, '>'));
	wire_send(bob, KIT_IP,
		  "%s %.*s SIP/2.0\nVia: SIP/2.0/UDP %s:5060;rport;branch=z9hG4bKm%u\n"
		  "Max-Forwards: 70\nRoute: %s\nFrom: %s\nTo: %s\nCall-ID: %s\nCSeq: 14 %s\n"
		  "Contact: <sip:bob@%s:5060>\n%sContent-Length: %u\n\n%s",
		  method, STR_ARG(uri), own, via, v->route, v->tagged, v->from, v->call_id, method,
		  own, *body ? "Content-Type: application/sdp\n" : "", (unsigned)strlen(body),
		  body);
}

static void bob_answers(struct wire *bob, struct moving *v)
{
	char line[128], ip[ADDR_TEXT_MAX];
	struct buf b = buf_over(line, sizeof(line));

	assert_true(wire_request(bob, "INVITE", 3000));
	keep_invite(bob, v);
	wire_answer(bob, 180, "", "");
	buf_fmt(&b, "Contact: <sip:bob@%s:5060>\n", kit_ip(bob, ip));
	wire_answer(bob, 200, buf_c(&b), KIT_SDP);
	assert_true(wire_request(bob, "ACK", 3000));
	str_to_c(str_c(wire_header(bob, "To")), v->tagged, sizeof(v->tagged));
}

/* RFC 3665 s3.7 */
static void s3_7_re_invite_after_a_move(void **state)
{
	struct play p;
	struct moving v;
	struct phone *alice;
	struct wire *moved;
	struct talk t;

	play_init(&p, 307);
	p.k.server->policy->auth_invite = false;
	server_start(p.k.server);
	alice = kit_phone(&p.k, "alice", TRANSPORT_UDP);
	alice->no_media = true;
	t = bobs_talk(&p, "pw-bob");
	assert_int_equal(talk_register(&t, "Contact: <sip:bob@198.51.100.3:5060>\r\n"), 200);
	moved = kit_wire(&p.k, "bob-moved");
	forget(&p);
	assert_non_null(
		phone_call(alice, "sip:bob@example.com", &(struct phone_plan){.hold_ms = 10000}));
	bob_answers(t.wire, &v);
	sim_kill(wire_node(t.wire), true);
	from_new_place(moved, &v, "INVITE", 1, KIT_SDP);
	assert_int_equal(wire_final(moved, 3000), 200);
	from_new_place(moved, &v, "ACK", 2, "");
	assert_true(wire_request(moved, "BYE", 20000));
	wire_answer(moved, 200, "", "");
	kit_wait_ended(&p.k, alice, 1, 3000);
	assert_int_equal(alice->last.cause, DLG_HUNG_UP);
	EXPECT(&p, "alice > p1 INVITE", "p1 > bob INVITE", "bob > p1 180 INVITE",
	       "bob > p1 200 INVITE", "p1 > alice 180 INVITE", "p1 > alice 200 INVITE",
	       "alice > p1 ACK", "p1 > bob ACK", "bob-moved > p1 INVITE", "p1 > alice INVITE",
	       "alice > p1 200 INVITE", "p1 > bob-moved 200 INVITE", "bob-moved > p1 ACK",
	       "p1 > alice ACK", "alice > p1 BYE", "p1 > bob-moved BYE", "bob-moved > p1 200 BYE",
	       "p1 > alice 200 BYE");
	one_dialog(&p, 1, 6);
	/* The target of her dialog is where he is now. */
	assert_true(has(fn(&p, 15)->uri, "198.51.100.4"));
	assert_int_equal(count(fn(&p, 15), SIP_HDR_ROUTE), 1);
	play_fini(&p);
}

#define REFUSED_THROUGH_TWO(status)                                                                \
	"bob > p2 " status " INVITE", "p2 > bob ACK", "p2 > p1 " status " INVITE", "p1 > p2 ACK",  \
		"p1 > alice " status " INVITE", "alice > p1 ACK"

/* Each ACK is of its hop alone: branch and Via of the INVITE that it ends (s17.1.1.3). */
static void acks_hop_by_hop(const struct play *p)
{
	for (unsigned i = 1; i <= p->n; i++) {
		unsigned k = 1;

		if (fn(p, i)->status || fn(p, i)->method != SIP_ACK)
			continue;
		while (fn(p, k)->status || fn(p, k)->method != SIP_INVITE ||
		       !str_eq(branch(fn(p, k)), branch(fn(p, i))))
			k++;
		assert_int_equal(count(fn(p, i), SIP_HDR_VIA), 1);
		assert_int_equal(number(fn(p, i)), number(fn(p, k)));
		assert_true(str_eq(fn(p, i)->uri, fn(p, k)->uri));
		assert_false(str_empty(tag(fn(p, i), SIP_HDR_TO)));
	}
}

/* RFC 3665 s3.8 */
static void s3_8_no_answer(void **state)
{
	struct play p;
	struct pair x = two_proxies(&p, 308);

	x.bob->manner.answer_ms = PHONE_NEVER;
	call(&p, x.alice, "sip:bob@example.org", (struct phone_plan){.cancel_ms = 5000},
	     DLG_CANCELED, 0);
	EXPECT(&p, CHALLENGED, THROUGH_TWO, "alice > p1 CANCEL", "p1 > alice 200 CANCEL",
	       "p1 > p2 CANCEL", "p2 > p1 200 CANCEL", "p2 > bob CANCEL", "bob > p2 200 CANCEL",
	       REFUSED_THROUGH_TWO("487"));
	for (unsigned k = 0; k < 3; k++) {
		const struct sip_msg *cancel = fn(&p, 10 + 2 * k), *invite = fn(&p, 4 + k);

		assert_true(str_eq(branch(cancel), branch(invite)));
		assert_int_equal(number(cancel), number(invite));
		assert_true(str_eq(cancel->uri, invite->uri));
		assert_true(str_empty(tag(cancel, SIP_HDR_TO)));
	}
	assert_int_equal(x.bob->last.cause, DLG_CANCELED);
	play_fini(&p);
}

/* RFC 3665 s3.9 */
static void s3_9_busy(void **state)
{
	struct play p;
	struct pair x = two_proxies(&p, 309);

	x.bob->manner = (struct phone_manner){PHONE_NEVER, 100, 486, 0};
	call(&p, x.alice, "sip:bob@example.org", (struct phone_plan){0}, DLG_REFUSED, 486);
	EXPECT(&p, CHALLENGED, "alice > p1 INVITE", "p1 > p2 INVITE", "p2 > bob INVITE",
	       REFUSED_THROUGH_TWO("486"));
	acks_hop_by_hop(&p);
	play_fini(&p);
}

/* RFC 3665 s3.10; the answer is the 408 of RFC 3261 s16.8 */
static void s3_10_no_response(void **state)
{
	struct play p;
	struct pair x = two_proxies(&p, 310);

	sim_isolate(x.bob->node, true);
	call(&p, x.alice, "sip:bob@example.org", (struct phone_plan){0}, DLG_REFUSED, 408);
	EXPECT(&p, CHALLENGED, "alice > p1 INVITE", "p1 > p2 INVITE", "p2 > bob INVITE",
	       "p2 > p1 408 INVITE", "p1 > p2 ACK", "p1 > alice 408 INVITE", "alice > p1 ACK");
	assert_int_equal(p.m[5].again, 6); /* F6 to F11 */
	assert_int_equal(p.m[3].again + p.m[4].again, 0); /* 100 holds them */
	acks_hop_by_hop(&p);
	play_fini(&p);
}

/* RFC 3665 s3.11 */
static void s3_11_temporarily_unavailable(void **state)
{
	struct play p;
	struct pair x = two_proxies(&p, 311);

	x.bob->manner.status = 480;
	call(&p, x.alice, "sip:bob@example.org", (struct phone_plan){0}, DLG_REFUSED, 480);
	EXPECT(&p, CHALLENGED, THROUGH_TWO, REFUSED_THROUGH_TWO("480"));
	acks_hop_by_hop(&p);
	play_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s2_1_successful_new_registration),
		cmocka_unit_test(s2_2_update_of_contact_list),
		cmocka_unit_test(s2_3_request_for_current_contact_list),
		cmocka_unit_test(s2_4_cancellation_of_registration),
		cmocka_unit_test(s2_5_unsuccessful_registration),
		cmocka_unit_test(s3_1_successful_session_establishment),
		cmocka_unit_test(s3_2_through_two_proxies),
		cmocka_unit_test(s3_3_multiple_proxy_authentication),
		cmocka_unit_test(s3_4_proxy_failure),
		cmocka_unit_test(s3_5_through_a_router),
		cmocka_unit_test(s3_6_redirect_and_sdp_in_ack),
		cmocka_unit_test(s3_7_re_invite_after_a_move),
		cmocka_unit_test(s3_8_no_answer),
		cmocka_unit_test(s3_9_busy),
		cmocka_unit_test(s3_10_no_response),
		cmocka_unit_test(s3_11_temporarily_unavailable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
