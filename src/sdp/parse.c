#include "base/scan.h"
#include "sdp/sdp.h"
#include "sdp/text.h"

/* Arrays grow by doubling inside the arena, so sections point into `lines` by index
 * until the end. */
struct parser {
	struct arena *arena;
	struct sdp *sdp;
	struct sdp_media *m; /* the section at hand, NULL: the session */
	struct sdp_line *lines; /* of all sections, in order */
	size_t n_lines, cap_lines;
	size_t from; /* first line of the section at hand */
	size_t cap_media;
	struct sdp_fmt *fmt, *fmt_end; /* of it: the last that was mapped; where they end */
	bool m_has_dir;
	bool dirty; /* control characters in this line, but for tabs */
	const char *line; /* where the line at hand starts */
	struct words_text in; /* the text */
	struct str conn_text; /* the last "IN IP4 ...", for it mostly comes again */
	struct sdp_conn conn; /* what it says */
	const char *why;
};

static __attribute__((cold, noinline)) bool fail(struct parser *p, const char *why)
{
	p->why = why;
	return false;
}

static struct words words_of(const struct parser *p, struct str v)
{
	return words_over(v, p->in);
}

static bool more_lines(struct parser *p)
{
	size_t cap = p->cap_lines ? p->cap_lines * 2 : 8;
	struct sdp_line *grown;

	if (p->n_lines == SDP_LINES_MAX)
		return fail(p, "too many lines");
	grown = arena_alloc(p->arena, cap * sizeof(*grown));
	if (!grown)
		return fail(p, "no memory");
	if (p->n_lines)
		memcpy(grown, p->lines, p->n_lines * sizeof(*grown));
	p->lines = grown;
	p->cap_lines = cap;
	return true;
}

static inline struct sdp_line *new_line(struct parser *p)
{
	if (p->n_lines == p->cap_lines && !more_lines(p))
		return NULL;
	return &p->lines[p->n_lines++];
}

/* Words that can be written again. */
static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 127)
			return false;
	return s.n > 0;
}

static bool keep_attr(struct parser *p, enum sdp_attr_id id, struct str name, bool has_value,
		      struct str value)
{
	struct sdp_line *l;

	if (id == SDP_A_OTHER && !is_clean(name))
		return true; /* passed over: it could not be written again */
	l = new_line(p);
	if (!l)
		return false;
	*l = (struct sdp_line){'a', has_value, (uint8_t)id, 0, name, value};
	return true;
}

/* name: of b=, else empty. */
static inline bool keep(struct parser *p, char type, uint32_t number, struct str name,
			struct str value)
{
	struct sdp_line *l = new_line(p);

	if (!l)
		return false;
	*l = (struct sdp_line){type, true, SDP_A_OTHER, number, name, value};
	return true;
}

/* nettype SP addrtype SP connection-address, all of text */
static __attribute__((noinline)) bool new_conn(struct parser *p, struct words *w, struct str text)
{
	struct sdp_conn *c = &p->conn;

	c->nettype = words_next(w);
	c->addrtype = words_next(w);
	c->host = words_next(w);
	p->conn_text = STR_NONE;
	if (str_empty(c->host) || p->dirty)
		return false;
	c->addr = (struct addr){0};
	addr_parse_ip(str_range(c->host.p, words_find_char(c->host.p, w->at, p->in, '/')),
		      &c->addr);
	p->conn_text = text;
	return true;
}

static inline bool parse_conn(struct parser *p, struct words *w, struct sdp_conn *ret)
{
	struct str text;

	words_skip_blanks(w);
	text = str_range(w->at, w->end);
	if ((str_empty(text) || p->dirty || !str_eq(text, p->conn_text)) && !new_conn(p, w, text))
		return false;
	*ret = p->conn;
	return true;
}

/* o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>
 * Nothing of it is needed to answer, so what is missing is let pass. */
static void parse_origin(struct parser *p, struct str v)
{
	struct sdp_origin *o = &p->sdp->origin;
	struct words w = words_of(p, v);

	if (p->dirty)
		return;
	o->user = words_next(&w);
	o->id = words_next(&w);
	o->version = words_next(&w);
	parse_conn(p, &w, &o->conn);
}

/* Further addresses are those of a layered section (s5.7), kept as they stand. */
static bool parse_c(struct parser *p, struct str v)
{
	struct sdp_conn *c = p->m ? &p->m->conn : &p->sdp->conn, more;
	struct words w = words_of(p, v);

	if (str_empty(c->nettype))
		return parse_conn(p, &w, c) ||
		       fail(p, "c= wants a network type, an address type and an address");
	return !p->m || !parse_conn(p, &w, &more) || keep(p, 'c', 0, STR_NONE, v);
}

