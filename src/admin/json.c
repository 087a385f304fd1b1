#include "admin/json.h"

/* Length of a good UTF-8 sequence at the start of s (RFC 3629 s4), or 0. */
static size_t utf8_length(struct str s)
{
	unsigned char c = (unsigned char)s.p[0], second;
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (n < 2 || n > s.n)
		return n > s.n ? 0 : n;
	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	second = (unsigned char)s.p[1];
	if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
	    (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
		return 0;
	return n;
}

void json_put_str(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	while (s.n) {
		size_t n = utf8_length(s);
		unsigned char c = (unsigned char)s.p[0];

		if (n == 0)
			buf_fmt(b, "\\ufffd");
		else if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_fmt(b, "\\u%04x", c);
		else
			buf_put(b, s.p, n);
		s = str_skip(s, n ? n : 1);
	}
	buf_putc(b, '"');
}

static void comma(struct buf *b)
{
	char last = b->n ? b->p[b->n - 1] : '{';

	if (last != '{' && last != '[' && last != ' ' && last != '\n')
		buf_putc(b, ',');
}

void json_key(struct buf *b, const char *key)
{
	comma(b);
	if (!key)
		return;
	json_put_str(b, str_c(key));
	buf_putc(b, ':');
}

void json_open(struct buf *b, const char *key, char bracket)
{
	json_key(b, key);
	buf_putc(b, bracket);
}

void json_member_str(struct buf *b, const char *key, struct str value)
{
	json_key(b, key);
	json_put_str(b, value);
}

void json_member_u64(struct buf *b, const char *key, uint64_t value)
{
	json_key(b, key);
	buf_put_u64(b, value);
}

void json_member_bool(struct buf *b, const char *key, bool value)
{
	json_key(b, key);
	buf_fmt(b, "%s", value ? "true" : "false");
}

void json_item_str(struct buf *b, struct str value)
{
	comma(b);
	json_put_str(b, value);
}
