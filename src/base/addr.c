#include "base/addr.h"
#include "base/scan.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return a->family && memcmp(a->ip, zero, sizeof(zero)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	if (a->family == 4)
		return a->ip[0] == 127;
	return a->family == 6 && memcmp(a->ip, one, sizeof(one)) == 0;
}

/* RFC 1918, RFC 3927 (169.254/16), RFC 6598 (100.64/10), RFC 4193 (fc00::/7),
 * RFC 4291 s2.5.6 (fe80::/10). */
bool addr_is_private(const struct addr *a)
{
	const uint8_t *ip = a->ip;

	if (a->family == 4)
		return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) ||
		       (ip[0] == 192 && ip[1] == 168) || (ip[0] == 169 && ip[1] == 254) ||
		       (ip[0] == 100 && (ip[1] & 0xc0) == 64);
	return a->family == 6 &&
	       ((ip[0] & 0xfe) == 0xfc || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80));
}

/* IPv4address = 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT    RFC 3261 s25.1
 * Always decimal, also with zeros in front. */
static bool scan_ipv4(struct scan *s, uint8_t ret[4])
{
	const char *p = s->at;
	uint8_t ip[4];

	for (unsigned i = 0; i < 4; i++) {
		const char *from = p;
		unsigned v, digit;

		if (p == s->end || (v = (unsigned char)*p - (unsigned)'0') > 9)
			return false;
		for (p++; p < s->end && (digit = (unsigned char)*p - (unsigned)'0') <= 9; p++) {
			if (p - from == 3)
				return false;
			v = v * 10 + digit;
		}
		ip[i] = (uint8_t)v;
		if (v > 255 || (i < 3 && (p == s->end || *p++ != '.')))
			return false;
	}
	if (p < s->end && cc_is(*p, CC_HOST))
		return false;
	memcpy(ret, ip, sizeof(ip));
	s->at = p;
	return true;
}

