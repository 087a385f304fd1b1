/* What parses can be built; what was built parses, and is built the same again: descriptions,
 * and values of single attributes. */
#include "fuzz.h"

#include "../unit/sdp/again.h"
#include "sdp/check.h"

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

/* A value as each kind that it can be. */
static void values(struct str value)
{
	char room[2][4096];

	if (value.n > 1024)
		return;
	for (size_t i = 0; i < AGAIN_KINDS; i++) {
		struct buf one = buf_over(room[0], sizeof(room[0]));
		struct buf two = buf_over(room[1], sizeof(room[1]));

		if (!again_kinds[i].again(value, &one))
			continue;
		check(!one.failed);
		check(again_kinds[i].again(buf_str(&one), &two));
		check(str_eq(buf_str(&one), buf_str(&two)));
	}
}

static void lines(const struct sdp_lines *l)
{
	for (size_t i = 0; i < l->n && i < 64; i++) {
		if (l->at[i].type == 'a')
			sdp_attr_wrong((enum sdp_attr_id)l->at[i].id, l->at[i].has_value,
				       l->at[i].value);
		else
			sdp_line_wrong(l->at[i].type, l->at[i].value);
		values(l->at[i].value);
	}
}

static void whole(const struct sdp *s)
{
	size_t section;

	lines(&s->lines);
	for (size_t i = 0; i < s->n_media; i++)
		lines(&s->media[i].lines);
	sdp_answer_wrong(s, s, &section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of((const char *)data, size);
	struct buf one = buf_heap(1 << 20), two = buf_heap(1 << 20);
	struct sdp_err err = {0};
	struct arena a;
	struct sdp s, again;

	values(text);
	arena_init(&a, NULL, 0, 8 << 20);
	if (!sdp_parse(text, &a, &s, &err)) {
		check(err.why && err.line > 0 && err.offset <= size);
	} else {
		whole(&s);
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
