/* The one pass over a message: start line, index of header fields, body (RFC 3261 s7).
 * An error is noted, the first one wins, and the walk goes on: who refuses the message
 * needs its Via, From, To, Call-ID and CSeq. */
#include "sip/headers.h"
#include "sip/lex.h"
#include "sip/mask.h"
#include "sip/msg.h"
#include "sip/names.h"

#define FIRST_SLOTS 32
/* Of a status line that can't be read: nobody may take the message for a request. */
#define BAD_STATUS 999

struct parser {
	struct sip_msg *m;
	struct sip_err *err;
	const char *at, *end;
	uint32_t length; /* Content-Length */
	bool has_length, ok;
	uint16_t last[SIP_HDR_COUNT]; /* slot + 1 of the last field of each id, 0: none */
};

static void fail(struct parser *p, const char *where, const char *header, const char *why,
		 const char *rfc, uint16_t status)
{
	if (!p->ok)
		return;
	p->ok = false;
	*p->err = (struct sip_err){.why = why,
				   .header = header,
				   .rfc = rfc,
				   .offset = (size_t)(where - p->m->raw.p),
				   .status = status};
}

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, without case (RFC 3261 s7.1). */
static bool is_version(struct str s)
{
	struct str minor, major;

	if (!str_istarts(s, STR("SIP/")))
		return false;
	minor = str_skip(s, 4);
	major = str_split(&minor, '.');
	return major.n && minor.n &&
	       lex_run(major.p, major.p + major.n, CC_DIGIT) == major.p + major.n &&
	       lex_run(minor.p, minor.p + minor.n, CC_DIGIT) == minor.p + minor.n;
}

static bool is_version_2(struct str s)
{
	return s.n == 7 && (memcmp(s.p, "SIP/2.0", 7) == 0 || str_ieq(s, STR("SIP/2.0")));
}

static void check_version(struct parser *p, struct str version)
{
	if (is_version_2(version))
		return;
	if (is_version(version))
		fail(p, version.p, "", "SIP version is not 2.0", "RFC 3261 s21.5.6", 505);
	else if (memchr(version.p, ' ', version.n) || memchr(version.p, '\t', version.n))
		fail(p, version.p, "", "request line has more than two spaces", "RFC 3261 s7.1",
		     400);
	else
		fail(p, version.p, "", "request line does not end with SIP/2.0", "RFC 3261 s7.1",
		     400);
}

/* The first space of a line, or its end. */
static inline const char *find_space(const struct parser *p, const char *line, const char *end)
{
	const char *sp = lex_find2(line, p->end, ' ', ' ');

	return sp < end ? sp : end;
}

/* Request-Line = Method SP Request-URI SP SIP-Version CRLF; no other white space. */
static void request_line(struct parser *p, const char *line, const char *end)
{
	struct sip_msg *m = p->m;
	const char *sp = find_space(p, line, end), *sp2;

	m->method_name = str_range(line, sp);
	m->method = (uint8_t)sip_method_of(m->method_name);
	if (m->method == SIP_METHOD_OTHER && !lex_token(m->method_name)) {
		m->method_name = STR("");
		fail(p, line, "", "method is not a token", "RFC 3261 s7.1", 400);
		return;
	}
	sp2 = sp < end ? find_space(p, sp + 1, end) : end;
	if (sp2 == end) {
		if (sp < end)
			m->uri = str_range(sp + 1, end);
		fail(p, end, "", "request line has no SIP version", "RFC 3261 s7.1", 400);
		return;
	}
	m->uri = str_range(sp + 1, sp2);
	if (m->uri.n == 0)
		fail(p, sp2, "", "more than one space before the Request-URI", "RFC 3261 s7.1",
		     400);
	else if (m->uri.p[0] == '<')
		fail(p, sp + 1, "", "Request-URI stands in angle brackets", "RFC 3261 s7.1", 400);
	check_version(p, str_range(sp2 + 1, end));
}

static bool status_code(const char *p, const char *end, uint16_t *ret)
{
	unsigned v = 0;
	const char *start = p;

	for (; p < end && p - start < 4 && cc_is(*p, CC_DIGIT); p++)
		v = v * 10 + (unsigned)(*p - '0');
	if (p - start != 3 || v < 100 || v > 699 || (p < end && *p != ' '))
		return false;
	*ret = (uint16_t)v;
	return true;
}

/* Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF; an empty reason may lack
 * its SP. */
static void status_line(struct parser *p, const char *line, const char *end)
{
	struct sip_msg *m = p->m;
	const char *sp = find_space(p, line, end);

	m->status = BAD_STATUS;
	if (sp == end || !is_version_2(str_range(line, sp))) {
		fail(p, line, "", "status line does not start with SIP/2.0", "RFC 3261 s7.2", 0);
		return;
	}
	if (!status_code(sp + 1, end, &m->status)) {
		fail(p, sp + 1, "", "status code is not a number from 100 to 699", "RFC 3261 s7.2",
		     0);
		return;
	}
	m->reason = sp + 5 < end ? str_range(sp + 5, end) : str_range(end, end);
}

