#include "lint/lint.h"
#include "base/buf.h"
#include "harness.h"

static char room[128 * 1024];
static struct arena arena;
static struct lint result;

static const struct lint *look(struct str text)
{
	arena_init(&arena, room, sizeof(room), 0);
	assert_true(lint_message(text, &arena, &result));
	return &result;
}

static const char good[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds\r\n"
			   "Max-Forwards: 70\r\n"
			   "To: Bob <sip:bob@example.com>\r\n"
			   "From: Alice <sip:alice@example.com>;tag=1928301774\r\n"
			   "Call-ID: a84b4c76e66710@pc33.example.com\r\n"
			   "CSeq: 314159 INVITE\r\n"
			   "Contact: <sip:alice@pc33.example.com>\r\n"
			   "Content-Type: application/sdp\r\n"
			   "Content-Length: 91\r\n\r\n"
			   "v=0\r\no=alice 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
			   "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

static void nothing_to_say(void **state)
{
	const struct lint *l = look(str_c(good));

	if (l->n)
		fail_msg("%.*s", STR_ARG(l->findings[0].what));
	assert_true(l->taken && l->status == 0);
	assert_str(l->summary, STR("INVITE sip:bob@example.com"));
	arena_fini(&arena);
}

/* The good message with a line replaced; what is put into the body is as long as what it replaces. */
static struct str changed(const char *line, const char *with, char *out, size_t size)
{
	struct str rest = str_c(good), one;
	struct buf b = buf_over(out, size);

	while (rest.n) {
		one = str_split(&rest, '\n');
		if (!str_starts(one, str_c(line)))
			buf_fmt(&b, "%.*s\n", STR_ARG(one));
		else if (*with)
			buf_fmt(&b, "%s\r\n", with);
	}
	assert_false(b.failed);
	return buf_str(&b);
}

/* What is found first of this level, and where. */
static const struct {
	const char *line, *with;
	enum lint_level level;
	const char *what, *rfc;
	unsigned at_line, at_column;
} rows[] = {
	{"Via", "Via: SIP/2.0/UDP h;;", LINT_ERROR, "Via: bad or empty", "RFC 3261 s20.42", 2, 6},
	{"Via", "", LINT_ERROR, "Via is missing", "RFC 3261 s8.1.1.7", 1, 1},
	{"Via", "Via: SIP/2.0/UDP h;branch=z9hG4bK", LINT_ERROR, "names no transaction",
	 "RFC 3261 s8.1.1.7", 2, 27},
	{"Via", "Via: SIP/2.0/UDP h;branch=abc", LINT_WARNING, "magic cookie", "RFC 3261 s8.1.1.7",
	 2, 27},
	{"Via", "Via: SIP/2.0/XYZ h;branch=z9hG4bKa", LINT_WARNING, "does not speak",
	 "RFC 3261 s20.42", 2, 14},
	{"Via", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa", LINT_NOTE, "private address",
	 "RFC 3581 s4", 2, 18},
	{"Via", "Via: SIP/2.0/UDP h;branch=z9hG4bKa, SIP/2.0/UDP h;branch=z9hG4bKa", LINT_WARNING,
	 "two Vias", "RFC 3261 s16.6", 2, 58},
	{"Max-Forwards", "", LINT_ERROR, "Max-Forwards is missing", "RFC 3261 s8.1.1.6", 1, 1},
	{"Max-Forwards", "Max-Forward: 70", LINT_WARNING, "did you mean Max-Forwards",
	 "RFC 3261 s7.3.1", 3, 1},
	{"Max-Forwards", "Max-Forwards: 0", LINT_NOTE, NULL, NULL, 0, 0},
	{"Max-Forwards", "Max-Forwards: 70\r\nCall-ID: b", LINT_ERROR, "stands twice",
	 "RFC 3261 s7.3.1", 7, 1},
	{"Max-Forwards", "Max-Forwards: 70\r\nno colon here", LINT_ERROR, "no colon",
	 "RFC 3261 s7.3.1", 4, 1},
	{"Max-Forwards", "Max-Forwards: 70\r\nSubject: a\x01", LINT_ERROR, "control character 0x01",
	 "RFC 3261 s25.1", 4, 11},
	{"Max-Forwards", "Max-Forwards: 70\r\nSubject: \xff", LINT_WARNING, "not UTF-8",
	 "RFC 3261 s7.3.1", 4, 10},
	{"Max-Forwards", "Max-Forwards: 70\r\nDate: yesterday", LINT_ERROR, "Date: not a date",
	 "RFC 3261 s20.17", 4, 7},
	{"Max-Forwards", "Max-Forwards: 70\r\nk: timer", LINT_NOTE, "compact forms: k Supported",
	 "RFC 3261 s7.3.3", 4, 1},
	{"Max-Forwards", "Max-Forwards: 70\r\nRoute: <sip:a>", LINT_WARNING, "no lr",
	 "RFC 3261 s19.1.1", 4, 9},
	{"Max-Forwards", "Max-Forwards: 70\r\nSession-Expires: 60\r\nSupported: timer", LINT_ERROR,
	 "60 seconds are less", "RFC 4028 s7.1", 4, 18},
	{"Max-Forwards", "Max-Forwards: 70\r\nAuthorization: Digest username=\"a\"", LINT_ERROR,
	 "without realm", "RFC 3261 s20.7", 4, 16},
	{"Max-Forwards", "Max-Forwards: 70\r\nUser-Agent: a [b]", LINT_WARNING, "User-Agent",
	 "RFC 3261 s20.41", 4, 13},
	{"From", "From: <sip:alice@example.com>", LINT_ERROR, "From has no tag",
	 "RFC 3261 s8.1.1.3", 5, 7},
	{"CSeq", "CSeq: 1 BYE", LINT_ERROR, "CSeq's method is BYE", "RFC 3261 s8.1.1.5", 7, 9},
	{"Contact", "", LINT_ERROR, "Contact is missing", "RFC 3261 s8.1.1.8", 1, 1},
	{"Contact", "Contact: *", LINT_ERROR, "for REGISTER alone", "RFC 3261 s20.10", 8, 10},
	{"Contact", "Contact: <sip:a>, <sip:b>", LINT_ERROR, "more than one Contact",
	 "RFC 3261 s8.1.1.8", 8, 19},
	{"Contact", "Contact: sip:a@b;transport=tcp", LINT_WARNING, "without angle brackets",
	 "RFC 3261 s20.10", 8, 10},
	{"Content-Type", "", LINT_ERROR, "Content-Type is missing", "RFC 3261 s7.4.1", 1, 1},
	{"Content-Length", "Content-Length: 999", LINT_ERROR, "larger than the message",
	 "RFC 3261 s18.3", 10, 17},
	{"Content-Length", "Content-Length: 5", LINT_WARNING, "bytes behind the body",
	 "RFC 3261 s18.3", 10, 17},
	{"Content-Length", "", LINT_WARNING, "Content-Length is missing", "RFC 3261 s20.14", 1, 1},
	{"m=", "m=audio x000 RTP/AVP 0", LINT_ERROR, "line 6 of the session description",
	 "RFC 8866 s5", 17, 1},
	{"m=", "m=audio 400 RTP/AVP 96", LINT_WARNING, "no a=rtpmap", "RFC 8866 s6.6", 17, 21},
	{"c=", "a=xxxxxxxxxxxxxxxx", LINT_ERROR, "has no c= line", "RFC 8866 s5.7", 17, 3},
	{"INVITE", "INVITE sip:bob@example.com;method=BYE SIP/2.0", LINT_WARNING,
	 "method parameter", "RFC 3261 s19.1.1", 1, 35},
	{"INVITE", "INVITE <sip:bob@example.com> SIP/2.0", LINT_ERROR, "angle brackets",
	 "RFC 3261 s7.1", 1, 8},
	{"INVITE", "invite sip:bob@example.com SIP/2.0", LINT_WARNING, "is not the method INVITE",
	 "RFC 3261 s7.1", 1, 1},
	{"INVITE", "INVITE sip:bob@example.com SIP/3.0", LINT_ERROR, "version is not 2.0",
	 "RFC 3261 s21.5.6", 1, 28},
	{"INVITE", "INVITE http://a SIP/2.0", LINT_NOTE, "does not route by", "RFC 3261 s8.2.2.1",
	 1, 8},
};

static void finds(void **state)
{
	char text[2048];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct lint *l =
			look(changed(rows[i].line, rows[i].with, text, sizeof(text)));
		const struct lint_finding *f = NULL;
		unsigned k;

		for (k = 0; k < l->n && !f; k++)
			if (l->findings[k].level == rows[i].level &&
			    (!rows[i].what || strstr(l->findings[k].what.p, rows[i].what)))
				f = &l->findings[k];
		if (!f != !rows[i].what)
			fail_msg("%s: %s", rows[i].with, f ? f->what.p : "not found");
		if (f && (f->line != rows[i].at_line || f->column != rows[i].at_column ||
			  strcmp(f->rfc, rows[i].rfc) != 0))
			fail_msg("%s: %u:%u %s", rows[i].with, f->line, f->column, f->rfc);
		arena_fini(&arena);
	}
}

