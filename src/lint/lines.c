/* The bytes: line ends, lines that are no header fields, and how long the body is. */
#include "lint/internal.h"

#include "base/scan.h"

/* The header with its empty line; all of the message when that is missing. */
static struct str header_of(const struct linter *l)
{
	const char *body = l->m.body.p;

	if (!body || body < l->bytes.p || body > l->bytes.p + l->bytes.n)
		return l->bytes;
	return str_range(l->bytes.p, body);
}

static void line_ends(struct linter *l)
{
	struct str header = header_of(l), first = STR_NONE;
	unsigned lone = 0;
	size_t i;

	for (i = 0; i < header.n; i++) {
		char c = header.p[i];

		if (c == '\r' && i + 1 < header.n && header.p[i + 1] == '\n') {
			i++;
		} else if (c == '\r' || c == '\n') {
			if (!lone++)
				first = str_of(header.p + i, 0);
		}
	}
	if (lone)
		lint_add(l, LINT_WARNING, first, "", "RFC 3261 s7", "end lines with CR LF",
			 "%u line%s end%s with CR or LF alone; Tsuwa takes that, others do not",
			 lone, lone == 1 ? "" : "s", lone == 1 ? "s" : "");
}

static bool is_token(struct str s)
{
	struct scan c = scan_over(s);

	return scan_run(&c, CC_TOKEN, NULL) && scan_done(&c);
}

/* Lines of the header that the index holds nothing of. */
static void header_lines(struct linter *l)
{
	struct str rest = str_trim(header_of(l)), line, name;
	bool start = true;

	while (rest.n) {
		line = str_split(&rest, '\n');
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (start || !line.n || cc_is(line.p[0], CC_WS)) {
			start = false;
			continue;
		}
		name = str_first(line, str_find(line, ':'));
		if (name.n == line.n)
			lint_add(l, LINT_ERROR, line, "", "RFC 3261 s7.3.1",
				 "write it as Name: value, or begin it with a space to go on with "
				 "the line before",
				 "header line has no colon");
		else if (!is_token(str_trim(name)))
			lint_add(l, LINT_ERROR, name, "", "RFC 3261 s7.3.1",
				 "names hold letters, digits and dashes",
				 "header field name is not a token");
	}
}

static void leading_lines(struct linter *l)
{
	if (l->bytes.n && (l->bytes.p[0] == '\r' || l->bytes.p[0] == '\n'))
		lint_add(l, LINT_NOTE, str_of(l->bytes.p, 0), "", "RFC 3261 s7.5", NULL,
			 "line ends before the start line; they are skipped");
}

/* How many bytes the body has beyond, or short of, what Content-Length says. */
static void content_length(struct linter *l)
{
	struct str value = sip_get(&l->m, SIP_HDR_CONTENT_LENGTH);
	struct str header = header_of(l);
	size_t there = l->bytes.n - header.n;
	uint32_t told;

	if (!value.p) {
		if (there)
			lint_add(l, LINT_WARNING, STR_NONE, "Content-Length", "RFC 3261 s20.14",
				 "say how long the body is",
				 "Content-Length is missing: on a stream the message has no end");
		return;
	}
	if (!str_to_u32(value, &told))
		return;
	if (told > there)
		lint_add(l, LINT_ERROR, value, "Content-Length", "RFC 3261 s18.3",
			 "count the body's bytes, line ends of two bytes each",
			 "Content-Length is larger than the message: %u, but %zu bytes follow the "
			 "header",
			 told, there);
	else if (told < there)
		lint_add(l, LINT_WARNING, value, "Content-Length", "RFC 3261 s18.3",
			 "count the body's bytes, line ends of two bytes each",
			 "%zu bytes behind the body that Content-Length tells of; in a datagram "
			 "they "
			 "are ignored, on a stream they are taken for the next message",
			 there - told);
}

static void empty_line(struct linter *l)
{
	struct str header = header_of(l);
	bool ends = str_ends(header, STR("\n\r\n")) || str_ends(header, STR("\n\n")) ||
		    str_ends(header, STR("\r\r")) || str_ends(header, STR("\n\r"));

	if (!ends && l->bytes.n)
		lint_add(l, LINT_ERROR, str_of(l->bytes.p + header.n, 0), "", "RFC 3261 s7",
			 "put an empty line behind the last header field",
			 "no empty line ends the header");
}

void lint_lines(struct linter *l)
{
	leading_lines(l);
	line_ends(l);
	header_lines(l);
	empty_line(l);
	content_length(l);
}