static inline bool is_line_end(char c)
{
	return (unsigned char)c <= '\r' && (c == '\r' || c == '\n');
}

static bool is_response(struct str line)
{
	return line.n >= 4 && LEX_IS(str_first(line, 3), "sip") && line.p[3] == '/';
}

static void start_line(struct parser *p)
{
	const char *line, *e;

	while (p->at < p->end && is_line_end(*p->at))
		p->at++;
	line = p->at;
	e = lex_eol(line, p->end);
	p->at = e < p->end ? lex_eol_skip(e, p->end) : p->end;
	if (line == p->end)
		fail(p, line, "", "message is empty", "RFC 3261 s7", 0);
	else if (is_response(str_range(line, e)))
		status_line(p, line, e);
	else
		request_line(p, line, e);
}

/* Room for one more field: 32 slots at first, doubled up to SIP_HDR_LIMIT. */
static bool grow(struct parser *p, const char *line)
{
	struct sip_msg *m = p->m;
	unsigned cap = m->cap_hdr ? m->cap_hdr * 2u : FIRST_SLOTS;
	struct sip_hdr *hdr;

	if (cap > SIP_HDR_LIMIT) {
		fail(p, line, "", "too many header fields", NULL, 400);
		return false;
	}
	hdr = (struct sip_hdr *)arena_alloc(m->arena, cap * sizeof(*hdr));
	if (!hdr) {
		fail(p, line, "", "out of memory", NULL, 500);
		return false;
	}
	if (m->n_hdr)
		memcpy(hdr, m->hdr, m->n_hdr * sizeof(*hdr));
	m->hdr = hdr;
	m->cap_hdr = (uint16_t)cap;
	return true;
}

/* Content-Length = 1*DIGIT; said twice it must say the same (RFC 4475 s3.3.9). */
static void content_length(struct parser *p, struct str value)
{
	uint32_t n;

	if (!lex_u32(value, &n))
		fail(p, value.p, "Content-Length", "Content-Length is not a number in range",
		     "RFC 3261 s20.14", 400);
	else if (p->has_length && n != p->length)
		fail(p, value.p, "Content-Length", "two Content-Lengths differ", "RFC 3261 s20.14",
		     400);
	else
		p->length = n;
	p->has_length = true;
}

/* Puts the last slot behind the others of its id. */
static inline void link_slot(struct parser *p, struct sip_hdr *h, unsigned slot)
{
	struct sip_msg *m = p->m;
	unsigned before = p->last[h->id];

	h->next = 0;
	p->last[h->id] = (uint16_t)slot;
	if (before)
		m->hdr[before - 1].next = (uint16_t)slot;
	else
		m->first[h->id] = (uint16_t)slot;
}

/* A line, or several that are folded into one. */
struct line {
	const char *end, *next; /* where its text ends, and behind the line end */
	unsigned flags;
};

/* The colon of a line, or its end. */
static inline const char *find_colon(const struct parser *p, const char *at, const char *end)
{
	unsigned colons = p->end - at >= 16 ? mask_colon(mask_load(at)) : 0;

	if (!colons)
		return lex_find2(at, end, ':', ':');
	at += __builtin_ctz(colons);
	return at < end ? at : end;
}

/* What stands behind the colon, nearly always a space and a value. */
static inline struct str trimmed(const char *value, const char *end)
{
	value += *value == ' ';
	if (value<end && * value> ' ' && end[-1] > ' ')
		return str_range(value, end);
	return lex_trim(value, end);
}

/* message-header = name HCOLON value */
static inline void index_line(struct parser *p, const char *at, struct line line)
{
	struct sip_msg *m = p->m;
	const char *colon = find_colon(p, at, line.end), *name_end = colon;
	struct sip_hdr *h;
	struct str value;
	enum sip_hdr_id id;

	if (colon == line.end) {
		fail(p, at, "", "header line has no colon", "RFC 3261 s7.3.1", 400);
		return;
	}
	if (name_end[-1] <= ' ') /* there is a start line before all names */
		while (name_end > at && cc_is(name_end[-1], CC_WS))
			name_end--;
	id = sip_name_id(str_range(at, name_end));
	if (id == SIP_HDR_OTHER &&
	    (name_end - at > UINT16_MAX || !lex_token(str_range(at, name_end)))) {
		fail(p, at, "", "header field name is not a token", "RFC 3261 s7.3.1", 400);
		return;
	}
	if (m->n_hdr == m->cap_hdr && !grow(p, at))
		return;
	value = trimmed(colon + 1, line.end);
	h = &m->hdr[m->n_hdr];
	h->name = at;
	h->value = value.p;
	h->value_n = (uint32_t)value.n;
	h->line_n = (uint32_t)(line.next - at);
	h->name_n = (uint16_t)(name_end - at);
	h->id = (uint8_t)id;
	h->flags = (uint8_t)line.flags;
	link_slot(p, h, ++m->n_hdr);
	if (id == SIP_HDR_CONTENT_LENGTH)
		content_length(p, value);
}

