#include "sdp/lines.h"

#include "sdp/lex.h"

bool sdp_conn_parse(struct str value, struct sdp_conn *ret)
{
	struct sdp_conn c = {.nettype = STR_NONE};
	struct words w;

	if (!lex_open(value, &w) || !lex_token(&w, &c.nettype) || !lex_token(&w, &c.addrtype) ||
	    !lex_word(&w, &c.host) || !lex_done(&w))
		return false;
	addr_parse_ip(str_first(c.host, str_find(c.host, '/')), &c.addr);
	*ret = c;
	return true;
}

void sdp_conn_put(struct buf *b, const struct sdp_conn *c)
{
	bool none = str_empty(c->host) && c->addr.family == 0;

	put_word(b, str_empty(c->nettype) ? STR("IN") : c->nettype);
	buf_putc(b, ' ');
	if (str_empty(c->addrtype))
		buf_puts(b, c->addr.family == 6 ? STR("IP6") : STR("IP4"));
	else
		put_word(b, c->addrtype);
	buf_putc(b, ' ');
	if (none)
		buf_puts(b, STR("0.0.0.0"));
	else if (str_empty(c->host))
		put_ip(b, &c->addr);
	else
		put_word(b, c->host);
}

/* integer = POS-DIGIT *DIGIT */
static bool is_integer(struct str s, uint32_t *ret)
{
	return s.n && s.p[0] != '0' && str_to_u32(s, ret);
}

/* ttl = (POS-DIGIT *2DIGIT) / "0" */
static bool parse_ttl(struct str s, uint8_t *ret)
{
	uint32_t n = 0;

	if (!str_eq(s, STR("0")) && (!is_integer(s, &n) || n > 255))
		return false;
	*ret = (uint8_t)n;
	return true;
}

static bool is_multicast(const struct addr *a)
{
	return a->family == 4 ? (a->ip[0] & 0xf0) == 0xe0 : a->ip[0] == 0xff;
}

/* IP4-multicast = m1 3( "." decimal-uchar ) "/" ttl [ "/" numaddr ]
 * IP6-multicast = IP6-address [ "/" numaddr ] */
bool sdp_multicast_of(const struct sdp_conn *c, struct sdp_multicast *ret)
{
	struct sdp_multicast m = {.count = 1};
	struct str parts = c->host;
	size_t slash = str_find(parts, '/');
	bool has_parts = slash < parts.n;

	if (c->addr.family == 0)
		return false;
	if (!is_multicast(&c->addr)) {
		*ret = m;
		return !has_parts;
	}
	parts = str_skip(parts, slash + has_parts);
	if (c->addr.family == 4) {
		has_parts = str_find(parts, '/') < parts.n;
		m.has_ttl = parse_ttl(str_split(&parts, '/'), &m.ttl);
		if (!m.has_ttl)
			return false;
	}
	if (has_parts && !is_integer(parts, &m.count))
		return false;
	*ret = m;
	return true;
}

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], CC_DIGIT))
			return false;
	return s.n > 0;
}

/* username SP sess-id SP sess-version SP nettype SP addrtype SP unicast-address */
bool sdp_origin_parse(struct str value, struct sdp_origin *ret)
{
	struct sdp_origin o;
	struct words w;

	if (!lex_open(value, &w) || !lex_word(&w, &o.user) || !lex_word(&w, &o.id) ||
	    !lex_word(&w, &o.version) || !is_digits(o.id) || !is_digits(o.version))
		return false;
	if (!sdp_conn_parse(words_rest(&w), &o.conn))
		return false;
	*ret = o;
	return true;
}

static void put_or(struct buf *b, struct str s, struct str when_empty)
{
	put_word(b, str_empty(s) ? when_empty : s);
	buf_putc(b, ' ');
}

void sdp_origin_put(struct buf *b, const struct sdp_origin *o)
{
	put_or(b, o->user, STR("-"));
	put_or(b, o->id, STR("0"));
	put_or(b, o->version, STR("0"));
	sdp_conn_put(b, &o->conn);
}

/* bwtype ":" bandwidth */
bool sdp_bandwidth_parse(struct str value, struct sdp_bandwidth *ret)
{
	struct sdp_bandwidth w;

	w.type = str_split(&value, ':');
	if (!lex_is_token(w.type) || !str_to_u64(value, &w.value))
		return false;
	*ret = w;
	return true;
}

