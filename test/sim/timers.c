/* Each timer of RFC 3261 table 4 (and RFC 6026's), from end to end through whole nodes: what is sent
 * when, and when it is over, by the virtual clock. */
#include "kit.h"

/* A phone whose proxy is a hand-written peer next to it. */
struct rig {
	struct kit k;
	struct wire *peer;
	struct phone *phone;
	uint64_t start;
	unsigned slack_ms; /* segments of a stream take their time */
};

static void rig_init(struct rig *r, uint64_t seed, enum transport by)
{
	char ip[ADDR_TEXT_MAX];

	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->k.sim.link.delay_ms = 1;
	r->k.sim.link.jitter_ms = 0;
	r->peer = kit_wire(&r->k, "peer");
	r->phone = phone_new(&r->k.sim, "alice", "pw-alice", "example.com", "198.51.100.50",
			     kit_ip(r->peer, ip), by);
	r->k.phone[r->k.n_phones++] = r->phone;
	r->phone->no_media = true;
	phone_start(r->phone);
	r->start = sim_now_ms(&r->k.sim);
	r->slack_ms = 5;
}

static void call(struct rig *r)
{
	static const struct phone_plan plan = {0};

	assert_non_null(phone_call(r->phone, "sip:bob@example.com", &plan));
}

static size_t txns(const struct rig *r)
{
	return txn_count(core_txns(r->phone->core));
}

/* The peer hears such requests (or responses) at these times and at no other for a while. */
static void hears_at(struct rig *r, const char *starts, const uint32_t *at_ms, unsigned n,
		     uint64_t then_ms)
{
	for (unsigned i = 0; i < n; i++) {
		struct str text = wire_take(r->peer, 100000);
		uint64_t at = sim_now_ms(&r->k.sim) - r->start;

		if (!str_starts(text, str_c(starts)))
			fail_msg("%s %u: heard \"%.*s\" at %llu", starts, i,
				 (int)(text.n < 40 ? text.n : 40), text.p ? text.p : "",
				 (unsigned long long)at);
		if (at < at_ms[i] || at > at_ms[i] + r->slack_ms)
			fail_msg("%s %u at %llu, not %u", starts, i, (unsigned long long)at,
				 at_ms[i]);
	}
	if (!str_empty(wire_take(r->peer, then_ms)))
		fail_msg("%s: once more at %llu", starts,
			 (unsigned long long)(sim_now_ms(&r->k.sim) - r->start));
}

#define HEARS(r, starts, then_ms, ...)                                                             \
	hears_at(r, starts, (const uint32_t[]){__VA_ARGS__},                                       \
		 sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), then_ms)

