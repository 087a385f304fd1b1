/* Several messages in one text. */
#include "lint/internal.h"

#include "base/scan.h"

/* "SIP/2.0 200 OK" or "INVITE sip:a SIP/2.0", near enough that a broken one is still seen. */
static bool is_start_line(struct str line)
{
	struct str method;

	if (str_istarts(line, STR("SIP/2.0 ")))
		return true;
	method = str_first(line, str_find(line, ' '));
	if (!method.n || method.n == line.n || str_istarts(method, STR("SIP/")))
		return false;
	line = str_trim(line);
	return line.n > method.n + 8 && str_ieq(str_skip(line, line.n - 7), STR("SIP/2.0"));
}

/* Takes a line off with its end: CRLF, LF, or CR alone. */
static struct str take_line(struct str *rest)
{
	const struct str all = *rest;
	size_t i = 0;

	while (i < all.n && all.p[i] != '\n' && all.p[i] != '\r')
		i++;
	*rest = str_skip(all, i + 1 + (i + 1 < all.n && all.p[i] == '\r' && all.p[i + 1] == '\n'));
	return str_first(all, i);
}

static bool has_arrow(struct str line)
{
	size_t i;

	for (i = 0; i + 4 <= line.n; i++)
		if (memcmp(line.p + i, " -> ", 4) == 0)
			return true;
	return false;
}

/* What captures write between messages. */
static bool is_between(struct str line)
{
	line = str_trim(line);
	return !line.n || line.p[0] == '#' || line.p[0] == '-' || line.p[0] == '=' ||
	       (has_arrow(line) && !is_start_line(line));
}

/* Behind the empty line, or the whole when there is none; *length is Content-Length. */
static struct str skip_header(struct str text, bool *has_length, uint32_t *length)
{
	struct str rest = text, line, name;

	take_line(&rest);
	*has_length = false;
	while (rest.n) {
		line = take_line(&rest);
		if (!line.n)
			return rest;
		name = str_trim(str_split(&line, ':'));
		if (sip_hdr_id_of(name) == SIP_HDR_CONTENT_LENGTH)
			*has_length = str_to_u32(str_trim(line), length);
	}
	return rest;
}

static struct str skip_between(struct str text)
{
	struct str rest = text;

	while (rest.n && is_between(take_line(&rest)))
		text = rest;
	return rest.n ? text : is_between(text) ? str_skip(text, text.n) : text;
}

/* Does a message begin here, or nothing more? */
static bool is_border(struct str rest)
{
	rest = skip_between(rest);
	return !rest.n || is_start_line(take_line(&rest));
}

/* Before the next start line, or what captures write before it; the end when there is none. */
static struct str find_border(struct str rest)
{
	struct str border = rest, at, line;
	bool between = false;

	while (rest.n) {
		at = rest;
		if (!between)
			border = at;
		line = take_line(&rest);
		if (is_start_line(line))
			return between ? border : at;
		between = line.n && is_between(line);
	}
	return rest;
}

bool lint_next(struct str *rest, struct str *ret)
{
	struct str text = skip_between(*rest), body, behind;
	uint32_t length = 0;
	bool has_length;

	*rest = str_skip(*rest, rest->n);
	if (!text.n)
		return false;
	body = skip_header(text, &has_length, &length);
	behind = str_skip(body, length);
	if (!has_length || length > body.n || !is_border(behind))
		behind = find_border(body);
	*ret = str_range(text.p, behind.p);
	*rest = behind;
	return true;
}
