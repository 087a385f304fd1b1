/* Bodies of several parts: the first line is a Content-Type, the rest the body.  Parts lie in the body, in
 * their order; what is found deep within lies there too; a body made anew of its parts is read the same. */
#include "fuzz.h"

#include "base/buf.h"
#include "sip/multipart.h"

#define PARTS_MAX 64

static unsigned walk(struct str type, struct str body, struct sip_part parts[PARTS_MAX])
{
	struct sip_multipart m;
	const char *at = body.p;
	unsigned n = 0;

	if (!sip_multipart_open(type, body, &m))
		return 0;
	check(m.boundary.n > 0 && m.boundary.n <= type.n);
	while (n < PARTS_MAX && sip_multipart_next(&m, &parts[n])) {
		const struct sip_part *p = &parts[n++];

		check_in(p->headers, body);
		check_in(p->body, body);
		check(p->body.p >= at);
		at = p->body.p + p->body.n;
		check_in(m.rest, body);
		check_in(sip_part_header(p, STR("Content-Type")), p->headers);
	}
	return n;
}

/* As whoever builds one writes them. */
static void build(const struct sip_part *parts, unsigned n, struct buf *b)
{
	for (unsigned i = 0; i < n; i++) {
		buf_fmt(b, "--A-boundary-of-ours\r\n");
		buf_puts(b, parts[i].headers);
		if (parts[i].headers.n && b->p[b->n - 1] != '\n' && b->p[b->n - 1] != '\r')
			buf_fmt(b, "\r\n");
		buf_fmt(b, "\r\n");
		buf_puts(b, parts[i].body);
		buf_fmt(b, "\r\n");
	}
	buf_fmt(b, "--A-boundary-of-ours--\r\n");
}

static void build_again(const struct sip_part *parts, unsigned n)
{
	static struct sip_part again[PARTS_MAX];
	static char room[1 << 18];
	struct buf b = buf_over(room, sizeof(room));
	struct str text;
	unsigned k;

	build(parts, n, &b);
	text = buf_str(&b);
	for (unsigned i = 0; i < n; i++) {
		struct str whole = parts[i].body;

		/* Not where a part holds our boundary. */
		for (; whole.n; whole = str_skip(whole, 1))
			if (str_starts(whole, STR("--A-bound")))
				return;
	}
	if (b.failed || n == PARTS_MAX)
		return;
	k = walk(STR("multipart/mixed;boundary=\"A-boundary-of-ours\""), text, again);
	check(k == n);
	for (unsigned i = 0; i < n; i++) {
		check(str_eq(parts[i].body, again[i].body) && str_eq(parts[i].type, again[i].type));
		check(str_eq(parts[i].disposition, again[i].disposition) &&
		      str_eq(parts[i].id, again[i].id));
	}
}

static void find(struct str type, struct str body)
{
	char room[2048];
	struct arena arena;
	struct sip_part part;
	struct sip_msg m;

	arena_init(&arena, room, sizeof(room), 0);
	sip_request_init(&m, &arena, STR("MESSAGE"), STR("sip:a"));
	sip_add(&m, SIP_HDR_CONTENT_TYPE, type);
	m.body = body;
	if (sip_body_find(&m, STR("application/sdp"), &part))
		check_in(part.body, body);
	arena_fini(&arena);
}

static void open_prefix(struct str body, void *ctx)
{
	static struct sip_part parts[PARTS_MAX];
	const struct str *type = ctx;

	walk(*type, body, parts);
	find(*type, body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_part parts[PARTS_MAX];
	struct str body = str_of((const char *)data, size), type = str_split(&body, '\n');
	unsigned n;

	fuzz_each_prefix(body, open_prefix, &type);
	n = walk(type, body, parts);
	if (n)
		build_again(parts, n);
	return 0;
}
