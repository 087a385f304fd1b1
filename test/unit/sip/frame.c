#include "sip/frame.h"
#include "sip_test.h"

/* What came out, as text: each message in brackets, each ping as "P". */
struct seen {
	char room[65536];
	struct buf log;
	unsigned messages;
	unsigned stop_after;
	struct sip_framer *framer;
};

static bool on_message(void *ctx, struct str message)
{
	struct seen *s = ctx;

	buf_putc(&s->log, '[');
	buf_puts(&s->log, message);
	buf_putc(&s->log, ']');
	return ++s->messages != s->stop_after;
}

static void on_ping(void *ctx)
{
	buf_putc(&((struct seen *)ctx)->log, 'P');
}

static void seen_init(struct seen *s)
{
	s->log = buf_over(s->room, sizeof(s->room));
	s->messages = s->stop_after = 0;
}

static int feed(struct sip_framer *f, struct str piece, struct seen *s)
{
	const struct sip_frame_user user = {on_message, on_ping, s};
	const char *why = NULL;
	struct str head;
	int err = sip_framer_feed(f, piece, &user, &why, &head);

	if (err)
		assert_non_null(why);
	return err;
}

static int feed_in(struct str text, size_t a, size_t b, struct seen *s)
{
	struct sip_framer f;
	struct str pieces[3] = {str_first(text, a), str_first(str_skip(text, a), b - a),
				str_skip(text, b)};
	int err = 0, i;

	seen_init(s);
	sip_framer_init(&f);
	for (i = 0; i < 3 && !err; i++)
		err = feed(&f, guard_str(pieces[i]), s);
	guard_free_all();
	if (err)
		buf_putc(&s->log, '!');
	else if (sip_framer_midway(&f))
		buf_putc(&s->log, '~');
	else
		assert_null(f.partial.p);
	sip_framer_fini(&f);
	return err;
}

static int feed_singly(struct str text, struct seen *s)
{
	struct sip_framer f;
	size_t i;
	int err = 0;

	seen_init(s);
	sip_framer_init(&f);
	for (i = 0; i < text.n && !err; i++)
		err = feed(&f, str_of(text.p + i, 1), s);
	if (err)
		buf_putc(&s->log, '!');
	else if (sip_framer_midway(&f))
		buf_putc(&s->log, '~');
	sip_framer_fini(&f);
	return err;
}

#define A "A a b\r\nl: 3\r\n\r\n"
#define B "B a b\r\nContent-Length \t:\r\n  10\r\nX: y\r\n\r\n"
static const struct {
	const char *text, *want;
	int err;
} rows[] = {
	{"", "", 0},
	{A "abc", "[" A "abc]", 0},
	{A "abc" A "def", "[" A "abc][" A "def]", 0},
	{B "0123456789" A "def", "[" B "0123456789][" A "def]", 0},
	{"N a b\r\n\r\n" A "def", "[N a b\r\n\r\n][" A "def]", 0},
	{"N a b\n\n" A "def\r\n", "[N a b\n\n][" A "def]", 0},
	{"N a b\r\rX", "[N a b\r\r]~", 0},
	{"N a b\r\n\rX", "[N a b\r\n\r]~", 0},
	{"N a b\r\n\n" A "def", "[N a b\r\n\n][" A "def]", 0},
	{"N a b\r\n \r\n\r\n", "[N a b\r\n \r\n\r\n]", 0},
	{"\r\n\r\n" A "abc\r\n\r\n\r\n\r\n", "P[" A "abc]PP", 0},
	{"\r\n" A "abc\r\n" A "abc", "[" A "abc][" A "abc]", 0},
	{"\r\n\r\n\r\n" A "abc", "P[" A "abc]", 0},
	{"\n\r\r\n\r\n" A "abc", "P[" A "abc]", 0},
	{"\r\n\r" A "abc\n\r\n", "[" A "abc]", 0},
	{"l: 5\r\nl: 5\r\nContent-Length: 05\r\n\r\n12345",
	 "[l: 5\r\nl: 5\r\nContent-Length: 05\r\n\r\n12345]", 0},
	{"A\r\nClength: 5\r\nX: l: 4\r\n l: 4\r\n\r\n",
	 "[A\r\nClength: 5\r\nX: l: 4\r\n l: 4\r\n\r\n]", 0},
	{A "ab", "~", 0},
	{"A a b\r\nl: 3\r\n\r", "~", 0},
	{"A\r\nl: -3\r\n\r\n", "!", -EBADMSG},
	{"A\r\nl: 1 2\r\n\r\n", "!", -EBADMSG},
	{"A\r\nl:\r\n\r\n", "!", -EBADMSG},
	{"A\r\nl: 3\r\nl: 4\r\n\r\n", "!", -EBADMSG},
	{"A\r\nl: 99999999999999999999\r\n\r\n", "!", -EBADMSG},
	{"A\r\nl: 1048577\r\n\r\n", "!", -EMSGSIZE},
	{A "abc\x16\x03\x01", "[" A "abc]!", -EBADMSG},
	{"A\r\nContent-Type: t/p\r\n\r\n", "!", -EBADMSG},
	{"A\r\nc : t/p\r\nCall-ID: x\r\n\r\nbody", "!", -EBADMSG},
	{"C\r\n\r\n", "[C\r\n\r\n]", 0},
	{"A\r\nc: t/p\r\nl: 0\r\n\r\n", "[A\r\nc: t/p\r\nl: 0\r\n\r\n]", 0},
	{"\r\n <", "!", -EBADMSG},
	{"N a b\r\n\r\n N", "[N a b\r\n\r\n]!", -EBADMSG},
};

