#include <errno.h>

#include "harness.h"

#include "dlg/dialog.h"

struct got {
	struct sip_rx rx;
	char text[4096], room[8192];
};

static void parse(struct got *g, const char *text)
{
	struct flow flow = {.transport = TRANSPORT_UDP};
	struct sip_err err = {0};

	flow.remote.family = 4;
	str_to_c(str_c(text), g->text, sizeof(g->text));
	if (!sip_rx_parse(&g->rx, str_c(g->text), &flow, 0, g->room, sizeof(g->room), &err))
		fail_msg("%s: %s", err.header, err.why);
}

#define VIA "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n"
#define REST "Call-ID: c1\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
#define INVITE(lines)                                                                              \
	"INVITE sip:bob@h SIP/2.0\r\n" VIA                                                         \
	"From: \"A\" <sip:alice@h>;tag=a1\r\nTo: <sip:bob@h>\r\n" lines REST
#define ANSWER(lines)                                                                              \
	"SIP/2.0 200 OK\r\n" VIA                                                                   \
	"From: <sip:alice@h>;tag=a1\r\nTo: <sip:bob@h>;tag=b1\r\n" lines REST

static void assert_request(const struct dlg_dialog *d, const char *want, const char *want_hop)
{
	char room[4096], out[4096];
	struct buf b = buf_over(out, sizeof(out));
	struct arena a;
	struct sip_msg m;
	struct str hop;

	arena_init(&a, room, sizeof(room), 0);
	assert_true(dlg_dialog_request(d, &a, STR("BYE"), 9, &m, &hop));
	assert_true(sip_print(&m, &b));
	assert_str(buf_str(&b), str_c(want));
	assert_str(hop, str_c(want_hop));
	arena_fini(&a);
}

/* RFC3261-12.1.1-7, RFC3261-12.1.1-9, RFC3261-12.1.1-12, RFC3261-12.1.1-13, RFC3261-12.1.1-15,
 * RFC3261-12.2.1.1-1, RFC3261-12.2.1.1-2, RFC3261-12.2.1.1-3, RFC3261-12.2.1.1-4,
 * RFC3261-12.2.1.1-6, RFC3261-12.2.1.1-11, RFC3261-12.2.1.1-13 */
static void the_called_side(void **state)
{
	struct got g;
	struct dlg_dialog d;

	parse(&g, INVITE("Contact: <sip:alice@192.0.2.1>\r\n"
			 "Record-Route: <sip:p1;lr>,<sip:p2;lr>\r\nRecord-Route: <sip:p3;lr>\r\n"));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_int_equal(d.flow.transport, TRANSPORT_NONE);
	assert_request(&d,
		       "BYE sip:alice@192.0.2.1 SIP/2.0\r\nMax-Forwards: 70\r\n"
		       "Route: <sip:p1;lr>, <sip:p2;lr>, <sip:p3;lr>\r\n"
		       "From: <sip:bob@h>;tag=b1\r\nTo: \"A\" <sip:alice@h>;tag=a1\r\n"
		       "Call-ID: c1\r\nCSeq: 9 BYE\r\nContent-Length: 0\r\n\r\n",
		       "");
	dlg_dialog_fini(&d);
}

/* RFC3261-12.1.2-4, RFC3261-12.1.2-6, RFC3261-12.1.2-9, RFC3261-12.1.2-10, RFC3261-12.1.2-12,
 * RFC3261-12.2.1.1-1, RFC3261-12.2.1.1-2, RFC3261-12.2.1.1-3, RFC3261-12.2.1.1-4,
 * RFC3261-12.2.1.1-6, RFC3261-12.2.1.1-13 */
static void the_calling_side(void **state)
{
	struct got g;
	struct dlg_dialog d;

	parse(&g, ANSWER("Contact: <sip:bob@192.0.2.2>\r\n"
			 "Record-Route: <sip:p1;lr>,<sip:p2;lr>\r\nRecord-Route: <sip:p3;lr>\r\n"));
	assert_int_equal(dlg_dialog_uac(&g.rx, STR("<sip:alice@h>;tag=a1"), STR("a1"), &d), 0);
	assert_request(&d,
		       "BYE sip:bob@192.0.2.2 SIP/2.0\r\nMax-Forwards: 70\r\n"
		       "Route: <sip:p3;lr>, <sip:p2;lr>, <sip:p1;lr>\r\n"
		       "From: <sip:alice@h>;tag=a1\r\nTo: <sip:bob@h>;tag=b1\r\n"
		       "Call-ID: c1\r\nCSeq: 9 BYE\r\nContent-Length: 0\r\n\r\n",
		       "");
	dlg_dialog_fini(&d);
}

/* RFC3261-8.1.2-2, RFC3261-12.2.1.1-14, RFC3261-12.2.1.1-15, RFC3261-12.2.1.1-16 */
static void a_strict_router(void **state)
{
	struct got g;
	struct dlg_dialog d;

	parse(&g, INVITE("Contact: <sip:alice@192.0.2.1>\r\n"
			 "Record-Route: <sip:p1;x=1?Subject=y>,<sip:p2;lr>\r\n"));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_request(&d,
		       "BYE sip:p1;x=1 SIP/2.0\r\nMax-Forwards: 70\r\n"
		       "Route: <sip:p2;lr>, <sip:alice@192.0.2.1>\r\n"
		       "From: <sip:bob@h>;tag=b1\r\nTo: \"A\" <sip:alice@h>;tag=a1\r\n"
		       "Call-ID: c1\r\nCSeq: 9 BYE\r\nContent-Length: 0\r\n\r\n",
		       "sip:p1;x=1");
	dlg_dialog_fini(&d);
	parse(&g, INVITE("Contact: <sip:alice@192.0.2.1>\r\nRecord-Route: <sip:p1>\r\n"));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_request(&d,
		       "BYE sip:p1 SIP/2.0\r\nMax-Forwards: 70\r\nRoute: <sip:alice@192.0.2.1>\r\n"
		       "From: <sip:bob@h>;tag=b1\r\nTo: \"A\" <sip:alice@h>;tag=a1\r\n"
		       "Call-ID: c1\r\nCSeq: 9 BYE\r\nContent-Length: 0\r\n\r\n",
		       "sip:p1");
	dlg_dialog_fini(&d);
}

