/* What the parsers of structured headers give, and that what is built is read back. */
#include "sip/auth.h"
#include "sip/content.h"
#include "sip/date.h"
#include "sip/event.h"
#include "sip/geolocation.h"
#include "sip/history.h"
#include "sip/identity.h"
#include "sip/info.h"
#include "sip/outbound.h"
#include "sip/preferences.h"
#include "sip/priority.h"
#include "sip/publish.h"
#include "sip/reason.h"
#include "sip/refer.h"
#include "sip/rel100.h"
#include "sip/replaces.h"
#include "sip/session_expires.h"
#include "sip/uui.h"
#include "sip/warning.h"
#include "sip_test.h"

static char room[512];

static struct buf fresh(void)
{
	return buf_over(room, sizeof(room));
}

static void events(void **state)
{
	struct sip_event e, same;
	struct sip_subscription_state s;
	struct buf b = fresh();

	assert_true(sip_event_parse(STR(" presence.winfo;id=7;x=y "), &e));
	assert_str(e.type, STR("presence.winfo"));
	assert_str(e.package, STR("presence"));
	assert_str(e.id, STR("7"));
	sip_event_put(&b, &e);
	assert_str(buf_str(&b), STR("presence.winfo;id=7"));
	assert_true(sip_event_parse(buf_str(&b), &same) && sip_event_equal(&e, &same));
	assert_true(sip_event_parse(STR("presence.winfo"), &same) && !sip_event_equal(&e, &same));

	assert_true(sip_subscription_state_parse(
		STR("Terminated;reason=probation;retry-after=30;expires=0"), &s));
	assert_int_equal(s.state, SIP_TERMINATED);
	assert_str(s.reason, STR("probation"));
	assert_true(s.has_expires && s.expires_s == 0 && s.has_retry_after &&
		    s.retry_after_s == 30);
	b = fresh();
	sip_subscription_state_put(&b, &s);
	assert_str(buf_str(&b), STR("terminated;reason=probation;expires=0;retry-after=30"));
	assert_true(sip_subscription_state_parse(STR("x"), &s) && s.state == SIP_SUBSTATE_OTHER);
}

static void refer(void **state)
{
	struct sip_refer_to r;
	struct sip_referred_by by;
	struct sip_replaces p;
	struct buf b = fresh();
	bool sub;

	assert_true(sip_refer_to_parse(
		STR("<sip:c@h;method=BYE?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Subject=%0A>"),
		&r));
	assert_str(r.method, STR("BYE"));
	assert_true(sip_uri_header(&r.addr.uri, STR("replaces"), &b));
	assert_str(buf_str(&b), STR("a@b;to-tag=1;from-tag=2"));
	assert_true(sip_replaces_parse(buf_str(&b), &p));
	assert_str(p.call_id, STR("a@b"));
	b = fresh();
	assert_false(sip_uri_header(&r.addr.uri, STR("Subject"), &b));
	assert_false(sip_uri_header(&r.addr.uri, STR("Date"), &b));
	assert_true(sip_refer_to_parse(STR("sip:c@h"), &r));
	assert_str(r.method, STR("INVITE"));
	assert_true(sip_referred_by_parse(STR("<sip:a>;cid=\"1@2\""), &by));
	assert_str(by.cid, STR("1@2"));
	assert_true(sip_refer_sub_parse(STR("FALSE;x"), &sub) && !sub);
}

static void dialogs(void **state)
{
	struct sip_replaces r, again;
	struct buf b = fresh();

	assert_true(sip_replaces_parse(
		STR("425928@b.example.org ; to-tag=7743;early-only;from-tag=6472"), &r));
	assert_str(r.call_id, STR("425928@b.example.org"));
	assert_str(r.to_tag, STR("7743"));
	assert_str(r.from_tag, STR("6472"));
	assert_true(r.early_only);
	sip_replaces_put(&b, &r);
	assert_true(sip_replaces_parse(buf_str(&b), &again) && again.early_only);
	assert_str(again.from_tag, r.from_tag);
	assert_true(sip_target_dialog_parse(STR("c;local-tag=1;remote-tag=2"), &r));
	assert_str(r.to_tag, STR("2"));
	assert_str(r.from_tag, STR("1"));
	assert_false(sip_join_parse(STR("c;local-tag=1;remote-tag=2"), &r));
}

