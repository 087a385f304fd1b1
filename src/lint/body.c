/* The body: that its type is told, the parts of a multipart, and session descriptions. */
#include "lint/internal.h"

#include "sdp/sdp.h"
#include "sip/multipart.h"

/* The line of s that is the n-th, from 1. */
static struct str nth_line(struct str s, unsigned n)
{
	struct str line = STR("");

	while (n-- && s.n)
		line = str_split(&s, '\n');
	return str_trim(line);
}

/* Lines that every description has, in their order (RFC 8866 s5). */
static void sdp_order(struct linter *l, struct str text)
{
	static const char order[] = "vosiuepcbtrzkam";
	struct str rest = text, line;
	bool seen[128] = {false};
	const char *place, *last = order;

	while (rest.n) {
		line = str_trim(str_split(&rest, '\n'));
		if (line.n < 2 || line.p[1] != '=')
			continue;
		seen[(unsigned char)line.p[0] & 127] = true;
		if (line.p[0] == 'm')
			break;
		place = strchr(order, line.p[0]);
		if (place && place < last && !strchr("rtpe", line.p[0]))
			lint_add(l, LINT_WARNING, line, "", "RFC 8866 s5",
				 "v o s i u e p c b t r z k a m",
				 "%c= stands behind a line that it should precede", line.p[0]);
		last = place && place > last ? place : last;
	}
	for (place = "vost"; *place; place++)
		if (!seen[(unsigned char)*place])
			lint_add(l, LINT_WARNING, str_of(text.p, 0), "", "RFC 8866 s5",
				 "every description has v=, o=, s= and t=",
				 "the session description has no %c=", *place);
}

static void sdp_media(struct linter *l, const struct sdp_media *m)
{
	size_t i;

	if (m->port && !m->conn.nettype.n)
		lint_add(l, LINT_ERROR, m->type, "", "RFC 8866 s5.7",
			 "a c= line in the session or in each section",
			 "%.*s has no c= line: nobody knows where to send", STR_ARG(m->type));
	if (m->conn.addr.family == 4 && m->conn.addr.ip[0] == 0 && m->conn.host.n)
		lint_add(l, LINT_NOTE, m->conn.host, "", "RFC 3264 s8.4",
			 "a=sendonly or a=inactive",
			 "c= with 0.0.0.0 holds a call as RFC 2543 did");
	for (i = 0; sdp_is_rtp(m) && i < m->n_fmts; i++)
		if (m->fmts[i].pt >= 96 && !m->fmts[i].encoding.n)
			lint_add(l, LINT_WARNING, m->fmts[i].text, "", "RFC 8866 s6.6",
				 "a=rtpmap for each dynamic payload type",
				 "payload type %d has no a=rtpmap: nobody knows what it is",
				 m->fmts[i].pt);
}

static void session_description(struct linter *l, struct str text)
{
	struct sdp_err err;
	struct sdp sdp;
	size_t i;

	if (!sdp_parse(text, l->arena, &sdp, &err)) {
		struct str line = nth_line(text, err.line);

		lint_add(l, LINT_ERROR, line.n ? line : str_of(text.p, 0), "", "RFC 8866 s5", NULL,
			 "line %u of the session description: %s", err.line, err.why);
		return;
	}
	sdp_order(l, text);
	for (i = 0; i < sdp.n_media; i++)
		sdp_media(l, &sdp.media[i]);
}

static void one_body(struct linter *l, struct str type, struct str encoding, struct str body)
{
	if (body.n && !encoding.n && sip_media_type_is(type, STR("application/sdp")))
		session_description(l, body);
}

static void parts(struct linter *l, struct str type, struct str body, unsigned depth)
{
	struct sip_multipart m;
	struct sip_part part;
	unsigned n = 0;

	if (!sip_multipart_open(type, body, &m)) {
		lint_add(l, LINT_ERROR, str_of(body.p, 0), "", "RFC 2046 s5.1.1",
			 "begin each part with -- and the boundary",
			 "no part of the multipart body begins with its boundary");
		return;
	}
	while (n++ < SIP_PARTS_MAX && sip_multipart_next(&m, &part)) {
		one_body(l, part.type, sip_part_header(&part, STR("Content-Encoding")), part.body);
		if (depth > 1 && str_istarts(part.type, STR("multipart/")))
			parts(l, part.type, part.body, depth - 1);
	}
	if (n <= SIP_PARTS_MAX && m.rest.n)
		lint_add(l, LINT_ERROR, str_of(m.rest.p, 0), "", "RFC 2046 s5.1.1",
			 "end the last part with --, the boundary, and --",
			 "the last part of the multipart body is not closed");
}

void lint_body(struct linter *l)
{
	struct str type = sip_get(&l->m, SIP_HDR_CONTENT_TYPE);
	struct str body = l->m.body;

	if (!l->parsed || !body.n)
		return;
	if (!type.n) {
		lint_missing(l, LINT_ERROR, SIP_HDR_CONTENT_TYPE, "RFC 3261 s7.4.1",
			     "Content-Type: application/sdp", "nobody knows what the body is");
		return;
	}
	if (str_istarts(type, STR("multipart/")))
		parts(l, type, body, SIP_PART_DEPTH);
	else
		one_body(l, type, sip_get(&l->m, SIP_HDR_CONTENT_ENCODING), body);
}
