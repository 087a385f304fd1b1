#include "sdp/lex.h"
#include "sdp/lines.h"

static void put_end(struct buf *b)
{
	buf_put(b, "\r\n", 2);
}

static void put_conn_line(struct buf *b, const struct sdp_conn *c)
{
	if (str_empty(c->nettype))
		return;
	buf_puts(b, STR("c="));
	sdp_conn_put(b, c);
	put_end(b);
}

static void put_line(struct buf *b, const struct sdp_line *l)
{
	buf_putc(b, l->type);
	buf_putc(b, '=');
	if (l->type == 'a' || l->type == 'b') {
		put_word(b, l->name);
		if (l->has_value || l->type == 'b')
			buf_putc(b, ':');
	}
	put_text(b, l->value);
	put_end(b);
}

/* All lines of the types in a C string, in the order they stand. */
static unsigned put_lines(struct buf *b, const struct sdp_lines *lines, const char *types)
{
	unsigned n = 0;

	for (size_t i = 0; i < lines->n; i++) {
		const struct sdp_line *l = &lines->at[i];

		if (l->type && strchr(types, l->type)) {
			put_line(b, l);
			n++;
		}
	}
	return n;
}

static void put_number_attr(struct buf *b, const char *name, uint32_t v)
{
	if (v)
		buf_fmt(b, "a=%s:%u\r\n", name, v);
}

static void put_dir(struct buf *b, enum sdp_dir d)
{
	buf_puts(b, STR("a="));
	buf_puts(b, sdp_dir_name(d));
	put_end(b);
}

/* a=rtpmap of RFC 8866 s6.6, also for static types: answers are clearer with it. */
static void put_rtpmap(struct buf *b, const struct sdp_fmt *f)
{
	if (f->pt < 0 || str_empty(f->encoding))
		return;
	buf_fmt(b, "a=rtpmap:%d ", f->pt);
	put_word(b, f->encoding);
	buf_fmt(b, "/%u", f->rate ? f->rate : 8000);
	if (f->channels > 1)
		buf_fmt(b, "/%u", f->channels);
	put_end(b);
}

static void put_fmtp(struct buf *b, const struct sdp_fmt *f)
{
	if (str_empty(f->fmtp))
		return;
	buf_puts(b, STR("a=fmtp:"));
	put_word(b, f->text);
	buf_putc(b, ' ');
	put_text(b, f->fmtp);
	put_end(b);
}

static void put_fmts(struct buf *b, const struct sdp_media *m)
{
	for (size_t i = 0; i < m->n_fmts; i++) {
		buf_putc(b, ' ');
		if (str_empty(m->fmts[i].text) && m->fmts[i].pt >= 0)
			buf_put_u64(b, (uint64_t)m->fmts[i].pt);
		else
			put_word(b, m->fmts[i].text);
	}
	if (m->n_fmts == 0)
		buf_puts(b, STR(" 0")); /* 1*(SP fmt) */
}

static void put_m(struct buf *b, const struct sdp_media *m)
{
	buf_puts(b, STR("m="));
	put_word(b, m->type);
	buf_fmt(b, " %u", m->port);
	if (m->n_ports > 1)
		buf_fmt(b, "/%u", m->n_ports);
	buf_putc(b, ' ');
	put_word(b, m->proto);
	put_fmts(b, m);
	put_end(b);
}

static void put_rtcp(struct buf *b, const struct sdp_media *m)
{
	if (m->rtcp_port) {
		buf_fmt(b, "a=rtcp:%u", m->rtcp_port);
		if (!str_empty(m->rtcp_conn.nettype)) {
			buf_putc(b, ' ');
			sdp_conn_put(b, &m->rtcp_conn);
		}
		put_end(b);
	}
	if (m->rtcp_mux)
		buf_puts(b, STR("a=rtcp-mux\r\n"));
}

static bool conn_same(const struct sdp_conn *x, const struct sdp_conn *y)
{
	return str_eq(x->nettype, y->nettype) && str_eq(x->addrtype, y->addrtype) &&
	       str_eq(x->host, y->host) && addr_eq(&x->addr, &y->addr);
}

static bool has_line(const struct sdp_lines *lines, char type)
{
	for (size_t i = 0; i < lines->n; i++)
		if (lines->at[i].type == type)
			return true;
	return false;
}

static void put_media(struct buf *b, const struct sdp *s, const struct sdp_media *m)
{
	struct sdp_fmt f;

	put_m(b, m);
	put_lines(b, &m->lines, "i");
	if (!conn_same(&m->conn, &s->conn) || has_line(&m->lines, 'c'))
		put_conn_line(b, &m->conn);
	put_lines(b, &m->lines, "c");
	put_lines(b, &m->lines, "b");
	put_lines(b, &m->lines, "k");
	for (size_t i = 0; i < m->n_fmts; i++) {
		f = m->fmts[i];
		put_rtpmap(b, &f);
		put_fmtp(b, &f);
	}
	put_number_attr(b, "ptime", m->ptime_ms);
	put_number_attr(b, "maxptime", m->maxptime_ms);
	put_rtcp(b, m);
	put_dir(b, m->dir);
	put_lines(b, &m->lines, "a");
}

bool sdp_build(const struct sdp *s, struct buf *b)
{
	buf_puts(b, STR("v=0\r\n"));
	buf_puts(b, STR("o="));
	sdp_origin_put(b, &s->origin);
	put_end(b);
	buf_puts(b, STR("s="));
	put_text(b, str_empty(s->name) ? STR("-") : s->name); /* s5.3: never empty */
	put_end(b);
	put_lines(b, &s->lines, "i");
	put_lines(b, &s->lines, "u");
	put_lines(b, &s->lines, "e");
	put_lines(b, &s->lines, "p");
	put_conn_line(b, &s->conn);
	put_lines(b, &s->lines, "b");
	if (put_lines(b, &s->lines, "trz") == 0)
		buf_puts(b, STR("t=0 0\r\n"));
	put_lines(b, &s->lines, "k");
	put_number_attr(b, "ptime", s->ptime_ms);
	put_number_attr(b, "maxptime", s->maxptime_ms);
	if (s->has_dir)
		put_dir(b, s->dir);
	put_lines(b, &s->lines, "a");
	for (size_t i = 0; i < s->n_media; i++)
		put_media(b, s, &s->media[i]);
	return !b->failed;
}
