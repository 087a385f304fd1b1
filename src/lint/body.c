/* The body: that its type is told, and the parts of a multipart. */
#include "lint/internal.h"

#include "sip/multipart.h"

static void one_body(struct linter *l, struct str type, struct str encoding, struct str body)
{
	if (body.n && !encoding.n && sip_media_type_is(type, STR("application/sdp")))
		lint_sdp(l, body);
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
