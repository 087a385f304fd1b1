#include "load/template.h"

static const struct str names[GAP_COUNT] = {
	[GAP_DOMAIN] = STR_INIT("domain"),   [GAP_PROTO] = STR_INIT("proto"),
	[GAP_CONTACT] = STR_INIT("contact"), [GAP_EXPIRES] = STR_INIT("expires"),
	[GAP_LENGTH] = STR_INIT("length"),   [GAP_BODY] = STR_INIT("body"),
	[GAP_LOCAL] = STR_INIT("local"),     [GAP_TOKEN] = STR_INIT("token"),
	[GAP_CALL] = STR_INIT("call"),       [GAP_USER] = STR_INIT("user"),
	[GAP_PEER] = STR_INIT("peer"),       [GAP_CSEQ] = STR_INIT("cseq"),
	[GAP_AUTH] = STR_INIT("auth"),       [GAP_ROUTES] = STR_INIT("routes"),
	[GAP_URI] = STR_INIT("uri"),         [GAP_TO] = STR_INIT("to"),
	[GAP_AT] = STR_INIT("at"),
};

static enum gap gap_of(struct str name)
{
	for (unsigned g = 0; g < GAP_COUNT; g++)
		if (str_eq(name, names[g]))
			return (enum gap)g;
	return GAP_COUNT;
}

static bool add_text(struct template *t, size_t *used, struct str s)
{
	if (s.n > sizeof(t->text) - *used)
		return false;
	if (s.n)
		memcpy(t->text + *used, s.p, s.n);
	*used += s.n;
	return true;
}

static bool end_piece(struct template *t, size_t *from, size_t used, enum gap g)
{
	if (t->n == TEMPLATE_PIECES)
		return false;
	t->piece[t->n].at = (uint16_t)*from;
	t->piece[t->n].len = (uint16_t)(used - *from);
	t->piece[t->n++].gap = (uint8_t)g;
	*from = used;
	return true;
}

bool template_make(struct template *ret, struct str source, const struct str values[GAP_COUNT])
{
	size_t used = 0, from = 0;

	ret->n = 0;
	while (source.n) {
		struct str text = str_split(&source, '{'), name;
		enum gap g;

		if (!add_text(ret, &used, text))
			return false;
		if (!source.n)
			break;
		name = str_split(&source, '}');
		g = gap_of(name);
		if (g == GAP_COUNT)
			return false;
		if (values[g].p ? !add_text(ret, &used, values[g])
				: !end_piece(ret, &from, used, g))
			return false;
	}
	return end_piece(ret, &from, used, GAP_COUNT);
}

size_t template_put(const struct template *t, const struct str values[GAP_COUNT], char *room,
		    size_t cap)
{
	size_t n = 0;

	for (unsigned i = 0; i < t->n; i++) {
		size_t len = t->piece[i].len;
		struct str v = t->piece[i].gap < GAP_COUNT ? values[t->piece[i].gap] : STR_NONE;

		if (len + v.n > cap - n)
			return 0;
		memcpy(room + n, t->text + t->piece[i].at, len);
		n += len;
		if (v.n)
			memcpy(room + n, v.p, v.n);
		n += v.n;
	}
	return n;
}