void sdp_bandwidth_put(struct buf *b, const struct sdp_bandwidth *w)
{
	put_token(b, w->type);
	buf_putc(b, ':');
	buf_put_u64(b, w->value);
}

uint64_t sdp_bandwidth_bits(const struct sdp_bandwidth *w)
{
	static const struct str bits[] = {STR_INIT("TIAS"), STR_INIT("RS"), STR_INIT("RR")};

	if (lex_index(w->type, bits, 3) >= 0)
		return w->value;
	return w->value > UINT64_MAX / 1000 ? UINT64_MAX : w->value * 1000;
}

/* start-time SP stop-time; shorter numbers than the grammar's ten digits are let pass, for some
 * count from 1970 and from zero. */
bool sdp_time_parse(struct str value, struct sdp_time *ret)
{
	struct sdp_time t;
	struct words w;

	if (!lex_open(value, &w) || !lex_number(&w, UINT64_MAX, &t.start) ||
	    !lex_number(&w, UINT64_MAX, &t.stop) || !lex_done(&w))
		return false;
	*ret = t;
	return true;
}

void sdp_time_put(struct buf *b, const struct sdp_time *t)
{
	buf_put_u64(b, t->start);
	buf_putc(b, ' ');
	buf_put_u64(b, t->stop);
}

/* typed-time = 1*DIGIT [fixed-len-time-unit], at most half of what 64 bits hold */
static bool parse_typed(struct str s, uint64_t *ret)
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	uint64_t unit = 1, n;

	for (size_t i = 0; s.n && i < 4; i++) {
		if (s.p[s.n - 1] == units[i].letter) {
			unit = units[i].seconds;
			s.n--;
			break;
		}
	}
	if (!str_to_u64(s, &n) || n > INT64_MAX / unit)
		return false;
	*ret = n * unit;
	return true;
}

static bool next_typed(struct words *w, uint64_t *ret)
{
	struct str word;

	return lex_word(w, &word) && parse_typed(word, ret);
}

static void put_typed(struct buf *b, uint64_t s)
{
	if (s && s % 86400 == 0)
		buf_fmt(b, "%llud", (unsigned long long)s / 86400);
	else if (s && s % 3600 == 0)
		buf_fmt(b, "%lluh", (unsigned long long)s / 3600);
	else
		buf_put_u64(b, s);
}

/* repeat-interval SP typed-time 1*(SP typed-time) */
bool sdp_repeat_parse(struct str value, struct sdp_repeat *ret)
{
	struct sdp_repeat r = {.n = 0};
	struct words w;

	if (!lex_open(value, &w) || !next_typed(&w, &r.interval_s) || r.interval_s == 0 ||
	    !next_typed(&w, &r.duration_s))
		return false;
	do {
		if (r.n == SDP_REPEAT_MAX || !next_typed(&w, &r.offset_s[r.n]))
			return false;
		r.n++;
	} while (!lex_done(&w));
	*ret = r;
	return true;
}

void sdp_repeat_put(struct buf *b, const struct sdp_repeat *r)
{
	if (r->interval_s == 0 || r->n == 0 || r->n > SDP_REPEAT_MAX) {
		b->failed = true;
		return;
	}
	put_typed(b, r->interval_s);
	buf_putc(b, ' ');
	put_typed(b, r->duration_s);
	for (size_t i = 0; i < r->n; i++) {
		buf_putc(b, ' ');
		put_typed(b, r->offset_s[i]);
	}
}

static bool next_shift(struct words *w, int64_t *ret)
{
	struct str word;
	uint64_t n;
	bool back;

	if (!lex_word(w, &word))
		return false;
	back = word.p[0] == '-';
	if (!parse_typed(str_skip(word, back), &n))
		return false;
	*ret = back ? -(int64_t)n : (int64_t)n;
	return true;
}

/* time SP ["-"] typed-time *(SP time SP ["-"] typed-time) */
bool sdp_zones_parse(struct str value, struct sdp_zones *ret)
{
	struct sdp_zones z = {.n = 0};
	struct words w;

	if (!lex_open(value, &w))
		return false;
	do {
		if (z.n == SDP_REPEAT_MAX || !lex_number(&w, UINT64_MAX, &z.zone[z.n].at) ||
		    !next_shift(&w, &z.zone[z.n].shift_s))
			return false;
		z.n++;
	} while (!lex_done(&w));
	*ret = z;
	return true;
}

