/* What parses can be built; what was built parses, and is built the same again. */
#include <stdlib.h>

#include "sdp/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void same(const struct sdp *x, const struct sdp *y)
{
	check(x->n_media == y->n_media);
	for (size_t i = 0; i < x->n_media; i++) {
		const struct sdp_media *m = &x->media[i], *n = &y->media[i];
		struct addr a, b;

		check(str_eq(m->type, n->type) && m->port == n->port && m->dir == n->dir);
		check(str_eq(m->proto, n->proto) && m->rtcp_mux == n->rtcp_mux);
		check(m->n_fmts == n->n_fmts);
		check(m->lines.n == n->lines.n);
		check(sdp_rtp_addr(m, &a) == sdp_rtp_addr(n, &b));
		if (sdp_rtp_addr(m, &a))
			check(addr_eq(&a, &b));
		check(sdp_rtcp_addr(m, &a) == sdp_rtcp_addr(n, &b));
	}
}

/* A section without formats is built with one, for the grammar wants it. */
static bool has_no_formats(const struct sdp *s)
{
	for (size_t i = 0; i < s->n_media; i++)
		if (s->media[i].n_fmts == 0)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of((const char *)data, size);
	struct buf one = buf_heap(1 << 20), two = buf_heap(1 << 20);
	struct sdp_err err = {0};
	struct arena a;
	struct sdp s, again;

	arena_init(&a, NULL, 0, 8 << 20);
	if (!sdp_parse(text, &a, &s, &err)) {
		check(err.why && err.line > 0 && err.offset <= size);
	} else {
		check(sdp_build(&s, &one));
		if (one.n <= SDP_TEXT_MAX) {
			check(sdp_parse(buf_str(&one), &a, &again, NULL));
			check(sdp_build(&again, &two));
			if (!has_no_formats(&s)) {
				same(&s, &again);
				check(str_eq(buf_str(&one), buf_str(&two)));
			}
		}
	}
	buf_free(&one);
	buf_free(&two);
	arena_fini(&a);
	return 0;
}
