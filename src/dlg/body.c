#include "dlg/body.h"

#include "base/scan.h"
#include "sip/headers.h"
#include "sip/params.h"

#define PARTS_MAX 16
#define BOUNDARY_MAX 70 /* RFC 2046 s5.1.1 */

static const struct str sdp_type = STR_INIT("application/sdp");

static struct str params_of(struct str value)
{
	return str_skip(value, str_find(value, ';'));
}

/* Splits off a line, without its end. */
static bool next_line(struct str *rest, struct str *ret)
{
	if (str_empty(*rest))
		return false;
	*ret = str_split(rest, '\n');
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return true;
}

/* "--boundary" or "--boundary--", with white space behind it. */
static bool is_delimiter(struct str line, struct str boundary, bool *ret_last)
{
	if (!str_starts(line, STR("--")) || !str_starts(str_skip(line, 2), boundary))
		return false;
	line = str_skip(line, 2 + boundary.n);
	*ret_last = str_starts(line, STR("--"));
	return str_empty(str_trim(str_skip(line, *ret_last ? 2 : 0)));
}

/* The part that *rest starts with: up to the line end before the next delimiter. */
static bool next_part(struct str *rest, struct str boundary, struct str *ret)
{
	const char *start = rest->p, *end = start;
	struct str line;
	bool last = false;

	while (next_line(rest, &line)) {
		if (is_delimiter(line, boundary, &last)) {
			if (end > start && end[-1] == '\n')
				end--;
			if (end > start && end[-1] == '\r')
				end--;
			*ret = str_range(start, end);
			if (last)
				*rest = STR_NONE;
			return true;
		}
		end = rest->p ? rest->p : line.p + line.n;
	}
	*ret = str_range(start, start ? rest->p : start); /* the closing delimiter is missing */
	return ret->n > 0;
}

/* Cuts a part's header off; what = its Content-Type (text/plain when there is none). */
static struct str part_body(struct str part, struct str *ret_type)
{
	struct str line, rest = part;

	*ret_type = STR("text/plain");
	while (next_line(&rest, &line) && !str_empty(line)) {
		struct str value = line, name = str_split(&value, ':');

		if (str_ieq(str_trim(name), STR("Content-Type")))
			*ret_type = str_trim(value);
	}
	return rest;
}

static bool find_part(struct str body, struct str boundary, struct str *ret)
{
	struct str rest = body, part, type, b;

	if (str_empty(boundary) || boundary.n > BOUNDARY_MAX)
		return false;
	next_part(&rest, boundary, &part); /* the preamble */
	for (unsigned i = 0; i < PARTS_MAX && next_part(&rest, boundary, &part); i++) {
		b = part_body(part, &type);
		if (sip_media_type_is(type, sdp_type)) {
			*ret = b;
			return true;
		}
	}
	return false;
}

bool dlg_body_sdp(const struct sip_msg *m, struct str *ret)
{
	struct str type = sip_get(m, SIP_HDR_CONTENT_TYPE), boundary;

	if (str_empty(m->body))
		return false;
	if (sip_media_type_is(type, sdp_type) ||
	    (str_empty(type) && str_starts(m->body, STR("v=0")))) {
		*ret = m->body;
		return true;
	}
	if (!str_istarts(type, STR("multipart/")))
		return false;
	return sip_param_get(params_of(type), STR("boundary"), &boundary) &&
	       find_part(m->body, boundary, ret);
}

bool dlg_body_ok(const struct sip_msg *m)
{
	struct str sdp, handling, disposition = sip_get(m, SIP_HDR_CONTENT_DISPOSITION);

	if (str_empty(m->body) || dlg_body_sdp(m, &sdp))
		return true;
	return sip_param_get(params_of(disposition), STR("handling"), &handling) &&
	       str_ieq(handling, STR("optional"));
}