static bool parse_bandwidth(struct parser *p, struct str v)
{
	const char *end = v.p + v.n, *colon = words_find_char(v.p, end, p->in, ':');
	struct words w = words_over(str_range(v.p, colon), p->in);
	struct str type = words_rest(&w);
	uint32_t number;

	if (colon == end || p->dirty)
		return true;
	w = words_of(p, str_range(colon + 1, end));
	v = words_rest(&w);
	if (!words_number(&w, UINT32_MAX, &number) || !words_at_gap(&w))
		number = 0;
	return str_empty(v) || !is_clean(type) || keep(p, 'b', number, type, v);
}

/* t=<start-time> <stop-time>  s5.9.  What is no number is kept all the same. */
static bool parse_time(struct parser *p, struct str v)
{
	struct words w = words_of(p, v);
	struct sdp *s = p->sdp;

	if (s->start == 0 && s->stop == 0) {
		words_skip_blanks(&w);
		words_long(&w, WORDS_NUMBER_MAX, &s->start);
		words_skip_blanks(&w);
		words_long(&w, WORDS_NUMBER_MAX, &s->stop);
	}
	return keep(p, 't', 0, STR_NONE, v);
}

/* A payload type (RFC 3551 s3) that is the word at the cursor; -1: another word, or none. */
static inline int next_pt(struct words *w)
{
	const char *at, *end = w->end;
	unsigned pt = 0, digit;

	for (at = w->at; at < end; at++) {
		digit = (unsigned)(unsigned char)*at - '0';
		if (digit > 9) {
			if ((unsigned char)*at > ' ')
				return -1;
			break;
		}
		pt = pt * 10 + digit;
	}
	if ((size_t)(at - w->at) - 1 > 2 || pt > 127) /* one to three digits */
		return -1;
	w->at = at;
	return (int)pt;
}

/* They are mostly mapped in the order of m=, and a=fmtp comes behind a=rtpmap. */
static inline struct sdp_fmt *fmt_of_pt(struct parser *p, int pt)
{
	struct sdp_fmt *f = p->fmt, *end = p->fmt_end;

	if (f < end && f->pt == pt)
		return f;
	if (f < end && ++f < end && f->pt == pt)
		return p->fmt = f;
	for (f = p->m->fmts; f < end; f++)
		if (f->pt == pt)
			return p->fmt = f;
	return NULL;
}

static struct sdp_fmt *fmt_of_text(struct sdp_media *m, struct str text)
{
	for (size_t i = 0; i < m->n_fmts; i++)
		if (str_eq(m->fmts[i].text, text))
			return &m->fmts[i];
	return NULL;
}

/* "/" and a number behind it. */
static uint32_t next_part(struct words *w, uint32_t standard)
{
	uint32_t n;

	return words_char(w, '/') && words_number(w, UINT32_MAX, &n) && n ? n : standard;
}

static __attribute__((noinline)) void take_odd_rate(struct sdp_fmt *f, struct str parts)
{
	struct words w = words_over(parts, words_text_of(parts));

	f->rate = next_part(&w, 8000);
	f->channels = next_part(&w, 1);
}

/* Nearly all are 8000. */
static inline void take_rate(struct sdp_fmt *f, const struct words *w)
{
	if (w->end - w->at == 5 && memcmp(w->at, "/8000", 5) == 0) {
		f->rate = 8000;
		f->channels = 1;
	} else {
		take_odd_rate(f, str_range(w->at, w->end));
	}
}

/* rtpmap:<payload type> <encoding name>/<clock rate>[/<encoding parameters>]  s6.6 */
static inline __attribute__((always_inline)) bool take_rtpmap(struct parser *p, struct words *w)
{
	struct sdp_fmt *f;
	struct str name;
	int pt = next_pt(w);

	f = pt < 0 ? NULL : fmt_of_pt(p, pt);
	if (!f)
		return false;
	words_skip_blanks(w);
	name.p = w->at;
	w->at = words_find_part(name.p, w->in);
	name.n = (size_t)(w->at - name.p);
	if (str_empty(name))
		return false;
	f->encoding = name;
	take_rate(f, w);
	return true;
}