void sdp_zones_put(struct buf *b, const struct sdp_zones *z)
{
	if (z->n == 0 || z->n > SDP_REPEAT_MAX) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < z->n; i++) {
		int64_t s = z->zone[i].shift_s;

		buf_fmt(b, "%s%llu %s", i ? " " : "", (unsigned long long)z->zone[i].at,
			s < 0 ? "-" : "");
		put_typed(b, s < 0 ? 0 - (uint64_t)s : (uint64_t)s);
	}
}

static const struct str key_methods[] = {
	[SDP_KEY_PROMPT] = STR_INIT("prompt"),
	[SDP_KEY_CLEAR] = STR_INIT("clear"),
	[SDP_KEY_BASE64] = STR_INIT("base64"),
	[SDP_KEY_URI] = STR_INIT("uri"),
};

/* "prompt" / "clear:" text / "base64:" base64 / "uri:" uri   (obsolete, s5.12) */
bool sdp_key_parse(struct str value, struct sdp_key *ret)
{
	struct str name = str_split(&value, ':');
	unsigned m = SDP_KEY_PROMPT;
	struct words w;

	while (m <= SDP_KEY_URI && !str_eq(key_methods[m], name))
		m++;
	if (m > SDP_KEY_URI || str_empty(value) != (m == SDP_KEY_PROMPT) || !lex_open(value, &w))
		return false;
	*ret = (struct sdp_key){(enum sdp_key_method)m, value};
	return true;
}

void sdp_key_put(struct buf *b, const struct sdp_key *k)
{
	buf_puts(b, key_methods[k->method & 3]);
	if (k->method == SDP_KEY_PROMPT)
		return;
	if (str_empty(k->value))
		b->failed = true;
	buf_putc(b, ':');
	put_text(b, k->value);
}

/* email-safe: no NUL, CR, LF, and none of the quoting characters "()<>" */
static bool is_safe(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("()<>\r\n", s.p[i], 7))
			return false;
	return true;
}

/* address "(" name ")" / name "<" address ">" / address */
static bool parse_contact(struct str value, struct sdp_contact *ret)
{
	struct sdp_contact c = {str_trim(value), STR("")};
	char last = c.address.n ? c.address.p[c.address.n - 1] : '\0';
	size_t open = str_find(c.address, last == '>' ? '<' : '(');
	struct str outer, inner;

	if (last == '>' || last == ')') {
		if (open == c.address.n)
			return false;
		outer = str_trim(str_first(c.address, open));
		inner = str_of(c.address.p + open + 1, c.address.n - open - 2);
		c.address = last == '>' ? inner : outer;
		c.name = last == '>' ? outer : inner;
	}
	if (str_empty(c.address) || !is_safe(c.address) || !is_safe(c.name))
		return false;
	*ret = c;
	return true;
}

bool sdp_email_parse(struct str value, struct sdp_contact *ret)
{
	struct sdp_contact c;
	size_t at;

	if (!parse_contact(value, &c) || !lex_is_word(c.address))
		return false;
	at = str_find(c.address, '@');
	if (at == 0 || at + 1 >= c.address.n)
		return false;
	*ret = c;
	return true;
}

/* phone = ["+"] DIGIT 1*(SP / "-" / DIGIT) */
bool sdp_phone_parse(struct str value, struct sdp_contact *ret)
{
	struct sdp_contact c;
	struct str digits;

	if (!parse_contact(value, &c))
		return false;
	digits = str_skip(c.address, c.address.p[0] == '+');
	if (digits.n < 2 || !cc_is(digits.p[0], CC_DIGIT))
		return false;
	for (size_t i = 1; i < digits.n; i++)
		if (!cc_is(digits.p[i], CC_DIGIT) && digits.p[i] != ' ' && digits.p[i] != '-')
			return false;
	*ret = c;
	return true;
}

void sdp_contact_put(struct buf *b, const struct sdp_contact *c)
{
	if (str_empty(c->address) || !is_safe(c->address) || !is_safe(c->name))
		b->failed = true;
	if (str_empty(c->name)) {
		buf_puts(b, c->address);
		return;
	}
	buf_puts(b, c->name);
	buf_fmt(b, " <%.*s>", STR_ARG(c->address));
}
