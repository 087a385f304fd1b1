#include "sip_test.h"

static void assert_prints(const struct sip_msg *m, struct str want)
{
	static char room[8192];
	struct buf b = buf_over(room, sizeof(room));

	assert_true(sip_print(m, &b));
	assert_str(buf_str(&b), want);
}

static void untouched_is_the_same(void **state)
{
	struct fixture f;

	assert_prints(parse_text(&f, STR(INVITE)), STR(INVITE));
	assert_prints(parse_text(&f, STR(INVITE_HEAD "\r\nabc")),
		      STR(INVITE_HEAD "Content-Length: 3\r\n\r\nabc"));
}

/* The one true length stays where it stands; others go. */
static void length_once(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(
		&f, STR("BYE sip:a SIP/2.0\r\nl : 1\r\nTo: x\r\nContent-Length: 1\r\n\r\nab"));

	assert_prints(m, STR("BYE sip:a SIP/2.0\r\nl : 1\r\nTo: x\r\n\r\na"));
	m->body = STR("four");
	assert_prints(m, STR("BYE sip:a SIP/2.0\r\nTo: x\r\nContent-Length: 4\r\n\r\nfour"));
}

static void lone_line_ends_become_whole(void **state)
{
	struct fixture f;

	assert_prints(
		parse_text(&f,
			   STR("BYE sip:a SIP/2.0\nTo  : x\rFrom:y\n CSeq: 1\nX-Y:\nl: 0\r\n\n")),
		STR("BYE sip:a SIP/2.0\r\nTo: x\r\nFrom: y CSeq: 1\r\nX-Y: \r\nl: 0\r\n\r\n"));
}

static bool prints(const struct sip_msg *m)
{
	static char room[8192];
	struct buf b = buf_over(room, sizeof(room));
	bool ok = sip_print(m, &b);

	assert_int_equal(ok, !b.failed);
	return ok;
}

static void nothing_brings_a_line_in(void **state)
{
	static const char *const evil[] = {"a\r\nEvil: yes", "a\nEvil: yes", "a\rEvil: yes",
					   "a\r\n", "\n"};
	struct fixture f;
	struct sip_msg *m;
	size_t i;

	for (i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		m = parse_text(&f, STR(INVITE));
		sip_set(m, SIP_HDR_SUBJECT, str_c(evil[i]));
		assert_false(prints(m));
		m = parse_text(&f, STR(INVITE));
		sip_add_named(m, STR("X-Mine"), str_c(evil[i]));
		assert_false(prints(m));
		m = parse_text(&f, STR(INVITE));
		m->uri = str_c(evil[i]);
		assert_false(prints(m));
		sip_response_init(m, &f.arena, 200, str_c(evil[i]));
		assert_false(prints(m));
	}
	m = parse_text(&f, STR(INVITE));
	m->uri = STR("sip:a b");
	assert_false(prints(m));
	m = parse_text(&f, STR(INVITE));
	m->method_name = STR("A B");
	assert_false(prints(m));
	m = parse_text(&f, STR(INVITE));
	assert_false(sip_add_named(m, STR("A: b\r\nC"), STR("d")));
	assert_false(prints(m));
	m = parse_text(&f, STR(INVITE));
	assert_true(sip_add(m, SIP_HDR_SUBJECT, STR("a\r\n \t b\n c")));
	assert_true(prints(m));
}

static void composed_fold_becomes_a_space(void **state)
{
	struct fixture f;
	struct sip_msg *m = &f.m;

	arena_init(&f.arena, f.room, sizeof(f.room), 0);
	sip_request_init(m, &f.arena, STR("BYE"), STR("sip:a"));
	sip_add(m, SIP_HDR_SUBJECT, STR("a\r\n \t b\n c"));
	assert_prints(m, STR("BYE sip:a SIP/2.0\r\nSubject: a b c\r\nContent-Length: 0\r\n\r\n"));
}

/* Every room that is too small fails and stays within itself. */
static void too_little_room(void **state)
{
	struct fixture f;
	struct sip_msg *m = parse_text(&f, STR(INVITE)), d;
	char all[2048];
	struct buf b = buf_over(all, sizeof(all));
	size_t n, i;

	assert_true(sip_derive(m, &f.arena, &d));
	sip_prepend(&d, SIP_HDR_VIA, STR("SIP/2.0/UDP here;branch=z9hG4bKx"));
	assert_true(sip_print(&d, &b));
	n = b.n;
	for (i = 0; i < n; i++) {
		b = buf_over(guard_end(str_of(all, i)), i);
		assert_false(sip_print(&d, &b));
		if (i % 64 == 0)
			guard_free_all();
	}
	guard_free_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untouched_is_the_same),
		cmocka_unit_test(length_once),
		cmocka_unit_test(lone_line_ends_become_whole),
		cmocka_unit_test(nothing_brings_a_line_in),
		cmocka_unit_test(composed_fold_becomes_a_space),
		cmocka_unit_test(too_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
