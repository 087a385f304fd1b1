#include "sdp/rtcp.h"

#include "sdp/lex.h"
#include "sdp/lines.h"

/* rtcp-attribute = "a=rtcp:" port [nettype space addrtype space connection-address] */
bool sdp_rtcp_parse(struct str value, struct sdp_rtcp *ret)
{
	struct sdp_rtcp r = {.port = 0};
	struct words w;
	uint64_t port;

	if (!lex_open(value, &w) || !lex_number(&w, UINT16_MAX, &port) || port == 0)
		return false;
	if (!lex_done(&w) && !sdp_conn_parse(words_rest(&w), &r.conn))
		return false;
	r.port = (uint16_t)port;
	*ret = r;
	return true;
}

void sdp_rtcp_put(struct buf *b, const struct sdp_rtcp *r)
{
	buf_put_u64(b, r->port);
	if (!str_empty(r->conn.nettype)) {
		buf_putc(b, ' ');
		sdp_conn_put(b, &r->conn);
	}
}

/* rtcp-fb-id = 1*(alpha-numeric / "-" / "_") */
static bool is_type(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!cc_is(s.p[i], CC_ALPHA | CC_DIGIT) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0;
}

static bool parse_format(struct words *w, int *ret)
{
	struct words at = *w;
	struct str word;
	uint64_t pt;

	if (lex_word(&at, &word) && str_eq(word, STR("*"))) {
		*w = at;
		*ret = -1;
		return true;
	}
	if (!lex_number(w, 127, &pt))
		return false;
	*ret = (int)pt;
	return true;
}

static bool parse_trr_int(struct sdp_rtcp_fb *f)
{
	return str_empty(f->more) && str_to_u32(f->param, &f->trr_int_ms);
}

/* rtcp-fb-pt SP rtcp-fb-val; "ack" alone says nothing (s4.2), but is in the grammar. */
bool sdp_rtcp_fb_parse(struct str value, struct sdp_rtcp_fb *ret)
{
	struct sdp_rtcp_fb f = {.pt = -1};
	struct words w;

	if (!lex_open(value, &w) || !parse_format(&w, &f.pt) || !lex_word(&w, &f.type) ||
	    !is_type(f.type))
		return false;
	f.param = words_next(&w);
	f.more = words_rest(&w);
	if (str_eq(f.type, STR("trr-int")) && !parse_trr_int(&f))
		return false;
	*ret = f;
	return true;
}

void sdp_rtcp_fb_put(struct buf *b, const struct sdp_rtcp_fb *f)
{
	if (!is_type(f->type) || f->pt > 127)
		b->failed = true;
	if (f->pt < 0)
		buf_putc(b, '*');
	else
		buf_put_u64(b, (uint64_t)f->pt);
	buf_putc(b, ' ');
	buf_puts(b, f->type);
	if (str_eq(f->type, STR("trr-int"))) {
		buf_fmt(b, " %u", f->trr_int_ms);
		return;
	}
	if (!str_empty(f->param)) {
		buf_putc(b, ' ');
		put_word(b, f->param);
	}
	if (!str_empty(f->more)) {
		buf_putc(b, ' ');
		put_text(b, f->more);
	}
}

bool sdp_has_rtcp_fb(const struct sdp_media *m, int pt, struct str type, struct str param)
{
	struct sdp_rtcp_fb f;

	for (const struct sdp_line *l = sdp_attr_by_id(&m->lines, SDP_A_RTCP_FB); l;
	     l = sdp_attr_again(&m->lines, l))
		if (sdp_rtcp_fb_parse(l->value, &f) && (f.pt < 0 || f.pt == pt) &&
		    str_eq(f.type, type) && str_eq(f.param, param))
			return true;
	return false;
}
