#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/str.h"

#define ONES 0x0101010101010101ull

static uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Eight ASCII characters at once; other bytes pass unchanged. */
static uint64_t lower8(uint64_t v)
{
	uint64_t low = v & 0x7f * ONES;
	uint64_t ge_a = low + (0x80 - 'A') * ONES;
	uint64_t gt_z = low + (0x7f - 'Z') * ONES;
	uint64_t upper = (ge_a ^ gt_z) & ~v & 0x80 * ONES;

	return v | upper >> 2;
}

static bool ieq_bytes(const char *a, const char *b, size_t n)
{
	for (; n >= 8; n -= 8, a += 8, b += 8) {
		uint64_t x = load8(a), y = load8(b);

		if (x != y && lower8(x) != lower8(y))
			return false;
	}
	for (; n > 0; n--, a++, b++)
		if (*a != *b && ascii_lower(*a) != ascii_lower(*b))
			return false;
	return true;
}

bool str_ieq(struct str a, struct str b)
{
	return a.n == b.n && ieq_bytes(a.p, b.p, a.n);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_first(s, prefix.n), prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && ieq_bytes(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t str_find(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

struct str str_split(struct str *rest, char sep)
{
	size_t n = str_find(*rest, sep);
	struct str first = str_first(*rest, n);

	*rest = str_skip(*rest, n < rest->n ? n + 1 : n);
	return first;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
	const uint64_t max = UINT64_MAX / 10;
	uint64_t v = 0;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > max || (v == max && digit > UINT64_MAX % 10))
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return true;
}

bool str_to_u32(struct str s, uint32_t *ret)
{
	uint64_t v;

	if (!str_to_u64(s, &v) || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

int str_dup(struct str s, struct str *ret)
{
	char *p;

	if (s.n == SIZE_MAX)
		return -ENOMEM;
	p = xmalloc(s.n + 1);
	if (!p)
		return -ENOMEM;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	*ret = str_of(p, s.n);
	return 0;
}

void str_free(struct str *s)
{
	xfree((char *)s->p);
	*s = STR_NONE;
}

char *str_to_c(struct str s, char *dst, size_t size)
{
	size_t n;

	assert(size > 0);
	n = s.n < size ? s.n : size - 1;
	if (n)
		memcpy(dst, s.p, n);
	dst[n] = '\0';
	return dst;
}

bool str_eq_secret(struct str a, struct str b)
{
	volatile unsigned char differ = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		differ = differ | (unsigned char)(a.p[i] ^ b.p[i]);
	return differ == 0;
}
