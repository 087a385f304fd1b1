#include <errno.h>

#include "sip/frame.h"
#include "sip/lex.h"
#include "sip/msg.h"

#define PARTIAL_MAX (SIP_MAX_HEADER_BYTES + SIP_MAX_BODY_BYTES + 16)

void sip_framer_init(struct sip_framer *f)
{
	memset(f, 0, sizeof(*f));
	f->partial = buf_heap(PARTIAL_MAX);
}

void sip_framer_fini(struct sip_framer *f)
{
	buf_free(&f->partial);
	sip_framer_init(f);
}

bool sip_framer_midway(const struct sip_framer *f)
{
	return f->partial.n > 0;
}

/* Bytes of the header with its empty line, or 0 when its end is not there yet; then
 * *scanned tells how many bytes need not be looked at again.  A CR at the end of what is
 * there may be half a CRLF, so it decides nothing. */
static size_t header_end(struct str s, size_t *scanned)
{
	const char *end = s.p + s.n, *e, *next;

	e = lex_eol(s.p + *scanned, end);
	while (e < end) {
		*scanned = (size_t)(e - s.p);
		next = lex_eol_skip(e, end);
		if (next == end)
			return 0;
		if (*next == '\n' || (*next == '\r' && next + 1 < end))
			return (size_t)(lex_eol_skip(next, end) - s.p);
		if (*next == '\r')
			return 0;
		e = lex_eol(next, end);
	}
	*scanned = s.n;
	return 0;
}

/* Is the line at p this field?  Then *value is behind its colon. */
static bool is_line_of(enum sip_hdr_id id, const char *p, const char *end, const char **value)
{
	const char *colon, *name_end;

	if ((*p | 0x20) != 'c' && (*p | 0x20) != 'l')
		return false;
	name_end = lex_run(p, end, CC_TOKEN);
	colon = lex_run(name_end, end, CC_WS);
	if (colon == end || *colon != ':' || sip_hdr_id_of(str_range(p, name_end)) != id)
		return false;
	*value = colon + 1;
	return true;
}

/* The end of the field that starts at p: its last line end, folds passed over. */
static const char *field_end(const char *p, const char *end)
{
	const char *e = lex_eol(p, end), *next;

	while (e < end) {
		next = lex_eol_skip(e, end);
		if (next == end || !cc_is(*next, CC_WS))
			break;
		e = lex_eol(next, end);
	}
	return e;
}

/* Is there a body whose length is not told? */
static bool has_content_type(struct str header)
{
	const char *p = header.p, *end = header.p + header.n, *e, *value;

	for (; p < end; p = e < end ? lex_eol_skip(e, end) : end) {
		e = field_end(p, end);
		if (is_line_of(SIP_HDR_CONTENT_TYPE, p, e, &value))
			return true;
	}
	return false;
}

/* Content-Length of a whole header; 0 when there is none, as RFC 3261 s18.3 asks for it but
 * many a message without a body lacks it. */
static int body_length(struct str header, size_t *ret, const char **why)
{
	const char *p = header.p, *end = header.p + header.n, *e, *value;
	uint32_t length = 0, n;
	bool found = false;

	for (; p < end; p = e < end ? lex_eol_skip(e, end) : end) {
		e = field_end(p, end);
		if (!is_line_of(SIP_HDR_CONTENT_LENGTH, p, e, &value))
			continue;
		if (!str_to_u32(lex_trim(value, e), &n)) {
			*why = "Content-Length is not a number in range";
			return -EBADMSG;
		}
		if (found && n != length) {
			*why = "two Content-Lengths differ";
			return -EBADMSG;
		}
		found = true;
		length = n;
	}
	if (!found && has_content_type(header)) {
		*why = "Content-Type without Content-Length";
		return -EBADMSG;
	}
	if (length > SIP_MAX_BODY_BYTES) {
		*why = "body is too large";
		return -EMSGSIZE;
	}
	*ret = length;
	return 0;
}

struct feeding {
	struct sip_framer *f;
	const struct sip_frame_user *user;
	struct str in; /* what is not consumed yet */
	const char *why;
	struct str head;
};

/* Finds the whole length of the message at the start of s: 0 when that can't be told yet. */
static int measure(struct feeding *g, struct str s, size_t *scanned, size_t *ret)
{
	size_t header, body;
	int err;

	*ret = 0;
	header = header_end(s, scanned);
	if ((header ? header : s.n) > SIP_MAX_HEADER_BYTES) {
		g->why = "header is too large";
		g->head = str_first(s, SIP_MAX_HEADER_BYTES);
		return -EMSGSIZE;
	}
	if (!header)
		return 0;
	err = body_length(str_first(s, header), &body, &g->why);
	if (err) {
		g->head = str_first(s, header);
		return err;
	}
	*ret = header + body;
	return 0;
}