/* Any line, with its folds (RFC 3261 s7.3.1).  Only a field whose line ends are all CRLF is a
 * span that may be copied on as it is. */
static struct line whole_line(const char *at, const char *end)
{
	struct line line = {.end = lex_eol(at, end), .flags = SIP_HDR_RAW};

	for (;;) {
		if (line.end == end)
			return line;
		line.next = lex_eol_skip(line.end, end);
		if (line.next - line.end != 2)
			line.flags &= ~(unsigned)SIP_HDR_RAW;
		if (line.next == end || !cc_is(*line.next, CC_WS))
			return line;
		line.flags |= SIP_HDR_FOLDED;
		line.end = lex_eol(line.next, end);
	}
}

/* Where lines may end, in 64 bytes of the message. */
struct window {
	const char *at;
	uint64_t line_ends;
};

MASK_ALWAYS struct window window_at(const char *at, const char *end)
{
	size_t n = (size_t)(end - at);

	return (struct window){at, mask_of(at, n, mask_line_end) | mask_behind(n)};
}

/* The first byte from `at` on that may end a line, or the end; the window moves along. */
MASK_ALWAYS const char *may_end(struct window *w, const char *at, const char *end)
{
	size_t skip = (size_t)(at - w->at);
	uint64_t left = skip < 64 ? w->line_ends >> skip : 0;

	while (!left) {
		*w = window_at(skip < 64 ? w->at + 64 : at, end);
		at = w->at;
		left = w->line_ends;
		skip = 0;
	}
	return at + __builtin_ctzll(left);
}

static void header(struct parser *p)
{
	const char *at = p->at, *const end = p->end;
	struct window w = window_at(at, end);
	struct line line;

	while (at < end && !is_line_end(*at)) {
		line.end = may_end(&w, at, end);
		line.next = line.end + 2;
		line.flags = SIP_HDR_RAW;
		if (end - line.end <= 2 || memcmp(line.end, "\r\n", 2) != 0 ||
		    ((unsigned char)*line.next <= ' ' && cc_is(*line.next, CC_WS)))
			line = whole_line(at, end);
		if (line.end == end) {
			fail(p, at, "", "message ends within the header", "RFC 3261 s7", 400);
			p->at = end;
			return;
		}
		index_line(p, at, line);
		at = line.next;
	}
	if (at == end)
		fail(p, end, "", "no empty line ends the header", "RFC 3261 s7", 400);
	p->at = at < end ? lex_eol_skip(at, end) : end;
}

/* The message ends with its body: what follows in a datagram is not ours (RFC 3261 s18.3). */
static void body(struct parser *p)
{
	struct sip_msg *m = p->m;
	size_t left = (size_t)(p->end - p->at);

	m->body = str_range(p->at, p->end);
	if (!p->has_length)
		return;
	if (p->length > left) {
		fail(p, p->end, "Content-Length", "Content-Length is larger than the message",
		     "RFC 3261 s18.3", 400);
		return;
	}
	if (!p->ok)
		return;
	m->body.n = p->length;
	m->raw.n = (size_t)(m->body.p + m->body.n - m->raw.p);
}

static void method_of_response(struct sip_msg *m)
{
	struct sip_cseq cseq;

	if (sip_cseq_parse(sip_get(m, SIP_HDR_CSEQ), &cseq)) {
		m->method_name = cseq.method;
		m->method = (uint8_t)sip_method_of(cseq.method);
	}
}

bool sip_parse(struct str bytes, struct arena *arena, struct sip_msg *ret, struct sip_err *err)
{
	struct parser p = {.m = ret, .err = err, .ok = true};

	memset(ret, 0, sizeof(*ret));
	ret->raw = bytes;
	ret->arena = arena;
	*err = (struct sip_err){.header = ""};
	if (bytes.n == 0 || bytes.n > UINT32_MAX) {
		ret->raw = STR("");
		fail(&p, ret->raw.p, "", "message is empty or too large", "RFC 3261 s7", 0);
		return false;
	}
	p.at = bytes.p;
	p.end = bytes.p + bytes.n;
	start_line(&p);
	header(&p);
	body(&p);
	if (!sip_is_request(ret)) {
		err->status = 0;
		method_of_response(ret);
	}
	return p.ok;
}