/* However the bytes arrive, the same comes out. */
static void every_split(void **state)
{
	static struct seen s;
	size_t i, a, b;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text = str_c(rows[i].text);

		assert_int_equal(feed_singly(text, &s), rows[i].err);
		assert_str(buf_str(&s.log), str_c(rows[i].want));
		for (a = 0; a <= text.n; a++) {
			for (b = a; b <= text.n; b += 1 + (b - a) / 4) {
				assert_int_equal(feed_in(text, a, b, &s), rows[i].err);
				assert_str(buf_str(&s.log), str_c(rows[i].want));
			}
		}
	}
}

static void bounds_the_header(void **state)
{
	static char text[SIP_MAX_HEADER_BYTES + 100];
	static struct seen s;
	struct sip_framer f;
	struct str head;
	const struct sip_frame_user user = {on_message, on_ping, &s};
	const char *why;
	size_t n;

	memset(text, 'x', sizeof(text));
	for (n = SIP_MAX_HEADER_BYTES - 1; n <= SIP_MAX_HEADER_BYTES + 1; n++) {
		int want = n > SIP_MAX_HEADER_BYTES ? -EMSGSIZE : 0;

		memcpy(text + n - 4, "\r\n\r\n", 4);
		seen_init(&s);
		sip_framer_init(&f);
		assert_int_equal(sip_framer_feed(&f, str_of(text, n), &user, &why, &head), want);
		if (want)
			assert_int_equal(head.n, SIP_MAX_HEADER_BYTES);
		sip_framer_fini(&f);
		seen_init(&s);
		s.log.cap = 0;
		sip_framer_init(&f);
		assert_int_equal(feed(&f, str_of(text, 7), &s), 0);
		assert_int_equal(sip_framer_feed(&f, str_of(text + 7, n - 7), &user, &why, NULL),
				 want);
		assert_int_equal(s.messages, want ? 0 : 1);
		sip_framer_fini(&f);
		memset(text + n - 4, 'x', 4);
	}
}

static bool ends_the_framer(void *ctx, struct str message)
{
	struct seen *s = ctx;

	sip_framer_fini(s->framer);
	return on_message(ctx, message);
}

/* After a stop the framer is not touched: the user may have ended it, and lent bytes still
 * hold while the message is shown. */
static void stops(void **state)
{
	static struct seen s;
	struct sip_framer f;
	const struct sip_frame_user user = {ends_the_framer, on_ping, &s};

	seen_init(&s);
	s.stop_after = 1;
	s.framer = &f;
	sip_framer_init(&f);
	assert_int_equal(sip_framer_feed(&f, STR(A "ab"), &user, NULL, NULL), 0);
	assert_int_equal(sip_framer_feed(&f, STR("c" A "abc"), &user, NULL, NULL), 0);
	assert_str(buf_str(&s.log), STR("[" A "abc]"));
	assert_int_equal(alloc_live(), 0);
}

static void without_memory(void)
{
	static struct seen s;
	int err = feed_singly(STR(B "0123456789" A "def"), &s);

	assert_int_equal(err, alloc_has_failed() ? -ENOMEM : 0);
}

static void survives_no_memory(void **state)
{
	alloc_sweep(without_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_split),
		cmocka_unit_test(bounds_the_header),
		cmocka_unit_test(stops),
		cmocka_unit_test(survives_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
