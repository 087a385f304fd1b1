/* The ladder, drawn: golden texts. */
#include "harness.h"

#include <stdio.h>

#include "admin/ladder.h"

#define ALICE "192.0.2.1:5060"
#define BOB "198.51.100.7:40000"

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"                \
	"m=audio 20000 RTP/AVP 0\r\n"

struct said {
	uint64_t at_ms;
	bool out;
	const char *transport, *remote, *first, *cseq, *body;
};

/* alice calls bob through the server; bob's phone is slow to answer. */
static const struct said call[] = {
	{0, false, "UDP", ALICE, "INVITE sip:bob@b SIP/2.0", "1 INVITE", SDP},
	{1, true, "UDP", ALICE, "SIP/2.0 100 Trying", "1 INVITE", ""},
	{2, true, "TCP", BOB, "INVITE sip:bob@198.51.100.7 SIP/2.0", "1 INVITE", SDP},
	{502, true, "TCP", BOB, "INVITE sip:bob@198.51.100.7 SIP/2.0", "1 INVITE", SDP},
	{1502, true, "TCP", BOB, "INVITE sip:bob@198.51.100.7 SIP/2.0", "1 INVITE", SDP},
	{1600, false, "TCP", BOB, "SIP/2.0 480 Temporarily Unavailable for a long time", "1 INVITE",
	 ""},
	{12345, true, "UDP", ALICE, "SIP/2.0 480 Temporarily Unavailable for a long time",
	 "1 INVITE", ""},
};

struct drawing {
	struct arena arena;
	struct trace_message list[32];
	size_t n;
	struct ladder ladder;
	struct buf out;
};

static void add(struct drawing *d, const struct said *s)
{
	struct trace_message m = {.at_us = 1000000 + s->at_ms * 1000,
				  .out = s->out,
				  .transport = str_c(s->transport),
				  .remote = str_c(s->remote),
				  .local = STR("192.0.2.9:5060")};

	m.bytes = arena_fmt(&d->arena,
			    "%s\r\nFrom: <sip:alice@a>;tag=1\r\nTo: <sip:bob@b>\r\nCall-ID: c\r\n"
			    "CSeq: %s\r\nContent-Type: application/sdp\r\n\r\n%s",
			    s->first, s->cseq, s->body);
	m.full_n = m.bytes.n;
	trace_view_of(m.bytes, &d->arena, &m.view);
	trace_fold(d->list, &d->n, &m);
}

static void draw(struct drawing *d, const struct said *list, size_t n,
		 const struct ladder_style *style)
{
	*d = (struct drawing){.out = buf_heap(1 << 20)};
	arena_init(&d->arena, NULL, 0, 0);
	for (size_t i = 0; i < n; i++)
		add(d, &list[i]);
	ladder_init(&d->ladder, style);
	for (size_t i = 0; i < d->n; i++)
		ladder_know(&d->ladder, &d->list[i]);
	ladder_put_head(&d->ladder, &d->out);
	for (size_t i = 0; i < d->n; i++)
		ladder_put(&d->ladder, &d->list[i], &d->out);
}

static void drawing_fini(struct drawing *d)
{
	arena_fini(&d->arena);
	buf_free(&d->out);
}

static void is_drawn(const struct said *list, size_t n, const struct ladder_style *style,
		     const char *want)
{
	struct drawing d;

	draw(&d, list, n, style);
	assert_str(buf_str(&d.out), str_c(want));
	drawing_fini(&d);
}

/* clang-format off */
static const char golden_wide[] =
	"                   alice                               tsuwa                                bob\n"
	"            udp 192.0.2.1:5060                  udp 192.0.2.9:5060                tcp 198.51.100.7:40000\n"
	"                     │                                   │                                   │\n"
	"+0.000s              │─────────── INVITE (1) ───────────→│                                   │ audio 192.0.2.1:20000 PCMU\n"
	"+0.001s              │←────── 100 Trying (1 INVITE) ─────│                                   │\n"
	"+0.002s              │                                   │─────────── INVITE (1) ───────────→│ (×3 over 1.5 s) audio 192.0.2.1:20000 PCMU\n"
	"+1.600s              │                                   │←─ 480 Temporarily Unavailab… (1) ─│\n"
	"+12.345s             │←─ 480 Temporarily Unavailab… (1) ─│                                   │\n";