static void numbers(void **state)
{
	struct sip_session_expires s;
	struct sip_rack k;
	struct buf b = fresh();
	uint32_t n;

	assert_true(sip_session_expires_parse(STR("4000;refresher=uac"), &s));
	assert_true(s.interval_s == 4000 && s.refresher == SIP_REFRESHER_UAC);
	sip_session_expires_put(&b, &s);
	assert_str(buf_str(&b), STR("4000;refresher=uac"));
	assert_true(sip_session_expires_parse(STR("90"), &s) && s.refresher == SIP_REFRESHER_NONE);
	assert_true(sip_min_se_parse(STR("90;x"), &n) && n == 90);
	assert_true(sip_rack_parse(STR("776656 1 INVITE"), &k));
	assert_true(k.rseq == 776656 && k.cseq.number == 1);
	b = fresh();
	sip_rack_put(&b, &k);
	assert_str(buf_str(&b), STR("776656 1 INVITE"));
}

static void identities(void **state)
{
	struct sip_identity id;
	struct sip_nameaddr n;
	unsigned bits;

	assert_true(sip_privacy_parse(STR("id;user ; foo"), &bits));
	assert_int_equal(bits, SIP_PRIVACY_ID | SIP_PRIVACY_USER | SIP_PRIVACY_OTHER);
	assert_true(sip_identity_parse(STR("ey.ey-_.c2==;info=<https://b.example.org/c>;alg=ES256;"
					   "ppt=shaken"),
				       &id));
	assert_str(id.token, STR("ey.ey-_.c2=="));
	assert_str(id.info, STR("https://b.example.org/c"));
	assert_str(id.alg, STR("ES256"));
	assert_str(id.ppt, STR("shaken"));
	assert_true(sip_asserted_parse(STR("\"A\" <tel:+1>"), &n));
	assert_int_equal(n.uri.scheme, SIP_SCHEME_TEL);
}

static void reasons(void **state)
{
	struct sip_reason r;
	struct sip_warning w;
	struct buf b = fresh();

	assert_true(sip_reason_parse(STR("Q.850 ;cause=16 ;text=\"Terminated\""), &r));
	assert_str(r.protocol, STR("Q.850"));
	assert_true(r.has_cause && r.cause == 16);
	sip_reason_put(&b, &r);
	assert_str(buf_str(&b), STR("Q.850;cause=16;text=\"Terminated\""));
	r.text = STR("a\"b");
	b = fresh();
	sip_reason_put(&b, &r);
	assert_true(b.failed);

	assert_true(sip_warning_parse(STR("399 h:5060 \"a \\\"b\\\"\""), &w));
	assert_int_equal(w.code, 399);
	assert_str(w.agent, STR("h:5060"));
	w.text = STR("say \"x\"\n");
	b = fresh();
	sip_warning_put(&b, &w);
	assert_str(buf_str(&b), STR("399 h:5060 \"say \\\"x\\\" \""));
	assert_true(sip_warning_parse(buf_str(&b), &w));
}

static void features(void **state)
{
	struct str params = STR("expires=5;audio;+sip.instance=\"<urn:x>\";class=\"a,!b\";q=1");
	struct sip_preference p;
	struct sip_feature f;
	unsigned bit;

	assert_true(sip_feature_next(&params, &f));
	assert_str(f.name, STR("audio"));
	assert_int_equal(f.value.n, 0);
	assert_true(sip_feature_next(&params, &f) && f.is_string);
	assert_str(f.value, STR("urn:x"));
	assert_true(sip_feature_next(&params, &f));
	assert_str(f.value, STR("a,!b"));
	assert_false(sip_feature_next(&params, &f));
	assert_int_equal(params.n, 0);
	params = STR("audio=\"a b\"");
	assert_false(sip_feature_next(&params, &f));
	assert_true(params.n > 0);
	assert_true(sip_preference_parse(STR("*;audio;require"), &p) && p.require && !p.explicit_);
	assert_true(sip_directive_parse(STR("No-Fork"), &bit) && bit == SIP_DISPOSE_NO_FORK);
}