/* fmtp:<format> <format specific parameters>  s6.15 */
static inline __attribute__((always_inline)) bool take_fmtp(struct parser *p, struct words *w)
{
	struct sdp_fmt *f;
	struct str v;
	int pt = next_pt(w);

	f = pt < 0 ? fmt_of_text(p->m, words_next(w)) : fmt_of_pt(p, pt);
	v = words_rest(w);
	if (!f || str_empty(v) || !str_empty(f->fmtp))
		return false;
	f->fmtp = v;
	return true;
}

/* rtcp:<port> [<nettype> <addrtype> <address>]  RFC 3605 s2.1 */
static bool take_rtcp(struct parser *p, struct words *w)
{
	uint32_t port;

	words_skip_blanks(w);
	if (!words_number(w, UINT16_MAX, &port) || port == 0 || !words_at_gap(w))
		return false;
	p->m->rtcp_port = (uint16_t)port;
	if (!parse_conn(p, w, &p->m->rtcp_conn))
		p->m->rtcp_conn = (struct sdp_conn){0};
	return true;
}

/* Milliseconds; a fraction is let pass ("20.0"). */
static bool take_time(uint16_t *ms, struct words *w)
{
	uint32_t n;

	words_skip_blanks(w);
	if (!words_number(w, UINT16_MAX, &n) || n == 0)
		return false;
	*ms = (uint16_t)n;
	return true;
}

static bool take_dir(struct parser *p, enum sdp_dir d)
{
	if (p->m) {
		p->m->dir = d;
		p->m_has_dir = true;
	} else {
		p->sdp->dir = d;
		p->sdp->has_dir = true;
	}
	return true;
}

/* True when the attribute went into a field. */
static bool take_flag(struct parser *p, enum sdp_attr_id id)
{
	switch (id) {
	case SDP_A_SENDRECV:
		return take_dir(p, SDP_SENDRECV);
	case SDP_A_SENDONLY:
		return take_dir(p, SDP_SENDONLY);
	case SDP_A_RECVONLY:
		return take_dir(p, SDP_RECVONLY);
	case SDP_A_INACTIVE:
		return take_dir(p, SDP_INACTIVE);
	case SDP_A_RTCP_MUX:
		return p->m && (p->m->rtcp_mux = true);
	default:
		return false;
	}
}

/* Those that parse_attr() did not take at once: "a=rtpmap : 0 PCMU/8000". */
static __attribute__((noinline)) bool take_odd(struct parser *p, enum sdp_attr_id id,
					       struct words *w)
{
	words_skip_blanks(w);
	return id == SDP_A_RTPMAP ? take_rtpmap(p, w) : take_fmtp(p, w);
}

static bool take_value(struct parser *p, enum sdp_attr_id id, struct str v)
{
	struct sdp_media *m = p->m;
	struct words w = words_of(p, v);

	switch (id) {
	case SDP_A_RTPMAP:
	case SDP_A_FMTP:
		return m && take_odd(p, id, &w);
	case SDP_A_RTCP:
		return m && take_rtcp(p, &w);
	case SDP_A_PTIME:
		return take_time(m ? &m->ptime_ms : &p->sdp->ptime_ms, &w);
	case SDP_A_MAXPTIME:
		return take_time(m ? &m->maxptime_ms : &p->sdp->maxptime_ms, &w);
	default:
		return false;
	}
}

/* attribute = (attribute-name ":" attribute-value) / attribute-name
 * A value with control characters is not decoded, only kept. */
static bool parse_other_attr(struct parser *p, struct str v)
{
	const char *end = v.p + v.n, *colon = words_find_char(v.p, end, p->in, ':');
	bool has_value = colon < end;
	struct str name = str_range(v.p, colon);
	enum sdp_attr_id id;

	while (name.n && cc_is(name.p[name.n - 1], CC_WS))
		name.n--;
	if (str_empty(name))
		return true;
	id = sdp_attr_id(name);
	v = has_value ? str_range(colon + 1, end) : STR_NONE;
	if (has_value ? !p->dirty && take_value(p, id, v) : take_flag(p, id))
		return true;
	return keep_attr(p, id, name, has_value, v);
}

/* The two of which there are most are told by their first bytes. */
static inline bool parse_attr(struct parser *p, struct str v)
{
	if (v.n > 7 && p->m && !p->dirty) {
		if (memcmp(v.p, "rtpmap:", 7) == 0) {
			struct words w = words_of(p, str_of(v.p + 7, v.n - 7));

			if (take_rtpmap(p, &w))
				return true;
		} else if (memcmp(v.p, "fmtp:", 5) == 0) {
			struct words w = words_of(p, str_of(v.p + 5, v.n - 5));

			if (take_fmtp(p, &w))
				return true;
		}
	}
	return parse_other_attr(p, v);
}

