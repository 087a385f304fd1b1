#include "sip/multipart.h"
#include "sip/headers.h"
#include "sip/lex.h"

#define BOUNDARY_MAX 70

/* boundary = 0*69bchars bcharsnospace: letters, digits, "'()+_,-./:=? "      RFC 2046 s5.1.1 */
static bool is_boundary(struct str s)
{
	size_t i;

	if (!s.n || s.n > BOUNDARY_MAX || s.p[s.n - 1] == ' ')
		return false;
	for (i = 0; i < s.n; i++)
		if (cc_is(s.p[i], CC_CTL | CC_UTF8) || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return true;
}

/* delimiter = CRLF "--" boundary [ "--" ] *LWSP: at the start of a line.  *closing: with "--" behind
 * it.  Gives what is behind its line, or NULL. */
static const char *delimiter_at(const char *p, const char *end, struct str boundary, bool *closing)
{
	const char *e;

	if ((size_t)(end - p) < boundary.n + 2 || p[0] != '-' || p[1] != '-' ||
	    memcmp(p + 2, boundary.p, boundary.n) != 0)
		return NULL;
	p += 2 + boundary.n;
	*closing = end - p >= 2 && p[0] == '-' && p[1] == '-';
	e = lex_run(*closing ? p + 2 : p, end, CC_WS);
	if (e == end)
		return *closing ? end : NULL;
	return *e == '\r' || *e == '\n' ? lex_eol_skip(e, end) : NULL;
}

/* The next line that is a delimiter, from a line's start: *behind what follows it. */
static const char *find_delimiter(struct str s, struct str boundary, const char **behind,
				  bool *closing)
{
	const char *p = s.p, *end = p + s.n;

	while (p < end) {
		*behind = delimiter_at(p, end, boundary, closing);
		if (*behind)
			return p;
		p = lex_eol(p, end);
		if (p < end)
			p = lex_eol_skip(p, end);
	}
	return NULL;
}

bool sip_multipart_open(struct str content_type, struct str body, struct sip_multipart *ret)
{
	struct sip_media_type type;
	struct sip_multipart m;
	const char *behind;
	bool closing;

	if (!sip_media_type_parse(content_type, &type) || !str_ieq(type.type, STR("multipart")) ||
	    !sip_param_get(type.params, STR("boundary"), &m.boundary) || !is_boundary(m.boundary))
		return false;
	body = lex_some(body);
	if (!find_delimiter(body, m.boundary, &behind, &closing) || closing)
		return false;
	m.rest = str_range(behind, body.p + body.n);
	*ret = m;
	return true;
}

/* Without the line end that belongs to the delimiter behind it. */
static struct str cut_line_end(const char *p, const char *end)
{
	if (end > p && end[-1] == '\n')
		end--;
	if (end > p && end[-1] == '\r')
		end--;
	return str_range(p, end);
}

/* body-part = MIME-part-headers [ CRLF *OCTET ]; the empty line parts them. */
static void split_part(struct str text, struct sip_part *part)
{
	const char *p = text.p, *end = p + text.n, *e;

	while (p < end) {
		e = lex_eol(p, end);
		if (e == p) {
			part->headers = str_range(text.p, p);
			p = lex_eol_skip(e, end);
			part->body = str_range(p, end);
			return;
		}
		p = e < end ? lex_eol_skip(e, end) : end;
	}
	part->headers = text;
	part->body = str_range(end, end);
}

/* The end of the field at p, folds passed over. */
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

struct str sip_part_header(const struct sip_part *part, struct str name)
{
	const char *p = part->headers.p, *end = p + part->headers.n, *e, *colon;
	struct str got;

	while (p < end) {
		e = field_end(p, end);
		colon = lex_find2(p, e, ':', ':');
		got = lex_trim(p, colon);
		if (colon < e && str_ieq(got, name))
			return lex_trim(colon + 1, e);
		p = e < end ? lex_eol_skip(e, end) : end;
	}
	return STR("");
}

bool sip_multipart_next(struct sip_multipart *m, struct sip_part *ret)
{
	const char *at, *behind;
	struct sip_part part;
	bool closing;

	if (!m->rest.n)
		return false;
	at = find_delimiter(m->rest, m->boundary, &behind, &closing);
	if (!at)
		return false;
	split_part(cut_line_end(m->rest.p, at), &part);
	part.type = sip_part_header(&part, STR("Content-Type"));
	if (!part.type.n)
		part.type = STR("text/plain");
	part.disposition = sip_part_header(&part, STR("Content-Disposition"));
	part.id = sip_part_header(&part, STR("Content-ID"));
	m->rest = closing ? STR("") : str_range(behind, m->rest.p + m->rest.n);
	*ret = part;
	return true;
}

/* Depth first; budget counts the parts that were looked at. */
static bool find_in(struct str content_type, struct str body, struct str type, unsigned depth,
		    unsigned *budget, struct sip_part *ret)
{
	struct sip_multipart m;
	struct sip_part part;

	if (depth == 0 || !sip_multipart_open(content_type, body, &m))
		return false;
	while (*budget && sip_multipart_next(&m, &part)) {
		--*budget;
		if (sip_media_type_is(part.type, type)) {
			*ret = part;
			return true;
		}
		if (find_in(part.type, part.body, type, depth - 1, budget, ret))
			return true;
	}
	return false;
}

bool sip_body_find(const struct sip_msg *m, struct str type, struct sip_part *ret)
{
	struct str content_type = sip_get(m, SIP_HDR_CONTENT_TYPE);
	unsigned budget = SIP_PARTS_MAX;

	if (!m->body.n)
		return false;
	if (sip_media_type_is(content_type, type)) {
		*ret = (struct sip_part){.headers = STR(""),
					 .type = content_type,
					 .disposition = sip_get(m, SIP_HDR_CONTENT_DISPOSITION),
					 .id = STR(""),
					 .body = m->body};
		return true;
	}
	return find_in(content_type, m->body, type, SIP_PART_DEPTH, &budget, ret);
}
