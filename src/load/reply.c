#include "load/reply.h"

bool branch_read(struct str via, struct token *ret)
{
	static const char cookie[] = "z9hG4bKL";

	for (struct str s = via; s.n >= sizeof(cookie) - 1 + TOKEN_CHARS;) {
		size_t at = str_find(s, 'z');

		s = str_skip(s, at);
		if (s.n > sizeof(cookie) - 1 && !memcmp(s.p, cookie, sizeof(cookie) - 1))
			return token_read(str_skip(s, sizeof(cookie) - 2), ret);
		s = str_skip(s, 1);
	}
	return false;
}

static bool is_via(struct str line)
{
	size_t colon = str_find(line, ':');
	struct str name = str_trim(str_first(line, colon));

	return colon < line.n && (str_ieq(name, STR("Via")) || str_ieq(name, STR("v")));
}

static bool status_read(struct str *rest, unsigned *ret)
{
	struct str line = str_split(rest, '\n');
	const char *p = line.p + 8;

	if (line.n < 11 || memcmp(line.p, "SIP/2.0 ", 8) || p[0] < '1' || p[0] > '6' ||
	    p[1] < '0' || p[1] > '9' || p[2] < '0' || p[2] > '9')
		return false;
	*ret = (unsigned)(p[0] - '0') * 100 + (unsigned)(p[1] - '0') * 10 + (unsigned)(p[2] - '0');
	return true;
}

bool reply_read(struct str message, struct reply *ret)
{
	struct str rest = message;
	struct reply r;

	if (!status_read(&rest, &r.status))
		return false;
	while (rest.n) {
		struct str line = str_split(&rest, '\n');

		if (line.n <= 1)
			return false; /* the header ends */
		if ((line.p[0] | 0x20) == 'v' && is_via(line)) {
			if (!branch_read(line, &r.token))
				return false;
			*ret = r;
			return true;
		}
	}
	return false;
}
