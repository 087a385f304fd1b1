#include "load/token.h"

static char *put_hex(char *p, uint32_t v, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; v >>= 4)
		p[i] = "0123456789abcdef"[v & 15];
	return p + digits;
}

static bool read_hex(const char **p, unsigned digits, uint32_t *ret)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < digits; i++) {
		unsigned char c = (unsigned char)*(*p)++;
		uint32_t d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (c | 0x20u) - 'a' + 10;
		else
			return false;
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

void token_put(struct token t, char ret[TOKEN_CHARS])
{
	char *p = ret;

	*p++ = 'L';
	p = put_hex(p, t.run, 8);
	p = put_hex(p, t.worker, 2);
	p = put_hex(p, t.slot, 6);
	put_hex(p, t.generation, 8);
}

bool token_read(struct str s, struct token *ret)
{
	const char *p = s.p + 1;
	struct token t;
	uint32_t worker;

	if (s.n < TOKEN_CHARS || s.p[0] != 'L' || !read_hex(&p, 8, &t.run) ||
	    !read_hex(&p, 2, &worker) || !read_hex(&p, 6, &t.slot) ||
	    !read_hex(&p, 8, &t.generation))
		return false;
	t.worker = (uint8_t)worker;
	*ret = t;
	return true;
}
