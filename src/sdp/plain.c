#include "sdp/plain.h"

#include "sdp/lex.h"

/* integer = POS-DIGIT *DIGIT */
static bool parse_integer(struct str s, uint32_t *ret)
{
	uint32_t n;

	if (!str_to_u32(s, &n) || n == 0)
		return false;
	*ret = n;
	return true;
}

bool sdp_rtpmap_parse(struct str value, struct sdp_rtpmap *ret)
{
	struct sdp_rtpmap m = {.channels = 1};
	struct words w;
	struct str map;
	uint64_t pt;

	if (!lex_open(value, &w) || !lex_number(&w, 127, &pt) || !lex_word(&w, &map) ||
	    !lex_done(&w))
		return false;
	m.pt = (uint8_t)pt;
	m.encoding = str_split(&map, '/');
	if (!lex_is_token(m.encoding) || !parse_integer(str_split(&map, '/'), &m.rate))
		return false;
	if (map.n && !parse_integer(map, &m.channels))
		return false;
	*ret = m;
	return true;
}

void sdp_rtpmap_put(struct buf *b, const struct sdp_rtpmap *m)
{
	if (m->pt > 127 || m->rate == 0 || m->channels == 0)
		b->failed = true;
	buf_fmt(b, "%u ", m->pt);
	put_token(b, m->encoding);
	buf_fmt(b, "/%u", m->rate);
	if (m->channels > 1)
		buf_fmt(b, "/%u", m->channels);
}

bool sdp_fmtp_parse(struct str value, struct sdp_fmtp *ret)
{
	struct sdp_fmtp f;
	struct words w;

	if (!lex_open(value, &w) || !lex_token(&w, &f.fmt))
		return false;
	f.params = words_rest(&w);
	if (str_empty(f.params))
		return false;
	*ret = f;
	return true;
}

void sdp_fmtp_put(struct buf *b, const struct sdp_fmtp *f)
{
	put_token(b, f->fmt);
	buf_putc(b, ' ');
	if (str_empty(f->params))
		b->failed = true;
	put_text(b, f->params);
}

bool sdp_fmtp_param(struct str params, struct str name, struct str *ret)
{
	while (params.n) {
		struct str value = str_split(&params, ';');
		struct str key = str_trim(str_split(&value, '='));

		if (str_ieq(key, name)) {
			*ret = str_trim(value);
			return true;
		}
	}
	return false;
}

/* non-zero-int-or-real = integer / zero-based-integer "." *DIGIT POS-DIGIT; zeros at the end of
 * a fraction are let pass ("20.0"). */
bool sdp_real_parse(struct str value, uint64_t *ret_millionths)
{
	struct str fraction = str_trim(value);
	bool has_point = str_find(fraction, '.') < fraction.n;
	struct str whole = str_split(&fraction, '.');
	uint64_t v, unit = 1000000;
	uint32_t n;

	if (!str_to_u32(whole, &n) || (has_point && str_empty(fraction)))
		return false;
	v = n * unit;
	for (size_t i = 0; i < fraction.n; i++) {
		if (!cc_is(fraction.p[i], CC_DIGIT))
			return false;
		unit /= 10;
		v += (uint64_t)(fraction.p[i] - '0') * unit;
	}
	if (v == 0)
		return false;
	*ret_millionths = v;
	return true;
}

void sdp_real_put(struct buf *b, uint64_t millionths)
{
	char room[8];
	struct buf text = buf_over(room, sizeof(room));

	if (millionths == 0)
		b->failed = true;
	buf_put_u64(b, millionths / 1000000);
	buf_fmt(&text, ".%06u", (unsigned)(millionths % 1000000));
	while (text.n > 1 && room[text.n - 1] == '0')
		text.n--;
	if (text.n > 1)
		buf_puts(b, buf_str(&text));
}

bool sdp_quality_parse(struct str value, uint32_t *ret)
{
	return str_to_u32(str_trim(value), ret);
}

static const struct str orients[] = {
	[SDP_PORTRAIT] = STR_INIT("portrait"),
	[SDP_LANDSCAPE] = STR_INIT("landscape"),
	[SDP_SEASCAPE] = STR_INIT("seascape"),
};

bool sdp_orient_parse(struct str value, enum sdp_orient *ret)
{
	int i = lex_index(str_trim(value), orients, 3);

	if (i < 0)
		return false;
	*ret = (enum sdp_orient)i;
	return true;
}

struct str sdp_orient_name(enum sdp_orient o)
{
	return orients[o <= SDP_SEASCAPE ? o : SDP_PORTRAIT];
}

static const struct str types[] = {
	[SDP_BROADCAST] = STR_INIT("broadcast"), [SDP_MEETING] = STR_INIT("meeting"),
	[SDP_MODERATED] = STR_INIT("moderated"), [SDP_TEST] = STR_INIT("test"),
	[SDP_H332] = STR_INIT("H332"),
};

bool sdp_type_parse(struct str value, enum sdp_type *ret)
{
	int i = lex_index(str_trim(value), types, 5);

	if (i < 0)
		return false;
	*ret = (enum sdp_type)i;
	return true;
}

struct str sdp_type_name(enum sdp_type t)
{
	return types[t <= SDP_H332 ? t : SDP_BROADCAST];
}

/* mime-charset = 1*40mime-charset-chars (RFC 2978 s2.3) */
bool sdp_charset_valid(struct str value)
{
	static const char more[] = "!#$%&'+-^_`{}~";

	for (size_t i = 0; i < value.n; i++)
		if (!cc_is(value.p[i], CC_ALPHA | CC_DIGIT) &&
		    !memchr(more, value.p[i], sizeof(more) - 1))
			return false;
	return value.n >= 1 && value.n <= 40;
}

/* Language-Tag: subtags of one to eight letters and digits, the first of letters (RFC 5646
 * s2.1). */
bool sdp_lang_valid(struct str value)
{
	bool first = true;

	if (str_empty(value) || value.p[value.n - 1] == '-')
		return false;
	while (value.n) {
		struct str tag = str_split(&value, '-');

		if (tag.n == 0 || tag.n > 8)
			return false;
		for (size_t i = 0; i < tag.n; i++)
			if (!cc_is(tag.p[i], first ? CC_ALPHA : CC_ALPHA | CC_DIGIT))
				return false;
		first = false;
	}
	return true;
}