static void outbound(void **state)
{
	struct sip_nameaddr n;
	struct sip_outbound o;

	assert_true(sip_nameaddr_parse(STR("<sip:a@h;ob>;reg-id=2;+sip.instance=\"<urn:uuid:1>\";"
					   "pub-gruu=\"sip:a@d;gr=1\""),
				       &n, NULL));
	assert_true(sip_outbound_parse(&n, &o) && o.ob && o.reg_id == 2);
	assert_str(o.instance, STR("urn:uuid:1"));
	assert_str(o.pub_gruu, STR("sip:a@d;gr=1"));
	assert_int_equal(o.temp_gruu.n, 0);
}

static void others(void **state)
{
	struct sip_resource_priority r;
	struct sip_geolocation_error e;
	struct sip_auth_info a;
	struct sip_history_info h;
	struct sip_diversion d;
	struct sip_disposition c;
	enum sip_priority p;
	struct sip_info i;
	struct sip_uui u;
	bool yes;

	assert_true(sip_resource_priority_parse(STR("dsn.flash-override"), &r));
	assert_str(r.name_space, STR("dsn"));
	assert_str(r.priority, STR("flash-override"));
	assert_true(sip_priority_parse(STR("Urgent"), &p) && p == SIP_URGENT);
	assert_true(sip_geolocation_error_parse(STR("100;code=\"Cannot\""), &e) && e.code == 100);
	assert_str(e.text, STR("Cannot"));
	assert_true(sip_geolocation_routing_parse(STR("yes"), &yes) && yes);
	assert_true(sip_auth_info_parse(STR("nextnonce=\"n\""), &a));
	assert_str(a.nextnonce, STR("n"));
	assert_true(sip_history_info_parse(STR("<sip:a?Reason=SIP>;index=1.2;np=1.1"), &h));
	assert_str(h.index, STR("1.2"));
	assert_true(h.how == SIP_HISTORY_NP);
	assert_str(h.from, STR("1.1"));
	assert_true(sip_diversion_parse(STR("sip:a;reason=user-busy"), &d) && d.counter == 1);
	assert_str(d.reason, STR("user-busy"));
	assert_true(sip_disposition_type_parse(STR("icon;handling=optional"), &c) && c.optional);
	assert_true(sip_info_parse(STR("<http://x>;purpose=card"), &i));
	assert_str(i.purpose, STR("card"));
	assert_true(sip_uui_parse(STR("0a0B;encoding=HEX"), &u) && u.hex);
}

static void dates(void **state)
{
	static const struct {
		const char *text;
		uint64_t s;
	} known[] = {
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Sat, 13 Nov 2010 23:29:00 GMT", 1289690940},
		{"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
		{"Sun, 07 Feb 2106 06:28:16 GMT", 4294967296},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
	};
	struct sip_timestamp t;
	struct sip_retry_after r;
	uint64_t s, day;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct buf b = fresh();

		assert_true(sip_date_parse(str_c(known[i].text), &s));
		assert_int_equal(s, known[i].s);
		sip_date_put(&b, s);
		assert_str(buf_str(&b), str_c(known[i].text));
	}
	for (day = 0; day < 40000; day += 7) {
		struct buf b = fresh();

		sip_date_put(&b, day * 86400 + 5);
		assert_true(sip_date_parse(buf_str(&b), &s) && s == day * 86400 + 5);
	}
	assert_true(sip_timestamp_parse(STR("54.21 .5"), &t) && t.has_delay);
	assert_true(t.sent_us == 54210000 && t.delay_us == 500000);
	assert_true(sip_retry_after_parse(STR("5 (x) ;duration=60"), &r));
	assert_true(r.after_s == 5 && r.has_duration && r.duration_s == 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),   cmocka_unit_test(refer),      cmocka_unit_test(dialogs),
		cmocka_unit_test(numbers),  cmocka_unit_test(identities), cmocka_unit_test(reasons),
		cmocka_unit_test(features), cmocka_unit_test(outbound),   cmocka_unit_test(others),
		cmocka_unit_test(dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