/* A: 500 ms doubling; B: 64*T1. */
static void timers_a_and_b(void **state)
{
	struct rig r;

	rig_init(&r, 1, TRANSPORT_UDP);
	call(&r);
	HEARS(&r, "INVITE ", 0, 0, 500, 1500, 3500, 7500, 15500, 31500);
	assert_int_equal(r.phone->ended, 0);
	sim_run(&r.k.sim, 32000 - (sim_now_ms(&r.k.sim) - r.start) + 5);
	assert_int_equal(r.phone->ended, 1);
	assert_int_equal(r.phone->last.cause, DLG_TIMED_OUT);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* A does not run over a stream, B does. */
static void no_timer_a_over_streams(void **state)
{
	struct rig r;

	rig_init(&r, 2, TRANSPORT_TCP);
	call(&r);
	HEARS(&r, "INVITE ", 31900, 2);
	sim_run(&r.k.sim, 200);
	assert_int_equal(r.phone->last.cause, DLG_TIMED_OUT);
	kit_fini(&r.k);
}

/* A provisional response stops A and B. */
static void a_provisional_stops_them(void **state)
{
	struct rig r;

	rig_init(&r, 3, TRANSPORT_UDP);
	call(&r);
	assert_true(wire_request(r.peer, "INVITE", 100));
	wire_answer(r.peer, 180, "", "");
	assert_true(str_empty(wire_take(r.peer, 100000)));
	assert_int_equal(r.phone->ended, 0);
	assert_int_equal(txns(&r), 1);
	kit_fini(&r.k);
}

/* D: for 32 s each repetition of the refusal gets its ACK. */
static void timer_d(void **state)
{
	struct rig r;
	char invite[4096];

	rig_init(&r, 4, TRANSPORT_UDP);
	call(&r);
	assert_true(wire_request(r.peer, "INVITE", 100));
	str_to_c(wire_text(r.peer), invite, sizeof(invite));
	wire_answer(r.peer, 486, "", "");
	for (unsigned i = 0; i < 3; i++) {
		assert_true(wire_request(r.peer, "ACK", 100));
		sim_run(&r.k.sim, 10000);
		assert_int_equal(txns(&r), 1);
		wire_remember(r.peer, "198.51.100.50", invite);
		wire_answer(r.peer, 486, "", "");
	}
	assert_true(wire_request(r.peer, "ACK", 100));
	sim_run(&r.k.sim, 3000);
	assert_int_equal(txns(&r), 0);
	wire_remember(r.peer, "198.51.100.50", invite);
	wire_answer(r.peer, 486, "", "");
	assert_false(wire_request(r.peer, "ACK", 1000));
	kit_fini(&r.k);
}

/* D is zero over a stream. */
static void no_timer_d_over_streams(void **state)
{
	struct rig r;

	rig_init(&r, 5, TRANSPORT_TCP);
	call(&r);
	assert_true(wire_request(r.peer, "INVITE", 100));
	wire_answer(r.peer, 486, "", "");
	assert_true(wire_request(r.peer, "ACK", 100));
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* E: 500 ms doubling up to T2; F: 64*T1. */
static void timers_e_and_f(void **state)
{
	struct rig r;

	rig_init(&r, 6, TRANSPORT_UDP);
	phone_register(r.phone, 3600);
	HEARS(&r, "REGISTER ", 0, 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500,
	      31500);
	assert_int_equal(r.phone->reg_err, 0);
	sim_run(&r.k.sim, 600);
	assert_int_equal(r.phone->reg_err, -ETIMEDOUT);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* In Proceeding E is T2. */
static void timer_e_in_proceeding(void **state)
{
	struct rig r;

	rig_init(&r, 7, TRANSPORT_UDP);
	phone_register(r.phone, 3600);
	assert_true(wire_request(r.peer, "REGISTER", 100));
	sim_run(&r.k.sim, 100);
	wire_answer(r.peer, 100, "", "");
	r.start += 500;
	/* the one that was set when it came, then each T2 */
	HEARS(&r, "REGISTER ", 0, 0, 4000, 8000, 12000, 16000, 20000, 24000, 28000);
	sim_run(&r.k.sim, 4000);
	assert_int_equal(r.phone->reg_err, -ETIMEDOUT);
	kit_fini(&r.k);
}

/* K: T4 for repetitions of the response.
 * RFC3581-3-3 */
static void timer_k(void **state)
{
	struct rig r;

	rig_init(&r, 8, TRANSPORT_UDP);
	phone_register(r.phone, 3600);
	assert_true(wire_request(r.peer, "REGISTER", 100));
	wire_answer(r.peer, 200, "", "");
	sim_run(&r.k.sim, 4900);
	assert_int_equal(r.phone->reg_status, 200);
	assert_int_equal(txns(&r), 1);
	sim_run(&r.k.sim, 200);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

static void no_timer_k_over_streams(void **state)
{
	struct rig r;

	rig_init(&r, 9, TRANSPORT_TCP);
	phone_register(r.phone, 3600);
	assert_true(wire_request(r.peer, "REGISTER", 100));
	wire_answer(r.peer, 200, "", "");
	sim_run(&r.k.sim, 100);
	assert_int_equal(r.phone->reg_status, 200);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* ---- the server's side: the peer calls the phone ---- */

static void says(struct rig *r, bool stream, const char *method, const char *branch, unsigned cseq,
		 const char *to_tag, const char *body)
{
	char text[2048];
	struct buf b = buf_over(text, sizeof(text));
	char ip[ADDR_TEXT_MAX];

	kit_ip(r->peer, ip);
	buf_fmt(&b,
		"%s sip:alice@198.51.100.50 SIP/2.0\r\nVia: SIP/2.0/%s %s:5060;branch=z9hG4bK%s\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:bob@example.com>;tag=b\r\nTo: "
		"<sip:alice@example.com>%s%s\r\n"
		"Call-ID: timers\r\nCSeq: %u %s\r\nContact: <sip:bob@%s:5060>\r\n%sContent-Length: "
		"%zu\r\n\r\n%s",
		method, stream ? "TCP" : "UDP", ip, branch, *to_tag ? ";tag=" : "", to_tag, cseq,
		method, ip, *body ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
	if (stream)
		wire_stream(r->peer, "198.51.100.50", "%s", buf_c(&b));
	else
		wire_send(r->peer, "198.51.100.50", "%s", buf_c(&b));
}

static void tag_of(struct rig *r, char *room, size_t n)
{
	const char *tag = strstr(wire_header(r->peer, "To"), ";tag=");

	assert_non_null(tag);
	str_to_c(str_c(tag + 5), room, n);
}

/* G: a refusal is repeated with T1 doubling to T2 until its ACK; H: for 64*T1. */
static void timers_g_and_h(void **state)
{
	struct rig r;

	rig_init(&r, 10, TRANSPORT_UDP);
	r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 486, 0};
	says(&r, false, "INVITE", "g", 1, "", KIT_SDP);
	r.start++;
	HEARS(&r, "SIP/2.0 486", 0, 1, 501, 1501, 3501, 7501, 11501, 15501, 19501, 23501, 27501,
	      31501);
	assert_int_equal(txns(&r), 1);
	sim_run(&r.k.sim, 600);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* I: after the ACK, T4 for its repetitions. */
static void timer_i(void **state)
{
	struct rig r;
	char tag[64];

	rig_init(&r, 11, TRANSPORT_UDP);
	r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 486, 0};
	says(&r, false, "INVITE", "i", 1, "", KIT_SDP);
	assert_int_equal(wire_final(r.peer, 1000), 486);
	tag_of(&r, tag, sizeof(tag));
	says(&r, false, "ACK", "i", 1, tag, "");
	assert_true(str_empty(wire_take(r.peer, 4900)));
	assert_int_equal(txns(&r), 1);
	says(&r, false, "ACK", "i", 1, tag, "");
	says(&r, false, "INVITE", "i", 1, "", KIT_SDP);
	assert_true(str_empty(wire_take(r.peer, 50)));
	sim_run(&r.k.sim, 100);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* Over a stream: no repetition (G), no waiting after the ACK (I); H holds. */
static void refusals_over_streams(void **state)
{
	for (unsigned acked = 0; acked < 2; acked++) {
		struct rig r;
		char tag[64];

		rig_init(&r, 12, TRANSPORT_UDP);
		r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 486, 0};
		says(&r, true, "INVITE", "g", 1, "", KIT_SDP);
		assert_int_equal(wire_final(r.peer, 1000), 486);
		tag_of(&r, tag, sizeof(tag));
		if (acked)
			says(&r, true, "ACK", "g", 1, tag, "");
		assert_true(str_empty(wire_take(r.peer, 30000)));
		assert_int_equal(txns(&r), acked ? 0 : 1);
		sim_run(&r.k.sim, 3000);
		assert_int_equal(txns(&r), 0);
		kit_fini(&r.k);
	}
}

/* J: for 64*T1 repetitions of a request get the same response. */
static void timer_j(void **state)
{
	struct rig r;
	char first[2048];

	rig_init(&r, 13, TRANSPORT_UDP);
	says(&r, false, "OPTIONS", "j", 1, "", "");
	assert_int_equal(wire_final(r.peer, 1000), 200);
	str_to_c(wire_text(r.peer), first, sizeof(first));
	for (unsigned i = 0; i < 3; i++) {
		sim_run(&r.k.sim, 10000);
		says(&r, false, "OPTIONS", "j", 1, "", "");
		assert_int_equal(wire_final(r.peer, 1000), 200);
		assert_str(wire_text(r.peer), str_c(first));
	}
	assert_int_equal(r.phone->requests, 1);
	sim_run(&r.k.sim, 3000);
	assert_int_equal(txns(&r), 0);
	says(&r, false, "OPTIONS", "j", 1, "", "");
	assert_int_equal(wire_final(r.peer, 1000), 200);
	assert_int_equal(r.phone->requests, 2);
	kit_fini(&r.k);
}

/* J is zero over a stream. */
static void no_timer_j_over_streams(void **state)
{
	struct rig r;

	rig_init(&r, 14, TRANSPORT_UDP);
	says(&r, true, "OPTIONS", "j", 1, "", "");
	assert_int_equal(wire_final(r.peer, 1000), 200);
	sim_run(&r.k.sim, 10);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* s13.3.1.4: a 2xx is repeated by the user agent until its ACK, over streams too; then BYE. */
static void answers_are_repeated(void **state)
{
	for (unsigned stream = 0; stream < 2; stream++) {
		struct rig r;

		rig_init(&r, 15, TRANSPORT_UDP);
		r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 200, 0};
		says(&r, stream, "INVITE", "l", 1, "", KIT_SDP);
		r.slack_ms = stream ? 40 : 5;
		HEARS(&r, "SIP/2.0 200", 0, 1, 501, 1501, 3501, 7501, 11501, 15501, 19501, 23501,
		      27501, 31501);
		assert_true(wire_request(r.peer, "BYE", 600));
		wire_answer(r.peer, 200, "", "");
		sim_run(&r.k.sim, 100);
		assert_int_equal(r.phone->last.cause, DLG_TIMED_OUT);
		sim_run(&r.k.sim, 40000);
		assert_int_equal(txns(&r), 0);
		kit_fini(&r.k);
	}
}

/* L (RFC 6026 s7.1): repetitions of an INVITE that was answered are absorbed for 64*T1.
 * RFC3261-17.2.1-3 */
static void timer_l(void **state)
{
	struct rig r;
	char tag[64];

	rig_init(&r, 16, TRANSPORT_UDP);
	r.phone->manner = (struct phone_manner){PHONE_NEVER, 0, 200, 0};
	says(&r, false, "INVITE", "l", 1, "", KIT_SDP);
	assert_int_equal(wire_final(r.peer, 1000), 200);
	tag_of(&r, tag, sizeof(tag));
	says(&r, false, "ACK", "la", 1, tag, "");
	sim_run(&r.k.sim, 31000);
	says(&r, false, "INVITE", "l", 1, "", KIT_SDP);
	assert_true(str_empty(wire_take(r.peer, 900)));
	assert_int_equal(r.phone->incoming, 1);
	sim_run(&r.k.sim, 200);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* M (RFC 6026 s7.2): further 2xx of an INVITE get their ACK for 64*T1. */
static void timer_m(void **state)
{
	struct rig r;
	char invite[4096], line[128], ip[ADDR_TEXT_MAX];
	struct buf b = buf_over(line, sizeof(line));

	rig_init(&r, 17, TRANSPORT_UDP);
	buf_fmt(&b, "Contact: <sip:bob@%s:5060>\n", kit_ip(r.peer, ip));
	buf_c(&b);
	call(&r);
	assert_true(wire_request(r.peer, "INVITE", 100));
	str_to_c(wire_text(r.peer), invite, sizeof(invite));
	wire_answer(r.peer, 200, line, KIT_SDP);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(wire_request(r.peer, "ACK", 100));
		sim_run(&r.k.sim, 10000);
		wire_remember(r.peer, "198.51.100.50", invite);
		wire_answer(r.peer, 200, line, KIT_SDP);
	}
	assert_true(wire_request(r.peer, "ACK", 100));
	assert_int_equal(r.phone->answered, 1);
	sim_run(&r.k.sim, 3000);
	assert_int_equal(txns(&r), 0);
	kit_fini(&r.k);
}

/* C is in forks.c: it is the proxy's. */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_a_and_b),
		cmocka_unit_test(no_timer_a_over_streams),
		cmocka_unit_test(a_provisional_stops_them),
		cmocka_unit_test(timer_d),
		cmocka_unit_test(no_timer_d_over_streams),
		cmocka_unit_test(timers_e_and_f),
		cmocka_unit_test(timer_e_in_proceeding),
		cmocka_unit_test(timer_k),
		cmocka_unit_test(no_timer_k_over_streams),
		cmocka_unit_test(timers_g_and_h),
		cmocka_unit_test(timer_i),
		cmocka_unit_test(refusals_over_streams),
		cmocka_unit_test(timer_j),
		cmocka_unit_test(no_timer_j_over_streams),
		cmocka_unit_test(answers_are_repeated),
		cmocka_unit_test(timer_l),
		cmocka_unit_test(timer_m),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