/* hex4 = 1*4HEXDIG */
static bool scan_hex4(struct scan *s, uint8_t ret[2])
{
	struct scan t = *s;
	struct str digits;
	unsigned v = 0;

	if (!scan_run(&t, CC_HEX, &digits) || digits.n > 4)
		return false;
	*s = t;
	for (size_t i = 0; i < digits.n; i++) {
		char c = ascii_lower(digits.p[i]);

		v = v << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	ret[0] = (uint8_t)(v >> 8);
	ret[1] = (uint8_t)v;
	return true;
}

/* "::" once, moving what follows to the end.  A third colon before an IPv4
 * address is what the grammar of RFC 3261 wrongly asked for (RFC 5954 s3.1,
 * RFC 5118 s4.10). */
static bool scan_gap(struct scan *s)
{
	struct scan t = *s;
	struct scan v4;
	uint8_t ip[4];

	if (!scan_char(&t, ':') || !scan_char(&t, ':'))
		return false;
	v4 = t;
	if (scan_char(&v4, ':') && scan_ipv4(&v4, ip))
		scan_char(&t, ':');
	*s = t;
	return true;
}

struct v6 {
	uint8_t ip[16];
	size_t n; /* bytes so far */
	size_t gap; /* where "::" stands; 17: nowhere */
	bool v4_tail; /* nothing may follow */
};

/* An IPv4 tail or a group of hex digits. */
static bool scan_piece(struct scan *s, struct v6 *v)
{
	if (v->v4_tail)
		return false;
	if (v->n <= 12 && scan_ipv4(s, v->ip + v->n)) {
		v->v4_tail = true;
		v->n += 4;
		return true;
	}
	if (v->n > 14 || !scan_hex4(s, v->ip + v->n))
		return false;
	v->n += 2;
	return true;
}

static bool open_gap(struct v6 *v)
{
	size_t tail = v->n - v->gap;

	if (v->n > 14)
		return false;
	memmove(v->ip + 16 - tail, v->ip + v->gap, tail);
	memset(v->ip + v->gap, 0, 16 - v->n);
	return true;
}

/* IPv6address, RFC 5954 s4.1. */
static bool scan_ipv6(struct scan *s, uint8_t ret[16])
{
	struct v6 v = {.gap = 17};
	bool first = true;

	for (;;) {
		struct scan before = *s;
		bool gap = v.gap == 17 && scan_gap(s);

		if (gap)
			v.gap = v.n;
		else if (!first && !scan_char(s, ':'))
			break;
		if (!scan_piece(s, &v)) {
			if (gap)
				break;
			*s = before;
			return false;
		}
		first = false;
	}
	if (v.gap == 17 ? v.n != 16 : !open_gap(&v))
		return false;
	memcpy(ret, v.ip, sizeof(v.ip));
	return true;
}

/* A zone by its number only: names are the kernel's (RFC 4007 s11). */
static bool scan_scope(struct scan *s, uint32_t *ret)
{
	*ret = 0;
	return !scan_char(s, '%') || scan_u32(s, ret);
}

static bool scan_v6(struct scan *s, struct addr *ret)
{
	struct addr a = {.family = 6};

	if (!scan_ipv6(s, a.ip) || !scan_scope(s, &a.scope))
		return false;
	if (memcmp(a.ip, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		struct addr v4 = {.family = 4};

		memcpy(v4.ip, a.ip + 12, 4);
		a = v4;
	}
	*ret = a;
	return true;
}

/* IPv4address / IPv6reference / IPv6address; ret_bare: without brackets. */
static bool scan_ip(struct scan *s, struct addr *ret, bool *ret_bare)
{
	struct addr a = {.family = 4};

	*ret_bare = false;
	if (scan_char(s, '[')) {
		if (!scan_v6(s, &a) || !scan_char(s, ']'))
			return false;
	} else if (!scan_ipv4(s, a.ip)) {
		*ret_bare = true;
		if (!scan_v6(s, &a))
			return false;
	}
	*ret = a;
	return true;
}

bool addr_parse_ip(struct str text, struct addr *ret)
{
	struct scan s = scan_over(text);
	struct addr a;
	bool bare;

	if (!scan_ip(&s, &a, &bare) || !scan_done(&s))
		return false;
	*ret = a;
	return true;
}

bool addr_parse(struct str text, struct addr *ret)
{
	struct scan s = scan_over(text);
	struct addr a;
	uint32_t port;
	bool bare;

	if (!scan_ip(&s, &a, &bare))
		return false;
	if (!scan_done(&s)) {
		if (bare || !scan_char(&s, ':') || !scan_u32(&s, &port) || port > 65535)
			return false;
		a.port = (uint16_t)port;
	}
	if (!scan_done(&s))
		return false;
	*ret = a;
	return true;
}

static unsigned group_at(const struct addr *a, unsigned i)
{
	return (unsigned)a->ip[2 * i] << 8 | a->ip[2 * i + 1];
}

/* The first longest run of two or more zero groups (RFC 5952 s4.2). */
static unsigned longest_gap(const struct addr *a, unsigned *ret_at)
{
	unsigned best = 1, run = 0;

	*ret_at = 8;
	for (unsigned i = 0; i < 8; i++) {
		run = group_at(a, i) ? 0 : run + 1;
		if (run > best) {
			best = run;
			*ret_at = i + 1 - run;
		}
	}
	return best;
}

static void put_v6(struct buf *b, const struct addr *a)
{
	unsigned gap_at, gap = longest_gap(a, &gap_at);

	buf_putc(b, '[');
	for (unsigned i = 0; i < 8; i++) {
		if (i == gap_at) {
			buf_puts(b, STR("::"));
			i += gap - 1;
			continue;
		}
		buf_fmt(b, "%s%x", i && i != gap_at + gap ? ":" : "", group_at(a, i));
	}
	if (a->scope)
		buf_fmt(b, "%%%u", (unsigned)a->scope);
	buf_putc(b, ']');
}

static char *octet(char *to, unsigned v)
{
	if (v >= 100)
		*to++ = (char)('0' + v / 100);
	if (v >= 10)
		*to++ = (char)('0' + v / 10 % 10);
	*to++ = (char)('0' + v % 10);
	return to;
}

static void put_v4(struct buf *b, const struct addr *a)
{
	char room[16], *to = room;

	for (unsigned i = 0; i < 4; i++) {
		to = octet(to, a->ip[i]);
		*to++ = '.';
	}
	buf_put(b, room, (size_t)(to - room) - 1);
}

void addr_put_ip(struct buf *b, const struct addr *a)
{
	if (a->family == 4)
		put_v4(b, a);
	else if (a->family == 6)
		put_v6(b, a);
	else
		buf_putc(b, '-');
}

void addr_put(struct buf *b, const struct addr *a)
{
	addr_put_ip(b, a);
	if (a->port) {
		buf_putc(b, ':');
		buf_put_u64(b, a->port);
	}
}

const char *addr_text(const struct addr *a, char room[ADDR_TEXT_MAX])
{
	struct buf b = buf_over(room, ADDR_TEXT_MAX);

	addr_put(&b, a);
	return buf_c(&b);
}