static const char golden_80[] =
	"                   alice                  tsuwa                   bob\n"
	"            udp 192.0.2.1:5060     udp 192.0.2.9:5060   tcp 198.51.100.7:40000\n"
	"                     |                      |                      |\n"
	"+0.000s              |----- INVITE (1) ---->|                      |\n"
	"                     | audio 192.0.2.1:20000 PCMU                  |\n"
	"+0.001s              |<--- 100 Trying (1) --|                      |\n"
	"+0.002s              |                      |----- INVITE (1) ---->|\n"
	"                     |                (x3 over 1.5 s) audio 192.0.2.1:20000 PCMU\n"
	"+1.600s              |                      |<- 480 Tempor... (1) -|\n"
	"+12.345s             |<- 480 Tempor... (1) -|                      |\n";

static const char golden_lines[] =
	"+0.000s    alice udp 192.0.2.1:5060 → tsuwa: INVITE (1)  audio 192.0.2.1:20000 PCMU\n"
	"+0.001s    tsuwa → alice udp 192.0.2.1:5060: 100 Trying (1 INVITE)\n"
	"+0.002s    tsuwa → bob tcp 198.51.100.7:40000: INVITE (1)  (×3 over 1.5 s) audio 192.0.2.1:20000 PCMU\n"
	"+1.600s    bob tcp 198.51.100.7:40000 → tsuwa: 480 Temporarily Unavailable for a long time (1 INVITE)\n"
	"+12.345s   tsuwa → alice udp 192.0.2.1:5060: 480 Temporarily Unavailable for a long time (1 INVITE)\n";

static const char golden_bodies[] =
	"                   alice                        tsuwa\n"
	"            udp 192.0.2.1:5060           udp 192.0.2.9:5060\n"
	"                     |                            |\n"
	"+0.000s              |-------- INVITE (1) ------->|\n"
	"                     | audio 192.0.2.1:20000 PCMU |\n"
	"           INVITE sip:bob@b SIP/2.0\n"
	"           From: <sip:alice@a>;tag=1\n"
	"           To: <sip:bob@b>\n"
	"           Call-ID: c\n"
	"           CSeq: 1 INVITE\n"
	"           Content-Type: application/sdp\n"
	"\n"
	"           v=0\n"
	"           o=- 1 1 IN IP4 192.0.2.1\n"
	"           s=-\n"
	"           c=IN IP4 192.0.2.1\n"
	"           t=0 0\n"
	"           m=audio 20000 RTP/AVP 0\n"
	"+0.001s              |<-- 100 Trying (1 INVITE) --|\n"
	"           SIP/2.0 100 Trying\n"
	"           From: <sip:alice@a>;tag=1\n"
	"           To: <sip:bob@b>\n"
	"           Call-ID: c\n"
	"           CSeq: 1 INVITE\n"
	"           Content-Type: application/sdp\n"
	"\n";

static const char golden_directions[] =
	"                   tsuwa                         bob\n"
	"            udp 192.0.2.9:5060           udp 192.0.2.1:5060\n"
	"                     |                            |\n"
	"+0.000s              |------- OPTIONS (1) ------->|\n"
	"+0.001s              |<--------- BYE (2) ---------|\n";

/* clang-format on */

static void draws_utf8(void **state)
{
	is_drawn(call, 7, &(struct ladder_style){.columns = 140, .utf8 = true}, golden_wide);
}

static void draws_ascii(void **state)
{
	is_drawn(call, 7, &(struct ladder_style){.columns = 80}, golden_80);
}

static void draws_lines_where_columns_do_not_fit(void **state)
{
	is_drawn(call, 7, &(struct ladder_style){.columns = 60, .utf8 = true}, golden_lines);
}

static void draws_bodies(void **state)
{
	is_drawn(call, 2, &(struct ladder_style){.columns = 60, .bodies = true}, golden_bodies);
}