/* Whether pt (-1: none) was not in the set; it is then. */
static bool add_pt(uint64_t set[2], int pt)
{
	uint64_t bit = pt < 0 ? 0 : 1ull << (pt & 63);
	bool fresh = pt < 0 || !(set[pt >> 6] & bit);

	if (pt >= 0)
		set[pt >> 6] |= bit;
	return fresh;
}

/* Room is taken for as many words as could stand there.  A payload type that is listed
 * twice is one format. */
static bool parse_fmts(struct parser *p, struct sdp_media *m, struct words *w)
{
	size_t most = (size_t)(w->end - w->at) / 2 + 1;
	bool rtp = sdp_is_rtp(m);
	uint64_t seen[2] = {0};
	struct sdp_fmt *f, *end;

	if (most > SDP_FMT_MAX)
		most = SDP_FMT_MAX;
	f = arena_alloc(p->arena, most * sizeof(*f));
	if (!f)
		return fail(p, "no memory");
	m->fmts = p->fmt = f;
	end = f + most;
	for (words_skip_blanks(w); w->at < w->end; words_skip_blanks(w)) {
		const char *from = w->at;
		int pt = rtp ? next_pt(w) : -1;

		if (!add_pt(seen, pt))
			continue;
		if (f == end)
			return fail(p, "too many formats in m=");
		if (pt < 0)
			words_next(w);
		*f++ = (struct sdp_fmt){.text = str_range(from, w->at), .pt = pt, .channels = 1};
	}
	p->fmt_end = f;
	m->n_fmts = (size_t)(f - m->fmts);
	return true;
}

static bool parse_port(struct words *w, struct sdp_media *m)
{
	uint32_t port, n = 1;

	words_skip_blanks(w);
	if (!words_number(w, UINT16_MAX, &port))
		return false;
	if (words_char(w, '/') && !words_number(w, UINT16_MAX, &n))
		return false;
	m->port = (uint16_t)port;
	m->n_ports = n ? (uint16_t)n : 1;
	return words_at_gap(w);
}

static struct sdp_media *new_media(struct parser *p)
{
	struct sdp *s = p->sdp;
	struct sdp_media *grown;
	size_t cap = p->cap_media ? p->cap_media * 2 : 2;

	if (s->n_media == SDP_MEDIA_MAX) {
		fail(p, "too many m= sections");
		return NULL;
	}
	if (s->n_media == p->cap_media) {
		grown = arena_alloc(p->arena, cap * sizeof(*grown));
		if (!grown) {
			fail(p, "no memory");
			return NULL;
		}
		if (s->n_media)
			memcpy(grown, s->media, s->n_media * sizeof(*grown));
		s->media = grown;
		p->cap_media = cap;
	}
	s->media[s->n_media] = (struct sdp_media){.n_ports = 1};
	return &s->media[s->n_media++];
}

/* What a section leaves unsaid comes from the session, and from RFC 3551. */
static void end_media(struct parser *p, const struct sdp *s, struct sdp_media *m)
{
	m->lines.n = p->n_lines - p->from;
	if (str_empty(m->conn.nettype))
		m->conn = s->conn;
	if (!p->m_has_dir)
		m->dir = s->has_dir ? s->dir : SDP_SENDRECV;
	if (m->ptime_ms == 0)
		m->ptime_ms = s->ptime_ms;
	if (m->maxptime_ms == 0)
		m->maxptime_ms = s->maxptime_ms;
	for (size_t i = 0; i < m->n_fmts; i++)
		if (str_empty(m->fmts[i].encoding))
			sdp_fmt_static(&m->fmts[i]);
}

static void end_section(struct parser *p)
{
	struct sdp *s = p->sdp;
	struct sdp_media *m = p->m;

	if (m)
		end_media(p, s, m);
	else
		s->lines.n = p->n_lines;
	p->from = p->n_lines;
	p->m_has_dir = false;
}

/* m=<media> <port>["/" <number of ports>] <proto> <fmt> ...  s5.14 */
static bool parse_media(struct parser *p, struct str v)
{
	struct words w = words_of(p, v);
	struct sdp_media *m;

	if (p->dirty)
		return fail(p, "a control character in m=");
	end_section(p);
	m = p->m = new_media(p);
	if (!m)
		return false;
	m->type = words_next(&w);
	if (!parse_port(&w, m))
		return fail(p, "m= wants a media type and a port from 0 to 65535");
	m->proto = words_next(&w);
	if (str_empty(m->proto))
		return fail(p, "m= wants a protocol behind the port");
	return parse_fmts(p, m, &w);
}

