/* However a stream is cut into pieces, the same messages and pings come out, and the same
 * error; of a part of it the first of them.  The first bytes of the input say where to cut. */
#include "fuzz.h"

#include "sip/frame.h"
#include "sip/msg.h"

#define CUT_BYTES 8

static bool on_message(void *ctx, struct str message)
{
	struct buf *log = ctx;

	buf_put_u64(log, message.n);
	buf_putc(log, ':');
	buf_puts(log, message);
	return true;
}

static void on_ping(void *ctx)
{
	buf_putc(ctx, 'P');
}

static int feed(struct str stream, const uint8_t *cuts, struct buf *log)
{
	const struct sip_frame_user user = {on_message, on_ping, log};
	struct sip_framer f;
	const char *why = NULL;
	struct str head = STR("");
	size_t i = 0, n;
	int err = 0;

	sip_framer_init(&f);
	while (!err && stream.n) {
		n = cuts ? 1u + cuts[i++ % CUT_BYTES] : stream.n;
		err = sip_framer_feed(&f, str_first(stream, n), &user, &why, &head);
		stream = str_skip(stream, n);
	}
	check(!err || (why && head.n <= SIP_MAX_HEADER_BYTES));
	if (!err)
		buf_putc(log, sip_framer_midway(&f) ? '~' : '.');
	sip_framer_fini(&f);
	return err;
}

struct outcome {
	struct str log;
	int err;
};

/* What the framer cut, the parser takes the same way: header and body meet at one place. */
static bool parses_whole(void *ctx, struct str message)
{
	static char room[64 * 1024];
	struct arena arena;
	struct sip_msg m;
	struct sip_err err;

	arena_init(&arena, room, sizeof(room), 0);
	if (sip_parse(message, &arena, &m, &err)) {
		check(m.raw.n == message.n);
		check(m.body.n == 0 || sip_has(&m, SIP_HDR_CONTENT_LENGTH));
	}
	arena_fini(&arena);
	return true;
}

/* What has not come yet is waited for: no message changes, none is bad that will be good. */
static void feed_prefix(struct str part, void *ctx)
{
	static char room[512 * 1024];
	struct buf log = buf_over(room, sizeof(room));
	const struct outcome *whole = ctx;
	int err = feed(part, NULL, &log);
	struct str first = buf_str(&log);

	check(!err || whole->err);
	if (!err)
		first.n--; /* how it ended */
	check(str_starts(whole->log, first));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[512 * 1024], room2[512 * 1024];
	struct buf whole = buf_over(room, sizeof(room)), cut = buf_over(room2, sizeof(room2));
	const struct sip_frame_user parser = {parses_whole, NULL, NULL};
	struct outcome outcome;
	struct sip_framer f;
	struct str stream;

	if (size < CUT_BYTES)
		return 0;
	stream = str_of((const char *)data + CUT_BYTES, size - CUT_BYTES);
	outcome.err = feed(stream, NULL, &whole);
	check(outcome.err == feed(stream, data, &cut));
	check(str_eq(buf_str(&whole), buf_str(&cut)));
	outcome.log = buf_str(&whole);
	fuzz_each_prefix(stream, feed_prefix, &outcome);
	sip_framer_init(&f);
	sip_framer_feed(&f, stream, &parser, NULL, NULL);
	sip_framer_fini(&f);
	return 0;
}
