#include "harness.h"

#include "dlg/uas.h"

static const struct {
	const char *method, *uri, *lines, *body;
	unsigned status; /* 0: good */
	enum sip_hdr_id id;
	const char *value;
} cases[] = {
	{"INVITE", "sip:a@h", "", "", 0, 0, NULL},
	{"INVITE", "tel:+123", "", "", 0, 0, NULL},
	{"REGISTER", "sip:h", "", "", 405, SIP_HDR_ALLOW, "INVITE, ACK"},
	{"REFER", "sip:h", "", "", 405, SIP_HDR_ALLOW, "INVITE, ACK"},
	{"invite", "sip:h", "", "", 501, SIP_HDR_ALLOW, "INVITE, ACK"},
	{"RE%47IST%45R", "sip:h", "", "", 501, SIP_HDR_ALLOW, "INVITE, ACK"},
	{"SUBSCRIBE", "sip:h", "Event: presence\r\n", "", 489, SIP_HDR_ALLOW, "INVITE"},
	{"NOTIFY", "sip:h", "Event: presence\r\n", "", 489, SIP_HDR_ALLOW, "INVITE"},
	{"OPTIONS", "nobodyKnowsThisScheme:totallyopaquecontent", "", "", 416, SIP_HDR_OTHER, NULL},
	{"OPTIONS", "soap.beep://192.0.2.103:3002", "", "", 416, SIP_HDR_OTHER, NULL},
	{"OPTIONS", "sip:a@h", "Require: nothingSupportsThis, timer, nothingSupportsThisEither\r\n",
	 "", 420, SIP_HDR_UNSUPPORTED, "nothingSupportsThis, nothingSupportsThisEither"},
	{"INVITE", "sip:a@h", "Require: 100rel\r\n", "", 0, 0, NULL},
	{"INVITE", "sip:a@h", "Require: 100REL, Timer\r\n", "", 0, 0, NULL},
	{"INVITE", "sip:a@h", "Content-Type: application/unknownformat\r\n", "x", 415,
	 SIP_HDR_ACCEPT, "application/sdp"},
	{"INVITE", "sip:a@h", "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n", "x",
	 415, SIP_HDR_ACCEPT_ENCODING, "identity"},
	{"INVITE", "sip:a@h", "Content-Type: application/sdp\r\nContent-Encoding: identity\r\n",
	 "x", 0, 0, NULL},
	{"MESSAGE", "sip:a@h", "Content-Type: text/plain\r\n", "hi", 0, 0, NULL},
	{"MESSAGE", "sip:a@h", "Content-Type: image/png\r\n", "hi", 415, SIP_HDR_ACCEPT,
	 "text/plain"},
	{"INFO", "sip:a@h", "Content-Type: application/dtmf-relay\r\n", "Signal=1", 0, 0, NULL},
	{"INVITE", "sip:a@h", "Accept: text/nobodyKnowsThis\r\n", "", 406, SIP_HDR_WARNING, "399"},
	{"INVITE", "sip:a@h", "Accept: application/*\r\n", "", 0, 0, NULL},
	/* s8.2: the method comes before the scheme, the scheme before Require. */
	{"FOO", "unknown:x", "Require: x\r\n", "", 501, SIP_HDR_ALLOW, "INVITE"},
	{"INVITE", "unknown:x", "Require: x\r\n", "", 416, SIP_HDR_OTHER, NULL},
	{"INVITE", "sip:a@h", "Require: x\r\nContent-Type: a/b\r\n", "x", 420, SIP_HDR_UNSUPPORTED,
	 "x"},
};

static void assert_field(const struct dlg_refusal *r, enum sip_hdr_id id, const char *value)
{
	for (unsigned i = 0; i < r->n_fields; i++)
		if (r->fields[i].id == id) {
			assert_true(str_starts(r->fields[i].value, str_c(value)));
			return;
		}
	fail_msg("no field %.*s", STR_ARG(sip_hdr_id_name(id)));
}

/* RFC3261-8.2.1-1, RFC3261-8.2.1-2, RFC3261-8.2.1-3, RFC3261-8.2.1-4, RFC3261-8.2.2.1-3,
 * RFC3261-8.2.2.3-1, RFC3261-8.2.2.3-2, RFC3261-8.2-3, RFC3261-8.2.3-1, RFC3261-8.2.3-2,
 * RFC3261-8.2.3-3 */
static void requests_are_judged_in_order(void **state)
{
	const struct dlg_uas uas = {DLG_CALL_METHODS, DLG_SUPPORTED};
	struct flow flow = {.transport = TRANSPORT_UDP};
	char text[2048], room[8192];

	flow.remote.family = 4;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));
		struct sip_err err = {0};
		struct dlg_refusal r;
		struct sip_rx rx;
		bool good;

		buf_fmt(&b,
			"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: "
			"<sip:b@h>;tag=1\r\n"
			"To: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n"
			"%sContent-Length: %zu\r\n\r\n%s",
			cases[i].method, cases[i].uri, cases[i].method, cases[i].lines,
			strlen(cases[i].body), cases[i].body);
		if (!sip_rx_parse(&rx, buf_str(&b), &flow, 0, room, sizeof(room), &err))
			fail_msg("case %u: %s: %s", (unsigned)i, err.header, err.why);
		good = dlg_uas_check(&uas, &rx, &r);
		assert_int_equal(good ? 0 : r.status, cases[i].status);
		if (cases[i].value)
			assert_field(&r, cases[i].id, cases[i].value);
		sip_rx_fini(&rx);
	}
}

/* RFC3262-3-2 */
static void who_has_no_100rel_says_so(void **state)
{
	const struct dlg_uas uas = {DLG_CALL_METHODS, STR_INIT("timer")};
	struct flow flow = {.transport = TRANSPORT_UDP};
	struct sip_err err = {0};
	struct dlg_refusal r;
	struct sip_rx rx;
	char room[8192];

	flow.remote.family = 4;
	assert_true(sip_rx_parse(
		&rx,
		STR("INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
		    "From: <sip:b@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
		    "Max-Forwards: 70\r\nRequire: 100rel\r\nContent-Length: 0\r\n\r\n"),
		&flow, 0, room, sizeof(room), &err));
	assert_false(dlg_uas_check(&uas, &rx, &r));
	assert_int_equal(r.status, 420);
	assert_field(&r, SIP_HDR_UNSUPPORTED, "100rel");
	sip_rx_fini(&rx);
}

static void methods_are_listed(void **state)
{
	char room[128];
	struct buf b = buf_over(room, sizeof(room));

	dlg_put_methods(&b, DLG_METHOD(SIP_BYE) | DLG_METHOD(SIP_INVITE));
	assert_str(buf_str(&b), STR("INVITE, BYE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_judged_in_order),
		cmocka_unit_test(who_has_no_100rel_says_so),
		cmocka_unit_test(methods_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