/* Of a request that comes from the right the arrow points to the left. */
static void follows_directions(void **state)
{
	static const struct said both[] = {
		{0, true, "UDP", ALICE, "OPTIONS sip:bob@b SIP/2.0", "1 OPTIONS", ""},
		{1, false, "UDP", ALICE, "BYE sip:x SIP/2.0", "2 BYE", ""},
	};

	is_drawn(both, 2, &(struct ladder_style){.columns = 60}, golden_directions);
}

/* Nothing of a message moves the cursor. */
static void stays_on_the_line(void **state)
{
	static const struct said bad[] = {
		{0, false, "UDP", ALICE, "INVI\x1b[2JTE sip:\xff\xc2\x9b@b SIP/2.0", "1 X",
		 "\x1b]0;\x7f\xc3\xa4"},
		{1, true, "UDP", ALICE, "SIP/2.0 200 \x1b[1mB\xc3\xb6se", "1 X", ""},
	};
	const struct ladder_style style = {.columns = 80, .utf8 = true, .bodies = true};
	struct drawing d;

	draw(&d, bad, 2, &style);
	assert_null(memchr(d.out.p, 0x1b, d.out.n));
	assert_null(memchr(d.out.p, 0x7f, d.out.n));
	assert_null(strstr(buf_c(&d.out), "\xc2\x9b"));
	assert_non_null(strstr(buf_c(&d.out), "B\xc3\xb6se"));
	drawing_fini(&d);
	draw(&d, bad, 2, &(struct ladder_style){.columns = 80, .bodies = true});
	for (size_t i = 0; i < d.out.n; i++)
		assert_true((unsigned char)d.out.p[i] < 0x7f);
	drawing_fini(&d);
}

/* Columns in characters. */
static size_t longest(struct str s)
{
	size_t most = 0;

	while (!str_empty(s)) {
		struct str line = str_split(&s, '\n');
		size_t n = 0;

		for (size_t i = 0; i < line.n; i++)
			n += ((unsigned char)line.p[i] & 0xc0) != 0x80;
		most = n > most ? n : most;
	}
	return most;
}

/* At every width and with any number of parties; as columns it never leaves the terminal. */
static void fits_every_width(void **state)
{
	char remote[24][32];
	struct said list[24];

	for (unsigned i = 0; i < 24; i++) {
		snprintf(remote[i], sizeof(remote[i]), "[2001:db8::%x]:%u", i, 10000 + i);
		list[i] = call[i % 7];
		list[i].remote = remote[i];
	}
	for (unsigned n = 1; n <= 24; n++)
		for (unsigned columns = 0; columns < 500; columns += 7) {
			struct drawing d;

			draw(&d, list, n, &(struct ladder_style){.columns = columns, .utf8 = true});
			assert_false(d.out.failed);
			if (strstr(buf_c(&d.out), "│"))
				assert_true(longest(buf_str(&d.out)) <= columns);
			drawing_fini(&d);
		}
}

static void tells_of_new_columns(void **state)
{
	const struct ladder_style style = {.columns = 80, .live = true};
	struct drawing d;

	draw(&d, call, 7, &style);
	ladder_init(&d.ladder, &style);
	assert_true(ladder_know(&d.ladder, &d.list[0]));
	assert_false(ladder_know(&d.ladder, &d.list[1]));
	assert_true(ladder_know(&d.ladder, &d.list[2]));
	assert_false(ladder_know(&d.ladder, &d.list[3]));
	/* Live, a repetition stands at its own time. */
	buf_reset(&d.out);
	ladder_put(&d.ladder, &d.list[2], &d.out);
	assert_true(str_starts(buf_str(&d.out), STR("+1.502s ")));
	drawing_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_utf8),
		cmocka_unit_test(draws_ascii),
		cmocka_unit_test(draws_lines_where_columns_do_not_fit),
		cmocka_unit_test(draws_bodies),
		cmocka_unit_test(follows_directions),
		cmocka_unit_test(stays_on_the_line),
		cmocka_unit_test(fits_every_width),
		cmocka_unit_test(tells_of_new_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