static const struct {
	const char *text, *what;
} messages[] = {
	{"SIP/2.0 401 No\r\n", "WWW-Authenticate is missing"},
	{"SIP/2.0 200 OK\r\n", "To is missing"},
	{"SIP/2.0 200 OK\r\nTo: <sip:a>\r\n", "To has no tag"},
	{"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n", "Contact is missing"},
	{"SIP/2.0 180 R\r\nRSeq: 1\r\n", "RSeq without Require"},
	{"SIP/2.0 180 R\r\nRequire: 100rel\r\n", "RSeq is missing"},
	{"SIP/2.0 200 OK\r\nRSeq: 1\r\n", "from 101 to 199"},
	{"SIP/2.0 9999 OK\r\n", "status code is not"},
	{"SUBSCRIBE sip:a SIP/2.0\r\n", "Event is missing"},
	{"NOTIFY sip:a SIP/2.0\r\n", "Subscription-State is missing"},
	{"REFER sip:a SIP/2.0\r\n", "Refer-To is missing"},
	{"PRACK sip:a SIP/2.0\r\n", "RAck is missing"},
	{"CANCEL sip:a SIP/2.0\r\nRequire: x\r\n", "has no Require"},
	{"CANCEL sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a, SIP/2.0/UDP b\r\n", "single Via"},
	{"REGISTER sip:a SIP/2.0\r\nContact: *\r\n", "without Expires: 0"},
	{"INVITE sip:a SIP/2.0\r\nReplaces: a;to-tag=1;from-tag=2\r\nJoin: "
	 "a;to-tag=1;from-tag=2\r\n",
	 "stand together"},
	{"INVITE sips:a SIP/2.0\r\nContact: <sip:a>\r\n", "must be too"},
	{"BYE sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\nx", "no part"},
	{"BYE sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n\r\nx",
	 "not closed"},
	{"BYE sip:a SIP/2.0\r\nTo: a", "no empty line"},
	{"", "empty"},
};

