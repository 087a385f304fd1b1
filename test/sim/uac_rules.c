/* A user agent's requests and what it does with answers, as the peer next to it hears it (RFC 3261 s8.1,
 * s12.2.1, s13.2). */
#include <stdlib.h>

#include "kit.h"

#define PHONE_IP "198.51.100.50"
#define N(a) (sizeof(a) / sizeof((a)[0]))

struct rig {
	struct kit k;
	struct wire *peer;
	struct phone *phone;
	struct phone_call *call;
	char invite[4096], contact[128];
};

static void rig_init_by(struct rig *r, uint64_t seed, bool tls)
{
	struct buf b = buf_over(r->contact, sizeof(r->contact));
	char ip[ADDR_TEXT_MAX];

	memset(r, 0, sizeof(*r));
	kit_init(&r->k, seed);
	r->peer = kit_wire(&r->k, "peer");
	r->phone = phone_new(&r->k.sim, "alice", "pw-alice", "example.com", PHONE_IP,
			     kit_ip(r->peer, ip), TRANSPORT_UDP);
	r->k.phone[r->k.n_phones++] = r->phone;
	r->phone->no_media = true;
	if (tls) {
		wire_secure(r->peer);
		sim_listen(r->phone->node, TRANSPORT_TLS, 5061);
		snprintf(r->phone->proxy, sizeof(r->phone->proxy), "sip:%s:5061;lr", ip);
	}
	phone_start(r->phone);
	buf_fmt(&b, "Contact: <sip:bob@%s:5060>\n", ip);
	buf_c(&b);
}

static void rig_init(struct rig *r, uint64_t seed)
{
	rig_init_by(r, seed, false);
}