/* RFC3261-12.1.1-8, RFC3261-12.2.1.1-12 */
static void a_caller_without_a_proxy_is_answered_the_way_he_came(void **state)
{
	struct got g;
	struct dlg_dialog d;

	parse(&g, INVITE(""));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_int_equal(d.flow.transport, TRANSPORT_NONE); /* he may listen elsewhere */
	assert_str(d.target, STR("sip:alice@h")); /* no Contact */
	dlg_dialog_fini(&d);
	parse(&g, "INVITE sip:bob@h SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bKa\r\n"
		  "From: <sip:alice@h>;tag=a1\r\nTo: <sip:bob@h>\r\n" REST);
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_int_equal(d.flow.transport, TRANSPORT_UDP);
	dlg_dialog_fini(&d);
	parse(&g, INVITE(""));
	g.rx.flow.transport = TRANSPORT_TCP;
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_int_equal(d.flow.transport, TRANSPORT_TCP);
	dlg_dialog_fini(&d);
	parse(&g, INVITE("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKb\r\n"));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_int_equal(d.flow.transport, TRANSPORT_NONE);
	dlg_dialog_fini(&d);
}

static void who_is_within(void **state)
{
	static const struct {
		const char *from, *to, *call_id;
		bool within;
	} cases[] = {
		{";tag=a1", ";tag=b1", "c1", true},  {";tag=a2", ";tag=b1", "c1", false},
		{"", ";tag=b1", "c1", false},        {";tag=a1", ";tag=b2", "c1", false},
		{";tag=a1", "", "c1", false},        {";tag=a1", ";tag=b1", "c2", false},
		{";tag=A1", ";tag=b1", "c1", false},
	};
	struct got g;
	struct dlg_dialog d;
	char text[1024];

	parse(&g, INVITE("Contact: <sip:alice@192.0.2.1>\r\n"));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));

		buf_fmt(&b,
			"BYE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=2543\r\n"
			"From: <sip:alice@h>%s\r\nTo: <sip:bob@h>%s\r\n"
			"Call-ID: %s\r\nCSeq: 8 BYE\r\nMax-Forwards: 70\r\nContent-Length: "
			"0\r\n\r\n",
			cases[i].from, cases[i].to, cases[i].call_id);
		parse(&g, buf_c(&b));
		assert_int_equal(dlg_dialog_is_for(&d, &g.rx), cases[i].within);
	}
	dlg_dialog_fini(&d);
}

/* RFC3261-12.1.1-10, RFC3261-12.2.2-2, RFC3261-12.2.2-5, RFC3261-12.2.2-6 */
static void numbers_and_targets(void **state)
{
	struct got g;
	struct dlg_dialog d;

	parse(&g, INVITE("Contact: <sip:alice@192.0.2.1>\r\n"));
	assert_int_equal(dlg_dialog_uas(&g.rx, STR("b1"), &d), 0);
	assert_int_equal(dlg_dialog_order(&d, &g.rx), DLG_SAME);
	d.remote_cseq = 6;
	assert_int_equal(dlg_dialog_order(&d, &g.rx), DLG_NEWER);
	d.remote_cseq = 8;
	assert_int_equal(dlg_dialog_order(&d, &g.rx), DLG_OLDER);
	parse(&g, INVITE("Contact: <sip:alice@elsewhere>\r\n"));
	assert_int_equal(dlg_dialog_refresh(&d, &g.rx), 1);
	assert_str(d.target, STR("sip:alice@elsewhere"));
	assert_int_equal(dlg_dialog_refresh(&d, &g.rx), 0);
	parse(&g, INVITE(""));
	assert_int_equal(dlg_dialog_refresh(&d, &g.rx), 0);
	assert_str(d.target, STR("sip:alice@elsewhere"));
	dlg_dialog_fini(&d);
}

static struct got shared;

static void make_all(void)
{
	struct dlg_dialog d;
	char room[512];
	struct arena a;
	struct sip_msg m;
	struct str hop;

	if (dlg_dialog_uas(&shared.rx, STR("b1"), &d) != 0)
		return;
	dlg_dialog_refresh(&d, &shared.rx);
	arena_init(&a, room, sizeof(room), 0);
	dlg_dialog_request(&d, &a, STR("BYE"), 1, &m, &hop);
	arena_fini(&a);
	dlg_dialog_fini(&d);
}

static void survives_no_memory(void **state)
{
	parse(&shared, INVITE("Record-Route: <sip:p1>, <sip:p2>\r\n"));
	alloc_sweep(make_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_called_side),
		cmocka_unit_test(the_calling_side),
		cmocka_unit_test(a_strict_router),
		cmocka_unit_test(a_caller_without_a_proxy_is_answered_the_way_he_came),
		cmocka_unit_test(who_is_within),
		cmocka_unit_test(numbers_and_targets),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
