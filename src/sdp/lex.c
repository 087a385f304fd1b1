#include "sdp/lex.h"

bool lex_is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!lex_is_token_char(s.p[i]))
			return false;
	return s.n > 0;
}

bool lex_is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == WORDS_DEL)
			return false;
	return s.n > 0;
}

bool lex_is_ice(struct str s, size_t min, size_t max)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], CC_ALPHA | CC_DIGIT) && s.p[i] != '+' && s.p[i] != '/')
			return false;
	return s.n >= min && s.n <= max;
}

bool lex_open(struct str value, struct words *ret)
{
	struct words_text t;
	const char *at;

	if (str_empty(value))
		value = STR("");
	t = words_text_of(value);
	for (at = value.p; (at = words_find_ctl(at, t)) < t.limit; at++)
		if (*at != '\t')
			return false;
	*ret = words_over(value, t);
	return true;
}

bool lex_number(struct words *w, uint64_t max, uint64_t *ret)
{
	struct words at = *w;
	uint64_t v;

	if (!str_to_u64(words_next(&at), &v) || v > max)
		return false;
	*w = at;
	*ret = v;
	return true;
}

int lex_index(struct str word, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(word, names[i]))
			return (int)i;
	return -1;
}

void put_token(struct buf *b, struct str s)
{
	if (!lex_is_token(s))
		b->failed = true;
	buf_puts(b, s);
}

void put_word(struct buf *b, struct str s)
{
	if (!lex_is_word(s))
		b->failed = true;
	buf_puts(b, s);
}

void put_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || s.p[i] == '\r' || s.p[i] == '\n')
			b->failed = true;
	buf_puts(b, s);
}

void put_ip(struct buf *b, const struct addr *a)
{
	char room[ADDR_TEXT_MAX];
	struct buf ip = buf_over(room, sizeof(room));
	struct str s;

	addr_put_ip(&ip, a);
	s = buf_str(&ip);
	if (s.n > 2 && s.p[0] == '[')
		s = str_of(s.p + 1, s.n - 2);
	put_word(b, s);
}