static bool parse_line(struct parser *p, char type, struct str v)
{
	switch (type) {
	case 'm':
		return parse_media(p, v);
	case 'c':
		return parse_c(p, v);
	case 'b':
		return parse_bandwidth(p, v);
	case 'o':
		if (!p->m)
			parse_origin(p, v);
		return true;
	case 's':
		if (!p->m)
			p->sdp->name = v;
		return true;
	case 't':
		return p->m || parse_time(p, v);
	case 'i':
	case 'k':
		return keep(p, type, 0, STR_NONE, v);
	case 'u':
	case 'e':
	case 'p':
	case 'r':
	case 'z':
		return p->m ? true : keep(p, type, 0, STR_NONE, v);
	case 'v':
		return fail(p, "a second v=");
	default:
		return true; /* s5 allows to ignore what is not understood */
	}
}

static bool parse_first(struct parser *p, struct str line)
{
	if (str_eq(line, STR("v=0")))
		return true;
	if (line.n < 2 || line.p[0] != 'v' || line.p[1] != '=')
		return fail(p, "a description starts with v=");
	return str_eq(str_trim(str_skip(line, 2)), STR("0")) || fail(p, "only version 0 is known");
}

/* Moves *at behind the line that starts there. */
static inline bool next_line(struct parser *p, struct words_text in, const char **at,
			     struct str *ret)
{
	struct text_line line;

	p->line = *at;
	*at = text_line_at(in, *at, &line);
	if (!*at)
		return fail(p, "NUL in the text");
	p->dirty = line.dirty;
	*ret = line.s;
	return true;
}

static void fix_lines(struct parser *p)
{
	struct sdp_line *at = p->lines;

	if (!at)
		return;
	p->sdp->lines.at = at;
	at += p->sdp->lines.n;
	for (size_t i = 0; i < p->sdp->n_media; i++) {
		p->sdp->media[i].lines.at = at;
		at += p->sdp->media[i].lines.n;
	}
}

/* The first line that is not blank. */
static bool parse_version(struct parser *p, const char **at)
{
	struct str line;

	while (*at < p->in.limit) {
		if (!next_line(p, p->in, at, &line))
			return false;
		if (!str_empty(line))
			return parse_first(p, line);
	}
	return fail(p, "a description starts with v=");
}

static bool parse_lines(struct parser *p, const char *at)
{
	const struct words_text in = p->in;
	struct str line, v;

	if (!parse_version(p, &at))
		return false;
	while (at < in.limit) {
		if (!next_line(p, in, &at, &line))
			return false;
		if (line.n < 2 || line.p[1] != '=') {
			if (str_empty(line))
				continue;
			return fail(p, "a line is a letter, '=' and a value");
		}
		v = str_of(line.p + 2, line.n - 2);
		if (line.p[0] == 'a' ? !parse_attr(p, v) : !parse_line(p, line.p[0], v))
			return false; /* most are attributes */
	}
	return true;
}

/* Which line of the text it is that starts at `failed`; the parser itself does not count. */
static unsigned line_number(struct words_text in, const char *at, const char *failed)
{
	struct text_line line;
	unsigned n = 1;

	for (; at < failed; n++)
		at = text_line_at(in, at, &line);
	return n;
}

/* Trailing NULs are C strings sent with their end; others would not survive. */
static struct str strip_nuls(struct str text)
{
	while (text.n && text.p[text.n - 1] == '\0')
		text.n--;
	return text;
}

bool sdp_parse(struct str text, struct arena *a, struct sdp *ret, struct sdp_err *err)
{
	struct str body = strip_nuls(text.n ? text : STR(""));
	struct sdp sdp = {.dir = SDP_SENDRECV};
	struct parser p = {.arena = a, .sdp = &sdp, .line = body.p, .in = words_text_of(body)};
	bool ok;

	if (text.n > SDP_TEXT_MAX)
		ok = fail(&p, "the description is too long");
	else
		ok = parse_lines(&p, body.p);
	if (!ok) {
		if (err)
			*err = (struct sdp_err){.offset = (size_t)(p.line - body.p),
						.why = p.why,
						.line = line_number(p.in, body.p, p.line)};
		return false;
	}
	end_section(&p);
	fix_lines(&p);
	*ret = sdp;
	return true;
}