/* Between messages: CRLFs, two in a row being a ping (RFC 5626 s3.5.1). */
static void skip_crlfs(struct feeding *g)
{
	struct sip_framer *f = g->f;

	while (g->in.n && (*g->in.p == '\r' || *g->in.p == '\n')) {
		char expected = f->crlf & 1 ? '\n' : '\r';

		f->crlf = *g->in.p == expected ? (uint8_t)(f->crlf + 1) : *g->in.p == '\r';
		g->in = str_skip(g->in, 1);
		if (f->crlf == 4) {
			f->crlf = 0;
			if (g->user->on_ping)
				g->user->on_ping(g->user->ctx);
		}
	}
	if (g->in.n)
		f->crlf = 0;
}

static int keep_partial(struct feeding *g, struct str s, size_t need)
{
	struct sip_framer *f = g->f;

	if (need > f->partial.n)
		buf_room(&f->partial, need - f->partial.n);
	buf_puts(&f->partial, s);
	if (f->partial.failed) {
		g->why = "out of memory";
		return -ENOMEM;
	}
	f->need = need;
	return 0;
}

/* A message begins in the bytes at hand: when it is whole there, nothing is copied.
 * *stop: the user wants no more, and the framer may be gone. */
static int from_input(struct feeding *g, bool *stop)
{
	struct str in = g->in;
	size_t need = 0, scanned = 0;
	int err;

	if (!cc_is(*in.p, CC_TOKEN)) {
		g->why = "stream does not speak SIP";
		g->head = STR("");
		return -EBADMSG;
	}
	err = measure(g, in, &scanned, &need);
	if (err)
		return err;
	if (!need || need > in.n) {
		g->in = str_skip(in, in.n);
		g->f->scanned = scanned;
		return keep_partial(g, in, need);
	}
	g->in = str_skip(in, need);
	*stop = !g->user->on_message(g->user->ctx, str_first(in, need));
	return 0;
}

/* The buffer leaves the framer before the user sees it, for the user may end the framer. */
static void deliver_partial(struct feeding *g, bool *stop)
{
	struct sip_framer *f = g->f;
	struct buf whole = f->partial;

	sip_framer_init(f);
	*stop = !g->user->on_message(g->user->ctx, buf_str(&whole));
	buf_free(&whole);
}

/* Goes on with a message whose length is not known: bytes are added to the header's bound,
 * and what turns out to be behind the message is left in the input. */
static int complete_header(struct feeding *g)
{
	struct sip_framer *f = g->f;
	size_t had = f->partial.n, room = SIP_MAX_HEADER_BYTES + 1 - had, need;
	struct str piece = str_first(g->in, room);
	int err = keep_partial(g, piece, 0);

	if (!err)
		err = measure(g, buf_str(&f->partial), &f->scanned, &need);
	if (err)
		return err;
	if (need && need < f->partial.n) {
		piece.n -= f->partial.n - need;
		f->partial.n = need;
	}
	f->need = need;
	g->in = str_skip(g->in, piece.n);
	return 0;
}

static int from_partial(struct feeding *g, bool *stop)
{
	struct sip_framer *f = g->f;
	struct str piece;
	int err;

	if (!f->need) {
		err = complete_header(g);
		if (err)
			return err;
	}
	if (f->need > f->partial.n) {
		piece = str_first(g->in, f->need - f->partial.n);
		g->in = str_skip(g->in, piece.n);
		err = keep_partial(g, piece, f->need);
		if (err)
			return err;
	}
	if (f->need && f->need == f->partial.n)
		deliver_partial(g, stop);
	return 0;
}

int sip_framer_feed(struct sip_framer *f, struct str bytes, const struct sip_frame_user *user,
		    const char **why, struct str *head)
{
	struct feeding g = {.f = f, .user = user, .in = bytes, .head = STR("")};
	bool stop = false;
	int err = 0;

	while (!err && !stop && g.in.n) {
		if (f->partial.n) {
			err = from_partial(&g, &stop);
			continue;
		}
		skip_crlfs(&g);
		if (g.in.n)
			err = from_input(&g, &stop);
	}
	if (err && why)
		*why = g.why;
	if (err && head)
		*head = g.head;
	return err;
}