static void rig_fini(struct rig *r)
{
	sim_run(&r->k.sim, 250000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

static void keep_invite(struct rig *r)
{
	assert_true(wire_request(r->peer, "INVITE", 3000));
	str_to_c(wire_text(r->peer), r->invite, sizeof(r->invite));
}

static void call(struct rig *r, const char *uri)
{
	static const struct phone_plan plan = {0};

	r->call = phone_call(r->phone, uri, &plan);
	assert_non_null(r->call);
	keep_invite(r);
}

static void answer(struct rig *r, unsigned status, const char *lines, const char *sdp)
{
	wire_remember(r->peer, PHONE_IP, r->invite);
	wire_answer(r->peer, status, lines, sdp);
}

static void hang_up(struct rig *r)
{
	phone_hangup(r->call);
	assert_true(wire_request(r->peer, "BYE", 3000));
	wire_answer(r->peer, 200, "", "");
	rig_fini(r);
}

static const char *value_of(const char *text, const char *name, char *room, size_t size)
{
	const char *at = strstr(text, name);

	room[0] = '\0';
	if (at) {
		at += strlen(name);
		str_to_c(str_of(at, strcspn(at, "\r")), room, size);
	}
	return room;
}

/* RFC3261-8.1.1-1, RFC3261-8.1.1.1-1, RFC3261-8.1.1.2-1, RFC3261-8.1.1.2-3, RFC3261-8.1.1.3-2,
 * RFC3261-8.1.1.4-3, RFC3261-8.1.1.4-4, RFC3261-8.1.1.5-1, RFC3261-8.1.1.5-2, RFC3261-8.1.1.6-1,
 * RFC3261-8.1.1.7-1, RFC3261-8.1.1.7-2, RFC3261-8.1.1.7-3, RFC3261-8.1.1.7-4, RFC3261-8.1.1.7-5,
 * RFC3261-8.1.1.8-1, RFC3261-8.1.1.8-2, RFC3261-8.1.1.9-1, RFC3261-8.1.1.9-2, RFC3261-12.1.2-1,
 * RFC3261-13.1-1, RFC3261-13.2.1-1, RFC3261-13.2.1-2, RFC3261-13.2.1-3, RFC3261-18.1.1-6,
 * RFC3261-18.3-4 */
static void what_an_invite_says(void **state)
{
	char branch[8][128], id[8][128], tag[8][128], room[256];

	for (unsigned i = 0; i < 8; i++) {
		struct rig r;

		rig_init(&r, i + 1);
		call(&r, "sip:bob@example.com");
		assert_int_equal(strncmp(r.invite, "INVITE sip:bob@example.com SIP/2.0\r\n", 36),
				 0);
		assert_string_equal(value_of(r.invite, "\r\nTo: ", room, sizeof(room)),
				    "<sip:bob@example.com>");
		assert_string_equal(value_of(r.invite, "\r\nMax-Forwards: ", room, sizeof(room)),
				    "70");
		value_of(r.invite, "\r\nVia: SIP/2.0/UDP " PHONE_IP ":5060;", room, sizeof(room));
		assert_non_null(strstr(room, "branch=z9hG4bK"));
		value_of(r.invite, "branch=", branch[i], sizeof(branch[i]));
		value_of(r.invite, "\r\nCall-ID: ", id[i], sizeof(id[i]));
		value_of(r.invite, "\r\nFrom: ", room, sizeof(room));
		value_of(room, ";tag=", tag[i], sizeof(tag[i]));
		assert_true(strlen(id[i]) >= 16 && *tag[i]);
		value_of(r.invite, "\r\nCSeq: ", room, sizeof(room));
		assert_true(strtoul(room, NULL, 10) < 1ul << 31);
		assert_non_null(strstr(room, " INVITE"));
		assert_string_equal(value_of(r.invite, "\r\nContact: ", room, sizeof(room)),
				    "<sip:alice@" PHONE_IP ":5060>");
		assert_null(strstr(strstr(r.invite, "Contact: ") + 1, "Contact: "));
		assert_string_equal(value_of(r.invite, "\r\nSupported: ", room, sizeof(room)),
				    "100rel, timer");
		assert_string_equal(
			value_of(r.invite, "\r\nAllow: ", room, sizeof(room)),
			"INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, PRACK, UPDATE");
		assert_non_null(strstr(r.invite, "\r\nContent-Length: "));
		for (unsigned k = 0; k < i; k++) {
			assert_string_not_equal(branch[i], branch[k]);
			assert_string_not_equal(id[i], id[k]);
			assert_string_not_equal(tag[i], tag[k]);
		}
		answer(&r, 486, "", "");
		rig_fini(&r);
	}
}

/* RFC3261-8.1.1.8-3, RFC3261-12.1.2-2, RFC3261-12.2.1.1-18 */
static void sips_makes_the_contact_sips(void **state)
{
	struct rig r;
	char room[256];

	rig_init_by(&r, 1, true);
	call(&r, "sips:bob@example.com");
	value_of(r.invite, "\r\nContact: ", room, sizeof(room));
	assert_int_equal(strncmp(room, "<sips:alice@", 12), 0);
	answer(&r, 486, "", "");
	rig_fini(&r);
}

/* RFC3261-8.1.3.5-1, RFC3261-8.1.3.5-6, RFC3261-13.2.2.4-3, RFC3261-13.2.2.4-5, RFC3261-13.2.2.4-8 */
static void the_ack_has_the_credentials_of_its_invite(void **state)
{
	struct rig r;
	char id[128], room[1024], credentials[1024];
	unsigned long cseq;

	rig_init(&r, 2);
	call(&r, "sip:bob@example.com");
	value_of(r.invite, "\r\nCall-ID: ", id, sizeof(id));
	cseq = strtoul(value_of(r.invite, "\r\nCSeq: ", room, sizeof(room)), NULL, 10);
	answer(&r, 407,
	       "Proxy-Authenticate: Digest realm=\"example.com\", nonce=\"n\", qop=\"auth\"\n", "");
	assert_true(wire_request(r.peer, "ACK", 3000));
	assert_string_equal(wire_header(r.peer, "Proxy-Authorization"), "");
	keep_invite(&r);
	assert_string_equal(value_of(r.invite, "\r\nCall-ID: ", room, sizeof(room)), id);
	value_of(r.invite, "\r\nCSeq: ", room, sizeof(room));
	assert_int_equal(strtoul(room, NULL, 10), cseq + 1);
	value_of(r.invite, "\r\nProxy-Authorization: ", credentials, sizeof(credentials));
	assert_true(*credentials);
	for (unsigned i = 0; i < 3; i++) {
		answer(&r, 200, r.contact, KIT_SDP);
		assert_true(wire_request(r.peer, "ACK", 3000));
		assert_string_equal(wire_header(r.peer, "Proxy-Authorization"), credentials);
	}
	hang_up(&r);
}

/* What it can't know by its number is as x00, or as 183.
 * RFC3261-8.1.3.2-1, RFC3261-8.1.3.2-2, RFC3261-8.1.3.2-3, RFC3261-13.2.2.3-1 */
static void answers_it_never_heard_of(void **state)
{
	static const unsigned finals[] = {399, 499, 599, 699, 400, 500, 600};

	for (unsigned i = 0; i < N(finals); i++) {
		struct rig r;

		rig_init(&r, 3);
		call(&r, "sip:bob@example.com");
		answer(&r, 100, "", "");
		answer(&r, 183, "", "");
		answer(&r, 199, "", "");
		sim_run(&r.k.sim, 100);
		assert_int_equal(r.phone->progress, 2);
		answer(&r, finals[i], "", "");
		assert_true(wire_request(r.peer, "ACK", 3000));
		assert_int_equal(r.phone->last.cause, DLG_REFUSED);
		assert_int_equal(r.phone->last.status, finals[i]);
		answer(&r, 404, "", "");
		assert_true(wire_request(r.peer, "ACK", 3000));
		assert_int_equal(r.phone->ended, 1);
		assert_int_equal(r.phone->last.status, finals[i]);
		rig_fini(&r);
	}
}

/* RFC3261-8.1.3.2-1: 299 answers a call. */
static void an_unknown_2xx_answers(void **state)
{
	struct rig r;

	rig_init(&r, 4);
	call(&r, "sip:bob@example.com");
	answer(&r, 299, r.contact, KIT_SDP);
	assert_true(wire_request(r.peer, "ACK", 3000));
	assert_int_equal(r.phone->answered, 1);
	hang_up(&r);
}

/* RFC3261-8.1.3.1-1, RFC3261-8.1.3.1-2, RFC3261-18.4-1 */
static void no_way_there(void **state)
{
	struct rig r;
	uint64_t start;

	rig_init(&r, 5);
	start = sim_now_ms(&r.k.sim);
	call(&r, "sip:bob@example.com");
	kit_wait_ended(&r.k, r.phone, 1, 60000);
	assert_int_equal(r.phone->last.cause, DLG_TIMED_OUT);
	assert_in_range(sim_now_ms(&r.k.sim) - start, 32000, 33000);
	sim_kill(wire_node(r.peer), false); /* ICMP says so at once */
	start = sim_now_ms(&r.k.sim);
	assert_non_null(phone_call(r.phone, "sip:bob@example.com", &(struct phone_plan){0}));
	kit_wait_ended(&r.k, r.phone, 2, 60000);
	assert_int_equal(r.phone->last.cause, DLG_FAILED);
	assert_true(sim_now_ms(&r.k.sim) - start < 1000);
	rig_fini(&r);
}

/* RFC3261-8.1.3.3-1 */
static void an_answer_with_somebody_elses_via(void **state)
{
	struct rig r;
	char via[256], from[256], id[128], cseq[64], to[128];

	rig_init(&r, 6);
	call(&r, "sip:bob@example.com");
	value_of(r.invite, "\r\nVia: ", via, sizeof(via));
	value_of(r.invite, "\r\nFrom: ", from, sizeof(from));
	value_of(r.invite, "\r\nTo: ", to, sizeof(to));
	value_of(r.invite, "\r\nCall-ID: ", id, sizeof(id));
	value_of(r.invite, "\r\nCSeq: ", cseq, sizeof(cseq));
	for (unsigned i = 0; i < 2; i++) {
		wire_send(r.peer, PHONE_IP,
			  "SIP/2.0 180 Ringing\nVia: %s\n%sFrom: %s\nTo: %s;tag=x\nCall-ID: %s\n"
			  "CSeq: %s\nContent-Length: 0\n\n",
			  via, i ? "" : "Via: SIP/2.0/UDP other;branch=z9hG4bKo\n", from, to, id,
			  cseq);
		sim_run(&r.k.sim, 100);
		assert_int_equal(r.phone->progress, i);
	}
	answer(&r, 486, "", "");
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_invite_says),
		cmocka_unit_test(sips_makes_the_contact_sips),
		cmocka_unit_test(the_ack_has_the_credentials_of_its_invite),
		cmocka_unit_test(answers_it_never_heard_of),
		cmocka_unit_test(an_unknown_2xx_answers),
		cmocka_unit_test(no_way_there),
		cmocka_unit_test(an_answer_with_somebody_elses_via),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
