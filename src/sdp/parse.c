#include "base/scan.h"
#include "sdp/sdp.h"
#include "sdp/words.h"

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
	bool m_has_dir;
	bool dirty; /* control characters in this line, but for tabs */
	const char *limit; /* end of the text */
	struct sdp_conn conn; /* the last one, for it mostly comes again */
	const char *why;
};

static bool fail(struct parser *p, const char *why)
{
	p->why = why;
	return false;
}

static struct words words_of(const struct parser *p, struct str v)
{
	return words_over(v, p->limit);
}

static struct sdp_line *new_line(struct parser *p)
{
	struct sdp_line *grown;
	size_t cap;

	if (p->n_lines < p->cap_lines)
		return &p->lines[p->n_lines++];
	if (p->n_lines == SDP_LINES_MAX) {
		fail(p, "too many lines");
		return NULL;
	}
	cap = p->cap_lines ? p->cap_lines * 2 : 8;
	grown = arena_alloc(p->arena, cap * sizeof(*grown));
	if (!grown) {
		fail(p, "no memory");
		return NULL;
	}
	if (p->n_lines)
		memcpy(grown, p->lines, p->n_lines * sizeof(*grown));
	p->lines = grown;
	p->cap_lines = cap;
	return &p->lines[p->n_lines++];
}

/* Words that can be written again. */
static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 127)
			return false;
	return true;
}

static bool keep(struct parser *p, char type, struct str name, bool has_value, struct str value)
{
	struct sdp_line *l;

	if (!is_clean(name))
		return true; /* passed over: it could not be written again */
	l = new_line(p);
	if (!l)
		return false;
	*l = (struct sdp_line){type, has_value,
			       type == 'a' ? (uint8_t)sdp_attr_id(name) : SDP_A_OTHER, name, value};
	return true;
}

/* nettype SP addrtype SP connection-address */
static bool parse_conn(struct parser *p, struct words *w, struct sdp_conn *ret)
{
	struct str nettype = words_next(w), addrtype = words_next(w), host = words_next(w);

	if (str_empty(host) || p->dirty)
		return false;
	if (!str_eq(host, p->conn.host)) {
		p->conn = (struct sdp_conn){.host = host};
		addr_parse_ip(str_first(host, str_find(host, '/')), &p->conn.addr);
	}
	p->conn.nettype = nettype;
	p->conn.addrtype = addrtype;
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
	return !p->m || !parse_conn(p, &w, &more) || keep(p, 'c', STR_NONE, true, v);
}

static bool parse_bandwidth(struct parser *p, struct str v)
{
	struct str type = str_trim(str_split(&v, ':'));

	v = str_trim(v);
	return str_empty(type) || str_empty(v) || keep(p, 'b', type, true, v);
}

/* A payload type (RFC 3551 s3) that is a word of its own; -1: another word. */
static int next_pt(struct words *w)
{
	const char *from;
	uint32_t n;

	words_skip_blanks(w);
	from = w->at;
	if (words_number(w, 127, &n) && words_at_gap(w))
		return (int)n;
	w->at = from;
	return -1;
}

/* The format that a word names. */
static struct sdp_fmt *next_fmt(struct sdp_media *m, struct words *w)
{
	struct sdp_fmt *f = m->fmts, *end = f + m->n_fmts;
	int pt = next_pt(w);
	struct str text;

	if (pt >= 0) {
		while (f < end && f->pt != pt)
			f++;
	} else {
		text = words_next(w);
		while (f < end && !str_eq(f->text, text))
			f++;
	}
	return f < end ? f : NULL;
}

/* "/" and a number behind it.  Nearly all rates are 8000. */
static uint32_t next_part(struct words *w, uint32_t standard)
{
	uint32_t n;

	if (!words_char(w, '/'))
		return standard;
	if (w->end - w->at == 4 && memcmp(w->at, "8000", 4) == 0) {
		w->at += 4;
		return 8000;
	}
	return words_number(w, UINT32_MAX, &n) && n ? n : standard;
}

