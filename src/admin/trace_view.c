#include "admin/trace_view.h"

#include <time.h>

#include "admin/json.h"
#include "base/hash.h"
#include "base/scan.h"
#include "sdp/sdp.h"
#include "sip/headers.h"

/* Messages of one call that may stand between one and its retransmission. */
#define FOLD_BACK 256

static struct str start_line_of(struct str bytes)
{
	while (bytes.n && (*bytes.p == '\r' || *bytes.p == '\n'))
		bytes = str_skip(bytes, 1);
	return str_trim(str_first(bytes, str_find(bytes, '\n')));
}

static void address_of(const struct sip_msg *m, enum sip_hdr_id id, struct str *uri,
		       struct str *user)
{
	struct sip_nameaddr a;

	if (sip_nameaddr_get(m, id, &a, NULL)) {
		*uri = a.uri_text;
		*user = a.uri.user;
	} else {
		*uri = str_trim(sip_get(m, id));
	}
}

void trace_view_of(struct str bytes, struct arena *a, struct trace_view *ret)
{
	struct trace_view v = {.start_line = start_line_of(bytes)};
	struct sip_cseq cseq;
	struct sip_msg m;
	struct sip_err err;

	sip_parse(bytes, a, &m, &err);
	v.call_id = sip_get(&m, SIP_HDR_CALL_ID);
	v.method = m.method_name;
	v.status = m.status;
	v.reason = m.reason;
	v.body = m.body;
	v.is_sdp = sip_media_type_is(sip_get(&m, SIP_HDR_CONTENT_TYPE), STR("application/sdp"));
	address_of(&m, SIP_HDR_FROM, &v.from, &v.from_user);
	address_of(&m, SIP_HDR_TO, &v.to, &v.to_user);
	if (sip_cseq_parse(sip_get(&m, SIP_HDR_CSEQ), &cseq))
		v.cseq = cseq.number;
	*ret = v;
}

/* ---- retransmissions ---- */

bool trace_is_again(const struct trace_message *a, const struct trace_message *b)
{
	return a->hash == b->hash && a->out == b->out && a->full_n == b->full_n &&
	       str_eq(a->bytes, b->bytes) && str_eq(a->remote, b->remote) &&
	       str_eq(a->transport, b->transport);
}

struct trace_message *trace_fold(struct trace_message *list, size_t *n,
				 const struct trace_message *m)
{
	static const struct hash_seed seed = {0x74, 0x72};
	struct trace_message *last = &list[*n];
	size_t back = *n < FOLD_BACK ? *n : FOLD_BACK;

	*last = *m;
	last->count = 1;
	last->last_us = m->at_us;
	last->hash = hash_str(&seed, m->bytes);
	for (size_t i = 1; i <= back; i++)
		if (trace_is_again(last - i, last)) {
			last[-(ptrdiff_t)i].count++;
			last[-(ptrdiff_t)i].last_us = m->at_us;
			return last - i;
		}
	++*n;
	return last;
}

/* ---- media ---- */

/* Telephone events and comfort noise go with everything. */
static bool is_extra(const struct sdp_fmt *f)
{
	return str_ieq(f->encoding, STR("telephone-event")) || str_ieq(f->encoding, STR("CN"));
}

static void put_formats(struct buf *b, const struct sdp_media *m)
{
	char before = ' ';

	for (size_t i = 0; i < m->n_fmts; i++) {
		const struct sdp_fmt *f = &m->fmts[i];

		if (is_extra(f))
			continue;
		buf_putc(b, before);
		buf_puts(b, str_empty(f->encoding) ? f->text : f->encoding);
		before = ',';
	}
}

static void put_section(struct buf *b, const struct sdp_media *m)
{
	struct addr at = m->conn.addr;

	buf_puts(b, m->type);
	buf_putc(b, ' ');
	if (!m->port) {
		buf_puts(b, STR("refused"));
		return;
	}
	at.port = m->port;
	if (at.family)
		addr_put(b, &at);
	else
		buf_fmt(b, "%.*s:%u", STR_ARG(m->conn.host), m->port);
	put_formats(b, m);
	if (m->dir != SDP_SENDRECV) {
		buf_putc(b, ' ');
		buf_puts(b, sdp_dir_name(m->dir));
	}
}

void trace_put_media(struct buf *b, struct str body)
{
	struct arena a;
	struct sdp s;

	arena_init(&a, NULL, 0, 0);
	if (sdp_parse(body, &a, &s, NULL))
		for (size_t i = 0; i < s.n_media; i++) {
			if (i)
				buf_puts(b, STR("; "));
			put_section(b, &s.media[i]);
		}
	arena_fini(&a);
}

/* ---- secrets ---- */

