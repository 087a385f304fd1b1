/* From a message to bytes.  Fields that stand side by side in the received bytes go out in
 * one copy; what was composed is checked, so that no value brings a line of its own in. */
#include "sip/lex.h"
#include "sip/msg.h"

static bool has_line_end(struct str s)
{
	size_t at;

	for (at = 0; at < s.n; at += 64)
		if (mask_of(s.p + at, s.n - at, mask_line_end))
			return lex_eol(s.p + at, s.p + s.n) < s.p + s.n;
	return false;
}

static bool put_start_line(const struct sip_msg *m, struct buf *b)
{
	if (m->status) {
		if (m->status < 100 || m->status > 699 || has_line_end(m->reason))
			return false;
		buf_puts(b, STR("SIP/2.0 "));
		buf_put_u64(b, m->status);
		buf_putc(b, ' ');
		buf_puts(b, m->reason);
	} else {
		if ((sip_method_of(m->method_name) == SIP_METHOD_OTHER &&
		     !lex_token(m->method_name)) ||
		    !lex_visible(m->uri))
			return false;
		buf_puts(b, m->method_name);
		buf_putc(b, ' ');
		buf_puts(b, m->uri);
		buf_puts(b, STR(" SIP/2.0"));
	}
	buf_puts(b, STR("\r\n"));
	return true;
}

/* A value that came folded is one line from here on; a line end that is no fold would start
 * a field of the sender's choice. */
static bool put_unfolded(struct str v, struct buf *b)
{
	const char *p = v.p, *end = v.p + v.n, *q;

	while (p < end) {
		for (q = p; q < end && *q != '\r' && *q != '\n'; q++)
			;
		buf_put(b, p, (size_t)(q - p));
		if (q == end)
			break;
		p = lex_eol_skip(q, end);
		if (p == end || !cc_is(*p, CC_WS))
			return false;
		p = lex_sws(p, end);
		buf_putc(b, ' ');
	}
	return true;
}

static bool put_composed(const struct sip_hdr *h, struct buf *b)
{
	struct str value = sip_hdr_value(h);

	buf_put(b, h->name, h->name_n);
	buf_puts(b, STR(": "));
	if (!has_line_end(value))
		buf_puts(b, value);
	else if (!put_unfolded(value, b))
		return false;
	buf_puts(b, STR("\r\n"));
	return true;
}

/* A received Content-Length that is still true stays where it stands. */
static bool is_true_length(const struct sip_msg *m, const struct sip_hdr *h)
{
	uint32_t n;

	return str_to_u32(sip_hdr_value(h), &n) && n == m->body.n;
}

/* Copies the lines that follow each other in memory from slot i on; the slot behind them. */
static unsigned put_run(const struct sip_msg *m, unsigned i, struct buf *b)
{
	const char *start = m->hdr[i].name, *end = start + m->hdr[i].line_n;

	for (i++; i < m->n_hdr && (m->hdr[i].flags & SIP_HDR_RAW) && m->hdr[i].name == end &&
		  m->hdr[i].id != SIP_HDR_CONTENT_LENGTH;
	     i++)
		end += m->hdr[i].line_n;
	buf_put(b, start, (size_t)(end - start));
	return i;
}

static bool put_headers(const struct sip_msg *m, struct buf *b)
{
	bool has_length = false;
	unsigned i = 0;

	while (i < m->n_hdr) {
		const struct sip_hdr *h = &m->hdr[i];

		if (h->id == SIP_HDR_CONTENT_LENGTH) {
			if (has_length || !is_true_length(m, h)) {
				i++;
				continue;
			}
			has_length = true;
		}
		if (h->flags & SIP_HDR_RAW) {
			i = put_run(m, i, b);
			continue;
		}
		if (!put_composed(h, b))
			return false;
		i++;
	}
	if (!has_length) {
		buf_puts(b, STR("Content-Length: "));
		buf_put_u64(b, m->body.n);
		buf_puts(b, STR("\r\n"));
	}
	return true;
}

bool sip_print(const struct sip_msg *m, struct buf *b)
{
	if (m->failed || !put_start_line(m, b) || !put_headers(m, b)) {
		b->failed = true;
		return false;
	}
	buf_puts(b, STR("\r\n"));
	if (m->body.n)
		buf_puts(b, m->body);
	return !b->failed;
}