/* rtpmap:<payload type> <encoding name>/<clock rate>[/<encoding parameters>]  s6.6 */
static bool take_rtpmap(struct sdp_media *m, struct words *w)
{
	struct sdp_fmt *f = next_fmt(m, w);
	struct str name;
	const char *slash;

	if (!f || f->pt < 0)
		return false;
	name = words_next(w);
	slash = words_find_char(name.p, w->at, w->limit, '/');
	name.n = (size_t)(slash - name.p);
	if (str_empty(name))
		return false;
	f->encoding = name;
	w->at = slash;
	f->rate = next_part(w, 8000);
	f->channels = next_part(w, 1);
	return true;
}

/* fmtp:<format> <format specific parameters>  s6.15 */
static bool take_fmtp(struct sdp_media *m, struct words *w)
{
	struct sdp_fmt *f = next_fmt(m, w);
	struct str v = words_rest(w);

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

/* Names that are decoded differ in their lengths enough to switch on them. */
#define IS(lit) (memcmp(name.p, "" lit, sizeof(lit) - 1) == 0)

/* True when the attribute went into a field. */
static bool take_flag(struct parser *p, struct str name)
{
	if (name.n == 8) {
		if (IS("sendrecv"))
			return take_dir(p, SDP_SENDRECV);
		if (IS("sendonly"))
			return take_dir(p, SDP_SENDONLY);
		if (IS("recvonly"))
			return take_dir(p, SDP_RECVONLY);
		if (IS("inactive"))
			return take_dir(p, SDP_INACTIVE);
		if (IS("rtcp-mux") && p->m)
			return p->m->rtcp_mux = true;
	}
	return false;
}

static bool take_attr(struct parser *p, struct str name, struct str v)
{
	struct sdp_media *m = p->m;
	struct words w = words_of(p, v);

	switch (name.n) {
	case 4:
		return m && ((IS("rtcp") && take_rtcp(p, &w)) || (IS("fmtp") && take_fmtp(m, &w)));
	case 5:
		return IS("ptime") && take_time(m ? &m->ptime_ms : &p->sdp->ptime_ms, &w);
	case 6:
		return m && IS("rtpmap") && take_rtpmap(m, &w);
	case 8:
		return IS("maxptime") && take_time(m ? &m->maxptime_ms : &p->sdp->maxptime_ms, &w);
	default:
		return false;
	}
}

/* attribute = (attribute-name ":" attribute-value) / attribute-name
 * A value with control characters is not decoded, only kept. */
static bool parse_attr(struct parser *p, struct str v)
{
	const char *end = v.p + v.n, *colon = words_find_char(v.p, end, p->limit, ':');
	bool has_value = colon < end;
	struct str name = str_range(v.p, colon);

	while (name.n && cc_is(name.p[name.n - 1], CC_WS))
		name.n--;
	if (str_empty(name))
		return true;
	v = has_value ? str_range(colon + 1, end) : STR_NONE;
	if (has_value ? !p->dirty && take_attr(p, name, v) : take_flag(p, name))
		return true;
	return keep(p, 'a', name, has_value, v);
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

	if (most > SDP_FMT_MAX)
		most = SDP_FMT_MAX;
	m->fmts = arena_alloc(p->arena, most * sizeof(*m->fmts));
	if (!m->fmts)
		return fail(p, "no memory");
	for (words_skip_blanks(w); w->at < w->end; words_skip_blanks(w)) {
		struct sdp_fmt *f = &m->fmts[m->n_fmts];
		const char *from = w->at;
		int pt = rtp ? next_pt(w) : -1;

		if (!add_pt(seen, pt))
			continue;
		if (m->n_fmts == most)
			return fail(p, "too many formats in m=");
		if (pt < 0)
			words_next(w);
		*f = (struct sdp_fmt){.text = str_range(from, w->at), .pt = pt, .channels = 1};
		sdp_fmt_static(f);
		m->n_fmts++;
	}
	return true;
}

/* port ["/" integer] */
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

/* What a section leaves unsaid comes from the session. */
static void end_section(struct parser *p)
{
	struct sdp *s = p->sdp;
	struct sdp_media *m = p->m;

	if (!m) {
		s->lines.n = p->n_lines;
	} else {
		m->lines.n = p->n_lines - p->from;
		if (str_empty(m->conn.nettype))
			m->conn = s->conn;
		if (!p->m_has_dir)
			m->dir = s->has_dir ? s->dir : SDP_SENDRECV;
		if (m->ptime_ms == 0)
			m->ptime_ms = s->ptime_ms;
		if (m->maxptime_ms == 0)
			m->maxptime_ms = s->maxptime_ms;
	}
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
	if (type == 'a') /* most lines are */
		return parse_attr(p, v);
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
	case 'i':
	case 'k':
		return keep(p, type, STR_NONE, true, v);
	case 'u':
	case 'e':
	case 'p':
	case 't':
	case 'r':
	case 'z':
		return p->m ? true : keep(p, type, STR_NONE, true, v);
	case 'v':
		return fail(p, "a second v=");
	default:
		return true; /* s5 allows to ignore what is not understood */
	}
}

