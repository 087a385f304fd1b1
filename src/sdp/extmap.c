#include "sdp/extmap.h"

#include "sdp/lex.h"

static bool parse_dir(struct str name, enum sdp_dir *ret)
{
	for (unsigned d = SDP_INACTIVE; d <= SDP_SENDRECV; d++) {
		if (str_eq(sdp_dir_name((enum sdp_dir)d), name)) {
			*ret = (enum sdp_dir)d;
			return true;
		}
	}
	return false;
}

/* extmap-value = 1*5DIGIT ["/" direction] SP extensionname [SP extensionattributes] */
bool sdp_extmap_parse(struct str value, struct sdp_extmap *ret)
{
	struct sdp_extmap e = {.dir = SDP_SENDRECV};
	struct words w;
	struct str word, id;
	uint32_t n;

	if (!lex_open(value, &w) || !lex_word(&w, &word))
		return false;
	id = str_first(word, str_find(word, '/'));
	e.has_dir = id.n < word.n;
	if (!str_to_u32(id, &n) || n == 0 || n > UINT16_MAX)
		return false;
	if (e.has_dir && !parse_dir(str_skip(word, id.n + 1), &e.dir))
		return false;
	if (!lex_word(&w, &e.uri))
		return false;
	e.id = (uint16_t)n;
	e.attributes = words_rest(&w);
	*ret = e;
	return true;
}

void sdp_extmap_put(struct buf *b, const struct sdp_extmap *e)
{
	if (e->id == 0)
		b->failed = true;
	buf_put_u64(b, e->id);
	if (e->has_dir)
		buf_fmt(b, "/%.*s", STR_ARG(sdp_dir_name(e->dir)));
	buf_putc(b, ' ');
	put_word(b, e->uri);
	if (!str_empty(e->attributes)) {
		buf_putc(b, ' ');
		put_text(b, e->attributes);
	}
}

bool sdp_extmap_id_valid(uint16_t id)
{
	return (id >= 1 && id <= SDP_EXTMAP_TWO_BYTE_MAX) ||
	       (id >= SDP_EXTMAP_OFFER_MIN && id <= SDP_EXTMAP_OFFER_MAX);
}