/* With its end, of any kind that the parser takes. */
static size_t line_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '\r' && s.p[n] != '\n')
		n++;
	if (n + 1 < s.n && s.p[n] == '\r' && s.p[n + 1] == '\n')
		n++;
	return n < s.n ? n + 1 : n;
}

/* A line and those folded to it. */
static struct str field_of(struct str s)
{
	size_t n = line_length(s);

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n += line_length(str_skip(s, n));
	return str_first(s, n);
}

static bool has_credentials(struct str field)
{
	static const struct str names[] = {
		STR_INIT("Authorization"), STR_INIT("Proxy-Authorization"),
		STR_INIT("Authentication-Info"), STR_INIT("Proxy-Authentication-Info")};
	size_t colon = str_find(field, ':');
	struct str name = str_trim(str_first(field, colon));

	for (size_t i = 0; colon < field.n && i < sizeof(names) / sizeof(*names); i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

static bool is_secret(struct str name)
{
	return str_ieq(name, STR("response")) || str_ieq(name, STR("rspauth"));
}

/* Moves over one value, quoted or not, also when its end quote is missing. */
static void skip_value(struct scan *s)
{
	struct str ignored;

	if (scan_peek(s) != '"') {
		while (s->at < s->end && *s->at != ',' && !cc_is(*s->at, CC_LWS))
			s->at++;
	} else if (!scan_quoted(s, &ignored)) {
		while (s->at < s->end && *s->at != '\r' && *s->at != '\n')
			s->at++;
	}
}

/* Quotes are not looked at: one that does not close must not hide what follows. */
static void mask_params(struct buf *b, struct scan *s)
{
	while (!scan_done(s)) {
		struct str name;
		bool quoted;

		if (!scan_run(s, CC_TOKEN, &name)) {
			buf_putc(b, *s->at++);
			continue;
		}
		buf_puts(b, name);
		if (!is_secret(name) || !scan_sep(s, '='))
			continue;
		quoted = scan_peek(s) == '"';
		skip_value(s);
		buf_puts(b, quoted ? STR("=\"…\"") : STR("=…"));
	}
}

static struct str without_line_end(struct str s)
{
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static void put_credentials(struct buf *b, struct str field)
{
	size_t colon = str_find(field, ':');
	bool info = str_ends(str_trim(str_first(field, colon)), STR("-Info"));
	struct str value = without_line_end(str_skip(field, colon + 1));
	struct scan s = scan_over(value);
	struct str scheme;

	scan_sws(&s);
	if (info || scan_word(&s, STR("Digest"))) {
		buf_puts(b, str_range(field.p, s.at));
		mask_params(b, &s);
	} else {
		bool named = scan_run(&s, CC_TOKEN, &scheme);

		buf_puts(b, str_range(field.p, s.at));
		buf_puts(b, scan_done(&s) ? STR("") : named ? STR(" …") : STR("…"));
	}
	buf_puts(b, str_range(value.p + value.n, field.p + field.n));
}

/* All lines alike, so that no trick of framing gets by. */
void trace_put_masked(struct buf *b, struct str bytes)
{
	while (!str_empty(bytes)) {
		struct str field = field_of(bytes);

		if (has_credentials(field))
			put_credentials(b, field);
		else
			buf_puts(b, field);
		bytes = str_skip(bytes, field.n);
	}
}

/* ---- JSON ---- */

void trace_put_time(struct buf *b, uint64_t us)
{
	time_t s = (time_t)(us / 1000000);
	struct tm tm;
	char room[32];

	if (gmtime_r(&s, &tm) && strftime(room, sizeof(room), "%Y-%m-%dT%H:%M:%S", &tm))
		buf_fmt(b, "%s.%06uZ", room, (unsigned)(us % 1000000));
}

void trace_put_json(struct buf *b, const struct trace_message *m, bool body,
		    void (*put_more)(struct buf *b, const struct trace_message *m))
{
	char room[48];
	struct buf time = buf_over(room, sizeof(room));

	trace_put_time(&time, m->at_us);
	json_open(b, NULL, '{');
	json_member_str(b, "time", buf_str(&time));
	json_member_str(b, "direction", m->out ? STR("out") : STR("in"));
	json_member_str(b, "transport", m->transport);
	json_member_str(b, "from", m->out ? m->local : m->remote);
	json_member_str(b, "to", m->out ? m->remote : m->local);
	json_member_str(b, "start_line", m->view.start_line);
	json_member_str(b, "call_id", m->view.call_id);
	json_member_u64(b, "cseq", m->view.cseq);
	json_member_u64(b, "retransmissions", m->count - 1);
	if (body)
		json_member_str(b, "message", m->bytes);
	if (put_more)
		put_more(b, m);
	buf_putc(b, '}');
}