static bool parse_first(struct parser *p, struct str line)
{
	struct str v = str_trim(str_skip(line, 2));

	if (line.n < 2 || line.p[0] != 'v' || line.p[1] != '=')
		return fail(p, "a description starts with v=");
	return str_eq(v, STR("0")) || fail(p, "only version 0 is known");
}

/* A line with other control characters, or one that CR or LF alone ends. */
static bool next_odd_line(struct parser *p, struct scan *s, const char *at, struct str *ret)
{
	for (; at < s->end && *at != '\r' && *at != '\n'; at = words_find_ctl(at + 1, s->end)) {
		if (*at == '\0')
			return false;
		p->dirty |= *at != '\t';
	}
	*ret = str_range(s->at, at);
	if (at < s->end && *at++ == '\r' && at < s->end && *at == '\n')
		at++;
	s->at = at;
	return true;
}

/* Lines end with CRLF, LF or CR; blank ones are passed over.  False: a NUL. */
static inline bool next_line(struct parser *p, struct scan *s, struct str *ret)
{
	const char *at = words_find_ctl(s->at, s->end);

	p->dirty = false;
	if (s->end - at < 2 || memcmp(at, "\r\n", 2) != 0)
		return next_odd_line(p, s, at, ret);
	*ret = str_range(s->at, at);
	s->at = at + 2;
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

/* *ret_line: the line that failed, the *ret_no-th. */
static bool parse_lines(struct parser *p, struct str text, struct str *ret_line, unsigned *ret_no)
{
	struct scan s = scan_over(text);
	bool first = true, ok;

	while (!scan_done(&s)) {
		*ret_line = str_of(s.at, 0);
		++*ret_no;
		if (!next_line(p, &s, ret_line))
			return fail(p, "NUL in the text");
		if (str_empty(*ret_line))
			continue;
		if (first)
			ok = parse_first(p, *ret_line);
		else if (ret_line->n < 2 || ret_line->p[1] != '=')
			ok = fail(p, "a line is a letter, '=' and a value");
		else
			ok = parse_line(p, ret_line->p[0], str_skip(*ret_line, 2));
		if (!ok)
			return false;
		first = false;
	}
	return !first || fail(p, "a description starts with v=");
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
	struct sdp sdp = {.dir = SDP_SENDRECV};
	struct parser p = {.arena = a, .sdp = &sdp};
	struct str body = strip_nuls(text.n ? text : STR("")), line = str_first(body, 0);
	unsigned no = 0;
	bool ok;

	p.limit = body.p + body.n;
	if (text.n > SDP_TEXT_MAX)
		ok = fail(&p, "the description is too long");
	else
		ok = parse_lines(&p, body, &line, &no);
	if (!ok) {
		if (err)
			*err = (struct sdp_err){no ? no : 1, text.n ? (size_t)(line.p - text.p) : 0,
						p.why};
		return false;
	}
	end_section(&p);
	fix_lines(&p);
	*ret = sdp;
	return true;
}