static void by_kind(void **state)
{
	char text[512];
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct buf b = buf_over(text, sizeof(text));
		const struct lint *l;
		unsigned k;

		buf_fmt(&b, "%s%s", messages[i].text,
			strstr(messages[i].text, "\r\n\r\n") || !strstr(messages[i].what, "missing")
				? ""
				: "\r\n");
		if (str_ends(buf_str(&b), STR("\r\n")) && !strstr(b.p, "\r\n\r\n"))
			buf_puts(&b, STR("\r\n"));
		l = look(buf_str(&b));
		for (k = 0; k < l->n; k++)
			if (l->findings[k].level == LINT_ERROR &&
			    strstr(l->findings[k].what.p, messages[i].what))
				break;
		if (k == l->n)
			fail_msg("%s: %s not found", messages[i].text, messages[i].what);
		arena_fini(&arena);
	}
}

/* What the server would do: parser, guard and core say the same. */
static void verdicts(void **state)
{
	char text[2048];
	const struct lint *l;

	l = look(changed("To", "", text, sizeof(text)));
	assert_int_equal(l->status, 400);
	assert_false(l->taken);
	assert_str(l->verdict,
		   STR("answers 400 Bad Request (To: mandatory header field is missing)"));
	l = look(changed("CSeq", "CSeq: 1 BYE", text, sizeof(text)));
	assert_str(l->verdict,
		   STR("answers 400 Bad Request (CSeq's method is not that of the start line)"));
	l = look(changed("Via", "", text, sizeof(text)));
	assert_int_equal(l->status, 0);
	assert_true(str_starts(l->verdict, STR("drops it: no Via")));
	l = look(changed("INVITE", "INVITE http://a SIP/2.0", text, sizeof(text)));
	assert_true(l->taken && l->status == 416);
	l = look(changed("INVITE", "INVITE sip:a SIP/3.0", text, sizeof(text)));
	assert_int_equal(l->status, 505);
	l = look(changed("Max-Forwards", "Max-Forwards: 0", text, sizeof(text)));
	assert_int_equal(l->status, 483);
	l = look(STR("SIP/2.0 200 OK\r\n\r\n"));
	assert_true(str_starts(l->verdict, STR("drops it: a response")));
}

static void every_prefix(void **state)
{
	size_t n;

	for (n = 0; n < sizeof(good) - 1; n++) {
		const struct lint *l = look(guard_str(str_of(good, n)));
		unsigned k;

		assert_true(l->n_errors > 0 || l->n_warnings > 0);
		for (k = 0; k < l->n; k++)
			assert_true(l->findings[k].offset + l->findings[k].length <= n);
		arena_fini(&arena);
		guard_free_all();
	}
}

static void is_bounded(void **state)
{
	static char text[64 * 1024];
	struct buf b = buf_over(text, sizeof(text));
	unsigned i;

	buf_puts(&b, STR("OPTIONS sip:a SIP/2.0\r\n"));
	for (i = 0; i < 400; i++)
		buf_puts(&b, STR("Date: x\r\n"));
	buf_puts(&b, STR("\r\n"));
	assert_int_equal(look(buf_str(&b))->n, LINT_FINDINGS_MAX);
	assert_true(result.cut);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_say), cmocka_unit_test(finds),
		cmocka_unit_test(by_kind),        cmocka_unit_test(verdicts),
		cmocka_unit_test(every_prefix),   cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
