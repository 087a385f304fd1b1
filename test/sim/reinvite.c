/* Re-INVITEs on the wire: a phone with its whole stack, and a peer next to it that speaks byte for byte
 * (RFC 6141). */
#include "kit.h"

#define PHONE_IP "198.51.100.50"

struct rig {
	struct kit k;
	struct wire *peer;
	struct phone *phone;
	struct phone_call *call;
	char invite[4096]; /* the phone's request at hand */
	char contact[128]; /* line of the peer's */
};

static void rig_init(struct rig *r, uint64_t seed)
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
	phone_start(r->phone);
	buf_fmt(&b, "Contact: <sip:bob@%s:5060>\n", ip);
	buf_c(&b);
}

static void keep_invite(struct rig *r)
{
	assert_true(wire_request(r->peer, "INVITE", 3000));
	str_to_c(wire_text(r->peer), r->invite, sizeof(r->invite));
}

static void answer_invite(struct rig *r, unsigned status, const char *lines, const char *sdp)
{
	wire_remember(r->peer, PHONE_IP, r->invite);
	wire_answer(r->peer, status, lines, sdp);
}

/* The phone calls, is answered, and offers anew soon after. */
static void call(struct rig *r)
{
	const struct phone_plan plan = {.reinvite_ms = 500};

	r->call = phone_call(r->phone, "sip:bob@example.com", &plan);
	assert_non_null(r->call);
	keep_invite(r);
	answer_invite(r, 200, r->contact, KIT_SDP);
	assert_true(wire_request(r->peer, "ACK", 3000));
	keep_invite(r);
	assert_non_null(strstr(r->invite, "a=sendonly"));
}

static void hang_up(struct rig *r)
{
	phone_hangup(r->call);
	assert_true(wire_request(r->peer, "BYE", 3000));
	wire_answer(r->peer, 200, "", "");
	sim_run(&r->k.sim, 150000);
	kit_quiet(&r->k);
	kit_fini(&r->k);
}

/* A refusal of something that was done in part is followed by what holds now.
 * RFC6141-3.4-1, RFC6141-3.4-2 */
static void refused_after_it_was_answered(void **state)
{
	struct rig r;

	rig_init(&r, 1);
	call(&r);
	answer_invite(&r, 183, "Require: 100rel\nRSeq: 9\n", KIT_SDP);
	assert_true(wire_request(r.peer, "PRACK", 3000));
	wire_answer(r.peer, 200, "", "");
	answer_invite(&r, 488, "", "");
	assert_true(wire_request(r.peer, "ACK", 3000));
	keep_invite(&r);
	assert_null(strstr(r.invite, "a=sendonly")); /* as it was before */
	answer_invite(&r, 200, r.contact, KIT_SDP);
	assert_true(wire_request(r.peer, "ACK", 3000));
	assert_true(str_empty(wire_take(r.peer, 10000)));
	hang_up(&r);
}

/* RFC6141-3.3-1 */
static void refused_at_once(void **state)
{
	struct rig r;

	rig_init(&r, 2);
	call(&r);
	answer_invite(&r, 488, "", "");
	assert_true(wire_request(r.peer, "ACK", 3000));
	assert_true(str_empty(wire_take(r.peer, 10000)));
	hang_up(&r);
}

/* The peer moves by a re-INVITE or an UPDATE: the phone follows when it has accepted, not when it has
 * refused.  RFC6141-4.6-1, RFC6141-4.6-3, RFC6141-4.6-4 */
static void the_peer_moves(void **state)
{
	static const struct {
		const char *method, *sdp;
		int status;
	} rows[] = {{"INVITE", KIT_SDP, 200},
		    {"INVITE", "v=0\r\nnot one\r\n", 400},
		    {"UPDATE", "", 200},
		    {"UPDATE", "v=0\r\nnot one\r\n", 400}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig r;
		char from[256], to[256], id[128], ip[ADDR_TEXT_MAX], uri[128];

		rig_init(&r, 3);
		call(&r);
		answer_invite(&r, 200, r.contact, KIT_SDP);
		assert_true(wire_request(r.peer, "ACK", 3000));
		str_to_c(str_c(wire_header(r.peer, "From")), from, sizeof(from));
		str_to_c(str_c(wire_header(r.peer, "To")), to, sizeof(to));
		str_to_c(str_c(wire_header(r.peer, "Call-ID")), id, sizeof(id));
		wire_send(r.peer, PHONE_IP,
			  "%s sip:alice@" PHONE_IP
			  " SIP/2.0\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKm\n"
			  "Max-Forwards: 70\nFrom: %s\nTo: %s\nCall-ID: %s\nCSeq: 7 %s\n"
			  "Contact: <sip:moved@%s:5060>\n%sContent-Length: %zu\n\n%s",
			  rows[i].method, kit_ip(r.peer, ip), to, from, id, rows[i].method, ip,
			  *rows[i].sdp ? "Content-Type: application/sdp\n" : "",
			  strlen(rows[i].sdp), rows[i].sdp);
		assert_int_equal(wire_final(r.peer, 1000), rows[i].status);
		if (!strcmp(rows[i].method, "INVITE"))
			wire_send(r.peer, PHONE_IP,
				  "ACK sip:alice@" PHONE_IP " SIP/2.0\nVia: SIP/2.0/UDP %s:5060;"
				  "branch=z9hG4bKm%s\nMax-Forwards: 70\nFrom: %s\nTo: %s\nCall-ID: "
				  "%s\n"
				  "CSeq: 7 ACK\nContent-Length: 0\n\n",
				  ip, rows[i].status == 200 ? "a" : "", to, from, id);
		sim_run(&r.k.sim, 100);
		phone_hangup(r.call);
		assert_true(wire_request(r.peer, "BYE", 3000));
		snprintf(uri, sizeof(uri), "BYE sip:%s@%s:5060 SIP/2.0",
			 rows[i].status == 200 ? "moved" : "bob", ip);
		assert_true(str_starts(wire_text(r.peer), str_c(uri)));
		wire_answer(r.peer, 200, "", "");
		sim_run(&r.k.sim, 150000);
		kit_quiet(&r.k);
		kit_fini(&r.k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_after_it_was_answered),
		cmocka_unit_test(refused_at_once),
		cmocka_unit_test(the_peer_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
