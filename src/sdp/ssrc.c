#include "sdp/ssrc.h"

#include "sdp/lex.h"

static bool next_id(struct words *w, uint32_t *ret)
{
	uint64_t n;

	if (!lex_number(w, UINT32_MAX, &n))
		return false;
	*ret = (uint32_t)n;
	return true;
}

/* ssrc-attr = "ssrc:" ssrc-id SP attribute */
bool sdp_ssrc_parse(struct str value, struct sdp_ssrc *ret)
{
	struct sdp_ssrc s = {.id = 0};
	struct words w;
	struct str rest;

	if (!lex_open(value, &w) || !next_id(&w, &s.id))
		return false;
	rest = words_rest(&w);
	s.has_value = str_find(rest, ':') < rest.n;
	s.name = str_split(&rest, ':');
	s.value = rest;
	if (!lex_is_token(s.name))
		return false;
	*ret = s;
	return true;
}

void sdp_ssrc_put(struct buf *b, const struct sdp_ssrc *s)
{
	buf_fmt(b, "%u ", s->id);
	put_token(b, s->name);
	if (s->has_value) {
		buf_putc(b, ':');
		put_text(b, s->value);
	}
}

/* ssrc-group-attr = "ssrc-group:" semantics *(SP ssrc-id) */
bool sdp_ssrc_group_parse(struct str value, struct sdp_ssrc_group *ret)
{
	struct sdp_ssrc_group g = {.n = 0};
	struct words w;

	if (!lex_open(value, &w) || !lex_token(&w, &g.semantics))
		return false;
	while (!lex_done(&w)) {
		if (g.n == SDP_SSRCS_MAX || !next_id(&w, &g.ids[g.n]))
			return false;
		g.n++;
	}
	*ret = g;
	return true;
}

void sdp_ssrc_group_put(struct buf *b, const struct sdp_ssrc_group *g)
{
	put_token(b, g->semantics);
	for (size_t i = 0; i < g->n && i < SDP_SSRCS_MAX; i++)
		buf_fmt(b, " %u", g->ids[i]);
}
