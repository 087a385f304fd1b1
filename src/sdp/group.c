#include "sdp/group.h"

#include "sdp/lex.h"

/* group-attribute = "a=group:" semantics *(SP identification-tag) */
bool sdp_group_parse(struct str value, struct sdp_group *ret)
{
	struct sdp_group g = {.n = 0};
	struct words w;

	if (!lex_open(value, &w) || !lex_token(&w, &g.semantics))
		return false;
	while (!lex_done(&w)) {
		if (g.n == SDP_MEDIA_MAX || !lex_token(&w, &g.mids[g.n]))
			return false;
		g.n++;
	}
	*ret = g;
	return true;
}

void sdp_group_put(struct buf *b, const struct sdp_group *g)
{
	put_token(b, g->semantics);
	for (size_t i = 0; i < g->n && i < SDP_MEDIA_MAX; i++) {
		buf_putc(b, ' ');
		put_token(b, g->mids[i]);
	}
}

bool sdp_group_has(const struct sdp_group *g, struct str mid)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_eq(g->mids[i], mid))
			return true;
	return false;
}

bool sdp_mid_valid(struct str value)
{
	return lex_is_token(value);
}

struct str sdp_mid(const struct sdp_media *m)
{
	const struct sdp_line *l = sdp_attr_by_id(&m->lines, SDP_A_MID);

	return l ? str_trim(l->value) : STR("");
}

const struct sdp_media *sdp_media_by_mid(const struct sdp *s, struct str mid)
{
	for (size_t i = 0; i < s->n_media; i++)
		if (mid.n && str_eq(sdp_mid(&s->media[i]), mid))
			return &s->media[i];
	return NULL;
}
